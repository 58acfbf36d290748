"""Findings of one cause are one, at most seven are stated, and the confidence of the filter always is."""

import re

import numpy as np
import pytest

import foglight as fog
from foglight.data.replaced_readings import with_readings
from foglight.diagnostics.check.confidence import confidence
from foglight.diagnostics.check.grouping import MOST, by_cause, most_important
from foglight.diagnostics.check.health import Code, Finding, Row
from foglight.diagnostics.check.hypotheses.identifiability import sensors_apart
from foglight.diagnostics.check.scale import components_alone, states_alone
from foglight.diagnostics.check.statistics import robust_variance

REMEDIES = (
    "try |multiply|subtract|add |model it|make |give |divide|change|move|use |leave|set |tune|raise|lower"
)


def coloured(subject: str, size: float, code: Code = Code.COLOURED) -> Finding:
    return Finding(code, subject, size, -0.1, 0.1, size, 0.02, f"innovations of {subject}: {size}; model it.")


def test_components_that_are_correlated_have_one_cause() -> None:
    bias = coloured("d.z", 3.0, Code.BIAS)
    found = [
        coloured("a.x", 0.6),
        coloured("b.y", 0.5),
        coloured("c.z", 0.4),
        bias,
        coloured("a.x, b.y", -0.3),
    ]
    kept, parts = by_cause(found)
    assert [one.subject for one in kept] == ["a.x", "c.z", "d.z"]
    assert [one.subject for one in parts] == ["b.y", "a.x, b.y"]
    assert "b.y are correlated over time, too" in kept[0].sentence and "-0.30" in kept[0].sentence
    assert kept[1].sentence == found[2].sentence and kept[2] is bias


def test_components_of_one_sensor_have_one_cause() -> None:
    kept, parts = by_cause([coloured(f"radar.z{k}", 0.9 - 0.01 * k) for k in range(30)])
    assert len(kept) == 1 and len(parts) == 29 and "and 25 more are correlated" in kept[0].sentence


def test_two_groups_joined_by_a_later_pair_are_one() -> None:
    kept, parts = by_cause(
        [coloured("a.x", 0.6), coloured("b.x", 0.5), coloured("a.x, c.x", 0.3), coloured("b.x, c.x", 0.2)]
    )
    assert (
        len(kept) == 1 and len(parts) == 3 and "2 pairs of components, a.x and c.x most" in kept[0].sentence
    )


def test_seven_findings_are_enough() -> None:
    found = [coloured(f"s{k}.x", 0.5) for k in range(10)]
    first, rest = most_important(found)
    assert len(first) == MOST == 7 and [one.subject for one in rest] == ["s7.x", "s8.x", "s9.x"]


def wide(sensors: int) -> fog.Health:
    """Many sensors, each of its own level, each of which lacks a speed."""
    names = [f"level{k}" for k in range(sensors)]
    model = fog.Model(
        fog.motion.random_walk(names, std=[0.2] * sensors),
        [fog.sensing.linear(f"gauge{k}", of=name, std=0.3) for k, name in enumerate(names)],
        fog.Belief(np.arange(1.0, sensors + 1.0), std=[1.0] * sensors),
    )
    rng, time = np.random.default_rng(8), 0.5 * np.arange(400)
    swing = [
        (k + 1.0) + 6.0 * np.sin(time / (3.0 + k) + k) + 0.3 * rng.normal(size=400) for k in range(sensors)
    ]
    log = fog.Log.from_arrays(time, **{f"gauge{k}": z for k, z in enumerate(swing)})
    return fog.check(fog.run(model, log), effort="quick")


def test_what_is_not_printed_is_in_the_notes() -> None:
    health = wide(9)
    assert not health.ok and len(health.findings) <= MOST
    text = str(health).splitlines()
    shown = [line for line in text if line.startswith("Note: ")]
    assert len(shown) == 5 and text[-1] == f"and {len(health.notes) - 5} more: see .notes"
    assert health.as_dict()["notes"] == list(health.notes) and health.notes[-1].startswith("COLOURED: ")
    assert "overconfident" in health.notes[0] and "NIS" in health.notes[0]


def test_every_finding_says_how_much_where_and_what_to_do() -> None:
    for finding in wide(3).findings:
        assert re.search(r"\d", finding.sentence) and re.search(REMEDIES, finding.sentence)
        assert all(name in finding.sentence for name in finding.subject.split(", "))


