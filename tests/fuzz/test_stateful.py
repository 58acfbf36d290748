"""Random sequences of calls, each answered twice: by Foglight in float64 and by a twin with 60 digits."""

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

import foglight as fog
from foglight.live.filter import Live
from fuzz.problems import STEPS, Array, Draws, Sizes, System, seeds, sizes, system
from oracle.twin import Twin

NAN, INF = float("nan"), float("inf")
MOST = 6  # beliefs and filters kept at a time
picks = st.integers(0, MOST - 1)


@dataclass(eq=False)
class Held:
    """A belief, or a live filter with the rows it was fed, and its twin."""

    twin: Twin
    belief: Any
    live: Any = None
    rows: list[tuple[float, Array]] = field(default_factory=list)
    loglik: float = 0.0

    def bits(self) -> tuple[bytes, ...]:
        """Everything there is to see."""
        live = self.live
        belief = self.belief if live is None else live.belief
        arrays = (belief.mean, *belief.factor, belief.cov)
        info = None if live is None else live.info
        told = [] if live is None else [live.loglik, live.time, live.rows]
        told += [] if info is None else [info.nis, info.loglik, float(info.status), *info.innovation]
        return (*(a.tobytes() for a in arrays), np.array(told).tobytes())


BELIEF_FAULTS: dict[str, tuple[type[Exception], Callable[[Any, Array, Array], Any]]] = {
    "infinite z": (fog.DataError, lambda x, H, R: fog.update(x, z=[INF] * len(H), H=H, R=R)),
    "long z": (fog.DataError, lambda x, H, R: fog.update(x, z=[0.5] * (len(H) + 1), H=H, R=R)),
    "no z": (fog.DataError, lambda x, H, R: fog.update(x, z=[], H=H, R=R)),
    "text as z": (fog.DataError, lambda x, H, R: fog.update(x, z=["a"] * len(H), H=H, R=R)),
    "wide H": (fog.ModelError, lambda x, H, R: fog.update(x, z=[0.0] * len(H), H=np.hstack([H, H]), R=R)),
    "negative R": (fog.ModelError, lambda x, H, R: fog.update(x, z=[0.0] * len(H), H=H, R=-R)),
    "NaN in R": (fog.ModelError, lambda x, H, R: fog.update(x, z=[0.0] * len(H), H=H, R=NAN * R)),
    "NaN in F": (fog.ModelError, lambda x, H, R: fog.predict(x, F=np.full((len(x.mean),) * 2, NAN), Q=x.cov)),
    "negative Q": (fog.ModelError, lambda x, H, R: fog.predict(x, F=x.cov, Q=-x.cov)),
    "long b": (fog.ModelError, lambda x, H, R: fog.predict(x, F=x.cov, Q=x.cov, b=np.ones(len(x.mean) + 1))),
    "endless F": (fog.NumericalError, lambda x, H, R: fog.predict(x, F=1e308 * np.ones_like(x.cov), Q=x.cov)),
}  # fmt: skip
STEP_FAULTS: dict[str, tuple[type[Exception], Callable[[int], tuple[Any, Any]]]] = {
    "step: infinite z": (fog.DataError, lambda m: (0.5, [-INF] + [0.0] * (m - 1))),
    "step: long z": (fog.DataError, lambda m: (0.5, [0.0] * (m + 1))),
    "z as a column": (fog.DataError, lambda m: (0.5, [[0.0]] * m)),
    "step: text as z": (fog.DataError, lambda m: (0.5, ["a"] * m)),
    "None in z": (fog.DataError, lambda m: (0.5, [None] * m)),
    "negative dt": (fog.TimeError, lambda m: (-0.125, [0.0] * m)),
    "NaN as dt": (fog.TimeError, lambda m: (NAN, [0.0] * m)),
    "endless dt": (fog.TimeError, lambda m: (INF, [0.0] * m)),
    "text as dt": (fog.TimeError, lambda m: ("0.5", [0.0] * m)),
    "overflow": (fog.NumericalError, lambda m: (0.5, [1e300] * m)),
}


