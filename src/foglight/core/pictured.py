"""`plot()`, `report()` and what a notebook shows of results: they lie below the room that draws, so the door names here
who draws."""

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

DRAWN_BY: dict[str, Callable[..., Any]] = {}  # filled by the door, foglight/__init__.py


class Shown:
    """Base class of what notebooks show as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        found: str = DRAWN_BY["html"](self)
        return found


class Pictured(Shown):
    """Base class of what has a picture."""

    __slots__ = ()

    def plot(self, *args: Any, **options: Any) -> Any:
        """Draw the picture of `fog.plot` that fits: states of a run, the fan of a forecast, the profile of a fit.

        Parameters
        ----------
        *args, **options
            Those of the function of `fog.plot` that draws it, such as `names`, `track` and `ax`.

        Returns
        -------
        Axes or ndarray of Axes
            What that function returns.

        Raises
        ------
        FoglightError
            If matplotlib is not installed, or there is nothing to draw.

        Examples
        --------
        >>> axes = run.plot()
        """
        return DRAWN_BY["plot"](self, *args, **options)


class Reported(Pictured):
    """Base class of what `fog.report` reports on."""

    __slots__ = ()

    def report(self, path: str | PathLike[str], **options: Any) -> "Path":
        """Write one HTML file with pictures of this result, as `fog.report` does; it opens from disk.

        Parameters
        ----------
        path : str or path
            The file.
        **options
            Those of `fog.report`, such as truth, health, comparison and fit.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        DataError
            If the truth does not fit, or the file cannot be written.

        Examples
        --------
        >>> run.report("report.html").name
        'report.html'
        """
        found: Path = DRAWN_BY["report"](self, path, **options)
        return found
