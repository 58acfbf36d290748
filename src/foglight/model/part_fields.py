"""What the arguments of a motion and of a sensor have in common: functions, units, names, and what is shown of them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from foglight.core.errors import ModelError
from foglight.model.argument_names import TIME, ByName, bound, takes_time
from foglight.model.opaque_functions import Opaque, inner


def is_ready_made(function: Callable[..., Any]) -> bool:
    """Whether a function of a model comes from a ready-made part, so that its user cannot change it."""
    own = function.function if isinstance(function, ByName) else function
    return bool(getattr(own, "__globals__", {}).get("__ready_made__"))


def by_position(
    part: Any, fields: tuple[str, ...], name: str, order: tuple[str, ...]
) -> dict[str, Callable[..., Any]]:
    """The functions of a part, each called by position from now on."""
    given = {field: getattr(part, field) for field in fields}
    named = {f"{name}.{field}": inner(function) for field, function in given.items()}
    found = bound(named, order, part.controls)
    return {
        field: Opaque(made, function.key) if isinstance(function, Opaque) else made
        for (field, function), made in zip(given.items(), found.values(), strict=True)
    }


def inputs_of(controls: tuple[str, ...], *functions: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what the u of these functions of one part holds."""
    return (*controls, TIME) if any(takes_time(inner(function)) for function in functions) else controls


def require_distinct(groups: list[tuple[str, ...]], what: str) -> None:
    """ModelError if two motions have a state or a parameter of one name."""
    taken: set[str] = set()
    for index, group in enumerate(groups):
        for name in group:
            if name in taken:
                remedy = (
                    "Rename one of them; a ready-made motion names it after its state if it is given as a list."
                    if what == "parameter"
                    else "Rename one of them."
                )
                raise ModelError.expected(
                    "others", name, f"a {what} that the motions before do not have", remedy, index=index - 1
                )
        taken.update(group)


def require_callable(value: Any, field_name: str) -> None:
    """ModelError unless this argument is a function."""
    if not callable(value):
        raise ModelError.expected(
            field_name, value, "a function", "Write a function that returns it, such as lambda x, p: [...]."
        )


def listed_parameters(params: Mapping[str, float]) -> str:
    """Parameters as the end of a repr: `; accel=0.4`."""
    return "".join(f"; {name}={value:g}" for name, value in params.items())


def units_of(units: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    """The labels of units, checked. known: the names that may have one."""
    if not isinstance(units, Mapping) or not all(isinstance(label, str) for label in units.values()):
        raise ModelError.expected("units", units, "names and labels", f"Write units={{{known[0]!r}: 'm'}}.")
    for name in units:
        if name not in known:
            raise ModelError(
                f"units[{name!r}]: expected one of {', '.join(known)}. Rename it.",
                field="units",
                index=name,
                value=name,
            )
    return MappingProxyType(dict(units))
