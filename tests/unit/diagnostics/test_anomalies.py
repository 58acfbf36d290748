"""Anomalies: rare on healthy logs, found where they are planted, and told from changes of the level."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import foglight as fog

ROWS = 200
MODEL = fog.Model(
    fog.motion.random_walk("level", std=0.5), [fog.sensing.linear("gauge", of="level", std=1.0)], start=None
)


def series(count: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0.0, 0.5, (count, ROWS)), axis=1) + rng.normal(0.0, 1.0, (count, ROWS))


def runs(y: Any, **options: Any) -> fog.Run:
    return fog.run(MODEL, fog.Log.regular(y, dt=1.0), **options)


def planted(count: int, size: float) -> tuple[Any, Any]:
    """Series, in each of which four readings are off by this many standard deviations of the noise."""
    rng, y = np.random.default_rng(1), series(count)
    rows = np.array([rng.choice(np.arange(5, ROWS - 5), 4, replace=False) for _ in range(count)])
    np.put_along_axis(y, rows, np.take_along_axis(y, rows, 1) + size * rng.choice([-1.0, 1.0], rows.shape), 1)
    return y, rows


def test_the_residuals_of_a_run_are_its_innovations() -> None:
    run = runs(series(1)[0])
    found = fog.anomalies(run)
    z = run.innovation[1:, 0] / np.sqrt(run.innovation_cov[1:, 0, 0])
    assert np.isnan(found.z[0, 0]) and found.z[1:, 0] == pytest.approx(z, rel=1e-13)
    assert found.probability[1:, 0] == pytest.approx(2.0 * norm.sf(np.abs(z)), rel=1e-10)
    assert found.state_probability is None


def test_the_residuals_of_a_smoother_are_those_of_a_log_without_the_reading() -> None:
    y = series(1)[0]
    found = fog.anomalies(fog.smooth(runs(y)))
    for row in (0, 1, 77, ROWS - 1):
        without = y.copy()
        without[row] = np.nan
        belief = fog.smooth(runs(without))
        std = np.sqrt(belief.cov[row, 0, 0] + 1.0)
        assert found.z[row, 0] == pytest.approx((y[row] - belief.mean[row, 0]) / std, rel=1e-9)


def test_the_residuals_of_steps_are_those_of_a_level_that_may_jump() -> None:
    """The t value of a step of the level at a row, by generalised least squares on the whole series."""
    y = series(1)[0]
    found = fog.anomalies(fog.smooth(runs(y)))
    k = np.arange(ROWS)
    S = 0.25 * np.minimum.outer(k, k) + np.eye(ROWS)
    for row in (1, 60, ROWS - 1):
        X = np.column_stack([np.ones(ROWS), k >= row])
        information = X.T @ np.linalg.solve(S, X)
        b = np.linalg.solve(information, X.T @ np.linalg.solve(S, y))
        t = b[1] / np.sqrt(np.linalg.inv(information)[1, 1])
        assert found.state_probability is not None
        assert found.state_probability[row, 0] == pytest.approx(2.0 * norm.sf(abs(t)), rel=1e-7)
    assert np.isnan(found.state_probability[0, 0])


def test_the_chosen_ones_are_those_of_benjamini_and_hochberg() -> None:
    y, _ = planted(1, 6.0)
    found = fog.anomalies(runs(y[0]), rate=0.1)
    p = np.sort(found.probability[~np.isnan(found.probability)])
    below = np.flatnonzero(p <= 0.1 * np.arange(1, len(p) + 1) / len(p))
    assert len(found) == below[-1] + 1 == found.flagged.sum()
    assert found.columns()["probability"] == pytest.approx(p[: len(found)], rel=1e-13)


@pytest.mark.parametrize("smoothed", [False, True])
def test_planted_outliers_are_found(smoothed: bool) -> None:
    y, rows = planted(25, 7.0)
    hit, reported = 0, 0
    for one, at in zip(y, rows, strict=True):
        found = fog.anomalies(fog.smooth(runs(one)) if smoothed else runs(one))
        hit += int(found.flagged[at, 0].sum())
        reported += len(found)
    assert hit >= 0.9 * rows.size and reported - hit <= (0.15 if smoothed else 0.4) * reported


@pytest.mark.campaign
@pytest.mark.parametrize("smoothed", [False, True])
def test_false_discoveries_and_power(smoothed: bool) -> None:
    """On healthy logs at most one in 15 reports anything at the rate 0.05; of outliers of 6 σ most are found."""
    count = 600

    def found(one: Any) -> fog.Anomalies:
        return fog.anomalies(fog.smooth(runs(one)) if smoothed else runs(one))

    healthy = sum(len(found(one)) > 0 for one in series(count)) / count
    y, rows = planted(count, 6.0)
    flagged = [found(one) for one in y]
    power = np.mean([one.flagged[at, 0].mean() for one, at in zip(flagged, rows, strict=True)])
    false = np.mean(
        [1.0 - one.flagged[at, 0].sum() / max(len(one), 1) for one, at in zip(flagged, rows, strict=True)]
    )
    print(f"healthy logs with a report {healthy:.3f}, found {power:.3f}, false {false:.3f}")
    assert healthy <= 1.0 / 15.0 and power >= 0.9 and false <= (0.10 if smoothed else 0.20)


def test_a_change_of_the_level_is_told_from_an_outlier() -> None:
    y = series(1, seed=5)[0]
    y[120:] += 6.0
    y[60] += 7.0
    table = fog.anomalies(fog.smooth(runs(y))).columns()
    assert table["kind"][table["time"] == 60.0].tolist() == ["reading"]
    first = table["time"].tolist().index(120.0)
    assert (table["kind"][first], table["name"][first]) == ("state", "level") and first <= 1


def test_what_a_gate_rejected_is_an_anomaly() -> None:
    y, rows = planted(1, 9.0)
    run = runs(y[0], method=fog.EKF(gate=0.9999))
    for found in (fog.anomalies(run), fog.anomalies(fog.smooth(run))):
        assert found.flagged[rows[0], 0].all() and len(found) <= 5
    bounded = fog.anomalies(runs(y[0], method=fog.EKF(huber=2.0)))
    assert bounded.flagged[rows[0], 0].all()


def test_tracks_and_dates() -> None:
    y, rows = planted(2, 9.0)
    side = fog.anomalies(fog.smooth(fog.run(MODEL, fog.Log.regular(y[..., None], dt=1.0))))
    assert side.flagged.shape == (2, ROWS, 1) and side.state_probability.shape == (2, ROWS, 1)
    table = side.columns()
    assert {(k, float(r)) for k in range(2) for r in rows[k]} <= set(
        zip(table["track"], table["time"], strict=True)
    )
    stamps = np.datetime64("2026-01-01") + np.tile(np.arange(ROWS), 2).astype("m8[s]")
    log = fog.Log.from_arrays(stamps, track=np.repeat(["a", "b"], ROWS), gauge=y.ravel())
    after = fog.anomalies(fog.smooth(fog.run(MODEL, log)))
    frame = after.to_frame("pandas")
    assert set(frame["track"]) == {"a", "b"} and len(frame) == len(side) and frame["time"].dtype.kind == "M"
    assert np.sort(frame["probability"]) == pytest.approx(np.sort(table["probability"]), rel=1e-6)
    lines = str(after).splitlines()
    assert lines[0] == repr(after) and lines[1].split()[:4] == ["track", "time", "name", "kind"]
    none = fog.anomalies(runs(series(1)[0]), rate=0.01)
    assert str(none) == "Anomalies(0 of 199 residuals, false discovery rate 0.01)"


def test_what_cannot_be_judged_is_refused() -> None:
    run = runs(series(1)[0])
    with pytest.raises(
        fog.ModelError, match=r"anomalies\(Log\): expected what fog.run or fog.smooth returned. Write"
    ):
        fog.anomalies(run.log)  # type: ignore[arg-type]
    with pytest.raises(
        fog.ModelError, match=r"rate = 5: expected a number between 0 and 1. Write rate=0.05."
    ):
        fog.anomalies(run, rate=5)
    with pytest.raises(
        fog.DataError, match=r"no reading of 5 rows can be compared with a prediction: expected"
    ):
        fog.anomalies(runs(np.full(5, np.nan)))
    with pytest.raises(fog.StateError, match="this run kept only its last belief"):
        fog.anomalies(runs(series(1)[0], keep="last"))
    bounded = fog.smooth(runs(series(1)[0], method=fog.EKF(student=4.0)))
    with pytest.raises(
        fog.ModelError, match=r"anomalies\(Smoothed\): expected a linear model without angles, a KF"
    ):
        fog.anomalies(bounded)
