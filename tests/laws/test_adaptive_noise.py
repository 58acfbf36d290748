"""Noises that are adapted: against the equations with plain inverses, and on logs whose noises differ from the model's.

The logs are those of `examples/adaptive/noises.py`. Bits of all backends are compared in agreement/test_same_bits.py.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import chi2

import foglight as fog
from agreement.test_real_logs import example
from foglight.equations import adaptive

SCRIPT = example("noises", Path(__file__).parents[2] / "examples" / "adaptive")
Array = NDArray[np.float64]
GPS_R = np.array([[1.0, 0.3], [0.3, 2.0]])


@cache
def expected_share(m: int, bound: float) -> float:
    """E[min(X, bound)]/m of X ~ χ²_m, by quadrature."""
    below = quad(lambda x: x * chi2.pdf(x, m), 0.0, bound, epsabs=1e-13, epsrel=1e-13)[0]
    return float((below + bound * chi2.sf(bound, m)) / m)


def by_inverses(
    z: Array, present: Array, dt: float, share: float, bounds: tuple[float, float]
) -> dict[str, Array]:
    """The scales and means of a position in the plane (gps) with the speed along x (wheel), by textbook matrices."""
    F = np.eye(4) + dt * np.eye(4, k=2)
    block = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    Q = np.kron(block, np.eye(2))
    sensors = {
        "gps": (np.eye(4)[:2], GPS_R, slice(0, 2)),
        "wheel": (np.eye(4)[2:3], np.array([[0.25]]), slice(2, 3)),
    }
    x, P, p = np.array([0.5, -0.5, 0.0, 0.2]), np.diag([1.0, 2.0, 1.0, 0.5]), np.zeros(4)
    scale = dict.fromkeys(("gps", "wheel", "motion"), 1.0)
    found: dict[str, list[Any]] = {name: [] for name in (*scale, "mean")}
    for k in range(len(z)):
        if k:
            x, P, p = F @ x, F @ P @ F.T + scale["motion"] * Q, F @ p
        for name, (H, R0, at) in sensors.items():
            used = present[k, at]
            if not used.any():
                continue
            H, R = H[used], scale[name] * R0[np.ix_(used, used)]
            e = z[k, at][used] - H @ x
            S = H @ P @ H.T + R
            inverse = np.linalg.inv(S)
            K, g, nis = P @ H.T @ inverse, H @ p, e @ inverse @ e
            limit = chi2.ppf(0.99, len(e))
            weight = min(1.0, limit / nis) / expected_share(len(e), limit)
            change = weight * e @ inverse @ R @ inverse @ e - np.trace(inverse @ R)
            gamma = np.sqrt(g @ inverse @ g)
            tau = np.clip(
                g @ inverse @ e, -np.sqrt(chi2.ppf(0.99, 1)) * gamma, np.sqrt(chi2.ppf(0.99, 1)) * gamma
            )
            new = scale[name] * (1.0 + share / len(R0) * change)
            q = scale["motion"] * (1.0 + 2.0 * share * tau / (1.0 + 2.0 * gamma**2))
            scale = scale | {name: np.clip(new, *bounds), "motion": np.clip(q, *bounds)}
            p = p - K @ g + K @ R @ inverse @ e
            x, P = x + K @ e, (np.eye(4) - K @ H) @ P
        for name, value in (*scale.items(), ("mean", x)):
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}


def plane() -> fog.Model:
    motion = fog.motion.constant_velocity(("x", "y"), accel=1.0)
    gps = fog.Sensor("gps", ("x", "y"), lambda x, p: [x.x, x.y], lambda x, p: GPS_R)
    wheel = fog.sensing.linear("wheel", of="x_speed", std=0.5)
    return fog.Model(
        motion, [gps, wheel], fog.Belief([0.5, -0.5, 0.0, 0.2], std=np.sqrt([1.0, 2.0, 1.0, 0.5]))
    )


@pytest.mark.parametrize(
    "method",
    [
        fog.KF(),
        fog.UKF(alpha=0.5),
        *[
            pytest.param(method, marks=pytest.mark.campaign)
            for method in (
                fog.EKF(form="joseph"), fog.EKF(form="textbook"), fog.CKF(), fog.EKF(joint=True, iterations=2)
            )
        ],
    ],
    ids=repr,
)  # fmt: skip
def test_the_scales_are_those_of_the_equations_with_inverses(method: Any) -> None:
    rng = np.random.default_rng(4)
    z = np.cumsum(rng.standard_normal((80, 3)), axis=0) * [2.0, 2.0, 0.3]
    present = rng.random(z.shape) < 0.7
    z[40] += 30.0  # further than a reading may pull
    expected = by_inverses(z, present, 0.5, 0.2, (0.2, 4.0))
    one = fog.adapt(forgetting=0.8, bounds=(0.2, 4.0))
    z_seen = np.where(present, z, np.nan)
    log = fog.Log.from_arrays(0.5 * np.arange(len(z)), gps=z_seen[:, :2], wheel=z_seen[:, 2])
    run = fog.run(plane(), log, replace(method, adapt=one))
    for name in ("gps", "wheel", "motion"):
        np.testing.assert_allclose(run.adapted[name], expected[name], rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(run.filtered.mean, expected["mean"], rtol=1e-9, atol=1e-9)
    assert min(expected["motion"]) < 1.0 < max(expected["gps"]) == 4.0


def test_a_reading_behind_a_gate_counts_by_what_the_gate_lets_through() -> None:
    """On readings of the stated noise, a gate cuts off one in ten, and the scale stays at 1 all the same."""
    level = fog.motion.random_walk("level", std=0.01)
    model = fog.Model(level, [fog.sensing.linear("gauge", of="level", std=2.0)], fog.Belief([0.0], std=[0.1]))
    readings = 2.0 * np.random.default_rng(3).standard_normal((60, 600, 1))
    run = fog.run(model, fog.Log.regular(readings, dt=1.0), fog.EKF(gate=0.9, adapt=fog.adapt(motion=False)))
    rejected, scale = (run.status & int(fog.Status.GATED)) != 0, run.adapted["gauge"]
    assert rejected.mean() == pytest.approx(0.1, abs=0.02)
    assert -0.04 < scale[:, 300:].mean() - 1.0 < 0.02
    assert (scale[:, 1:] == scale[:, :-1])[rejected[:, 1:]].all()


@pytest.mark.parametrize("power", [-20, 20])
def test_other_units_give_the_same_scales(power: int) -> None:
    """Positions in units of 2^power metres: the same scales, to the bit."""
    unit, rng = 2.0**power, np.random.default_rng(2)
    z, scales = np.cumsum(rng.standard_normal((200, 1)), axis=0), []
    for u in (1.0, unit):
        motion = fog.motion.constant_velocity(("x",), accel=0.1 * u)
        model = fog.Model(motion, [fog.sensing.linear("gps", of="x", std=u)], fog.Belief([0, 0], std=[u, u]))
        scales.append(fog.run(model, fog.Log.regular(z * u, dt=0.5), fog.EKF(adapt=fog.adapt())).adapted)
    for name in ("gps", "motion"):
        np.testing.assert_array_equal(scales[0][name], scales[1][name])


def settled(
    case: Any, method: Any, logs: int = 60, rows: int = 1200, dt: float = 1.0
) -> tuple[Any, Any, float]:
    """The run, the truth, and the RMSE in the last quarter over that of a filter that knows the noises."""
    readings, truth, _ = SCRIPT.simulated(case, logs, rows=rows, dt=dt)
    run = SCRIPT.run(SCRIPT.vehicle(), readings, method, dt)
    knows = SCRIPT.run(SCRIPT.vehicle(case.reading * case.change, case.accel), readings, fog.EKF(), dt)
    return run, truth, SCRIPT.rms(run.filtered.mean, truth) / SCRIPT.rms(knows.filtered.mean, truth)


def consistent(run: Any, truth: Any, rows: Any) -> None:
    """The mean NEES over all logs is in its 99.9 % band in each of these rows."""
    logs, n = truth.shape[0], truth.shape[2]
    low, high = chi2.ppf([0.0005, 0.9995], n * logs) / logs
    for row in rows:
        assert low < SCRIPT.nees(run, truth, row).mean() < high, row


ADAPTED, NOISE_ONLY = fog.EKF(adapt=fog.adapt()), fog.EKF(adapt=fog.adapt(motion=False))
QUICK = ("accelerations 3 times as large",)
each = pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, marks=() if c.name in QUICK else pytest.mark.campaign, id=c.name)
        for c in SCRIPT.CASES[:-1]
    ],
)


@each
def test_both_scales_find_the_noises_of_the_log(case: Any) -> None:
    """The mean scale is near the truth, the belief is honest, and the estimate is nearly the best there is."""
    run, truth, ratio = settled(case, ADAPTED, 60 if case.name in QUICK else 200, 2000)
    last = slice(1500, None)
    R, Q = run.adapted["gps"][:, last], run.adapted["motion"][:, last]
    assert R.mean() == pytest.approx((case.reading * case.change) ** 2, rel=0.05)
    assert Q.mean() == pytest.approx(case.accel**2, rel=0.15)
    assert R.std() < 0.12 * R.mean() and Q.std() < 0.2 * Q.mean()
    assert ratio < 1.005
    consistent(run, truth, range(1500, 2000, 100))


@pytest.mark.campaign
@pytest.mark.parametrize("reading", [3.0, 1.0 / 3.0])
@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF(), fog.EKF(form="joseph")], ids=repr)
def test_the_noise_of_readings_alone_is_found_within_its_stated_bias(reading: float, method: Any) -> None:
    """With a motion that is right: below the truth by at most 2 (1 - forgetting), and by less than that above."""
    case = SCRIPT.Case("", reading=reading)
    run, truth, ratio = settled(case, replace(method, adapt=fog.adapt(motion=False)), 200, 2000, 0.25)
    bias = run.adapted["gps"][:, 1500:].mean() / reading**2 - 1.0
    assert -0.04 < bias < 0.02 and ratio < 1.002
    consistent(run, truth, range(1500, 2000, 100))


@pytest.mark.campaign
@pytest.mark.parametrize("forgetting", [0.9, 0.98, 0.995])
def test_a_scale_varies_by_the_root_of_what_is_forgotten(forgetting: float) -> None:
    """Between half of √(1 - forgetting) and all of it for R of two components, and up to twice for Q, at any rate."""
    for dt in (1.0, 0.1):
        run, _, _ = settled(SCRIPT.CASES[0], fog.EKF(adapt=fog.adapt(forgetting=forgetting)), 60, 3000, dt)
        root = np.sqrt(1.0 - forgetting)
        spread = {name: run.adapted[name][:, 1500:].std() for name in ("gps", "motion")}
        assert 0.4 * root < spread["gps"] < 1.1 * root
        assert 0.4 * root < spread["motion"] < 2.0 * root


@pytest.mark.campaign
def test_a_noise_that_changes_is_followed() -> None:
    """Readings three times as noisy from the middle on: 300 rows later the variance is 9 times the stated one."""
    run, truth, ratio = settled(SCRIPT.CASES[3], ADAPTED, 60, 1200)
    scale = run.adapted["gps"].mean(axis=0)
    assert scale[599] == pytest.approx(1.0, abs=0.1) and scale[900:].mean() == pytest.approx(9.0, rel=0.08)
    assert ratio < 1.01
    consistent(run, truth, (590, 950, 1100, 1199))


def test_where_the_motion_is_wrong_noise_alone_would_lag_behind() -> None:
    """Accelerations three times as large: motion=False takes them for noise, which the default is there for."""
    readings, truth, _ = SCRIPT.simulated(SCRIPT.CASES[4], 20, rows=1200)
    fixed, alone, both = (
        SCRIPT.rms(SCRIPT.run(SCRIPT.vehicle(), readings, method).filtered.mean, truth)
        for method in (fog.EKF(), NOISE_ONLY, ADAPTED)
    )
    assert both < fixed < 0.5 * alone


def test_a_scale_that_forgets_the_state_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """R from the whole innovation, S not subtracted from it: the law above finds the scale too large."""

    def naive(s: Any, at: adaptive.Whitened, share: float, weight: Any) -> Any:
        m = len(at.y)
        size = sum(at.y[i] * at.M[i, j] * at.y[j] for i in range(m) for j in range(m))
        return s * (
            1.0 + (share / m) * (weight * size - sum(at.w[i] * at.M[i, i] for i in range(m)) ** 2 / m)
        )

    monkeypatch.setattr(adaptive, "scale_of_noise", naive)
    readings, _, _ = SCRIPT.simulated(SCRIPT.CASES[0], 20, rows=1200)
    run = SCRIPT.run(SCRIPT.vehicle(), readings, NOISE_ONLY)
    assert run.adapted["gps"][:, 900:].mean() > 1.2
