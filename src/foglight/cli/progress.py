"""A bar on the screen of whoever watches: rows, rows a second, and the time that is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int], None]
Phase = Callable[[str, int | None], Report]


@contextmanager
def progress_bar() -> Iterator[Phase]:
    """Gives a function that begins a phase (what is done, and of how many rows) and returns what to tell of rows.

    The bar is on stderr, only where that is a terminal, and gone when the work is done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rows(ProgressColumn):
        """Rows so far, and how many in a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            rate = "" if speed is None else f", {_rounded(speed)} rows/s"
            return Text(f"{int(task.completed):,} rows{rate}")

    columns = (TextColumn("{task.description}"), BarColumn(), Rows(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def phase(description: str, total: int | None) -> Report:
            for earlier in bar.task_ids:
                bar.update(earlier, visible=False)
            task = bar.add_task(description, total=total)
            return lambda done: bar.update(task, completed=done)

        yield phase


def _rounded(rate: float) -> str:
    """A rate for people: 850, 12.3k, 1.2M."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if rate >= size:
            return f"{rate / size:.1f}{unit}"
    return f"{rate:.0f}"
