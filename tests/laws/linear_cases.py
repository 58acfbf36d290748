"""Linear models that between them use every feature of a filter, each put to it through a door of its own.

A door takes a method and logs z (tracks, T, M) and returns what the filter states, by name, tracks first. Beside it
stands the same model as plain matrices, one entry a row, for the references.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import foglight as fog
from oracle import basis, dense, models
from unit.on_floats import on_floats

Array = NDArray[np.float64]
Stated = dict[str, Array]
Door = Callable[[Any, Array], Stated]

FORMS = ("factored", "joseph", "textbook")
SIGMA = [fog.UKF(), fog.UKF(alpha=1e-3), fog.CKF()]
CURVED = [fog.EKF(iterations=k, form=form) for k in (1, 3) for form in FORMS]
METHODS = [*[fog.KF(form=form) for form in FORMS], *CURVED, *SIGMA]
DISTINCT = [*METHODS[:3], *CURVED[3:], *SIGMA]  # on linear models EKF() is KF() to the bit: test_forms.py
AT_POINTS = [fog.UKF(), fog.UKF(alpha=0.1), fog.CKF()]  # sigma points one by one need alpha >= 0.1
SAID = ("predicted_mean", "predicted_cov", "mean", "cov", "innovation", "innovation_cov", "nis", "row_loglik")


@dataclass(frozen=True)
class Feature:
    """A model, how many components each sensor has, the methods that take it, and what the door tells."""

    name: str
    truth: models.Linear
    sensors: tuple[int, ...]
    methods: list[Any]
    door: Door
    predict_first: bool = False
    said: tuple[str, ...] = SAID
    asked: float = 1e-10  # standard deviations

    def __str__(self) -> str:
        return self.name


def of_run(run: Any) -> Stated:
    return {
        "predicted_mean": run.predicted.mean, "predicted_cov": run.predicted.cov,
        "mean": run.filtered.mean, "cov": run.filtered.cov,
        "innovation": run.innovation, "innovation_cov": run.innovation_cov,
        "nis": run.nis, "row_loglik": run.row_loglik,
    }  # fmt: skip


# Everything has an entry a row, and the start lies one second before the first.
ROWS = models.full(811, n=3, m=2, steps=7, missing=0.25, varying=True)


def by_rows(method: Any, z: Array, given: models.Linear = ROWS) -> Stated:
    start = fog.Belief(given.mean, cov=given.cov)
    model = fog.linear_model(given.F, given.Q, given.H, given.R, b=given.b, d=given.d, start=start)
    return of_run(fog.run(model, fog.Log.regular(z, dt=1.0), method=method, start_time=-1.0))


def by_calls(method: Any, z: Array, given: models.Linear = ROWS) -> Stated:
    """`predict` and `update`, belief by belief."""
    assert method == fog.KF()
    said: dict[str, list[Any]] = {name: [] for name in SAID}
    for readings in z:
        belief = fog.Belief(given.mean, cov=given.cov)
        for k, values in enumerate(readings):
            before = fog.predict(belief, F=given.F[k], Q=given.Q[k], b=given.b[k])
            belief, info = fog.update(before, z=values, H=given.H[k], R=given.R[k], d=given.d[k])
            row = (
                before.mean, before.cov, belief.mean, belief.cov,
                info.innovation, info.innovation_cov, info.nis, info.loglik,
            )  # fmt: skip
            for name, value in zip(SAID, row, strict=True):
                said[name].append(value)
    return {
        name: np.array(values).reshape(*z.shape[:2], *np.shape(values[0])) for name, values in said.items()
    }


# Two sensors, uneven stamps with one that repeats, functions of dt, noise of rank two.
_RNG = np.random.default_rng(812)
STATES = ("a", "b", "c", "e")
STAMPS = np.array([0, 310, 365, 365, 1100, 1152, 1900], np.int64) * 1_000_000
DT = np.diff(STAMPS, prepend=STAMPS[:1]) / 1e9
DRIFT = 0.4 * _RNG.standard_normal((4, 4)) - 0.5 * np.eye(4)
PUSH = _RNG.standard_normal((4, 2))
GUST = np.array([0.5, 0.8])
WIND = np.array([0.3, -0.2, 0.5, 1.0])
H_PAIR, R_PAIR = _RNG.standard_normal((2, 4)), 0.5 * models.covariance(_RNG, 2)
H_ONE, R_ONE = np.array([[0.0, 1.0, 0.0, 0.0]]), np.array([[0.3]])
OFFSET = np.array([0.5, -0.25, 1.0])
START, START_COV = 2 * _RNG.standard_normal(4), models.covariance(_RNG, 4)
READINGS = 2 * _RNG.standard_normal((len(DT), 3))
READINGS[1, 0] = READINGS[2, :2] = READINGS[3, 2] = READINGS[4] = np.nan


def transition(dt: Any, drift: Array = DRIFT) -> Any:
    """Second-order series of exp(A dt): full, not symmetric, the identity at 0."""
    return np.eye(4) + drift * dt + (drift @ drift) * (dt * dt / 2)


def gusts(dt: Any, push: Array = PUSH) -> Any:
    """Columns and variances of Q(dt)."""
    return push * (1.0 + 0.3 * dt), [g * dt for g in GUST]


def _stamped() -> models.Linear:
    H, R = np.vstack([H_PAIR, H_ONE]), np.zeros((3, 3))
    R[:2, :2], R[2:, 2:] = R_PAIR, R_ONE
    Q = [(G * np.array(v)) @ G.T for G, v in map(gusts, DT)]
    rows = (len(DT), 1, 1)
    return models.Linear(
        np.array([transition(dt) for dt in DT]), np.array(Q), np.tile(H, rows), np.tile(R, rows), START, START_COV,
        READINGS, np.outer(DT, WIND), np.tile(OFFSET, rows[:2]),
    )  # fmt: skip


STAMPED = _stamped()
BRIEF = models.Linear(**{k: v if k in ("mean", "cov") else v[:4] for k, v in vars(STAMPED).items()})


def stamped_model(
    functions: Any = lambda f: f,
    noises: Any = lambda f: f,
    states: tuple[int, ...] = (0, 0, 0, 0),
    measurements: tuple[int, ...] = (0, 0, 0),
) -> fog.Model:
    """The model in functions, in units of 2^states and 2^measurements. Functions and noises may be wrapped."""
    s, t = 2.0 ** np.array(states), 2.0 ** np.array(measurements)
    drift, push, wind = s[:, None] * DRIFT / s, s[:, None] * PUSH, s * WIND
    H, d = t[:2, None] * H_PAIR / s, t * OFFSET
    motion = fog.Motion(
        STATES,
        functions(lambda x, dt, p: transition(dt, drift) @ x + wind * dt),
        noises(lambda x, dt, p: fog.noise.factored(*gusts(dt, push))),
    )
    R_u, R_w = t[:2, None] * R_PAIR * t[:2], t[2] * R_ONE * t[2]
    pair = fog.Sensor("pair", ("u", "v"), functions(lambda x, p: H @ x + d[:2]), lambda x, p: R_u)
    one = fog.Sensor("one", ("w",), functions(lambda x, p: [t[2] / s[1] * x.b + d[2]]), lambda x, p: R_w)
    return fog.Model(motion, [pair, one], start=fog.Belief(s * START, cov=s[:, None] * START_COV * s))


def stamped_log(z: Array) -> fog.Log:
    """A log of several sensors has one track."""
    return fog.Log(STAMPS[: len(z)].copy(), {"pair": z[:, :2].copy(), "one": z[:, 2:].copy()})


def track_by_track(model: fog.Model, method: Any, z: Array, engine: str) -> Stated:
    said: list[Stated] = []
    for readings in z:
        run = fog.run(model, stamped_log(readings), method=method)
        assert run.engine.startswith(engine)
        said.append(of_run(run))
    return {name: np.array([one[name] for one in said]) for name in SAID}


def by_stamps(method: Any, z: Array) -> Stated:
    return track_by_track(stamped_model(), method, z, "llvm")


def by_opaque_functions(method: Any, z: Array) -> Stated:
    """The functions are called in Python: derivatives are differences, sigma points go through one by one."""
    return track_by_track(stamped_model(functions=fog.opaque), method, z, "llvm")


def by_opaque_on_floats(method: Any, z: Array) -> Stated:
    with on_floats():
        return track_by_track(stamped_model(functions=fog.opaque), method, z, "reference")


def by_opaque_noises(method: Any, z: Array) -> Stated:
    """The noises are called in Python. KF() refuses a noise that it cannot read."""
    if isinstance(method, fog.KF):
        method = fog.EKF(form=method.form)
    return track_by_track(stamped_model(noises=fog.opaque), method, z, "llvm")


def by_floats(method: Any, z: Array) -> Stated:
    """The equations on floats, with traced derivatives. KF() refuses a noise that it cannot read."""
    if isinstance(method, fog.KF):
        method = fog.EKF(form=method.form)
    with on_floats():
        return track_by_track(stamped_model(noises=fog.opaque), method, z, "reference")


def by_steps(method: Any, z: Array) -> Stated:
    """Row by row through a live filter."""
    model = stamped_model()
    said: dict[str, list[Any]] = {name: [] for name in STEPS_SAY}
    for readings in z:
        live = fog.online(model, method, start_time=0.0)
        for t, values in zip(np.cumsum(DT), readings, strict=True):
            belief, info = live.step(float(t), None, values)
            row = (belief.mean, belief.cov, info.nis, info.loglik)
            for name, value in zip(STEPS_SAY, row, strict=True):
                said[name].append(value)
    return {
        name: np.array(values).reshape(*z.shape[:2], *np.shape(values[0])) for name, values in said.items()
    }


STEPS_SAY = ("mean", "cov", "nis", "row_loglik")

# Controls that push and that shake, noise as a full matrix.
CONTROLS = np.array([[0.5, -1.0], [1.0, 0.3], [-0.7, 0.9], [0.0, 0.0], [2.0, 0.4], [0.3, -1.6], [1.1, 0.2]])
STEER = _RNG.standard_normal((3, 2))
SHAKE = 0.4 * models.covariance(_RNG, 3)
PULL = models.transition(_RNG, 3)
H_BOTH, R_BOTH = _RNG.standard_normal((2, 3)), models.covariance(_RNG, 2)


def _driven() -> models.Linear:
    size = DT * (1.0 + CONTROLS[:, 1] ** 2)
    z = 2 * np.random.default_rng(813).standard_normal((len(DT), 2))
    z[2, 0] = z[4, :] = z[5, 1] = np.nan
    rows = (len(DT), 1, 1)
    return models.Linear(
        np.eye(3) + DT[:, None, None] * (PULL - np.eye(3)), size[:, None, None] * SHAKE, np.tile(H_BOTH, rows),
        np.tile(R_BOTH, rows), START[:3], START_COV[:3, :3], z, DT[:, None] * (CONTROLS @ STEER.T),
        np.tile(OFFSET[:2], rows[:2]),
    )  # fmt: skip


DRIVEN = _driven()


def by_controls(method: Any, z: Array) -> Stated:
    def dynamics(x: Any, dt: Any, p: Any, u: Any) -> Any:
        return (np.eye(3) + dt * (PULL - np.eye(3))) @ x + dt * (STEER @ u)

    motion = fog.Motion(
        STATES[:3],
        dynamics,
        lambda x, dt, p, u: SHAKE * (dt * (1.0 + u.right * u.right)),
        {},
        ("left", "right"),
    )
    both = fog.Sensor("both", ("u", "v"), lambda x, p: H_BOTH @ x + OFFSET[:2], lambda x, p: R_BOTH)
    model = fog.Model(motion, [both], start=fog.Belief(START[:3], cov=START_COV[:3, :3]))
    acting = CONTROLS.copy()
    acting[3] = acting[
        2
    ]  # the two rows have one stamp: what acts in no time is refused unless it is said again
    log = fog.Log(STAMPS.copy(), {"z": z.copy()}, nameless=True, u=acting)
    return of_run(fog.run(model, log, method=method))


FEATURES = [
    Feature("rows", ROWS, (2,), METHODS, by_rows, predict_first=True),
    Feature("calls", ROWS, (2,), [fog.KF()], by_calls, predict_first=True),
    Feature("sensors and stamps", STAMPED, (2, 1), METHODS, by_stamps),
    Feature("steps", STAMPED, (2, 1), METHODS, by_steps, said=STEPS_SAY),
    Feature("floats", BRIEF, (2, 1), METHODS, by_floats),
    Feature("noises", BRIEF, (2, 1), METHODS, by_opaque_noises),
    Feature("opaque on floats", BRIEF, (2, 1), AT_POINTS[:1], by_opaque_on_floats),
    Feature("opaque", BRIEF, (2, 1), AT_POINTS, by_opaque_functions),
    # A difference quotient of what cannot be traced has nine or ten digits; more would take wider steps.
    Feature("slopes", BRIEF, (2, 1), CURVED, by_opaque_functions, asked=1e-8),
    Feature("controls", DRIVEN, (2,), METHODS, by_controls),
]


@cache
def exact(name: str) -> dense.Answer:
    """Dense conditioning of a feature's own log."""
    feature = next(f for f in FEATURES if f.name == name)
    t = feature.truth
    return dense.condition(
        t.F, t.Q, t.H, t.R, t.mean, t.cov, t.z, b=t.b, d=t.d, sensors=feature.sensors,
        predict_first=feature.predict_first,
    ).rounded()  # fmt: skip


@cache
def runs_of(name: str) -> basis.Experiment:
    """A feature's runs, one per unit vector."""
    feature = next(f for f in FEATURES if f.name == name)
    return basis.experiment(feature.truth, feature.predict_first)
