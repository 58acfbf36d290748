"""What is interrupted half-way leaves things as they were: live filters, models, files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults.world import failing, fed, late, linear, log, model, ranges, snapshot, started
from foglight.cli.demo import write_run


class OwnError(fog.FoglightError):
    """An error of a user's own making, with arguments of its own."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code


@pytest.mark.parametrize("reason", [KeyboardInterrupt(), SystemExit(3), OwnError(7)], ids=repr)
def test_an_interrupt_in_a_function_leaves_the_filter_alone(reason: BaseException) -> None:
    live = started(model(measure=fog.opaque(late(11, failing(reason)))))
    with pytest.raises(type(reason)) as caught:
        fed(live, [5.0], [5.1], [5.2], [5.3])  # fed() compares the filter before and after the refused step
    assert caught.value is reason
    calm = started(model(measure=fog.opaque(lambda x, p: [x.gap])))
    fed(calm, [5.0], [5.1])
    assert snapshot(live) == snapshot(calm)


def test_an_error_of_a_users_own_class_is_told_the_row() -> None:
    with pytest.raises(OwnError, match="code 7") as caught:
        fog.run(model(measure=fog.opaque(late(11, failing(OwnError(7))))), ranges(5.0, 5.1, 5.2, 5.3))
    assert caught.value.__notes__ == ["This happened at row 2 (t = 2 s)."]


def test_a_function_that_fails_once_can_be_run_again() -> None:
    """Nothing of a failed run stays in the model: the second run is a first run."""
    fails = [True]

    def measure(x: Any, p: Any) -> Any:
        if fails[0] and x.gap > 5.5:
            raise OSError("the map is not there")
        return [x.gap]

    seen = model(measure=fog.opaque(measure))
    with pytest.raises(fog.ModelError, match="OSError: the map is not there") as caught:
        fog.run(seen, ranges(5.0, 5.1, 5.2))
    assert isinstance(caught.value.value, OSError)
    fails[0] = False
    fresh = model(measure=fog.opaque(lambda x, p: [x.gap]))
    assert snapshot(fog.run(seen, ranges(5.0, 5.1, 5.2))) == snapshot(fog.run(fresh, ranges(5.0, 5.1, 5.2)))


def test_an_interrupt_while_tracing_leaves_the_model_usable() -> None:
    interrupts = [False]

    def measure(x: Any, p: Any) -> Any:
        if interrupts[0]:
            raise KeyboardInterrupt
        return [x.gap]

    seen = model(measure=measure)
    interrupts[0] = True
    with pytest.raises(KeyboardInterrupt):
        fog.run(seen, ranges(5.0, 5.1))
    interrupts[0] = False
    assert snapshot(fog.run(seen, ranges(5.0, 5.1))) == snapshot(fog.run(model(), ranges(5.0, 5.1)))


def interrupt(rows: int) -> None:
    """What is told of progress, and is interrupted there."""
    raise KeyboardInterrupt


def test_an_interrupt_while_reading_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,radar\n0.0,5.1\n0.1,4.9\n")
    with pytest.raises(KeyboardInterrupt):
        fog.Log.read(
            path, progress=interrupt
        )  # an open file would be a ResourceWarning, and those are errors
    assert len(fog.Log.read(path)) == 2


def test_an_interrupt_while_writing_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "estimates.csv"
    path.write_text("older estimates\n")
    with pytest.raises(KeyboardInterrupt):
        write_run(path, fog.run(linear(), log()), progress=interrupt)
    assert path.read_text() == "older estimates\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["estimates.csv"]


def test_a_refused_run_changes_no_input() -> None:
    bad = log(np.array([[1.0, 2.0], [np.inf, 1.0], [2.0, 0.5]]))
    shared = linear()
    before = snapshot(shared), snapshot(bad)
    with pytest.raises(fog.DataError):
        fog.run(shared, bad)
    assert (snapshot(shared), snapshot(bad)) == before
