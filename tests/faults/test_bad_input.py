"""A table of bad inputs: who refuses it, which field, index and value the message names, and which way out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import foglight as fog

NAN = float("nan")
F = np.array([[1.0, 0.1], [0.0, 0.9]])
Q = np.array([[0.2, 0.05], [0.05, 0.1]])
H = np.array([[1.0, 0.3], [0.2, -1.0]])
R = np.array([[0.5, 0.1], [0.1, 0.4]])
Z = np.array([[1.0, 2.0], [1.5, 1.0], [2.0, 0.5]])
START = fog.Belief([0.0, 1.0], cov=np.array([[2.0, 0.3], [0.3, 1.0]]))


def changed(matrix: Any, index: tuple[int, ...], value: float) -> Any:
    """A copy with one entry replaced."""
    copy = np.array(matrix, float)
    copy[index] = value
    return copy


def linear(**replaced: Any) -> Any:
    """The sound linear model with some of its parts replaced."""
    parts = {"F": F, "Q": Q, "H": H, "R": R, **replaced}
    return fog.linear_model(
        parts["F"], parts["Q"], parts["H"], parts["R"], start=replaced.get("start", START)
    )


def two_sensors() -> Any:
    motion = fog.Motion(
        ("gap", "speed"), lambda x, dt, p: [x.gap + dt * x.speed, x.speed], lambda x, dt, p: Q
    )
    radar = fog.Sensor("radar", ("range",), lambda x, p: [x.gap], lambda x, p: [[0.5]])
    lidar = fog.Sensor("lidar", ("left", "right"), lambda x, p: [x.gap, x.gap + x.speed], lambda x, p: R)
    return fog.Model(motion, [radar, lidar], start=START)


def log(**sensors: Any) -> Any:
    return fog.Log.from_arrays([0.0, 0.1, 0.2], **sensors)


@dataclass(frozen=True)
class Fault:
    """What is wrong, how it is done, the error's class, and pieces that its message must hold."""

    name: str
    do: Callable[[], Any]
    error: type[fog.FoglightError]
    field: str
    pieces: tuple[str, ...]
    remedy: str


