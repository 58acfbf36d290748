"""Late data (T11): in whatever order rows arrive within the history, the result is that of the rows in order."""

from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.live.history import History
from unit.live_cases import METHODS, MODELS, Row, log_of, rows

SPAN = 2.0  # seconds
MODEL = MODELS["two sensors"]()
STEERED = MODELS["controls"]()
SEEDS = [1, 2, 3]


def shuffled(given: list[Row], seed: int, by: float = SPAN) -> list[Row]:
    """The rows as they arrive, each late by up to so many seconds; rows of one stamp keep their order."""
    rng = np.random.default_rng(seed)
    stamps = [row.t / np.timedelta64(1, "s") for row in given]
    delay = {stamp: rng.uniform(0.0, 0.99 * by) for stamp in stamps}
    return [given[k] for k in np.argsort([stamp + delay[stamp] for stamp in stamps], kind="stable")]


def fed(live: Any, arriving: list[Row]) -> Any:
    for row in arriving:
        row.step(live)
    return live


def bits(live: Any) -> Any:
    belief = live.belief
    return [array.tobytes() for array in (belief.mean, *belief.factor)], live.loglik, live.time, live.rows


def without_late(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name != "LATE"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("method", METHODS)
def test_late_rows_give_the_bits_of_the_rows_in_order(method: str, seed: int) -> None:
    """Belief, likelihood and counts: gates, their clocks, gaps and repeats are judged in the order of time."""
    given = rows(MODEL, seed)
    arriving = shuffled(given, seed)
    options: dict[str, Any] = {"gap": 0.4, "repeats": "skip" if seed == 1 else "keep"}
    late = fed(fog.online(MODEL, METHODS[method], history=SPAN, **options), arriving)
    run = fog.run(
        MODEL, log_of(MODEL, given, repeats=options["repeats"]), METHODS[method], gap=options["gap"]
    )
    assert bits(late) == bits(fed(fog.online(MODEL, METHODS[method], **options), given))
    assert late.loglik == run.loglik and late.belief == run.belief
    names = [str(flag.name) for status in run.status for flag in fog.Status(int(status))]
    assert without_late(late.counts) == {name: names.count(name) for name in set(names)}
    newest, behind = arriving[0].t, 0
    for row in arriving:
        behind += row.t < newest
        newest = max(newest, row.t)
    assert late.counts["LATE"] == behind >= 20


@pytest.mark.parametrize("seed", SEEDS)
def test_sensors_of_one_stamp_out_of_their_order_agree_to_rounding(seed: int) -> None:
    """In a linear model the order of independent sensors is free."""
    H = [[1.0, 0.2], [0.0, 1.0]]
    motion = fog.motion.constant_velocity(("x",), accel=0.4)
    left = fog.Sensor(
        "left", ("a", "b"), lambda x, p: H @ np.array(list(x)), lambda x, p: [[0.5, 0.1], [0.1, 0.3]]
    )
    right = fog.Sensor("right", ("c",), lambda x, p: [x[0] - 0.3 * x[1]], lambda x, p: [[0.2]])
    model = fog.Model(motion, [left, right], fog.Belief([1.0, 0.5], cov=[[2.0, 0.3], [0.3, 1.0]]))
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(40, 3)) + 1.0
    run = fog.run(model, fog.Log.from_arrays(np.arange(40) / 10, left=z[:, :2], right=z[:, 2]))
    calls = [
        (k / 10, name, row) for k in range(40) for name, row in (("left", z[k, :2]), ("right", z[k, 2:]))
    ]
    live = fog.online(model, history=1.0)
    for k in np.argsort([t + rng.uniform(0.0, 0.9) for t, _, _ in calls]):
        live.step(*calls[k])
    for found, expected in ((live.belief.mean, run.belief.mean), (live.belief.cov, run.belief.cov)):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=0.0)
    assert live.loglik == pytest.approx(run.loglik, rel=1e-12) and live.counts["LATE"] > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_on_the_way_is_that_of_the_rows_so_far(seed: int) -> None:
    """step returns the belief at the newest time and the info of the late row itself."""
    given = rows(MODEL, seed, count=25)
    live, arrived = fog.online(MODEL, history=SPAN), []
    for row in shuffled(given, seed, by=1.0):
        belief, info = row.step(live)
        arrived = sorted([*arrived, row], key=lambda one: one.t)  # after the rows of its own stamp
        run = fog.run(MODEL, log_of(MODEL, arrived))
        k = next(i for i, one in enumerate(arrived) if one is row)
        assert belief == run.belief and belief.mean.tobytes() == run.filtered.mean[-1].tobytes()
        assert info.time == run.time[k] and info.loglik == run.row_loglik[k]
        late = row is not arrived[-1]
        assert int(info.status) == run.status[k] | (int(fog.Status.LATE) if late else 0)
        assert info.predicted.mean.tobytes() == run.predicted.mean[k].tobytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_late_row_with_controls(seed: int) -> None:
    """A late row has controls of its own, or those that acted around it; the row after it keeps its own."""
    given = rows(STEERED, seed, count=30)
    live = fed(fog.online(STEERED, history=SPAN), given[:1])
    for row in shuffled(given[1:], seed, by=1.0):
        row.step(live)
    assert bits(live) == bits(fed(fog.online(STEERED), given))
    live, split = (fed(fog.online(STEERED, history=SPAN), given[:20]) for _ in range(2))
    after = next(row for row in given[:20] if row.t > given[10].t)
    between = after.t - (after.t - given[10].t) // 2
    live.step(between, "fix", [1.0, 2.0])
    split.step(between, "fix", [1.0, 2.0], after.u)
    assert bits(live) == bits(split)
    with pytest.raises(fog.DataError, match="Give the first row its u, or drop this one"):
        first = fog.online(STEERED, history=SPAN)
        first.step(5.0, "fix", [1.0, 2.0])
        first.step(4.5, "fix", [1.0, 2.0], [0.1, 0.2])
    assert first.rows == 1 and first.time == 5.0


