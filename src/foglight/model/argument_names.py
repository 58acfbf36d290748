"""The arguments of a model's functions: read from their signatures, once, when a part is made.

x is the state, dt the step in seconds, p the parameters, u the controls and t the seconds since the start. A function
whose parameters have these names is given what it names, in its own order. A function with a parameter of another name
is called by position, with (x, dt, p, u) for a motion and (x, p, u) for a sensor. A parameter of another name with a
default keeps it, or is refused where it could be meant as a position: it is never given an argument. From then on every
function is called by position; t travels as one more entry of u, of parts with a function that names it.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, NamedTuple

from foglight.core.errors import ModelError
from foglight.model.pickling import PortablePart
from foglight.trace.named_vector import Vector

MOVING, SENSING = (
    ("x", "dt", "p", "u"),
    ("x", "p", "u"),
)  # the order of a motion's arguments, and of a sensor's
TIME = "t (seconds since the start)"  # what t is called among the entries of u: no control can have this name
_NAMES = frozenset({*MOVING, "t"})
_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class ByName(PortablePart):
    """A user's function, called by position: of the arguments it is given those that it names.

    names, keywords: what it takes by position and by keyword.  order: of the arguments that come.  timed: whether the
    last entry of u is t, as it is for all functions of a part if one of them names t.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        names: tuple[str, ...],
        keywords: tuple[str, ...],
        order: tuple[str, ...],
        controls: tuple[str, ...],
        timed: bool,
    ) -> None:
        self.function = function
        self.names = names
        self.keywords = keywords
        self.order = order
        self.controls = controls
        self.timed = timed
        self.__wrapped__ = function

    def __call__(self, *arguments: Any, t: Any = None) -> Any:
        """What it returns. t: for a function that calls this one; else it is the last entry of u."""
        values = dict(zip(self.order, arguments, strict=False))
        if self.timed and t is None:
            u = _timed(values, self.controls)
            t = u[len(self.controls)]
            values["u"] = Vector(self.controls, [u[k] for k in range(len(self.controls))], "control")
        values["t"] = t
        keywords = {name: values[name] for name in self.keywords}
        return self.function(*[values[name] for name in self.names], **keywords)


class WithTime(PortablePart):
    """A function made from those of a part that takes t: it passes on the whole of u, with t in it.

    order: of the arguments that come, u last.  controls: those of the part that it is in.
    """

    def __init__(
        self, function: Callable[..., Any], order: tuple[str, ...] = (), controls: tuple[str, ...] = ()
    ) -> None:
        self.function = function
        self.order = order
        self.controls = controls
        self.__wrapped__ = function

    def __call__(self, *arguments: Any, t: Any = None) -> Any:
        """What it returns. t: for a function that calls this one; else it is the last entry of u."""
        if not self.order:  # not in a part yet
            return self.function(*arguments)
        values = dict(zip(self.order, arguments, strict=False))
        if t is None:
            _timed(values, self.controls)
        else:
            values["u"] = Vector((*self.controls, TIME), [*values.get("u", ()), t], "control")
        return self.function(*values.values())


def _timed(values: Mapping[str, Any], controls: tuple[str, ...]) -> Any:
    """The u among the arguments, which holds t after the controls; ModelError if it does not."""
    u = values.get("u", ())
    if len(u) == len(controls):
        raise ModelError(
            f"a function that takes t was called with ({', '.join(values)}) alone: expected t, too. Write t=t.",
            field="t",
        )
    return u


def takes_time(function: Any) -> bool:
    """Whether the last entry of the u of a function is t."""
    return isinstance(function, WithTime) or (isinstance(function, ByName) and function.timed)


def bound(
    functions: Mapping[str, Callable[..., Any]],
    order: tuple[str, ...],
    controls: tuple[str, ...],
    timed: bool = False,
) -> dict[str, Callable[..., Any]]:
    """The functions of a part, {name in messages: function}, to be called by position.

    order: of the arguments, MOVING or SENSING.  controls: those that the part declares.  timed: whether u holds t
    anyway.  Raises ModelError for a signature that fits neither names nor positions.
    """
    order = order if controls else order[:-1]
    own = {field: f.function if isinstance(f, ByName) else f for field, f in functions.items()}
    read = {field: None if takes_time(f) else _signature(f, field, order) for field, f in own.items()}
    timed = timed or any(takes_time(f) for f in own.values()) or any(map(_names_time, read.values()))
    return {field: _called(f, read[field], order, controls, timed) for field, f in own.items()}


