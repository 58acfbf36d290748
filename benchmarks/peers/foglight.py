"""Foglight through its public API, as its README uses it."""

import time
from typing import Any

import numpy as np
from answers import Answer
from contender import Contender
from models import Linear, Ring, Turning, ctrv, radar, turning_noise

import foglight as fog

NAME = "foglight"
# The package imports lazily, so this names what a first run would load.
FIRST_RUN = (
    "import foglight as fog, llvmlite.binding; fog.Model, fog.Belief, fog.Log, fog.EKF, fog.run, fog.motion"
)


def version() -> str:
    return str(fog.__version__)


def linear(model: Linear) -> Any:
    """Ready-made motion; the sensor as a user writes one. A dense model is given by its matrices."""
    if not model.is_chain:
        start = fog.Belief(model.mean, cov=model.cov)
        return fog.linear_model(model.F, model.Q, model.H, model.R, start=start)
    names = tuple(f"a{i}" for i in range(model.axes))
    motion = fog.motion.constant_velocity(names, accel=model.accel)
    sensor = fog.Sensor(
        "fix",
        measures=names,
        measure=lambda x, p: [x[i] for i in range(model.axes)],
        noise=lambda x, p: model.R,
    )
    return fog.Model(motion, [sensor], start=fog.Belief(model.mean, cov=model.cov))


def nonlinear(model: Turning, functions: Any = lambda f: f) -> Any:
    """The model in functions. functions: what wraps dynamics and measure."""

    def noise(x: Any, dt: Any, p: Any) -> Any:
        if model.noise == "constant":
            return model.Q
        return fog.noise.factored(*turning_noise(np, x.heading, dt))

    motion = fog.Motion(
        state=("x", "y", "speed", "heading", "turn"), dynamics=functions(lambda x, dt, p: ctrv(np, x, dt)), noise=noise,
        angles=("heading",),
    )  # fmt: skip
    sensor = fog.Sensor(
        "radar", measures=("range", "bearing", "rate"), measure=functions(lambda x, p: radar(np, x)),
        noise=lambda x, p: model.R, angles=("bearing",),
    )  # fmt: skip
    return fog.Model(motion, [sensor], start=fog.Belief(model.mean, cov=model.cov))


def around(model: Ring) -> Any:
    """The ring in functions, as a user writes it."""
    n, (first, middle) = model.n, model.measured
    motion = fog.Motion(
        tuple(f"x{i}" for i in range(n)),
        lambda x, dt, p: [x[i] + dt * np.sin(x[(i + 1) % n]) for i in range(n)],
        lambda x, dt, p: model.Q,
    )
    sensor = fog.Sensor("pair", ("a", "b"), lambda x, p: [x[first], x[middle]], lambda x, p: model.R)
    return fog.Model(motion, [sensor], start=fog.Belief(model.mean, cov=model.cov))


def curved(model: Turning | Ring) -> Any:
    return around(model) if isinstance(model, Ring) else nonlinear(model)


def read(run: Any) -> Answer:
    return Answer(run.filtered.mean, run.filtered.cov, run.row_loglik)


def running(name: str, built: Any, model: Linear | Turning | Ring, method: Any) -> Contender:
    """`run` with everything that it stores by default. The log is made before, as everybody's data are."""
    log = fog.Log.regular(model.z, dt=model.dt)
    return Contender(name, model.z[..., 0].size, lambda: fog.run(built, log, method=method), read)


def series(model: Linear) -> Contender:
    return running(f"{NAME} KF" if model.n == 4 else NAME, linear(model), model, fog.KF())


def unsettled(model: Linear) -> Contender:
    """The same series with stamps that jitter by a nanosecond, so that no covariance ever repeats: every row is
    computed, as it must be in an EKF."""
    steps = round(model.dt * 1e9) + np.random.default_rng(23).integers(-1, 2, len(model.z))
    stamps = np.concatenate([[0], np.cumsum(steps[1:])])
    built, log = linear(model), fog.Log.from_arrays(stamps / 1e9, fix=model.z)
    name = f"{NAME} KF, every row computed"
    return Contender(name, len(model.z), lambda: fog.run(built, log, method=fog.KF()), read)


def batch(model: Linear) -> Contender:
    return running(NAME, linear(model), model, fog.KF())


def threads(model: Linear, *, count: int, keep: str) -> Contender:
    """Many series in this many threads. keep: "all" for the results of every row, "last" for the final beliefs."""
    built, log = linear(model), fog.Log.regular(model.z, dt=model.dt)

    def last(run: Any) -> Answer:
        return Answer(np.stack([belief.mean for belief in run.belief])[:, None], None, run.loglik)

    name = f"{NAME}, {keep} results kept, {count} thread{'s' * (count > 1)}"
    return Contender(
        name, model.z[..., 0].size, lambda: fog.run(built, log, method=fog.KF(), keep=keep, threads=count),
        read if keep == "all" else last,
    )  # fmt: skip


