"""Figures and axes, in the style of the user, and what is written on them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.errors import FoglightError, ModelError
from foglight.core.text import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Panels = NDArray[Any]  # of Axes
MOST_PANELS = 6  # that are drawn if nothing is chosen
_PANEL, _LEAST = (
    0.46,
    1.5,
)  # height of one of several panels, in heights of the user's figure; inches at least
_MARK, _LETTER, _LINE = 0.45, 0.068, 0.17  # inches that a mark of a legend, a letter and a line take
_ACROSS = 6  # entries of a legend in one line, at most


def panels(count: int, ax: Any, what: str, *, share: bool = True) -> "list[Axes]":
    """`count` axes: those given, or new ones below one another in a figure of the user's size and style.

    share: whether they have one time axis.
    """
    pyplot = _pyplot()
    if ax is None:
        width, height = pyplot.rcParams["figure.figsize"]
        tall = max(height, count * max(_PANEL * height, _LEAST if count > 1 else 0.0))
        figure = pyplot.figure(figsize=(width, tall), layout="constrained")
        return list(figure.subplots(count, 1, sharex=share, squeeze=False)[:, 0])
    from matplotlib.axes import Axes

    given = [ax] if isinstance(ax, Axes) else list(ax) if isinstance(ax, Iterable) else []
    given = [one for part in given for one in (part if isinstance(part, np.ndarray) else [part])]
    if not given or not all(isinstance(one, Axes) for one in given):
        raise ModelError.expected(
            "ax", ax, "axes of matplotlib, or a list of them", "Leave ax out for new ones."
        )
    if len(given) != count:
        raise ModelError(
            f"ax: {what} draws {counted(count, 'panel')}, got {len(given)} axes: "
            "expected one for each. Choose panels with names=, or leave ax out.",
            field="ax", value=len(given),
        )  # fmt: skip
    return given


def _pyplot() -> Any:
    try:
        import matplotlib.pyplot
    except ImportError as error:
        raise FoglightError(
            "fog.plot needs matplotlib, which is not installed: expected the extra plot. Run pip install "
            "'foglight[plot]'.",
            field="matplotlib",
        ) from error
    return matplotlib.pyplot


def write(ax: "Axes", subject: str, wrong: Iterable[str] = (), notes: Iterable[str] = ()) -> None:
    """The title: what is drawn, then a line for each sentence on what is wrong with it, then notes."""
    lines = [subject, *wrong, *notes]
    ax.set_title(plain("\n".join(lines)), loc="left", wrap=True, fontsize="medium")


def plain(text: str) -> str:
    """Text as it stands: matplotlib would read a formula between two $."""
    return text.replace("$", r"\$")


def label(ax: "Axes", y: str = "", x: str = "") -> None:
    """The labels of the axes, as they stand: a name is no formula."""
    for put, text in ((ax.set_ylabel, y), (ax.set_xlabel, x)):
        if text:
            put(plain(text))


def finish(axes: "Sequence[Axes]", ax: Any) -> Panels:
    """The axes as the array (panels,) that is returned, with a legend where there is more than one thing to tell apart.

    It is below new axes, where it hides nothing, and inside those that were given, `ax`. A new figure grows by its
    legend and its sentences, so that the panels keep their size.
    """
    if ax is not None:
        for panel in axes:
            handles = _distinct([panel])
            if len(handles) > 1:
                panel.legend(
                    handles.values(), map(plain, handles), fontsize="small", loc="best", framealpha=0.7
                )
        return _as_panels(axes)
    handles, figure = _distinct(axes), axes[0].get_figure(root=True)
    assert figure is not None
    wide = figure.get_figwidth()
    lines = sum(
        -(-len(line) * _LETTER // wide) for one in axes for line in one.get_title(loc="left").split("\n")
    )
    if len(handles) > 1:
        across = int(np.clip(wide / (_MARK + _LETTER * max(map(len, handles))), 1, _ACROSS))
        lines += -(-len(handles) // across)
        shown = {"fontsize": "small", "frameon": False, "handlelength": 1.6, "columnspacing": 1.2}
        figure.legend(
            handles.values(), map(plain, handles), loc="outside lower center", ncols=across, **shown
        )
    figure.set_figheight(figure.get_figheight() + _LINE * max(lines - len(axes), 0))
    return _as_panels(axes)


def _as_panels(axes: "Sequence[Axes]") -> Panels:
    found = np.empty(len(axes), object)
    found[:] = axes
    return found


def _distinct(axes: "Sequence[Axes]") -> dict[str, Any]:
    """What is drawn, by name."""
    found: dict[str, Any] = {}
    for panel in axes:
        for handle, name in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    return found


def ticks(ax: "Axes", names: Sequence[str]) -> None:
    """A tick for each name, from 0 on, on the vertical axis."""
    ax.set_yticks(range(len(names)), [plain(name) for name in names])


def whole_numbers(ax: "Axes") -> None:
    """Only whole numbers at the ticks of the horizontal axis."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def logarithmic(ax: "Axes", axis: str) -> None:
    """A logarithmic axis, "x" or "y", whose ticks are plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    ax.set(**{f"{axis}scale": "log"})
    found = ax.xaxis if axis == "x" else ax.yaxis
    found.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    found.set_major_formatter(StrMethodFormatter("{x:g}"))
    found.set_minor_formatter(NullFormatter())


def with_unit(name: str, unit: str) -> str:
    """`gap (m)`."""
    return f"{name} ({unit})" if unit else name


def some(names: Sequence[str], chosen: Any, what: str) -> tuple[list[str], list[str]]:
    """The names to draw, and a note if not all of them are; ModelError for a name that is not among them."""
    if chosen is None:
        drawn = list(names[:MOST_PANELS])
        left = len(names) - len(drawn)
        return drawn, [f"{len(drawn)} of {len(names)} are drawn; choose others with names=."] if left else []
    drawn = (
        [chosen] if isinstance(chosen, str) else list(chosen) if isinstance(chosen, Iterable) else [chosen]
    )
    for name in drawn or [chosen]:
        if name not in names:
            raise ModelError.expected(
                f"{what}: names", name, f"some of {', '.join(names[:20]) or 'none'}", "Correct it."
            )
    return drawn, []