ROWS = [
    Row("NIS per component", "all", 2.2, 0.9, 1.1, 500),
    Row("NIS per component", "radar", 3.4, 0.9, 1.1, 250),
    Row("NEES per state", "all", 169.0, 0.6, 1.4, 40),
]


def test_overconfidence_is_said_whatever_the_cause() -> None:
    (note,) = confidence(ROWS, [coloured("radar.gap", 0.5)])
    assert (
        "overconfident" in note and "NIS 2.2 in [0.9, 1.1]" in note and "13x" in note and "NEES 169" in note
    )
    (note,) = confidence(ROWS[2:], [])
    assert "NEES 169" in note


def test_it_is_not_said_twice() -> None:
    noise = Finding(
        Code.R_SMALL, "radar.gap", 3.4, 0.9, 1.1, 1.8, 0.1, "radar gap noise: NIS 3.4; try std = 2."
    )
    assert confidence(ROWS[:2], [noise]) == []
    (note,) = confidence(ROWS, [noise])
    assert "NEES 169" in note and "NIS" not in note


def test_too_much_caution_is_said_as_well() -> None:
    rows = [
        Row("NIS per component", "radar", 0.4, 0.9, 1.1, 250),
        Row("NIS per component", "gps", 1.05, 0.99, 1.01, 250),
    ]
    (note,) = confidence(rows, [coloured("radar.gap", 0.5)])
    assert "too cautious" in note and "0.63x" in note and "gps" not in note


def test_by_chance_nothing_is_said() -> None:
    assert confidence(ROWS[:2], []) == []  # a finding of its own, if it is more than that


@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_the_variance_of_an_offset_allows_for_correlation_and_for_few_rows(rho: float) -> None:
    """Against the spread of the estimates themselves."""
    rng, n = np.random.default_rng(5), 2_000
    track, slope = np.zeros(n, np.int64), np.ones(n)
    estimates, ratios = [], []
    for _ in range(150):
        e = rng.normal(size=n)
        for k in range(1, n if rho else 0):
            e[k] = rho * e[k - 1] + np.sqrt(1 - rho**2) * e[k]
        estimates.append(e.mean())
        ratios.append(robust_variance(e + 0.7, slope, track))  # whatever the offset is
    assert np.mean(ratios) == pytest.approx(np.var(estimates) * n, rel=0.25)
    few = np.where(np.arange(n) < 5, 1.0, 0.0)
    assert robust_variance(np.where(few > 0, [4.0, -4.0] * (n // 2), 0.1), few, track) > 10.0


def test_which_gains_only_the_start_shows() -> None:
    motion = fog.motion.constant_velocity(("x", "y"), accel=0.5)
    start = fog.Belief([0.0, 0.0, 8.0, 2.0], std=[3.0, 3.0, 2.0, 2.0])
    gps = fog.sensing.linear("gps", of=("x", "y"), std=1.0)
    odo = fog.sensing.linear("odo", of="x_speed", std=0.2)
    alone, both = fog.Model(motion, [gps], start), fog.Model(motion, [gps, odo], start)
    assert components_alone(alone) == {0, 1} and states_alone(alone, (1,)) == (1, 3)
    assert components_alone(both) == {1} and sensors_apart(both) == frozenset()
    y = fog.Model(
        motion,
        [fog.sensing.linear("east", of="x", std=1.0), fog.sensing.linear("north", of="y", std=1.0)],
        start,
    )
    assert sensors_apart(y) == {"east", "north"}
    bent = fog.Model(motion, [fog.sensing.range_bearing("radar", range_std=1.0, bearing_std=0.1)], start)
    assert components_alone(bent) == {0}  # the world may be larger; a bearing says nothing of that


def test_repeats_that_were_skipped_stay_out_of_a_changed_log() -> None:
    model = fog.Model(
        fog.motion.random_walk("level", std=0.2),
        [fog.sensing.linear("gauge", of="level", std=0.5)],
        fog.Belief([1.0], std=[1.0]),
    )
    log = fog.Log.from_arrays(np.arange(4.0), gauge=[1.0, 2.0, 2.0, 3.0], repeats="skip")
    shifted = with_readings(log, model, log.bind(model) - np.array([[0.0], [0.5], [0.5], [0.5]]))
    assert shifted.bind(model).ravel().tolist() == pytest.approx([1.0, 1.5, np.nan, 2.5], nan_ok=True)
