"""A series of a stream, batch by batch, from the bytes of its filter: the bits of the whole series at once."""

import numpy as np
import pyarrow as pa
import pytest

import foglight as fog
from foglight.adapters.series_states import advanced, estimates_schema
from unit.model.travelling import radar

NAMES = {"by": "pump", "time": "time", "on_error": "raise"}
FLAG = NAMES | {"on_error": "flag"}
ORDER = ["pump", "time", "radar"]
NOTHING = pa.table({"pump": pa.array([], pa.string()), "state": pa.array([], pa.binary())})


def rows(time: list[float], radar: list[float]) -> pa.Table:
    names = pa.array(["a"] * len(time), pa.string())
    return pa.table(
        {"pump": names, "time": pa.array(time, pa.float64()), "radar": pa.array(radar, pa.float64())}
    )


def held(found: pa.Table) -> pa.Table:
    """The state in the last row, as the table that the next batch is given."""
    return found.slice(len(found) - 1).select(["pump", "state"])


def test_two_batches_are_one_series() -> None:
    model, z = radar(), [5.2, 4.9, 5.1, 5.3, 4.8]
    time = [0.0, 0.1, 0.2, 0.3, 0.4]
    first = advanced(model, None, NAMES, ORDER, rows([0.1, 0.0], [z[1], z[0]]), NOTHING)
    second = advanced(model, None, NAMES, ORDER, rows(time[2:], z[2:]), held(first))
    again = advanced(model, None, NAMES, ORDER, rows(time[2:], z[2:]), held(first))
    assert second.equals(again) and first["time"].to_pylist() == [0.0, 0.1, None]
    run = fog.run(model, fog.Log.from_arrays(time, radar=np.array(z)[:, None]))
    found = pa.concat_tables([first.slice(0, 2), second.slice(0, 3)])
    assert found["gap"].to_numpy().tobytes() == run.filtered.mean[:, 0].tobytes()
    assert found["gap_speed_std"].to_numpy().tobytes() == run.filtered.std[:, 1].tobytes()
    assert found["loglik"].to_numpy().tobytes() == run.row_loglik.tobytes()
    assert set(found["status"].to_pylist()) == {"USED"}
    assert fog.restore(held(second)["state"][0].as_py(), model).loglik == run.loglik


def test_a_series_without_new_rows_keeps_its_state() -> None:
    first = advanced(radar(), None, NAMES, ORDER, rows([0.0], [5.0]), NOTHING)
    second = advanced(radar(), None, NAMES, ORDER, rows([], []), held(first))
    assert held(second).equals(held(first)) and len(second) == 1
    expected = estimates_schema(radar(), rows([], []).schema, NAMES).append(pa.field("state", pa.binary()))
    assert second.schema == expected


def test_what_cannot_be_used_is_an_error_that_names_the_series_or_a_row() -> None:
    model, bad = radar(), rows([0.0, 0.1, 0.2], [5.0, np.inf, 5.1])
    with pytest.raises(fog.FoglightError) as caught:
        advanced(model, None, NAMES, ORDER, bad, NOTHING)
    assert caught.value.__notes__ == ["In series 'a'."]
    found = advanced(model, None, FLAG, ORDER, bad, NOTHING)
    alone = advanced(model, None, FLAG, ORDER, rows([0.0, 0.2], [5.0, 5.1]), NOTHING)
    assert found["status"].to_pylist()[:3] == ["USED", "NONFINITE", "USED"]
    assert found["gap"][0] == alone["gap"][0] and held(found)["state"][0].as_py() is not None


def test_a_state_that_is_damaged_is_kept_and_its_rows_say_so() -> None:
    broken = pa.table({"pump": ["a"], "state": pa.array([b"filter"], pa.binary())})
    with pytest.raises(fog.StateError, match="is not a saved filter"):
        advanced(radar(), None, NAMES, ORDER, rows([0.0], [5.0]), broken)
    found = advanced(radar(), None, FLAG, ORDER, rows([0.0], [5.0]), broken)
    assert (
        found["status"].to_pylist()[0] == "REFUSED" and "is not a saved filter" in found["message"][0].as_py()
    )
    assert held(found)["state"][0].as_py() == b"filter"


def test_a_row_without_a_time_is_refused() -> None:
    bad = pa.table({"pump": ["a", "a"], "time": pa.array([0.0, None]), "radar": [5.0, 5.1]})
    found = advanced(radar(), None, FLAG, ORDER, bad, NOTHING)
    assert found["status"].to_pylist()[:2] == ["USED", "REFUSED"] and found["message"][1].as_py()