FAULTS = [
    # Shapes: nothing is broadcast.
    Fault("F is not square", lambda: linear(F=np.ones((2, 3))), fog.ModelError, "F", ("F", "(2, 3)"), "expected"),
    Fault("H has a column too few", lambda: linear(H=[[1.0], [0.2]]), fog.ModelError, "H", ("H", "(2, 1)", "(2, 2)"), "one column for each state"),
    Fault("Q of the wrong size", lambda: linear(Q=np.eye(3) + 0.1), fog.ModelError, "Q", ("Q", "(3, 3)", "(2, 2)"), "expected"),
    Fault("scalar R for two measurements", lambda: linear(R=0.25), fog.ModelError, "R", ("R", "(2, 2)"), "np.eye(2)"),
    Fault("scalar Q for two states", lambda: linear(Q=1e-4), fog.ModelError, "Q", ("Q", "(2, 2)"), "np.eye(2)"),
    Fault("scalar R in one update", lambda: fog.update(START, z=Z[0], H=H, R=0.25), fog.ModelError, "R", ("R", "(2, 2)"), "np.eye(2)"),
    Fault("a start of another size", lambda: linear(start=fog.Belief([0.0], std=[1.0])), fog.ModelError, "start", ("start", "1", "2"), "Give"),
    Fault("a mean as a column", lambda: fog.Belief([[0.0], [1.0]], std=[1, 1]), fog.ModelError, "mean", ("mean",), "Write"),
    Fault("z of the wrong length", lambda: fog.update(START, z=[1.0], H=H, R=R), fog.DataError, "z", ("z", "1", "2"), "expected"),
    Fault("H of the wrong shape in one update", lambda: fog.update(START, z=Z[0], H=H[:1], R=R), fog.ModelError, "H", ("H", "(1, 2)", "(2, 2)"), "write"),
    # Variances and covariances.
    Fault("negative variance in R", lambda: linear(R=changed(R, (1, 1), -0.04)), fog.ModelError, "R", ("R[1,1]", "-0.04"), "signed value"),
    Fault("negative variance in Q", lambda: linear(Q=changed(Q, (0, 0), -2.5)), fog.ModelError, "Q", ("Q[0,0]", "-2.5"), "signed value"),
    Fault("negative standard deviation", lambda: fog.Belief([0.0, 1.0], std=[1.0, -3.0]), fog.ModelError, "std", ("std[1]", "-3.0"), "signed value"),
    Fault("indefinite Q", lambda: linear(Q=[[1.0, 2.0], [2.0, 1.0]]), fog.ModelError, "Q", ("Q[", "-3", "indefinite"), "Check"),
    Fault("indefinite start", lambda: fog.Belief([0.0, 0.0], cov=[[1.0, 3.0], [3.0, 1.0]]), fog.ModelError, "cov", ("cov[", "-8", "indefinite"), "Check"),
    Fault("indefinite Q in one step", lambda: fog.predict(START, F=F, Q=[[1.0, 2.0], [2.0, 1.0]]), fog.ModelError, "Q", ("Q[", "-3"), "Check"),
    Fault("asymmetric R", lambda: linear(R=[[0.5, 0.1], [0.2, 0.4]]), fog.ModelError, "R", ("R[0,1]", "R[1,0]", "0.2"), "R.T"),
    Fault("covariance without variance", lambda: linear(Q=[[0.0, 0.1], [0.1, 1.0]]), fog.ModelError, "Q", ("Q[0,1]", "0.1"), "Set"),
    # Numbers that are none.
    Fault("NaN in F", lambda: linear(F=changed(F, (0, 1), NAN)), fog.ModelError, "F", ("F[0,1]", "nan"), "expected"),
    Fault("infinity in Q", lambda: linear(Q=changed(Q, (1, 1), np.inf)), fog.ModelError, "Q", ("Q[1,1]", "inf"), "expected"),
    Fault("NaN in F in one step", lambda: fog.predict(START, F=changed(F, (1, 0), NAN), Q=Q), fog.ModelError, "F", ("F[1,0]", "nan"), "expected"),
    Fault("NaN in the start", lambda: fog.Belief([0.0, NAN], std=[1, 1]), fog.ModelError, "mean", ("mean[1]", "nan"), "start=None"),
    Fault("text in H", lambda: linear(H=[["1", "0"], ["0", "1"]]), fog.ModelError, "H", ("H",), "Convert"),
    Fault("infinite measurement", lambda: fog.run(linear(), fog.Log.regular(changed(Z, (1, 0), np.inf), dt=1.0)), fog.DataError, "sensor.z0", ("inf", "row 1"), "on_bad"),
    Fault("infinite measurement in one update", lambda: fog.update(START, z=[np.inf, 0.0], H=H, R=R), fog.DataError, "z", ("z[0]", "inf"), "Drop"),
    # Names: nothing is guessed.
    Fault("unknown sensor", lambda: fog.run(two_sensors(), log(radar=Z[:, 0], lidar=Z, sonar=Z[:, 0])), fog.DataError, "sonar", ("'sonar'", "radar.range", "lidar.left"), "ignore="),
    Fault("missing column", lambda: fog.run(two_sensors(), log(radar=Z[:, 0])), fog.DataError, "lidar.left", ("lidar.left", "lidar.right", "radar"), "Add"),
    Fault("too few columns for a sensor", lambda: fog.run(two_sensors(), log(radar=Z[:, 0], lidar=Z[:, 0])), fog.DataError, "lidar", ("lidar", "1", "left, right"), "Pass"),
    Fault("one sensor twice", lambda: fog.Model(two_sensors().motion, two_sensors().sensors * 2, start=START), fog.ModelError, "sensors", ("radar",), "its own"),
    Fault("unknown angle", lambda: fog.Sensor("s", ("range",), lambda x, p: [x[0]], lambda x, p: [[1.0]], angles=("bearing",)), fog.ModelError, "s.angles", ("'bearing'", "range"), "expected one of"),
    Fault("unknown method", lambda: fog.run(linear(), fog.Log.regular(Z, dt=1.0), method="EKF"), fog.ModelError, "method", ("'EKF'",), "fog.KF()"),
    Fault("unknown form", lambda: fog.KF(form="fast"), fog.ModelError, "form", ("'fast'", "'joseph'"), "Leave"),
    Fault("weights that could be indefinite", lambda: fog.run(linear(), fog.Log.regular(Z, dt=1.0), method=fog.UKF(beta=0.0, kappa=-1.9)), fog.ModelError, "kappa", ("kappa",), "Use"),
    # Time.
    Fault("time runs backwards", lambda: fog.Log.from_arrays([0.0, 0.2, 0.1], radar=Z[:, 0]), fog.TimeError, "time", ("time[2]", "0.1", "0.2"), "Sort"),
    Fault("a stamp that is no time", lambda: fog.Log.from_arrays([0.0, NAN, 0.1], radar=Z[:, 0]), fog.TimeError, "time", ("time[1]", "NaN"), "Drop"),
    Fault("a step of no length", lambda: fog.Log.regular(Z, dt=0.0), fog.TimeError, "dt", ("dt", "0.0"), "Pass"),
    Fault("a start after the first row", lambda: fog.run(linear(), fog.Log.regular(Z, dt=1.0), start_time=5.0), fog.TimeError, "start_time", ("5.0",), "leave"),
    # Models.
    Fault("a bent model for KF", lambda: fog.run(bent(), log(radar=Z[:, 0]), method=fog.KF()), fog.ModelError, "", ("test_bad_input.py", "x.gap"), "EKF"),
    Fault("a dynamics of the wrong length", lambda: fog.Model(fog.Motion(("a", "b"), lambda x, dt, p: [x.a], lambda x, dt, p: Q), two_sensors().sensors, start=START), fog.ModelError, "motion.dynamics", ("(1,)", "(2,)"), "return"),
    Fault("a measure of None", lambda: sensing(lambda x, p: None), fog.ModelError, "radar.measure", ("None",), "return"),
    Fault("noise of NaN", lambda: sensing(lambda x, p: [x[0]], lambda x, p: [[NAN]]), fog.ModelError, "radar.noise", ("nan",), "expected"),
    Fault("a start that is not known yet", lambda: fog.run(linear(start=None), fog.Log.regular(Z, dt=1.0)), fog.ModelError, "start", ("None",), "fog.Belief"),
    Fault("matrices for another log", lambda: fog.run(linear(F=np.array([F, F])), fog.Log.regular(Z, dt=1.0)), fog.ModelError, "F", ("F", "2", "3"), "Expected"),
]  # fmt: skip