def ekf(model: Turning | Ring, *, warm: int = 0) -> Contender:
    """warm: how often it has run before, where the series is too short for code of much effort."""
    turned = isinstance(model, Turning) and model.noise == "state"
    name = f"{NAME} EKF, noise turned by the heading" if turned else f"{NAME} EKF"
    job = running(name, curved(model), model, fog.EKF())
    for _ in range(warm):
        job.call()
    return job


def opaque(model: Turning) -> Contender:
    """The same functions, called in Python in every row; derivatives are central differences."""
    return running(f"{NAME} EKF, opaque functions", nonlinear(model, fog.opaque), model, fog.EKF())


def ukf(model: Turning | Ring | Linear) -> Contender:
    built = linear(model) if isinstance(model, Linear) else curved(model)
    return running(NAME, built, model, fog.UKF())


def covariances(model: Linear) -> Contender:
    """Only the reading of `run.filtered.cov`, of a run that nobody has read before."""
    fresh: list[Any] = []
    job = series(model)

    def prepare() -> None:
        fresh[:] = [job.call()]

    def call() -> Any:
        cov = fresh[0].filtered.cov
        return fresh[0], cov

    return Contender(
        f"reading all of {NAME}'s covariances", job.steps, call, lambda out: read(out[0]), prepare
    )


def online(model: Linear) -> Contender:
    """A live filter, called from Python for every row, by the sensor's name and with the time."""
    built = linear(model)

    def call() -> Any:
        live = fog.online(built, fog.KF())
        means = np.empty((len(model.z), model.n))
        for k, z in enumerate(model.z):
            belief, _ = live.step(k * model.dt, "fix", z)
            means[k] = belief.mean
        return means

    return Contender(NAME, len(model.z), call, Answer)


def single(model: Linear) -> Contender:
    """The two verbs on beliefs, in a loop that the user writes."""

    def call() -> Any:
        F, Q, H, R, z = model.F, model.Q, model.H, model.R, model.z
        means, covs = np.empty((len(z), model.n)), np.empty((len(z), model.n, model.n))
        loglik = np.empty(len(z))
        belief = fog.Belief(model.mean, cov=model.cov)
        for k, row in enumerate(z):
            if k:
                belief = fog.predict(belief, F, Q)
            belief, info = fog.update(belief, row, H, R)
            means[k], covs[k], loglik[k] = belief.mean, belief.cov, info.loglik
        return means, covs, loglik

    return Contender(f"{NAME} predict and update", len(model.z), call, lambda out: Answer(*out))


def smoother(model: Linear, *, covariances: bool = False) -> Contender:
    """Filter and smoother, and the reading of the smoothed `covariances`."""
    built, log = linear(model), fog.Log.regular(model.z, dt=model.dt)

    def call() -> tuple[Any, Any]:
        run = fog.run(built, log)
        smoothed = fog.smooth(run)
        if covariances:
            _ = smoothed.cov
        return run, smoothed

    return Contender(
        f"{NAME}, covariances read" if covariances else NAME, len(model.z), call,
        lambda out: Answer(out[1].mean, out[1].cov, out[0].row_loglik),
    )  # fmt: skip


def draws(model: Linear, count: int) -> Contender:
    """The run, and `count` draws of the trajectory given all readings; the answer is their mean."""
    built, log = linear(model), fog.Log.regular(model.z, dt=model.dt)
    return Contender(
        NAME,
        count * len(model.z),
        lambda: fog.sample(fog.run(built, log), draws=count, seed=1),
        lambda paths: Answer(paths.mean(axis=0)),
    )


def compile_time(model: Linear | Turning) -> float:
    """Seconds from a model to the first answer of its filter; kernels live on the model, so a new one has none."""
    log = fog.Log.regular(model.z, dt=model.dt)
    started = time.perf_counter()
    fog.run(linear(model) if isinstance(model, Linear) else nonlinear(model), log, method=fog.EKF())
    return time.perf_counter() - started


def em(model: Linear) -> Contender:
    """`tune` of a linear model by expectation–maximisation, compiled before."""
    from rows.maximisation import ITERATIONS, filtered

    from foglight.tuning import em

    built = fog.linear_model(model.F, model.Q, model.H, model.R, start=fog.Belief(model.mean, cov=model.cov))
    log = fog.Log.regular(model.z, dt=model.dt)

    def call() -> Any:
        return em.fit(built, [log], iterations=ITERATIONS, tolerance=0.0)

    call()
    return Contender(NAME, ITERATIONS, call, lambda fit: filtered(model, fit.Q, fit.R))