def test_a_row_before_the_first_one_begins_the_filter() -> None:
    given = rows(MODEL, 4, count=10)
    cut = next(k for k in range(3, 10) if given[k].t > given[k - 1].t)
    live = fed(fog.online(MODEL, history=SPAN), given[cut:] + given[:cut])
    assert bits(live) == bits(fed(fog.online(MODEL), given))
    with pytest.raises(fog.TimeError, match=r"before the start of the filter.* Give an earlier start_time"):
        fog.online(MODEL, history=SPAN, start_time=given[cut].t, on_bad="raise").step(
            given[0].t, "fix", [1.0, 2.0]
        )


@pytest.mark.parametrize("method", ["EKF", "gated"])
def test_what_is_older_than_the_history_changes_nothing(method: str) -> None:
    given = rows(MODEL, 5)
    old = Row(given[40].t - np.timedelta64(501, "ms"), "fix", np.array([50.0, -50.0]), None)
    live = fed(fog.online(MODEL, METHODS[method], history=0.5), given[:41])
    assert old.step(live)[1].status == fog.Status.LATE | fog.Status.MISSING
    young = Row(given[40].t - np.timedelta64(500, "ms"), "fix", np.array([1.0, 1.5]), None)
    assert young.step(live)[1].status & (fog.Status.USED | fog.Status.GATED)
    in_order = sorted([*given[:41], young], key=lambda row: row.t)
    assert bits(live)[:3] == bits(fed(fog.online(MODEL, METHODS[method]), in_order))[:3]
    assert live.rows == 43


def test_a_carry_from_the_wrong_side_of_a_stamp_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: late rows go in before the rows of their stamp, or one row too early."""
    given = rows(MODEL, 2)
    expected = bits(fed(fog.online(MODEL), given))
    insertion_index = History.insertion_index
    for wrong in (
        lambda self, t: max(self.first, insertion_index(self, t) - 1),
        lambda self, t: insertion_index(self, t - 1),
    ):
        monkeypatch.setattr(History, "insertion_index", wrong)
        assert bits(fed(fog.online(MODEL, history=SPAN), shuffled(given, 2))) != expected
        monkeypatch.undo()
    assert bits(fed(fog.online(MODEL, history=SPAN), shuffled(given, 2))) == expected
