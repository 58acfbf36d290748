"""`fog.rotation`, against SciPy, on rows, on numbers and in functions of a model; and states that are rotations."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

import foglight as fog
from foglight import rotation

rng = np.random.default_rng(1)
P, Q = (v / np.linalg.norm(v, axis=1)[:, None] for v in rng.normal(size=(2, 40, 4)))
V = rng.normal(size=(40, 3))
QUATERNION = ("qw", "qx", "qy", "qz")


def scipy(q: NDArray[Any]) -> Rotation:
    return Rotation.from_quat(q[..., [1, 2, 3, 0]])


def matrices(q: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(scipy(q).as_matrix())


def test_every_function_against_scipy() -> None:
    close = {"atol": 2e-15}
    np.testing.assert_allclose(matrices(rotation.multiply(P, Q)), matrices(P) @ matrices(Q), **close)
    np.testing.assert_allclose(rotation.to_matrix(Q), matrices(Q), **close)
    np.testing.assert_allclose(rotation.rotate(Q, V), scipy(Q).apply(V), **close)
    np.testing.assert_allclose(rotation.rotate(rotation.inverse(Q), V), scipy(Q).inv().apply(V), **close)
    np.testing.assert_allclose(rotation.log(Q), scipy(Q).as_rotvec(), **close)
    np.testing.assert_allclose(matrices(rotation.exp(V)), Rotation.from_rotvec(V).as_matrix(), **close)
    np.testing.assert_allclose(rotation.to_euler(Q), scipy(Q).as_euler("ZYX")[:, ::-1], atol=1e-14)
    np.testing.assert_allclose(matrices(rotation.from_matrix(matrices(Q))), matrices(Q), **close)
    angles = rotation.to_euler(Q)
    np.testing.assert_allclose(matrices(rotation.from_euler(*angles.T)), matrices(Q), atol=1e-14)
    turned = scipy(Q) * Rotation.from_rotvec(0.3 * V)
    np.testing.assert_allclose(matrices(rotation.integrate(Q, V, 0.3)), turned.as_matrix(), **close)


def test_one_rotation_as_rows() -> None:
    assert rotation.multiply(P[3], Q[3]).tolist() == rotation.multiply(P, Q)[3].tolist()
    assert rotation.to_matrix(list(Q[2])).tolist() == rotation.to_matrix(Q)[2].tolist()


@pytest.mark.parametrize("q", [[1.0, 0.0, 0.0], 1.0, [[1.0, 0.0]]])
def test_other_than_four_numbers(q: Any) -> None:
    with pytest.raises(fog.ModelError, match="expected 4 numbers, or rows of 4") as caught:
        rotation.inverse(q)
    assert caught.value.field == "q"


def still(**options: Any) -> fog.Motion:
    given: dict[str, Any] = {"rotations": {"attitude": QUATERNION}} | options
    names = given.pop("state", (*QUATERNION, "b"))
    return fog.Motion(
        names, lambda x, dt, p: list(x), lambda x, dt, p: fog.noise.independent([dt] * 4), **given
    )


def test_names() -> None:
    motion = still(units={"qw": "1", "attitude_x": "rad", "b": "m"}, limits={"b": (-1.0, 1.0)})
    assert motion.state == ("attitude_x", "attitude_y", "attitude_z", "b")
    assert motion.ambient == (*QUATERNION, "b")
    assert motion.rotations == {"attitude": QUATERNION}
    wider = motion.with_states(fog.motion.random_walk("drift", std=[0.1]))
    assert wider.ambient == (*QUATERNION, "b", "drift")
    assert wider.state == ("attitude_x", "attitude_y", "attitude_z", "b", "drift")


def test_a_belief_is_brought_to_length_one() -> None:
    belief = still().belief([2.0, 0.0, 0.0, 0.0, 5.0], std=[0.1, 0.2, 0.3, 4.0])
    assert belief.mean.tolist() == [1.0, 0.0, 0.0, 0.0, 5.0]
    assert belief.cov.shape == (4, 4)
    assert "attitude_z ± 0.3" in repr(belief)


@pytest.mark.parametrize(
    "make, says",
    [
        (
            lambda: still(rotations={"attitude": ("qw", "qx", "qz", "qy")}),
            "follow one another in `state`, in this",
        ),
        (lambda: still(rotations={"attitude": ("qw", "qx", "qy")}), "expected the names of 2 or 4 states"),
        (lambda: still(rotations={"attitude": "qw"}), "expected the names of 2 or 4 states"),
        (lambda: still(rotations={"attitude": ("w", "x", "y", "z")}), "expected names of states (qw, qx"),
        (lambda: still(rotations=["attitude"]), "expected names and their states"),
        (lambda: still(unit_vectors={"up": QUATERNION}, rotations={}), "expected the names of 3 states"),
        (lambda: still(state=(*QUATERNION, "attitude_x")), "duplicate name"),
        (lambda: still(angles=("qw",)), "qw"),
        (lambda: still(limits={"qw": (0.0, 1.0)}), "qw"),
        (lambda: still().belief([0.0] * 5, std=[1.0] * 4), "has length 0, which is no direction"),
        (
            lambda: still().belief([1.0, 0.0, 0.0, 0.0, 0.0], std=[1.0] * 5),
            "one for each of attitude_x, attitude_y",
        ),
        (lambda: still().belief([1.0, 0.0, 0.0, 0.0, 0.0], std=[np.inf] * 4), "nothing is known of attitude"),
    ],
)
def test_refused(make: Any, says: str) -> None:
    with pytest.raises(fog.ModelError) as caught:
        make()
    assert says in str(caught.value)
    assert caught.value.field


def test_a_model_needs_a_start_about_its_rotations() -> None:
    up = fog.Sensor("up", ("x",), lambda x, p: [x.qx], lambda x, p: [[1.0]])
    plain = fog.Belief([1.0, 0.0, 0.0, 0.0, 0.0], std=[1.0] * 5)
    for start in (None, plain):
        with pytest.raises(fog.ModelError, match="expected those of the motion, attitude") as caught:
            fog.Model(still(), [up], start)
        assert caught.value.field == "start"


def test_single_steps_and_fusion_take_no_rotations() -> None:
    belief = still().belief([1.0, 0.0, 0.0, 0.0, 0.0], std=[1.0] * 4)
    eye = 0.5 * np.eye(4) + 0.1
    for call in (
        lambda: fog.predict(belief, F=eye, Q=eye),
        lambda: fog.update(belief, [1.0], H=[[1.0, 0.0, 0.0, 0.0]], R=[[1.0]]),
        lambda: fog.fuse(belief, belief),
    ):
        with pytest.raises(fog.ModelError, match="the rotation attitude"):
            call()


def test_close_sigma_points_are_refused() -> None:
    up = fog.Sensor("up", ("x",), lambda x, p: [x.qx], lambda x, p: [[1.0]])
    start = still().belief([1.0, 0.0, 0.0, 0.0, 0.0], std=[0.1] * 4)
    with pytest.raises(fog.ModelError, match="no exact differences \\(rotations\\)"):
        fog.run(
            fog.Model(still(), [up], start), fog.Log.regular([0.1, 0.2], dt=1.0), method=fog.UKF(alpha=1e-3)
        )


def test_states_and_steps_of_a_unit_vector() -> None:
    """A level that tilts: what it is told by two components, it knows of the third."""
    level = fog.Motion(
        ("ux", "uy", "uz"),
        lambda x, dt, p: list(x),
        lambda x, dt, p: fog.noise.independent([1e-4 * dt] * 2),
        unit_vectors={"up": ("ux", "uy", "uz")},
    )
    sides = fog.Sensor(
        "sides", ("x", "y"), lambda x, p: [x.ux, x.uy], lambda x, p: fog.noise.independent([1e-6] * 2)
    )
    model = fog.Model(level, [sides], level.belief([0.0, 0.0, 1.0], std=[0.5, 0.5]))
    run = fog.run(model, fog.Log.regular([[0.28, -0.24]] * 20, dt=1.0), method=fog.EKF(iterations=5))
    assert run.filtered.mean[-1] == pytest.approx([0.28, -0.24, np.sqrt(1.0 - 0.28**2 - 0.24**2)], abs=1e-3)
