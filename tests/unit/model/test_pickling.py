"""Models travel: every ready-made part and functions of modules by name, others by cloudpickle or with a remedy."""

import copy
import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.fingerprint import fingerprint
from foglight.model import pickling
from unit.model.travelling import MODELS, ONE, radar, ran, spread, unit


class Labelled(fog.Motion):
    """A motion of a user's own, with an attribute that no constructor knows."""


@pytest.mark.parametrize("name", MODELS)
def test_a_ready_made_model_comes_back_the_same(name: str) -> None:
    model = MODELS[name]()
    sent = pickle.dumps(model)
    back: fog.Model = pickle.loads(sent)
    assert back is not model and repr(back) == repr(model)
    assert fingerprint(back, fog.EKF()) == fingerprint(model, fog.EKF())
    assert back.parameters == model.parameters and back.bounds == model.bounds
    assert back.coefficients == model.coefficients
    assert len(sent) < 20_000
    other = {full: value for full, value in model.parameters.items() if value > 0.0}
    assert back.with_parameters(other).parameters == model.parameters  # nothing of it is half made
    with pytest.raises(TypeError):
        back.matrices["F"] = 1.0  # type: ignore[index]


def test_every_motion_and_sensor_of_the_door_is_among_them() -> None:
    from foglight.model.model_file import HELPERS, MOTIONS, SENSORS

    text = Path(__file__).with_name("travelling.py").read_text(encoding="utf-8")
    for name in (*MOTIONS, *SENSORS, *HELPERS):
        assert f".{name}(" in text, name


def test_results_of_a_model_that_came_back_have_the_same_bits() -> None:
    model = radar()
    back = pickle.loads(pickle.dumps(model))
    back_alone = pickle.loads(pickle.dumps(model).replace(model.kernels.name.encode(), b"0" * 32))
    assert back.kernels is model.kernels and back_alone.kernels is not model.kernels
    run = fog.run(model, ONE)
    for other in (back, back_alone):
        again = fog.run(other, ONE)
        assert again.filtered.mean.tobytes() == run.filtered.mean.tobytes()
        assert again.filtered.cov.tobytes() == run.filtered.cov.tobytes() and again.loglik == run.loglik


def test_a_model_that_is_sent_often_is_compiled_once_in_each_process() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(ran, [radar()] * 2))  # the same model, sent in two tasks
    (first, none, worker), (second, some, same) = found
    assert none == 0 and some > 0 and worker == same
    here = fog.run(radar(), ONE)
    for run in (first, second):
        assert run.filtered.cov.tobytes() == here.filtered.cov.tobytes()
        assert run.status.tobytes() == here.status.tobytes() and run.engine == here.engine
        # Computed here, from what came back.
        assert run.predicted.mean.tobytes() == here.predicted.mean.tobytes()


@pytest.mark.campaign
def test_joblib_takes_a_model_and_returns_runs() -> None:
    joblib = pytest.importorskip("joblib")
    runs = joblib.Parallel(n_jobs=2)(joblib.delayed(ran)(radar()) for _ in range(2))
    assert {run.loglik for run, _, _ in runs} == {fog.run(radar(), ONE).loglik}


def test_few_stores_of_kernels_are_kept() -> None:
    first = pickle.loads(pickle.dumps(radar()))
    name = first.kernels.name
    first.kernels["mark"] = 1
    del first
    assert pickling.Kernels.of(name)["mark"] == 1
    for _ in range(20):
        pickle.loads(pickle.dumps(radar()))
    assert "mark" not in pickling.Kernels.of(name)


def test_a_subclass_and_its_attributes_travel() -> None:
    motion = Labelled(("level",), lambda_free, spread)
    object.__setattr__(motion, "label", "pump 7")
    back = pickle.loads(pickle.dumps(motion))
    assert type(back) is Labelled and back.label == "pump 7" and back.state == ("level",)
    assert back.dynamics is lambda_free and copy.deepcopy(motion) is motion


def lambda_free(x: Any, dt: Any, p: Any) -> list[Any]:
    return [x.level]


def test_a_function_without_a_name_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    motion = fog.Motion(("level",), lambda x, dt, p: [0.9 * x.level], spread)
    model = fog.Model(
        motion, [fog.Sensor("t", ("z",), lambda x, p: [x.level], unit)], fog.Belief([1.0], std=[1.0])
    )
    with pytest.raises(
        fog.ModelError, match=r"test_pickling\.py:\d+:1 `.*0\.9.*`: .*<lambda> .*pip install cloudp"
    ):
        pickle.dumps(model)
    assert copy.deepcopy(fog.run(model, fog.Log.regular([1.0, 2.0], dt=0.1))).model is model


def test_cloudpickle_takes_lambdas_and_closures_along() -> None:
    pytest.importorskip("cloudpickle")
    rate, gauge = 0.9, fog.sensing.linear("gauge", of="level", std=1.0)
    motion = fog.Motion(
        ("level",), lambda x, dt, p: [rate * x.level], lambda x, dt, p: [[p.q * dt]], params={"q": 0.1}
    )
    sensor = fog.Sensor("t", ("z",), lambda x, p: gauge.measure(x, p), unit, params=gauge.params)
    model = fog.Model(motion, [sensor], fog.Belief([1.0], std=[1.0]))
    back = pickle.loads(pickle.dumps(model))
    assert fingerprint(back, fog.EKF()) == fingerprint(model, fog.EKF())


def test_a_model_of_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = pickle.dumps(radar())
    monkeypatch.setattr(pickling, "__version__", "0.0.0")
    with pytest.raises(
        fog.ModelError, match=r"pickled with Foglight .*, and this is 0\.0\.0: .*Install it in both"
    ):
        pickle.loads(sent)


def test_only_code_of_this_package_is_found() -> None:
    with pytest.raises(fog.ModelError, match="a module of this package"):
        pickling.nested(pickling.__version__, "os.path", "join", 0, (), None, None)


def test_a_copy_of_a_drift_has_functions_and_no_stand_ins() -> None:
    model = MODELS["continuous"]()
    other = model.with_parameters({"k": 0.2})
    log = fog.Log.regular([1.0, 2.0, 1.5], dt=0.5)
    found = fog.run(other, log).loglik
    assert np.isfinite(found) and found != fog.run(model, log).loglik


def test_nothing_of_the_package_reads_a_pickle() -> None:
    folder = Path(fog.__file__).parent
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "pickle.load" not in text.replace("cloudpickle.loads, (cloudpickle.dumps", "").replace(
            "`pickle.loads` of the user", ""
        ), path
