"""The states that lie on unit spheres, and the coordinates in which a filter carries them.

A rotation has four numbers, a unit quaternion, and three degrees of freedom. Functions of a model see the four; beliefs
are about three coordinates: small rotations from an anchor a, the rotation that was last predicted. Between two
predictions the anchor stays, and everything is an ordinary state in the coordinates x:

    what functions see is a ⊞ x;   f becomes f(a ⊞ x) ⊟ a',  a' = f(a ⊞ mean);   h becomes h(a ⊞ x).

So a filter's equations know nothing of rotations, the mean keeps its length, and an update, however large, needs no
correction of the covariance afterwards. See docs/decisions/2026-11-30-rotations.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import spheres
from foglight.equations.spheres import Numbers, Sphere
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.named_vector import Vector
from foglight.trace.program import Program, lower

Names = Mapping[str, tuple[str, ...]]
NONE: Names = MappingProxyType({})
_ROTATIONS, _UNIT_VECTORS = "rotations", "unit_vectors"
_KINDS: dict[tuple[str, int], tuple[Sphere, tuple[str, ...]]] = {
    (_ROTATIONS, 2): (spheres.CIRCLE, ("turn",)),
    (_ROTATIONS, 4): (spheres.QUATERNIONS, ("x", "y", "z")),
    (_UNIT_VECTORS, 3): (spheres.DIRECTIONS, ("tilt_1", "tilt_2")),
}


class Chart(NamedTuple):
    """One state on a sphere: where it is among the states, among what functions see, and among the anchors."""

    name: str
    sphere: Sphere
    state: slice
    ambient: slice
    anchor: slice


@dataclass(frozen=True)
class Charts:
    """The states of a motion: `state`, the n coordinates of beliefs, and `ambient`, the N that its functions see."""

    state: tuple[str, ...]
    ambient: tuple[str, ...]
    parts: tuple[Chart, ...] = ()

    @property
    def rotations(self) -> dict[str, tuple[str, ...]]:
        """The argument `rotations` of a motion or a belief that these come from."""
        return {p.name: self.ambient[p.ambient] for p in self.parts if p.sphere is not spheres.DIRECTIONS}

    @property
    def unit_vectors(self) -> dict[str, tuple[str, ...]]:
        """The argument `unit_vectors`."""
        return {p.name: self.ambient[p.ambient] for p in self.parts if p.sphere is spheres.DIRECTIONS}

    @property
    def size(self) -> int:
        """How many numbers the anchors are."""
        return self.parts[-1].anchor.stop if self.parts else 0

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """A label for each number of the anchors."""
        return tuple(f"{name} as predicted" for part in self.parts for name in self.ambient[part.ambient])

    @cached_property
    def plain(self) -> list[tuple[int, int]]:
        """The states that are on no sphere, each by its index among the states, and among what functions see."""
        at = {name: j for j, name in enumerate(self.ambient)}
        return [(i, at[name]) for i, name in enumerate(self.state) if name in at]

    def quaternion(self, name: str) -> slice:
        """Where a rotation is among what functions see. ModelError if there is none, or it has no Euler angles."""
        known = [part.name for part in self.parts if part.sphere is spheres.QUATERNIONS]
        if name not in known:
            raise ModelError.expected(
                "rotation",
                name,
                f"one of {', '.join(known) or 'none, as the motion has none'}",
                "Name a quaternion.",
            )
        return next(part.ambient for part in self.parts if part.name == name)

    def values(self, x: Numbers, anchor: Numbers) -> list[Any]:
        """What functions see (N,) at these coordinates (n,)."""
        found: list[Any] = [None] * len(self.ambient)
        for i, j in self.plain:
            found[j] = x[i]
        for part in self.parts:
            found[part.ambient] = part.sphere.plus(anchor[part.anchor], x[part.state])
        return found

    def vector(self, x: Numbers, anchor: Numbers) -> Vector:
        """The same with its names, as functions take it."""
        return Vector(self.ambient, self.values(x, anchor) if self.parts else x)

    def moved(self, y: Numbers, step: Numbers) -> list[Any]:
        """y ⊞ step: what functions see after a step (n,) from y (N,)."""
        found = list(y)
        for i, j in self.plain:
            found[j] = y[j] + step[i]
        for part in self.parts:
            found[part.ambient] = part.sphere.plus(spheres.normalised(y[part.ambient]), step[part.state])
        return found

    def anchors(self, y: Numbers) -> list[Any]:
        """The anchors at which the coordinates of y (N,) are 0."""
        return [v for part in self.parts for v in spheres.normalised(y[part.ambient])]

    def coordinates(self, y: Numbers, anchor: Numbers | None = None) -> list[Any]:
        """The coordinates (n,) of y (N,) at these anchors, or at its own."""
        found: list[Any] = [None] * len(self.state)
        for i, j in self.plain:
            found[i] = y[j]
        for part in self.parts:
            zeros = [0.0] * (part.state.stop - part.state.start)
            found[part.state] = (
                zeros if anchor is None else part.sphere.minus(y[part.ambient], anchor[part.anchor])
            )
        return found

    def slopes(self, y: Numbers, G: Array, anchor: Numbers) -> Array:
        """∂x/∂· (n, k) of the coordinates of y at its own anchors, from ∂y/∂· (N, k)."""
        F = np.empty((len(self.state), G.shape[1]), dtype=G.dtype)
        for i, j in self.plain:
            F[i] = G[j]
        for part in self.parts:
            inner = np.array(part.sphere.slopes(y[part.ambient], anchor[part.anchor]), dtype=G.dtype)
            F[part.state] = inner @ G[part.ambient]
        return F

    def turned(self, x: Array, anchor: Array) -> Array:
        """∂x'/∂x (..., n, n) for coordinates x' at the anchors a ⊞ x, from x (..., n) and the anchors a (..., size)."""
        given = {("x", i): x[..., i] for i in range(len(self.state))}
        given |= {("anchor", i): anchor[..., i] for i in range(self.size)}
        with np.errstate(all="ignore"):
            found = self._turning.evaluate(given)["J"]
        J = np.empty((*x.shape[:-1], len(self.state) ** 2))
        for k, value in enumerate(found):
            J[..., k] = value
        return J.reshape(*x.shape[:-1], len(self.state), len(self.state))

    @cached_property
    def _turning(self) -> Program:
        graph = Graph()
        x = np.array([graph.input(("x", i), name) for i, name in enumerate(self.state)], dtype=object)
        anchor = [graph.input(("anchor", i), label) for i, label in enumerate(self.labels)]
        y = self.values(x, anchor)
        J = self.slopes(y, derivatives.jacobian(graph, y, x), self.anchors(y))
        return lower(Program.of(graph, {"J": [graph.lift(v) for v in J.ravel()]}))


class _Given(NamedTuple):
    """A state on a sphere as it was given. field: the argument; states, coordinates: their names."""

    field: str
    states: tuple[str, ...]
    sphere: Sphere
    coordinates: tuple[str, ...]


def read_charts(state: tuple[str, ...], rotations: Any, unit_vectors: Any) -> Charts:
    """The charts of states with these names, where those on spheres may already be given by their coordinates."""
    left = {**_read(rotations, _ROTATIONS), **_read(unit_vectors, _UNIT_VECTORS)}
    if not left:
        return Charts(state, state)
    names: list[str] = []
    ambient: list[str] = []
    parts: list[Chart] = []
    k = 0
    while k < len(state):
        name = next((n for n, own in left.items() if state[k] in (own.states[0], own.coordinates[0])), None)
        if name is None:
            names.append(state[k])
            ambient.append(state[k])
            k += 1
            continue
        given = left.pop(name)
        expected = given.states if state[k] == given.states[0] else given.coordinates
        if state[k : k + len(expected)] != expected:
            raise ModelError(
                f"{given.field}[{name!r}] = {given.states!r}: expected states that follow one another in `state`, in "
                "this order. Write them so there.",
                field=given.field, index=name, value=given.states,
            )  # fmt: skip
        k += len(expected)
        before = parts[-1].anchor.stop if parts else 0
        parts.append(
            Chart(
                name,
                given.sphere,
                slice(len(names), len(names) + len(given.coordinates)),
                slice(len(ambient), len(ambient) + len(given.states)),
                slice(before, before + len(given.states)),
            )
        )
        names += given.coordinates
        ambient += given.states
    for name, given in left.items():
        raise ModelError(
            f"{given.field}[{name!r}] = {given.states!r}: expected names of states ({', '.join(state)}). Name them in "
            "`state`.",
            field=given.field, index=name, value=given.states,
        )  # fmt: skip
    checks.names((*names, *[n for part in parts for n in ambient[part.ambient]]), "state")
    return Charts(tuple(names), tuple(ambient), tuple(parts))


def _read(given: Any, field: str) -> dict[str, _Given]:
    """The states on spheres that one argument gives, by their names."""
    sizes = [size for kind, size in _KINDS if kind == field]
    example = (
        "{'attitude': ('qw', 'qx', 'qy', 'qz')}" if field == _ROTATIONS else "{'up': ('ux', 'uy', 'uz')}"
    )
    if not isinstance(given, Mapping):
        raise ModelError.expected(field, given, "names and their states", f"Write {field}={example}.")
    found = {}
    for name, states in given.items():
        checks.name(name, field)
        own = () if isinstance(states, str) else tuple(states)
        if (field, len(own)) not in _KINDS:
            what = ": (cos, sin) of an angle, or a quaternion (w, x, y, z)" if field == _ROTATIONS else ""
            raise ModelError(
                f"{field}[{name!r}] = {states!r}: expected the names of {' or '.join(map(str, sizes))} states{what}. "
                f"Write {field}={example}.",
                field=field, index=name, value=states,
            )  # fmt: skip
        sphere, suffixes = _KINDS[field, len(own)]
        coordinates = tuple(f"{name}_{suffix}" for suffix in suffixes)
        found[name] = _Given(field, checks.names(own, f"{field}[{name!r}]"), sphere, coordinates)
    return found