class _Signature(NamedTuple):
    """What a function is given: by position, and by keyword."""

    names: tuple[str, ...]
    keywords: tuple[str, ...] = ()


def _names_time(signature: _Signature | None) -> bool:
    return signature is not None and "t" in signature.names + signature.keywords


def _called(
    function: Callable[..., Any],
    signature: _Signature | None,
    order: tuple[str, ...],
    controls: tuple[str, ...],
    timed: bool,
) -> Callable[..., Any]:
    if signature == _Signature(order) and not timed:
        return function
    order = (*order, "u") if timed and not controls else order
    if signature is None:
        return WithTime(function.function if isinstance(function, WithTime) else function, order, controls)
    return ByName(function, *signature, order, controls, timed)


def _signature(function: Callable[..., Any], field: str, order: tuple[str, ...]) -> _Signature:
    """What a function is given: what it names, or everything by position."""
    if _is_usual(function, order):
        return _Signature(order)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function of C without a signature
        return _Signature(order)
    known = {*order, "t"}
    first = [p.name for p in parameters if p.kind in _BY_POSITION]
    given = [p.name for p in parameters if p.default is p.empty and p.kind != p.VAR_KEYWORD]
    by_position = not known.issuperset(given)  # *given is such a name, too
    _refuse_defaults(field, parameters, order, by_position)
    if any(parameter.kind == inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        return _Signature(order)
    given += [name for name in first[: len(order)] if name in known and name not in given]
    _check(field, parameters, given, order)
    if by_position:
        return _Signature(order)
    # A default in between is kept: what follows it is given by keyword.
    leading = next((k for k, name in enumerate(first) if name not in known), len(first))
    names = tuple(first[:leading])
    keywords = [p.name for p in parameters if p.name in known and p.name not in names]
    return _Signature(names, tuple(keywords))


def _is_usual(function: Callable[..., Any], order: tuple[str, ...]) -> bool:
    """Whether a plain function has these parameters and no others; in less time than its signature takes."""
    if not isinstance(function, FunctionType) or vars(function):
        return False
    code = function.__code__
    return code.co_varnames[: code.co_argcount] == order and not code.co_kwonlyargcount


def _refuse_defaults(field: str, parameters: list[Any], order: tuple[str, ...], by_position: bool) -> None:
    """ModelError for a default in the position of an argument that could be meant as one: among parameters that are
    positions, or None, which is no constant."""
    for name, p in zip(order, (p for p in parameters if p.kind in _BY_POSITION), strict=False):
        if p.name in _NAMES or p.default is p.empty or not (by_position or p.default is None):
            continue
        raise ModelError(
            f"{field}({', '.join(p.name for p in parameters)}): {p.name} has a default, and the position of {name}: "
            f"expected one or the other. Rename it {name}, or write a * before it, to keep the default.",
            field=field,
            value=p.name,
        )


def _check(field: str, parameters: list[Any], given: Iterable[str], order: tuple[str, ...]) -> None:
    """ModelError for names that can be meant neither as names nor as positions."""
    names = [p.name for p in parameters]
    called = f"{field}({', '.join(names)})"
    if "u" in given and "u" not in order:
        raise ModelError(
            f"{called}: u holds controls, and none are declared: expected their names. Write controls=('current',).",
            field=field,
            value=tuple(names),
        )
    if any(p.name == "t" and p.default is not p.empty for p in parameters):
        raise ModelError(
            f"{called}: t has a default, but it is given, as the seconds since the start: expected t without one. "
            "Leave the default out, or rename what is a constant.",
            field=field,
            value=tuple(names),
        )
    known = {*order, "t"}
    other = [name for name in given if name not in known]
    if not other:
        return
    by_position = [p.name for p in parameters if p.kind in _BY_POSITION]
    placed = [name for k, name in enumerate(by_position) if name in _NAMES and order[k : k + 1] != (name,)]
    if any(name in given for name in placed):
        listed = ", ".join([*order, "t"])
        raise ModelError(
            f"{called}: expected the names {listed}, in any order, or other names in the order ({', '.join(order)}). "
            f"Rename {other[0]}, or leave it out.",
            field=field,
            value=tuple(names),
        )
