"""Functions of a model that cannot be traced, and functions made from others of a part."""

from collections.abc import Callable
from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.argument_names import WithTime, takes_time
from foglight.model.pickling import PortablePart


class Opaque(PortablePart):
    """A function that is only called, never traced. Made by `opaque`. key: what a saved state knows it by, or None."""

    def __init__(self, function: Callable[..., Any], key: str | None = None) -> None:
        self.function = function
        self.key = key
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def opaque(function: Callable[..., Any], *, key: str | None = None) -> Opaque:
    """Declare a model function that cannot be traced because it looks something up or calls another library.

    It is called in Python in every row: 2n + 1 times for its value and its derivatives, which are central differences,
    or once for each sigma point. The rest of the row is compiled as ever. `run.engine` reports it.

    Parameters
    ----------
    function : callable
        A dynamics, measurement or noise function of a model.
    key : str, optional
        Name and version of the function and of the data behind it, such as "terrain 3"; choose a new one whenever
        either changes. A saved filter, and an output of `foglight run --resume`, continues only with functions of the
        same keys. Without a key neither can be saved, since nobody could notice another function.

    Returns
    -------
    Opaque
        A callable that returns what the function returns.

    Raises
    ------
    ModelError
        For anything that cannot be called, and a key that is not a short text.

    Examples
    --------
    >>> table = {0: 0.0, 1: 0.9, 2: 1.7}
    >>> measure = fog.opaque(lambda x, p: [table[int(x.gap)]], key="terrain 3")
    >>> altimeter = fog.Sensor("altimeter", ("height",), measure, lambda x, p: [[0.01]])
    """
    if not callable(function):
        raise ModelError(
            f"opaque({function!r}): expected a function. Write fog.opaque(measure).",
            field="function",
            value=function,
        )
    if key is None:
        return function if isinstance(function, Opaque) else Opaque(function)
    if not isinstance(key, str) or not key.strip() or len(key) > checks.LONGEST_NAME:
        raise ModelError.expected(
            "key", key, f"a text of 1 to {checks.LONGEST_NAME} characters", "Write key='terrain 3'."
        )
    return Opaque(function.function if isinstance(function, Opaque) else function, key)


def like(functions: tuple[Callable[..., Any], ...], made: Callable[..., Any]) -> Any:
    """A function made from these: opaque if one of them is, and given t in its u if one of them is."""
    made = WithTime(made) if any(takes_time(inner(function)) for function in functions) else made
    return opaque(made) if any(isinstance(function, Opaque) for function in functions) else made


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, also of one that is opaque."""
    return function.function if isinstance(function, Opaque) else function