def bent() -> Any:
    motion = fog.Motion(("gap", "speed"), lambda x, dt, p: [x.gap, x.speed], lambda x, dt, p: Q)
    radar = fog.Sensor("radar", ("range",), lambda x, p: [x.gap * x.gap], lambda x, p: [[0.5]])
    return fog.Model(motion, [radar], start=START)


def sensing(measure: Any, noise: Any = lambda x, p: [[0.5]]) -> Any:
    return fog.Model(two_sensors().motion, [fog.Sensor("radar", ("range",), measure, noise)], start=START)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_bad_input_is_refused_with_field_value_and_remedy(fault: Fault) -> None:
    with pytest.raises(fault.error) as caught:
        fault.do()
    message = str(caught.value)
    for piece in (*fault.pieces, fault.remedy):
        assert piece in message, message
    assert isinstance(caught.value, fog.FoglightError)
    if fault.field:
        assert caught.value.field == fault.field
        assert fault.field in message


def test_the_sound_model_runs() -> None:
    """The faults above are faults of one part each: without them everything works."""
    assert np.isfinite(fog.run(linear(), fog.Log.regular(Z, dt=1.0), method=fog.KF()).loglik)
    assert np.isfinite(fog.run(two_sensors(), log(radar=Z[:, 0], lidar=Z)).loglik)
    assert np.isfinite(fog.run(bent(), log(radar=Z[:, 0])).loglik)


def test_a_bad_row_is_named_or_skipped_whole() -> None:
    """`on_bad="flag"` leaves the belief of a bad row as it was predicted, and says so."""
    z = changed(Z, (1, 0), np.inf)
    run = fog.run(linear(), fog.Log.regular(z, dt=1.0), method=fog.KF(), on_bad="flag")
    assert run.status[1] & fog.Status.NONFINITE
    assert not run.status[[0, 2]] @ np.array([1, 1]) & fog.Status.NONFINITE
    missing = fog.run(
        linear(), fog.Log.regular(changed(changed(Z, (1, 0), NAN), (1, 1), NAN), dt=1.0), method=fog.KF()
    )
    assert run.filtered.mean.tobytes() == missing.filtered.mean.tobytes()
    assert run.filtered.cov.tobytes() == missing.filtered.cov.tobytes()
    assert run.loglik == missing.loglik


def test_inputs_are_taken_as_they_are_and_never_written() -> None:
    """Fortran order, strides, read-only and integer arrays give the bits of plain ones; nothing is modified."""
    plain = fog.run(linear(), fog.Log.regular(Z, dt=1.0), method=fog.KF())
    strided = np.zeros((6, 4))
    strided[::2, ::2] = Z
    views = {
        "Fortran": np.asfortranarray(Z),
        "strided": strided[::2, ::2],
        "backwards": Z[::-1, ::-1].copy()[::-1, ::-1],
    }
    for name, view in views.items():
        before = view.copy()
        view.flags.writeable = False
        matrices = {k: np.asfortranarray(v) for k, v in {"F": F, "Q": Q, "H": H, "R": R}.items()}
        run = fog.run(linear(**matrices), fog.Log.regular(view, dt=1.0), method=fog.KF())
        assert run.filtered.mean.tobytes() == plain.filtered.mean.tobytes(), name
        assert np.array_equal(view, before)
    mine = Z.copy()
    held = fog.Log.regular(mine, dt=1.0)
    model_F = F.copy()
    model = linear(F=model_F)
    mine[:] = 7.0
    model_F[:] = 9.0
    assert fog.run(model, held, method=fog.KF()).filtered.mean.tobytes() == plain.filtered.mean.tobytes()
