"""The fingerprint that ties a saved state to its filter: one hash over the model's functions, names and numbers.

The hash covers what the user wrote, as Programs: dynamics, measures and noises, each traced by itself. It does not
cover the filter equations and the lowering of sin and cos, because they change from release to release. A field or
option at its default is not hashed either, so that a new one leaves the hashes of older models unchanged.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from foglight.compiler.user_functions import motion_function, motion_noise, sensor_function, sensor_noise
from foglight.core.errors import StateError
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.methods.method import Method
from foglight.model.belief import Belief
from foglight.model.model import MOTION, Model, Motion, Opaque, Sensor
from foglight.model.part_functions import own_controls
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.primitives import TooLongError
from foglight.trace.program import Program

SCHEME = 1  # version of the rules of this module
LONGEST = 1_000_000  # nodes of a function that is traced for its hash: some seconds
HARMLESS = frozenset({"units", "bounds", "shared"})  # fields that no result depends on
_KNOWN: WeakKeyDictionary[Model, dict[str, str]] = WeakKeyDictionary()


def fingerprint(model: Model, method: Method) -> str:
    """SHA-256, in hexadecimal, of what this filter computes; the same in every process and on every machine.

    It differs if a function of the model, a name, an angle, a parameter's value, the start or an option of the
    method differs. Opaque functions are distinguished by their keys. Raises StateError for a function that nothing
    distinguishes: an opaque one without a key, or one too long to be traced.
    """
    known = _KNOWN.setdefault(model, {})
    if repr(method) not in known:
        known[repr(method)] = _hash(model, method)
    return known[repr(method)]


def _hash(model: Model, method: Method) -> str:
    signed = {
        "scheme": SCHEME,
        "motion": _part(model, method, model.motion),
        "sensors": [_part(model, method, sensor) for sensor in model.sensors],
        "start": None if model.start is None else _plain(_start(model.start)),
        "matrices": _plain(model.matrices),
        "rows": _plain(model.rows),
        "method": {"kind": type(method).__name__, **{k: _plain(v) for k, v in chosen(method).items()}},
    }
    if model.interventions:  # a start that depends on parameters is hashed as the start that it gives
        signed["interventions"] = [repr(event) for event in model.interventions]
    text = json.dumps(signed, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _start(start: Belief) -> tuple[Any, ...]:
    unknown = (start.unknown,) if start.unknown.size else ()
    return (start.mean, *start.factor, *unknown)


def chosen(instance: Any) -> dict[str, Any]:
    """The fields of a frozen object that differ from their defaults."""
    found = {}
    for field in fields(instance):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        value = getattr(instance, field.name)
        if default is MISSING or value != default:
            found[field.name] = value
    return found


class _Symbols:
    """The arguments of a model's functions here: a symbol for every state, parameter and control."""

    traced = True
    asked = None

    def __init__(self, model: Model, method: Method) -> None:
        self.model = model
        self.method = method
        self.graph = Graph(limit=LONGEST)
        self.dt = self.graph.input(("dt", 0), "dt")
        self.belief = SimpleNamespace(x=np.array(list(self._vector("x", model.ambient)), dtype=object))
        self.u = self._vector("u", model.inputs, "control")

    def seen(self, x: Array) -> Vector:
        return Vector(self.model.ambient, x)

    def params(self, part: Motion | Sensor) -> Vector:
        return self._vector("p", tuple(part.params), "parameter")

    def controls(self, part: Motion | Sensor) -> tuple[Vector, ...]:
        return own_controls(self.u, part)

    def matrix(self, name: str) -> Array:
        raise KeyError(name)  # the matrices of a linear model are hashed as numbers

    def _vector(self, source: str, names: tuple[str, ...], kind: str = "state") -> Vector:
        symbols = [self.graph.input((source, i), name) for i, name in enumerate(names)]
        return Vector(names, symbols, kind)


def _part(model: Model, method: Method, part: Motion | Sensor) -> dict[str, Any]:
    """A motion or a sensor: its functions as Programs, the rest as plain data."""
    makers: dict[str, Callable[[Any], Any]]
    if isinstance(part, Motion):
        makers = {"dynamics": lambda s: motion_function(s)(s.belief.x), "noise": motion_noise}
    else:
        makers = {
            "measure": lambda s: sensor_function(s, part)(s.belief.x),
            "noise": lambda s: sensor_noise(s, part),
        }
    signed = {}
    for name, value in chosen(part).items():
        if name in HARMLESS or (name in makers and (model.matrices or model.rows)):
            continue
        if name in makers:
            called = f"{MOTION if isinstance(part, Motion) else part.name}.{name}"
            signed[name] = _function(model, method, value, makers[name], called)
        else:
            signed[name] = _plain(value)
    return signed


def _function(model: Model, method: Method, function: Any, make: Callable[[Any], Any], called: str) -> str:
    if isinstance(function, Opaque):
        if function.key is None:
            raise _unknown(called, "is a fog.opaque function without a key")
        return "key " + function.key
    symbols = _Symbols(model, method)
    try:
        made = make(symbols)
        parts = {"G": made.G, "v": made.variances} if isinstance(made, Factored) else {"y": made}
        return Program.of(symbols.graph, {k: list(v.ravel()) for k, v in parts.items()}).text()
    except TooLongError:
        raise _unknown(called, "is too long to be traced") from None


def _unknown(called: str, wrong: str) -> StateError:
    return StateError(
        f"{called} {wrong}, so a saved state cannot say which function it belongs to: another one would go unnoticed. "
        f"Expected a key. Write fog.opaque(f, key='terrain 3'), with a new key whenever the function or its data "
        "change.",
        field=called,
    )


def _plain(value: Any) -> Any:
    """A value in JSON types, with every bit of a number preserved."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, np.number)):
        return float(value).hex()
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(value, "<f8").tobytes()).hexdigest()
        return [list(value.shape), digest]
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    return "called " + str(getattr(value, "__qualname__", type(value).__qualname__))
