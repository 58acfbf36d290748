"""Which sensor is at fault: named among three, named with the other among two, and nobody in a healthy log.

The logs are those of `examples/adaptive/faulty_sensor.py`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.test_real_logs import example
from foglight.inference.fault_evidence import cusum

SCRIPT = example("faulty_sensor", Path(__file__).parents[2] / "examples" / "adaptive")
THREE, TWO = SCRIPT.model("abc"), SCRIPT.model("ab")


def found(of: fog.Model, kind: str, seed: int, **more: Any) -> Any:
    return fog.suspects(fog.run(of, SCRIPT.log_of(of, SCRIPT.faulty(of, kind, seed))), **more)


@pytest.mark.parametrize("kind", SCRIPT.KINDS)
def test_one_of_three_is_named_with_its_kind_and_onset(kind: str) -> None:
    suspects = found(THREE, kind, 3)
    assert suspects.sensor == "b" and len(suspects.suspects) == 1
    (one,) = suspects.suspects
    assert one.kind == kind and one.probability > 0.999 and one.statistic > suspects.limit
    assert abs(one.row - SCRIPT.BEGINS) < 80 and one.since == one.row
    size = {"bias": 3.0, "drift": 12.0 / 500.0, "noise": 3.0, "scale": 1.3, "stuck": np.nan}[kind]
    assert one.size == pytest.approx(size, rel=0.45, nan_ok=True)
    assert f"b is at fault from row {one.row} (t = {one.row} s) on" in str(suspects)


@pytest.mark.parametrize("kind", ["bias", "drift"])
def test_of_two_that_disagree_neither_is_named_alone(kind: str) -> None:
    suspects = found(TWO, kind, 5)
    assert suspects.sensor is None and {one.subject for one in suspects.suspects} == {"a", "b"}
    assert "nothing tells which is right" in str(suspects)
    assert sum(one.probability for one in suspects.suspects) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("kind", ["noise", "stuck", "scale"])
def test_what_shows_by_itself_is_named_of_two(kind: str) -> None:
    assert found(TWO, kind, 6).sensor == "b"


@pytest.mark.campaign
def test_a_manoeuvre_is_no_fault_of_a_sensor() -> None:
    """Accelerations ten times as large as stated, from the middle on."""
    calm, lively = (
        SCRIPT.model("ab"),
        fog.Model(fog.motion.constant_velocity(("x",), accel=6.0), TWO.sensors, start=TWO.start),
    )
    first, _ = fog.simulate(calm, 500, 1.0, seed=1)
    second, _ = fog.simulate(lively, 500, 1.0, seed=2)
    offset = first.bind(calm)[-1].mean()
    z = np.vstack([first.bind(calm), second.bind(calm) + offset])
    suspects = fog.suspects(fog.run(calm, SCRIPT.log_of(calm, z)))
    assert suspects.sensor == "motion" and "no sensor is at fault" in str(suspects)


@pytest.mark.campaign
@pytest.mark.parametrize("sensors", ["ab", "abc"])
def test_ten_thousand_healthy_rows_raise_no_alarm(sensors: str) -> None:
    """At most one log in a hundred by the limit; none of 20 here."""
    of = SCRIPT.model(sensors)
    for seed in range(20):
        z = SCRIPT.faulty(of, "", 500 + seed, 10_000)
        assert not fog.suspects(fog.run(of, SCRIPT.log_of(of, z))).suspects


@pytest.mark.campaign
@pytest.mark.parametrize("kind", SCRIPT.KINDS)
def test_at_least_95_of_100_are_named(kind: str) -> None:
    """With three sensors alone, and with two never a wrong one alone in more than one of 50."""
    right = sum(found(THREE, kind, seed).sensor == "b" for seed in range(50))
    wrong = sum(found(TWO, kind, seed).sensor not in ("b", None) for seed in range(50))
    assert right >= 48 and wrong <= 1


def test_a_log_likelihood_ratio_has_the_mean_one() -> None:
    """What the limit rests on: on healthy rows the ratio of densities is 1 on average, and its CUSUM stays low."""
    logs = [SCRIPT.log_of(TWO, SCRIPT.faulty(TWO, "", seed)[:300]) for seed in range(12)]
    worse = fog.EKF(adapt=fog.adapt("a", motion=False, forgetting=0.9, bounds=(1.0, 1e4)))
    ratios = np.array([fog.run(TWO, log, worse).row_loglik - fog.run(TWO, log).row_loglik for log in logs])
    mean, error = np.exp(ratios).mean(), np.exp(ratios).std() / np.sqrt(ratios.size)
    assert mean == pytest.approx(1.0, abs=5.0 * error) and error < 0.01
    assert max(cusum(row).max() for row in ratios) < np.log(12 * 300 * 100)


@pytest.mark.campaign
def test_a_check_says_it_in_a_note_beside_its_findings() -> None:
    """Of two sensors, one drifts: the finding accuses one of them, and the note says that nothing tells which it is."""
    run = fog.run(TWO, SCRIPT.log_of(TWO, SCRIPT.faulty(TWO, "drift", 3)))
    health = fog.check(run)
    assert health.codes == ("DRIFT",) and f"{fog.suspects(run)}." in health.notes
    assert any("nothing tells which is right" in note for note in health.notes)
    healthy = fog.check(fog.run(TWO, SCRIPT.log_of(TWO, SCRIPT.faulty(TWO, "", 3))))
    assert healthy.ok and not any("at fault" in note for note in healthy.notes)


def test_the_cusum_is_that_of_its_definition() -> None:
    ratio = np.random.default_rng(1).standard_normal(200) - 0.1
    g, expected = 0.0, []
    for r in ratio:
        g = max(0.0, g + r)
        expected.append(g)
    np.testing.assert_allclose(cusum(ratio), expected, atol=1e-12)


@pytest.mark.campaign
def test_a_sensor_that_repeats_itself_is_noticed_only_where_it_is_unlikely() -> None:
    """A vehicle that stands still, seen by two sensors that round: nobody is stuck."""
    still = fog.Model(
        fog.motion.random_walk("x", std=0.01),
        [fog.sensing.linear(name, of="x", std=0.3) for name in "ab"],
        start=fog.Belief([5.0], std=[1.0]),
    )
    z = np.round(5.0 + 0.1 * np.random.default_rng(2).standard_normal((400, 2)))
    assert not fog.suspects(fog.run(still, SCRIPT.log_of(still, z))).suspects


@pytest.mark.parametrize("kind", ["bias", pytest.param("stuck", marks=pytest.mark.campaign)])
def test_a_watch_says_live_what_the_log_says_later(kind: str) -> None:
    """Row by row to a while after the onset: the same statistics and onsets as of the log up to there."""
    z = SCRIPT.faulty(THREE, kind, 4)[:560]
    watch = fog.watch(THREE, fog.EKF(gate=0.9999), every=1.0)
    alarm = None
    for k, row in enumerate(z):
        if k % 2:
            for i, name in enumerate("abc"):
                watch.step(float(k), name, row[i])
        else:
            watch.step(float(k), None, row)
        if k >= 495 and alarm is None and watch.suspects.suspects:
            alarm = k
    assert alarm is not None and 500 < alarm < 540
    suspects = watch.suspects
    assert suspects.sensor == "b" and suspects.suspects[0].kind == kind
    plain = fog.suspects(fog.run(THREE, SCRIPT.log_of(THREE, z)))
    assert suspects.limit == plain.limit
    assert suspects.suspects[0].since == pytest.approx(plain.suspects[0].since, abs=25.0)
    assert "b is at fault from t = " in str(suspects) and "Live(" in repr(watch)
    watch.clear()
    assert not watch.suspects.suspects


def test_a_missing_factor_of_the_density_is_noticed() -> None:
    """Ratios of exponents alone, without the determinant of S, are not densities: a healthy log is accused."""
    log = SCRIPT.log_of(TWO, SCRIPT.faulty(TWO, "", 1))
    worse = fog.run(TWO, log, fog.EKF(adapt=fog.adapt("a", motion=False, forgetting=0.9, bounds=(1.0, 1e4))))
    assert cusum(-0.5 * (worse.nis - fog.run(TWO, log).nis)).max() > 15.0


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: fog.suspects(fog.simulate(TWO, 5, 1.0, seed=1)[0]), "run"),
        (lambda: found(TWO, "", 1, false_alarms=0.0), "false_alarms"),
        (lambda: fog.watch(TWO, every=0.0), "every"),
        (lambda: fog.watch(TWO, every=1.0, false_alarms=2.0), "false_alarms"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, field: str) -> None:
    with pytest.raises(fog.ModelError) as caught:
        make()
    assert caught.value.field == field