class Calls(RuleBasedStateMachine):
    """Predict, update, miss, copy, step, run and be refused, in any order."""

    done: ClassVar[Counter[str]] = Counter()  # calls of every kind, over all sequences
    worst: float = 0.0  # share of an allowance

    @initialize(given=sizes(), seed=seeds)
    def begin(self, given: Sizes, seed: int) -> None:
        self.system: System = system(given, seed)
        self.draws = Draws(given)
        self.held: list[Held] = []
        self._hold(Held(self._twin(), fog.Belief(self.system.mean, cov=self.system.cov)))
        self._hold(Held(self._twin(), None, self._online(0.0)))

    @rule(pick=picks, seed=seeds)
    def predict(self, pick: int, seed: int) -> None:
        held, rng = self._belief(pick), np.random.default_rng(seed)
        A, B, Q = self.draws.motion(rng)
        b = self.draws.whole(rng, len(A))
        held.belief = fog.predict(held.belief, F=A + B, Q=Q, b=b)
        held.twin = held.twin.predict(A + B, Q, b)
        self._agree(held, "predict")

    @rule(pick=picks, seed=seeds, m=st.integers(1, 3))
    def update(self, pick: int, seed: int, m: int) -> None:
        held, rng = self._belief(pick), np.random.default_rng(seed)
        H, R, d = self.draws.sensor(rng, m)
        z = self.draws.reading(rng, held.twin, H, R, d)
        before = held.bits()
        held.belief, info = fog.update(held.belief, z=z, H=H, R=R, d=d)
        held.loglik += info.loglik
        held.twin = held.twin.update(z, H, R, d)
        if np.isnan(z).all():
            assert held.bits() == before and info.status == fog.Status.MISSING and info.loglik == 0.0
        self._agree(held, "miss" if np.isnan(z).all() else "update")

    @rule(pick=picks, seed=seeds, steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=3))
    def step(self, pick: int, seed: int, steps: list[float]) -> None:
        held, rng = self._filter(pick), np.random.default_rng(seed)
        for dt in steps:
            self._step(held, rng, dt)
            self._agree(held, "step" if dt else "step of no length")

    @rule(
        pick=picks, how=st.sampled_from((copy.copy, copy.deepcopy, "factor")), live=st.booleans(), seed=seeds
    )
    def copy(self, pick: int, how: Any, live: bool, seed: int) -> None:
        if live and how != "factor":
            self._copy_filter(self._filter(pick), how, seed)
        else:
            self._copy_belief(self._belief(pick), how)

    def _copy_belief(self, held: Held, how: Any) -> None:
        x = held.belief
        new = fog.Belief(x.mean, factor=x.factor, names=x.names) if how == "factor" else how(x)
        assert new == x
        other = Held(held.twin, new, None, [], held.loglik)
        if how != "factor":  # which says nothing of how the covariance was written that it came from
            assert other.bits() == held.bits()
        for array in (new.mean, new.cov, *new.factor):
            assert not array.flags.writeable
        self._hold(other)
        self.done["copy"] += 1

    def _copy_filter(self, held: Held, how: Any, seed: int) -> None:
        """The copy goes its own way."""
        other = Held(held.twin, None, how(held.live), list(held.rows))
        assert other.bits() == held.bits()
        before = held.bits()
        self._step(other, np.random.default_rng(seed), 0.5)
        assert held.bits() == before
        self._agree(other, "copied filter")
        self._hold(other)

    @precondition(lambda self: any(len(h.rows) > 1 for h in getattr(self, "held", [])))
    @rule(pick=picks, cut=st.integers(1, 50))
    def run_again(self, pick: int, cut: int) -> None:
        """A run of the rows so far, or of a first part that a live filter takes on from: the same bits."""
        held = [h for h in self.held if len(h.rows) > 1]
        one = held[pick % len(held)]
        model, rows = self.system.model, one.rows
        cut = 1 + cut % (len(rows) - 1)
        whole, part = (
            fog.run(model, self._log(some), fog.KF(), start_time=0.0) for some in (rows, rows[:cut])
        )
        assert whole.belief == one.live.belief and whole.loglik == one.live.loglik
        live = fog.online(model.with_start(part.belief), fog.KF(), start_time=part.time[-1])
        for dt, z in rows[cut:]:
            live.step(live.time + dt, None, z)
        assert live.belief == one.live.belief
        self.done["run"] += 1

    @rule(pick=picks, seed=seeds, fault=st.sampled_from([*BELIEF_FAULTS, *STEP_FAULTS]))
    def refuse(self, pick: int, seed: int, fault: str) -> None:
        """What is refused leaves no trace."""
        live = fault in STEP_FAULTS
        held = self._filter(pick) if live else self._belief(pick)
        before, expected = held.bits(), (STEP_FAULTS if live else BELIEF_FAULTS)[fault][0]
        with pytest.raises(expected):
            if live:
                dt, z = STEP_FAULTS[fault][1](sum(self.draws.sizes.m))
                held.live.step(dt if isinstance(dt, str) else held.live.time + dt, None, z)
            else:
                H, R, _ = self.draws.sensor(np.random.default_rng(seed), 2)
                BELIEF_FAULTS[fault][1](held.belief, H, R)
        assert held.bits() == before
        self.done["refused step" if live else "refused"] += 1

    def _online(self, start: float) -> Any:
        return fog.online(self.system.model, fog.KF(), on_bad="raise", start_time=start)

    def _twin(self) -> Twin:
        return Twin.of(self.system.mean, self.system.cov)

    def _hold(self, held: Held) -> None:
        """Kept in the place of the oldest of its kind once there are enough."""
        self.held.append(held)
        if len(self.held) > MOST:
            kind = held.live is None
            self.held.remove(next(h for h in self.held if (h.live is None) == kind))

    def _belief(self, pick: int) -> Held:
        found = [h for h in self.held if h.live is None]
        return found[pick % len(found)]

    def _filter(self, pick: int) -> Held:
        found = [h for h in self.held if h.live is not None]
        return found[pick % len(found)]

    def _step(self, held: Held, rng: np.random.Generator, dt: float) -> None:
        if dt:
            held.twin = held.twin.predict(self.system.F(dt), dt * self.system.Q, self.system.b)
        z = []
        for H, R, d in self.system.sensors:
            z.append(self.draws.reading(rng, held.twin, H, R, d))
            held.twin = held.twin.update(z[-1], H, R, d)
        row = np.concatenate(z)
        belief, info = held.live.step(held.live.time + dt, None, row)
        assert belief == held.live.belief and info.status == held.live.info.status
        held.rows.append((dt, row))

    def _log(self, rows: list[tuple[float, Array]]) -> Any:
        time, z = np.cumsum([dt for dt, _ in rows]), np.array([row for _, row in rows])
        names = [f"seen{i}" for i in range(len(self.draws.sizes.m))]
        parts = np.split(z, np.cumsum(self.draws.sizes.m)[:-1], axis=1)
        return fog.Log.from_arrays(time, **dict(zip(names, parts, strict=True)))

    def _agree(self, held: Held, what: str) -> None:
        live = held.live
        belief, loglik = (held.belief, held.loglik) if live is None else (live.belief, live.loglik)
        shares = held.twin.shares(belief, loglik)
        assert all(share <= 1.0 for share in shares), (what, shares, held.twin.allowed)
        Calls.worst = max(Calls.worst, *shares, 0.0)
        self.done[what] += 1


