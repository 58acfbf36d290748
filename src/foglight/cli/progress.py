"""A progress bar on the terminal: rows, rows per second, and the time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int], None]
Phase = Callable[[str, int | None], Report]


@contextmanager
def progress_bar() -> Iterator[Phase]:
    """Show a bar on stderr, if that is a terminal, until the work is done.

    Yields a function that begins a phase, given its description and number of rows (or None), and returns a function
    that reports how many rows are done.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rows(ProgressColumn):
        """Rows so far, and rows per second."""

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
    """A rate in readable form: 850, 12.3k, 1.2M."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if rate >= size:
            return f"{rate / size:.1f}{unit}"
    return f"{rate:.0f}"
