# ruff: noqa: E501, B008 (a table: one fault a row; what a broken function returns is drawn once)
"""A sound problem with exactly one thing wrong: what is wrong, who must refuse it, and with which error.

Rows are those of the list of faults that the library answers for, by number.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

import foglight as fog
from fuzz.problems import Array, Draws, Sizes

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Sound:
    """The parts of a problem that is right."""

    rng: np.random.Generator
    F: Array
    Q: Array
    H: Array
    R: Array
    b: Array
    d: Array
    mean: Array
    cov: Array

    @classmethod
    def of(cls, sizes: Sizes, seed: int) -> "Sound":
        rng, draws = np.random.default_rng(seed), Draws(sizes)
        A, B, Q = draws.motion(rng)
        H, R, d = draws.sensor(rng, sizes.m[0])
        mean, cov = draws.start(rng)
        return cls(rng, A + B, Q, H, R, draws.whole(rng, sizes.n), d, mean, cov)

    @property
    def n(self) -> int:
        return len(self.mean)

    @property
    def m(self) -> int:
        return len(self.d)

    def pick(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def spoilt(self, a: Array, *values: float) -> Array:
        """With one entry replaced by one of these."""
        changed = np.array(a, dtype=float)
        changed.flat[int(self.rng.integers(changed.size))] = self.pick(*values)
        return changed

    def noise(self, rank: int) -> Array:
        """A covariance of this size with nothing wrong and no zero in it."""
        return np.eye(rank) + 0.25

    def no_noise(self, size: int) -> Any:
        """No covariance of this size."""
        C = self.noise(size)
        i = int(self.rng.integers(size))
        kinds = [
            self.spoilt(C, NAN, INF, -INF),
            np.eye(size + 1),
            np.ones((size, size, 2)),
            None,
            "noise",
            C + 0j,
        ]
        C = C.copy()
        C[i, i] = -1.0
        kinds.append(C)
        if size > 1:
            j = (i + 1) % size
            for there, back in ((0.9, 0.1), (7.0, 7.0)):
                C = self.noise(size)
                C[i, j], C[j, i] = there, back
                kinds.append(C)
            kinds += [0.25, np.ones(size), [[0.1], [0.2, 0.3]], [[1.0] * size] * (size - 1)]
        return self.pick(*kinds)

    def other_type(self, a: Array) -> Any:
        """The same numbers, in a type that is not taken."""
        kinds = (np.complex128, np.float16, np.longdouble, "U20", "S20", "datetime64[s]", object)
        kind = self.pick(*kinds)
        return (
            np.array([Decimal(1)] * a.size, dtype=object).reshape(a.shape)
            if kind is object
            else a.astype(kind)
        )

    def linear(self, **changes: Any) -> Any:
        parts: dict[str, Any] = {name: getattr(self, name) for name in "FQHRbd"}
        parts["start"] = fog.Belief(self.mean, cov=self.cov)
        return fog.linear_model(**parts | changes)

    def built(self, start: Any = None, **changes: Any) -> Any:
        """The same from functions."""
        given: dict[str, Any] = {
            "dynamics": lambda x, dt, p: self.F @ x + self.b,
            "motion_noise": lambda x, dt, p: self.noise(self.n),
            "measure": lambda x, p: self.H @ x + self.d,
            "noise": lambda x, p: self.noise(self.m),
        } | changes
        states, measures = (
            [f"{letter}{i}" for i in range(size)] for letter, size in (("s", self.n), ("m", self.m))
        )
        motion = fog.Motion(tuple(states), given["dynamics"], given["motion_noise"])
        sensor = fog.Sensor("sensor", tuple(measures), given["measure"], given["noise"])
        return fog.Model(motion, [sensor], fog.Belief(self.mean, cov=self.cov) if start is None else start)

    def readings(self, rows: int = 4) -> Array:
        return self.rng.standard_normal((rows, self.m))

    def log(self) -> Any:
        return fog.Log.from_arrays(np.arange(4.0), sensor=self.readings())

    def no_values(self, size: int) -> Any:
        """What a dynamics or measure of this size must not return."""
        kinds: list[Any] = [
            None, [], [0.0] * (size + 1), np.zeros((size, 1, 1)), [[0.0, 1.0]] * size, [NAN] * size, [INF] * size,
            "a" * size, ["a"] * size, [None] * size, [1j] * size, {"a": 1.0}, {1.0, 2.0, 7.0}, object(), iter([1.0]),
            lambda: 1.0, np.array(["2020"] * size, "datetime64[s]"), [Decimal(1), None][: size + 1] * size, [[1.0], [1.0, 2.0]],
            fog.Belief([0.0], std=[1.0]), NAN,
        ]  # fmt: skip
        return self.pick(*kinds)


Break = Callable[[Sound], Any]


@dataclass(frozen=True)
class Fault:
    row: int
    what: str
    error: type[Exception]
    do: Break

    def __str__(self) -> str:
        return f"{self.row}: {self.what}"


def _factor(s: Sound) -> Any:
    U, D = (a.copy() for a in fog.Belief(s.mean, cov=s.cov).factor)
    return s.pick(
        (U + 1.0, D), (2.0 * U, D), (U, -D), (U, NAN * D), (U, D[:-1]), (U[:, :-1], D), (U,),
        (U, D, D), (NAN * U, D), U, (U, None), ("a", "b"), (U.astype(complex), D), 3.0,
    )  # fmt: skip


def _indefinite(s: Sound, C: Array) -> Array:
    """Variances that are sound, with one of another sign, or a covariance too large for them."""
    bad = np.eye(len(C)) + 0.25
    i = int(s.rng.integers(len(C)))
    if len(C) == 1 or s.rng.random() < 0.5:
        bad[i, i] = -s.pick(1e-9, 0.04, 1e300)
    else:
        j = (i + 1) % len(C)
        bad[i, j] = bad[j, i] = s.pick(1.26, 5.0, -9.0, 1e200)
    return bad


def _asymmetric(s: Sound, C: Array) -> Array:
    bad = np.eye(len(C) + (len(C) == 1)) + 0.25
    bad[0, 1] += s.pick(1e-8, -0.5, 0.1)
    return bad


M, D, T = fog.ModelError, fog.DataError, fog.TimeError

LINEAR = [
    Fault(1, "F of another shape", M, lambda s: s.linear(F=np.ones(s.pick((s.n + 1, s.n), (s.n, s.n + 1), (s.n + 1,) * 2, (s.n + 1,), (2, 1, s.n, s.n))))),
    Fault(1, "F with rows of different lengths", M, lambda s: s.linear(F=[[1.0] * s.n, [1.0] * (s.n + 1)])),
    Fault(1, "a start of another size", M, lambda s: s.linear(start=fog.Belief(np.zeros(s.n + 1), std=np.ones(s.n + 1)))),
    Fault(1, "a start that is none", M, lambda s: s.linear(start=s.pick(s.mean, (s.mean, s.cov), "diffuse", 0.0))),
    Fault(1, "b or d of another shape", M, lambda s: s.linear(**{s.pick("b", "d"): np.ones(s.pick((7,), (2, 7), (2, 2, 2, 2)))})),
    Fault(2, "H with other columns", M, lambda s: s.linear(H=np.ones((s.m, s.n + s.pick(1, 2))))),
    Fault(2, "H without its last column", M, lambda s: s.linear(H=s.H[:, :-1])),
    Fault(4, "R of another shape", M, lambda s: s.linear(R=np.ones(s.pick((s.m + 1,), (s.m + 1, s.m + 1), (s.m, s.m + 1))))),
    Fault(6, "a covariance that is not symmetric", M, lambda s: s.linear(**{s.pick("Q", "R"): _asymmetric(s, s.Q)})),
    Fault(8, "an indefinite covariance", M, lambda s: s.linear(**s.pick({"Q": _indefinite(s, s.Q)}, {"R": _indefinite(s, s.R)}))),
    Fault(13, "NaN or infinity", M, lambda s: s.linear(**{(k := s.pick(*"FQHRbd")): s.spoilt(getattr(s, k), NAN, INF, -INF)})),
    Fault(15, "another type of number", M, lambda s: s.linear(**{(k := s.pick(*"FQHRbd")): s.other_type(getattr(s, k))})),
    Fault(15, "no numbers", M, lambda s: s.linear(**{s.pick(*"FQHR"): s.pick(None, "a", [None], {}, object(), [[]], lambda: 1, b"1", ["1"], {1.0}, iter([1.0]))})),
    Fault(17, "float32 among float64", M, lambda s: s.linear(**{(k := s.pick(*"FQHR")): getattr(s, k).astype(np.float32)})),
    Fault(18, "no states", M, lambda s: s.linear(F=np.zeros((0, 0)), Q=np.zeros((0, 0)), H=np.zeros((s.m, 0)), b=None, start=None)),
    Fault(18, "no measures", M, lambda s: s.linear(H=np.zeros((0, s.n)), R=np.zeros((0, 0)), d=None)),
    Fault(19, "too many states", M, lambda s: s.linear(F=np.broadcast_to(1.0, (s.pick(7_000, 50_000, 10**6),) * 2))),
    Fault(1, "different numbers of rows", M, lambda s: s.linear(F=np.array([s.F] * 3), H=np.array([s.H] * 4))),
]  # fmt: skip

BELIEFS = [
    Fault(13, "a mean that is not finite", M, lambda s: fog.Belief(s.spoilt(s.mean, NAN, INF, -INF), cov=s.cov)),
    Fault(1, "a mean that is no vector", M, lambda s: fog.Belief(s.pick(s.mean[:, None], [], [[]], None, "a", [None], {}, object()), std=1.0)),
    Fault(15, "a mean of another type", M, lambda s: fog.Belief(s.other_type(s.mean), cov=s.cov)),
    Fault(7, "a negative standard deviation", M, lambda s: fog.Belief(s.mean, std=s.spoilt(np.ones(s.n), -1.0, -1e-300, NAN, -INF, 1e200))),
    Fault(1, "a std of another size", M, lambda s: fog.Belief(s.mean, std=s.pick(np.ones(s.n + 1), np.ones((s.n, 1)), [1.0] * (s.n + 2), [], "a"))),
    Fault(8, "an indefinite cov", M, lambda s: fog.Belief(s.mean, cov=_indefinite(s, s.cov))),
    Fault(6, "a cov that is not symmetric", M, lambda s: fog.Belief(s.mean, cov=_asymmetric(s, s.cov))),
    Fault(1, "a cov of another shape", M, lambda s: fog.Belief(s.mean, cov=s.pick(np.eye(s.n + 1), [1.0], np.ones(s.n), np.ones((1, s.n, s.n)), [], None, [[1.0], [1.0, 2.0]], "inf"))),
    Fault(15, "a cov of another type", M, lambda s: fog.Belief(s.mean, cov=s.other_type(np.eye(s.n)))),
    Fault(13, "a cov that is not finite", M, lambda s: fog.Belief(s.mean, cov=s.spoilt(np.eye(s.n), NAN, -INF))),
    Fault(1, "nothing or two things", M, lambda s: fog.Belief(s.mean, **s.pick({}, {"std": np.ones(s.n), "cov": s.cov}))),
    Fault(8, "a factor that is none", M, lambda s: fog.Belief(s.mean, factor=_factor(s))),
    Fault(25, "names that are none", M, lambda s: fog.Belief(s.mean, cov=s.cov, names=s.pick(["a"] * (s.n + 1), ["a b"] * s.n, [1] * s.n, [None] * s.n, ["x"] * (s.n + 1)))),
]  # fmt: skip

FUNCTIONS = [
    Fault(20, "dynamics that return no values", M, lambda s: s.built(dynamics=lambda x, dt, p, v=s.no_values(s.n): v)),
    Fault(20, "a measure that returns no values", M, lambda s: s.built(measure=lambda x, p, v=s.no_values(s.m): v)),
    Fault(8, "a process noise that is none", M, lambda s: s.built(motion_noise=lambda x, dt, p, v=s.no_noise(s.n): v)),
    Fault(8, "a measurement noise that is none", M, lambda s: s.built(noise=lambda x, p, v=s.no_noise(s.m): v)),
    Fault(20, "factored noise that does not fit", M, lambda s: s.built(noise=lambda x, p, v=s.pick((np.eye(s.m + 1), np.ones(s.m + 1)), (np.eye(s.m), -np.ones(s.m)), (np.eye(s.m), np.full(s.m, NAN)), (np.eye(s.m), np.ones(s.m + 1)), (np.eye(s.m), ["a"] * s.m), (None, None)): fog.noise.factored(*v))),
    Fault(20, "other arguments", M, lambda s: s.built(**s.pick({"dynamics": lambda x: x}, {"measure": lambda x, dt, p: x}, {"noise": lambda: 1.0}, {"motion_noise": lambda x, dt, p, u: s.Q}))),
    Fault(23, "a function that raises", M, lambda s: s.built(**{s.pick("dynamics", "measure", "noise", "motion_noise"): lambda *a, e=s.pick(ZeroDivisionError, KeyError, RuntimeError, RecursionError, StopIteration, OSError, AssertionError, np.linalg.LinAlgError, MemoryError, UnicodeError): _raise(e)})),
    Fault(20, "no function", M, lambda s: s.built(**{s.pick("dynamics", "measure", "noise", "motion_noise"): s.pick(None, 1.0, s.F, "f", [])})),
    Fault(21, "a state that is set", M, lambda s: s.built(dynamics=lambda x, dt, p: x.__setitem__(0, 1.0))),
    Fault(20, "a branch on a state", M, lambda s: fog.run(s.built(dynamics=lambda x, dt, p: s.F @ x if x[0] > 0 else s.F @ (2.0 * x)), s.log())),
    Fault(20, "a function of floats", M, lambda s: fog.run(s.built(measure=lambda x, p, f=s.pick(math.sin, math.exp, float, int, complex, np.float32): [f(x[0])] * s.m), s.log())),
    Fault(20, "a function of arrays", M, lambda s: fog.run(s.built(measure=lambda x, p, f=s.pick(np.linalg.inv, np.linalg.det, np.fft.fft, np.sort, np.linalg.eigvalsh, np.median): [f(np.array([[2.0, x[0]], [x[0], 3.0]]))] * s.m), s.log())),
    Fault(15, "a parameter that is no number", M, lambda s: fog.Sensor("a", ("b",), s.built, s.built, params={"c": s.pick(NAN, INF, "0.4", None, 10**400, 1j, [], [1.0, 2.0], {}, object(), np.ones(2), np.ones((1, 1)))})),
    Fault(25, "names that are none", M, lambda s: fog.Motion(s.pick((), "a", ("a", "a"), ("",), ("a b",), ("1a",), ("a\x00",), ("_a",), ("a" * 101,), ("if",), (1,), None, 3, ("a\n",), ("\ufb01",)), lambda x, dt, p: x, lambda x, dt, p: x)),
]  # fmt: skip

LOGS = [
    Fault(66, "time that runs backwards", T, lambda s: fog.Log.from_arrays(s.pick([0.0, 2.0, 1.0, 3.0], [0.0, -1e-9, 1.0, 2.0], [3, 2, 1, 0]), a=np.ones(4))),
    Fault(72, "stamps that are no times", T, lambda s: fog.Log.from_arrays(s.spoilt(np.arange(4.0), NAN, INF, -INF, 1e300, 9.3e9), a=np.ones(4))),
    Fault(70, "stamps of another type", T, lambda s: fog.Log.from_arrays(s.pick(np.arange(4, dtype=np.float32), np.arange(4, dtype=complex), ["0", "1", "2", "3"], [None] * 4, [0j] * 4, np.array([2**63 - 1] * 4), np.array([2**64 - 1] * 4, np.uint64), np.array(["NaT"] * 4, "datetime64[ns]"), [True] * 4, [10**30] * 4, "abcd", b"abcd", object(), None), a=np.ones(4))),
    Fault(70, "stamps too far apart", T, lambda s: fog.Log.from_arrays(s.pick([-9e9, 9e9], [-5e9, 5e9], np.array([-(2**62), 2**62 + 1], "datetime64[ns]")), a=np.ones(2))),
    Fault(72, "stamps of another shape", T, lambda s: fog.Log.from_arrays(s.pick(1.0, [[0.0, 1.0]], np.zeros((4, 1)), [[0.0], [1.0, 2.0]]), a=np.ones(4))),
    Fault(75, "no rows", D, lambda s: fog.Log.from_arrays(np.zeros(0), a=np.zeros(0))),
    Fault(76, "no sensor", D, lambda s: fog.Log.from_arrays(np.arange(4.0))),
    Fault(59, "readings of another length", D, lambda s: fog.Log.from_arrays(np.arange(4.0), a=s.pick(np.ones(5), np.ones((3, 2)), 1.0, [], np.ones((4, 0)), np.ones((1, 4, 2)), [[1.0]] * 3))),
    Fault(15, "readings of another type", D, lambda s: fog.Log.from_arrays(np.arange(4.0), a=s.pick(None, [None] * 4, ["a"] * 4, [1j] * 4, [Decimal(1)] * 4, [True] * 4, np.ones(4, np.float16), np.ones(4, np.longdouble), [{}] * 4, [[1.0], [1.0, 2.0]] * 2, np.zeros(4, "datetime64[s]"), [2**60] * 4, [10**30] * 4, b"abcd", object(), {1.0}))),
    Fault(59, "controls that do not fit", D, lambda s: fog.Log.from_arrays(np.arange(4.0), a=np.ones(4), u=s.pick(np.ones(3), np.ones((5, 1)), 1.0, "a", ["a"] * 4, [None] * 4, [1j] * 4))),
    Fault(62, "a step that is none", T, lambda s: fog.Log.regular(s.readings(), dt=s.pick(0.0, -1.0, NAN, INF, -INF, 1e-10, 1e300, "1", None, True, [], [1.0, 2.0], {}, object(), 1j, 10**400, np.zeros(2), np.ones(1), b"1"))),
    Fault(59, "a block that is none", D, lambda s: fog.Log.regular(s.pick(1.0, [], [[]], np.ones((1, 2, 3, 4)), None, "a", ["a"], [None], [[1.0], [1.0, 2.0]], [1j], {}, object(), np.ones((3, 0, 2)), [10**30]), dt=1.0)),
]  # fmt: skip

RUNS = [
    Fault(49, "an infinite reading", D, lambda s: fog.run(s.linear(), fog.Log.regular(s.spoilt(s.readings(), INF, -INF), dt=1.0))),
    Fault(36, "a reading beyond all numbers", fog.NumericalError, lambda s: fog.run(s.linear(R=s.noise(s.m)), fog.Log.regular(s.spoilt(s.readings(), 1e308, -1e300), dt=1.0))),
    Fault(59, "another number of components", D, lambda s: fog.run(s.linear(), fog.Log.regular(np.ones((3, s.m + 1)), dt=1.0))),
    Fault(58, "another sensor", D, lambda s: fog.run(s.linear(), fog.Log.from_arrays([0.0], sonar=np.ones((1, s.m))))),
    Fault(26, "no method", M, lambda s: fog.run(s.linear(), s.log(), method=s.pick("EKF", fog.EKF, 1, {}, [fog.KF()], object()))),
    Fault(26, "weights that can be indefinite", M, lambda s: fog.run(s.linear(), s.log(), method=fog.UKF(kappa=-s.n - s.pick(0.0, 0.5, 2.0)))),
    Fault(0, "no model or no log", M, lambda s: fog.run(*s.pick((s.linear(), s.readings()), (s.log(), s.linear()), (None, s.log()), (s.linear(), None)))),
    Fault(0, "an unknown option", M, lambda s: fog.run(s.linear(), s.log(), **s.pick({"keep": "none"}, {"keep": None}, {"on_bad": "warn"}, {"on_bad": 1}, {"keep": []}))),
    Fault(63, "a start that is no time before the first row", T, lambda s: fog.run(s.linear(), s.log(), start_time=s.pick(0.5, 1e9, NAN, INF, -INF, "0", [], 1j, -1e300, {}, object()))),
    Fault(1, "matrices for another number of rows", M, lambda s: fog.run(s.linear(F=np.array([s.F] * s.pick(1, 2, 3, 5))), s.log())),
    Fault(12, "no start, and a form without a place for it", M, lambda s: fog.run(s.linear(start=None), s.log(), method=fog.KF(form=s.pick("joseph", "textbook")))),
]  # fmt: skip

FAULTS = [*LINEAR, *BELIEFS, *FUNCTIONS, *LOGS, *RUNS]


def _raise(error: type[Exception]) -> Any:
    raise error("on purpose")