def sequences(count: int, steps: int, *, shorten: bool = False) -> None:
    """So many sequences of at most so many calls. To make one that fails shorter can take minutes."""
    Calls.done.clear()
    Calls.worst = 0.0
    phases = tuple(Phase) if shorten else (Phase.generate,)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Calls,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{sum(Calls.done.values())} calls: {dict(Calls.done)}; {Calls.worst:.1%} of an allowance used")
    kinds = (
        "predict",
        "update",
        "miss",
        "step",
        "step of no length",
        "copy",
        "copied filter",
        "run",
        "refused",
    )
    assert min(Calls.done[kind] for kind in (*kinds, "refused step")) >= count // 8, Calls.done
    assert 0.0 < Calls.worst <= 1.0


def test_sequences_of_calls_agree_with_their_twins() -> None:
    sequences(16, 20)


@pytest.mark.campaign
def test_many_long_sequences_of_calls_agree_with_their_twins() -> None:
    sequences(1_500, 40, shorten=True)


def wider(function: Any) -> Any:
    """R a little too large."""
    return lambda x, R, **given: function(x, R=R * (1.0 + 1e-7), **given)


def narrower(function: Any) -> Any:
    """Q a little too small."""
    return lambda x, Q, **given: function(x, Q=Q * (1.0 - 1e-7), **given)


def shifted(function: Any) -> Any:
    """A step that is a little too long."""

    def step(self: Any, t: Any, *row: Any) -> Any:
        longer = (t - self.time) * (1.0 + 1e-7) if isinstance(t, float) else 0.0
        return function(self, self.time + longer if longer else t, *row)

    return step


def half_taken(function: Any) -> Any:
    """A refused step that has already moved the filter."""

    def step(self: Any, *row: Any) -> Any:
        try:
            return function(self, *row)
        except fog.FoglightError:
            function(self, self.time + 0.125)
            raise

    return step


@pytest.mark.parametrize(
    ("where", "name", "defect"),
    [
        (fog, "update", wider),
        (fog, "predict", narrower),
        (Live, "step", shifted),
        (Live, "step", half_taken),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_planted_defects_are_found(
    where: Any, name: str, defect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, defect(getattr(where, name)))
    with pytest.raises((AssertionError, ExceptionGroup)):
        sequences(24, 20)
    assert sum(Calls.done.values()) > 0
