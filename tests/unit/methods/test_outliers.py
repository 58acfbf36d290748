"""The guards as options, and their equations on numbers and on symbols against their definitions."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from scipy.stats import chi2

import foglight as fog
from foglight.compiler.kernels.filter import make_kernel
from foglight.core.errors import REFUSED, Status
from foglight.equations import gaussian, robust, student, ud
from foglight.equations.measurement import Faults
from unit.both import floats, symbols

both = pytest.mark.parametrize("way", [floats, symbols], ids=["floats", "symbols"])
METHODS = [fog.KF, fog.EKF, fog.UKF, fog.CKF]


def two_sensors() -> fog.Model:
    motion = fog.motion.constant_velocity(("x", "y"), accel=1.0)
    gps = fog.sensing.linear("gps", of=("x", "y"), std=[0.5, 0.8])
    speed = fog.sensing.linear("speed", of="x_speed", std=0.3)
    return fog.Model(motion, [gps, speed], fog.Belief([0, 1, 2, 3], std=[1, 2, 1, 2]))


@pytest.mark.parametrize("method", METHODS)
def test_repr_shows_guards_that_differ_from_the_default(method: Any) -> None:
    plain = repr(method())
    assert not any(option in plain for option in ("gate", "huber", "student", "recover"))
    one, other = method(gate={"b": 0.9, "a": 0.99}), method(gate={"a": 0.99, "b": 0.9}, huber={})
    assert repr(one) == repr(other) and one == other and hash(one) == hash(other)
    assert repr(one).endswith("gate={'a': 0.99, 'b': 0.9})")
    shown = repr(method(gate=np.float64(0.999), huber=2, recover=3))
    assert shown.endswith("gate=0.999, huber=2.0, recover=3.0)")
    assert repr(method(student=4, recover=math.inf)).endswith("(student=4.0)")
    assert method(gate=0.999) != method(gate=0.99) != method()


@pytest.mark.parametrize("method", METHODS)
def test_guards_are_named_and_frozen(method: Any) -> None:
    with pytest.raises(TypeError):
        method(1, "factored", 0.0, 0.999)
    given = {"gps": 0.9}
    guarded = method(gate=given)
    given["gps"] = 0.5
    assert guarded.gate["gps"] == 0.9
    with pytest.raises(TypeError):
        guarded.gate["gps"] = 0.5
    with pytest.raises(AttributeError):
        guarded.gate = 0.5
    for twin in (copy.deepcopy(guarded), pickle.loads(pickle.dumps(guarded))):
        assert twin == guarded and repr(twin) == repr(guarded)
        with pytest.raises(TypeError):
            twin.gate["gps"] = 0.5


def test_options_of_the_methods_stay_where_they_were() -> None:
    assert repr(fog.EKF(3)) == "EKF(iterations=3)"
    assert repr(fog.UKF(0.5)) == "UKF(alpha=0.5)" and repr(fog.EKF()) == "EKF()"
    assert repr(fog.KF("joseph")) == "KF(form='joseph')" and repr(fog.CKF()) == "CKF()"
    assert fog.KF().iterations == 1 and fog.CKF().beta == 0.0
    with pytest.raises(TypeError):
        fog.KF(iterations=3)  # type: ignore[call-arg]


def test_a_guard_depends_on_its_sensor_and_its_components() -> None:
    model = two_sensors()
    method = fog.EKF(gate={"gps": 0.99}, huber=1.5, recover=3.0)
    assert method.gated(model.sensor_names) == ("gps",) and fog.KF(gate=0.9).gated(model.sensor_names) == (
        "gps",
        "speed",
    )
    limits = method.thresholds("gps", 2)
    assert limits.gates == pytest.approx(chi2.ppf(0.99, [1, 2]), rel=1e-13) and limits.recover == 3.0
    assert method.thresholds("speed", 1).gates == () and fog.EKF().thresholds("gps", 2).bounds == ()
    # Exceeded equally often, whatever the number of components.
    assert limits.bounds[0] == pytest.approx(1.5**2, rel=1e-13)
    assert chi2.sf(limits.bounds, [1, 2]) == pytest.approx(chi2.sf(1.5**2, 1), rel=1e-12)


def test_a_student_bound_is_for_a_sensor_without_another() -> None:
    method = fog.EKF(student={"gps": 4}, huber={"speed": 1.5}, gate=0.999)
    assert method.thresholds("gps", 2).dof == 4.0 and method.thresholds("gps", 2).bounds == ()
    assert method.thresholds("gps", 2).doubted == (6.0, 8.0)  # (4 + m)/(4 + NIS) = ½
    assert method.thresholds("speed", 1).dof is None and method.thresholds("speed", 1).doubted == ()
    for huber, dof in ((1.5, 4.0), ({"gps": 1.5}, 4.0), (1.5, {"gps": 4.0}), ({"gps": 1.5}, {"gps": 4.0})):
        with pytest.raises(fog.ModelError, match="no huber= for the same sensor"):
            fog.UKF(huber=huber, student=dof)


def test_a_gate_without_recovery_carries_nothing() -> None:
    """What is known of rejections is carried where it may be used, component by component."""
    model = two_sensors()
    plain, gated, both = (
        make_kernel(model, method).carry
        for method in (fog.EKF(), fog.EKF(gate=0.99), fog.EKF(gate={"gps": 0.99}, recover=1.0))
    )
    assert gated == plain
    assert both == (
        *plain, "rejected readings of gps", "readings of gps",
        "seconds of rejection of gps.x (-1 for none)", "chance of the rejections of gps.x",
        "seconds of rejection of gps.y (-1 for none)", "chance of the rejections of gps.y",
    )  # fmt: skip


def test_a_bound_that_cannot_be_exceeded_is_infinite() -> None:
    """A bound beyond the tail of the normal distribution in float64."""
    assert fog.EKF(huber=40.0).thresholds("gps", 2).bounds == (math.inf, math.inf)


@pytest.mark.parametrize("bound", [1e-300, 5e-324])
def test_a_bound_that_underflows_is_refused(bound: float) -> None:
    with pytest.raises(fog.ModelError, match=r"huber = .*: too small") as caught:
        fog.EKF(huber=bound).thresholds("gps", 2)
    assert caught.value.field == "huber"


def test_what_is_not_guarded_compiles_as_if_there_were_no_guards() -> None:
    model = two_sensors()
    plain, guarded = make_kernel(model, fog.EKF()), make_kernel(model, fog.EKF(huber={"speed": 2.0}))
    gated = make_kernel(model, fog.EKF(gate={"speed": 0.99}))
    texts = [[stage.program.text() for stage in kernel.stages] for kernel in (plain, guarded)]
    assert texts[0][:2] == texts[1][:2] and texts[0][2] != texts[1][2]
    assert gated.carry == plain.carry
    assert plain.received == Status.USED | REFUSED and gated.received == plain.received | Status.GATED
    assert gated.stages[1].used == Status.USED and gated.stages[2].used == Status(0)


# The equations.
def info_of(e: Any, S: Any, white: Any, nis: Any, contradicted: Any = False) -> gaussian.UpdateInfo:
    faults = Faults(False, contradicted, False, False)
    return gaussian.UpdateInfo(e, S, np.zeros((1, len(e))), nis, 0.0, faults, white)


@both
def test_the_limit_is_that_for_the_components_that_count(way: Any) -> None:
    limits = (3.0, 5.0, 7.0)

    def limit(S: Any, z: Any) -> Any:
        used = [v == v for v in z]
        white = gaussian.White(S, S, S)
        return [robust.limit_for(limits, info_of(S, S, white, 0.0), used)]

    nan = math.nan
    for z, S, expected in (
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 7.0),
        ([1.0, nan, 3.0], [1.0, 1.0, 3.0], 5.0),
        ([nan, nan, 3.0], [1.0, 1.0, 3.0], 3.0),
        ([1.0, 2.0, 3.0], [1.0, 0.0, 3.0], 5.0),
    ):
        assert way(limit, np.array(S), np.array(z)) == [expected]


@both
def test_outlying_is_finite_and_beyond(way: Any) -> None:
    def outlying(e: Any, S: Any, nis: Any) -> Any:
        return [robust.outlying(info_of(e, S, gaussian.White(e, S, S), nis[0]), 9.0)]

    inf = math.inf
    for e, S, nis, expected in (
        (3.1, 1.0, 9.61, True), (3.0, 1.0, 9.0, False), (1e200, 1.0, inf, True),
        (inf, 1.0, inf, False), (-inf, 1.0, inf, False), (3.1, inf, 9.61, False), (3.1, 1.0, math.nan, False),
    ):  # fmt: skip
        assert bool(way(outlying, np.array([e]), np.array([S]), np.array([nis]))[0]) is expected


@both
def test_a_bounded_reading_has_the_influence_of_one_at_the_bound(way: Any) -> None:
    """K' e = w K e, NIS' = √(bound NIS); within the bound R is returned unchanged, to the bit."""
    H = np.array([[1.0, 0.3, 0.0], [0.2, 0.9, -0.4]])
    P = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 0.5]])
    R = np.array([[0.5, 0.1], [0.1, 0.7]])
    S = H @ P @ H.T + R
    e = np.array([4.0, -3.0])
    nis = float(e @ np.linalg.solve(S, e))

    def noise(R: Any, S: Any, nis: Any) -> Any:
        return robust.bounded(R, info_of(nis, S, None, nis[0]), 5.0)

    held = np.array(way(noise, R, S, np.array([nis])), float)
    w = math.sqrt(5.0 / nis)
    assert w < 0.7
    K, K_held = P @ H.T @ np.linalg.inv(S), P @ H.T @ np.linalg.inv(H @ P @ H.T + held)
    np.testing.assert_allclose(K_held, w * K, rtol=1e-13)
    assert e @ np.linalg.solve(H @ P @ H.T + held, e) == pytest.approx(math.sqrt(5.0 * nis), rel=1e-13)
    within = np.array(way(noise, R, S, np.array([5.0])), float)
    assert within.tobytes() == R.tobytes()


@both
def test_a_reading_at_the_bound_has_its_own_noise(way: Any) -> None:
    """49 (1/49) is less than 1 by half a digit, which with an S of 2^54 would change R."""
    info = info_of(np.zeros(1), np.array([[2.0**54]]), None, 49.0)
    assert way(lambda R: robust.bounded(R, info, 49.0), np.array([[1.0]]))[0][0] == 1.0


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_what_two_passes_report(first: bool, second: bool) -> None:
    """Innovation, S, NIS of the plain pass, gain and likelihood of the other; indefinite if either is."""
    e, S = np.array([1.0]), np.eye(1)
    plain, inflated = (
        gaussian.UpdateInfo(
            e * k,
            S * k,
            S * 2.0 * k,
            3.0 * k,
            4.0 * k,
            Faults(bad, False, True, False),
            gaussian.White(e, e, e),
        )
        for k, bad in ((1.0, first), (10.0, second))
    )
    found = robust.reported(plain, inflated)
    assert (found.innovation, found.S, found.nis) == (1.0, 1.0, 3.0) and (found.K, found.loglik) == (
        20.0,
        40.0,
    )
    assert found.faults == Faults(first or second, False, True, False)


H = np.array([[1.0, 0.3, 0.0], [0.2, 0.9, -0.4]])
P = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 0.5]])
R = np.array([[0.5, 0.1], [0.1, 0.7]])
E = np.array([9.0, -7.0])


@both
def test_a_doubted_reading_counts_less(way: Any) -> None:
    """K' e = w K e with w = (ν + m)/(ν + NIS); a reading within NIS = m keeps R, to the bit."""
    S, e = H @ P @ H.T + R, np.array([4.0, -3.0])
    nis = float(e @ np.linalg.solve(S, e))

    def noise(R: Any, S: Any, nis: Any) -> Any:
        white = gaussian.White(e, np.diag(S), np.diag(S))
        return student.bounded(R, info_of(e, S, white, nis[0]), [True, True], 4.0)

    held = np.array(way(noise, R, S, np.array([nis])), float)
    w = 6.0 / (4.0 + nis)
    assert w < 0.7
    K, K_held = P @ H.T @ np.linalg.inv(S), P @ H.T @ np.linalg.inv(H @ P @ H.T + held)
    np.testing.assert_allclose(K_held, w * K, rtol=1e-13)
    for small in (0.0, 1.3, 2.0):
        assert np.array(way(noise, R, S, np.array([small])), float).tobytes() == R.tobytes()


@pytest.mark.parametrize("dof", [1.0, 2.5, 4.0, 19.9, 20.1, 300.0, 1e6, 1e12])
@pytest.mark.parametrize("m", [0, 1, 2, 5])
def test_the_constant_of_the_t_density(dof: float, m: int) -> None:
    with mp.workdps(50):
        a, b = mp.mpf(dof) / 2, (mp.mpf(dof) + m) / 2
        expected = float(mp.loggamma(b) - mp.loggamma(a) - mp.mpf(m) / 2 * mp.log(a))
    assert student.constant(dof, m) == pytest.approx(expected, rel=0.0, abs=3e-14)


# Widening.
def info_with(H: Any, P: Any, R: Any, e: Any) -> gaussian.UpdateInfo:
    """The information on a linear update, by its definition."""
    S = H @ P @ H.T + R
    return info_of(e, S, None, 0.0)._replace(K=P @ H.T @ np.linalg.inv(S))


def by_definition(along: list[int]) -> tuple[Any, float]:
    """P + ½ (q - 1) (A G Aᵀ + B G Bᵀ) and q of some components, in full matrices."""
    h = H[along]
    G, V = h @ P @ h.T, np.diag(np.diag(P))
    q = max(1.0, float(E[along] @ np.linalg.solve(G, E[along])))
    A, B = P @ h.T @ np.linalg.inv(G), V @ h.T @ np.linalg.inv(h @ V @ h.T)
    return P + 0.5 * (q - 1.0) * (A @ G @ A.T + B @ G @ B.T), q


@pytest.mark.parametrize("along", [[0, 1], [0], [1], []])
@pytest.mark.parametrize("factored", [True, False])
def test_widening_is_along_what_is_seen(along: list[int], factored: bool) -> None:
    x, info = np.zeros(3), info_with(H, P, R, E)
    belief: Any = gaussian.FullBelief(x, P)
    if factored:
        L, d, _ = ud.split(P)
        belief = gaussian.Belief(x, *ud.combine(L, d))
    new, factor = robust.widened(belief, H, info, R, [i in along for i in range(2)])
    found = ud.covariance(new.U, new.D) if factored else new.P
    expected, q = by_definition(along) if along else (P, 1.0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
    assert factor == pytest.approx(q, rel=1e-12)
    if (
        along
    ):  # the predicted covariance of what is seen is multiplied by q, and its innovation is one deviation off
        G = H[along] @ found @ H[along].T
        np.testing.assert_allclose(G, q * (H[along] @ P @ H[along].T), rtol=1e-12)
        assert E[along] @ np.linalg.solve(G, E[along]) == pytest.approx(1.0, rel=1e-12)


@both
def test_both_kinds_of_arithmetic_widen_alike(way: Any) -> None:
    S, K = H @ P @ H.T + R, P @ H.T @ np.linalg.inv(H @ P @ H.T + R)

    def widened(P: Any, H: Any, R: Any, S: Any, K: Any, e: Any) -> Any:
        info = info_of(e, S, None, 0.0)._replace(K=K)
        new, factor = robust.widened(gaussian.FullBelief(np.zeros(3), P), H, info, R, [True, True])
        return [*new.P.ravel(), factor]

    expected, q = by_definition([0, 1])
    np.testing.assert_allclose(
        np.array(way(widened, P, H, R, S, K, E), float), [*expected.ravel(), q], rtol=1e-12
    )


def test_a_belief_is_never_narrowed_and_what_is_exact_stays() -> None:
    x = np.zeros(3)
    near = info_with(H, P, R, 0.02 * E)
    new, factor = robust.widened(gaussian.FullBelief(x, P), H, near, R, [True, True])
    assert factor == 1.0 and (new.P == P).all()
    known = np.zeros((3, 3))
    new, factor = robust.widened(gaussian.FullBelief(x, known), H, info_with(H, known, R, E), R, [True, True])
    assert factor == 1.0 and (new.P == known).all()


# A gate in a run.
def gauge_run(gauge: list[float], method: Any, variance: float = 4.0, noise: Any = 1.0, **more: Any) -> Any:
    """A level that does not move, seen every half second."""
    motion = fog.Motion(("level",), lambda x, dt, p: [x.level], lambda x, dt, p: [[0.0]])
    sensor = fog.Sensor(
        "gauge", ("z",), lambda x, p: [x.level], lambda x, p: [[noise(x.level) if callable(noise) else noise]]
    )
    model = fog.Model(motion, [sensor], fog.Belief([0.0], cov=[[variance]]))
    log = fog.Log.from_arrays(0.5 * np.arange(len(gauge)), gauge=np.array(gauge))
    return fog.run(model, log, method=method, **more)


GATED, RESET, USED, SILENT = Status.GATED, Status.RESET, Status.USED, math.nan
FORMS = pytest.mark.parametrize("method", [fog.EKF, fog.UKF, lambda **given: fog.EKF(form="joseph", **given)])


def same(one: Any, other: Any) -> None:
    """To the bit."""
    for name in ("mean", "cov"):
        np.testing.assert_array_equal(getattr(one.filtered, name), getattr(other.filtered, name))
    assert one.loglik == other.loglik


SOON = {"gate": 0.999, "recover": 0.5}
MANY = 17  # rejections in a row that no share of outliers explains: ½^17 < 1e-5


@FORMS
def test_an_exactly_known_state_is_not_widened(method: Any) -> None:
    """The sensor has noise, so nothing contradicts the state; no factor widens 0."""
    run = gauge_run([50.0] * 30, method(**SOON), variance=0.0)
    assert (
        (run.status == GATED).all() and (run.filtered.mean == 0.0).all() and (run.filtered.cov == 0.0).all()
    )


@FORMS
def test_a_belief_that_would_overflow_stays_as_it_is(method: Any) -> None:
    run = gauge_run([1e160] * 30, method(**SOON))
    assert (run.status == GATED).all()
    same(run, gauge_run([SILENT] * 30, method(**SOON)))
    with_a_factor = gauge_run([1e145] * (MANY + 1), method(**SOON), variance=1e20, noise=1e20)
    assert (with_a_factor.status == [*[GATED] * (MANY - 1), GATED | RESET, USED]).all()
    assert (gauge_run([1e100] * 30, method(**SOON), variance=1e-300, noise=1e-300).status == GATED).all()


@FORMS
def test_only_a_rejected_reading_widens(method: Any) -> None:
    """3 is within the gate of S = 5, and more than one deviation of the state away."""
    z = [*[50.0] * (MANY - 1), 3.0, 50.0]
    run = gauge_run(z, method(**SOON))
    assert (run.status == [*[GATED] * (MANY - 1), USED, GATED]).all()
    same(run, gauge_run([SILENT if v == 50.0 else v for v in z], method()))


@FORMS
@pytest.mark.parametrize("share", [0.995, 1.005])
def test_a_low_gate_widens_for_a_reading_a_deviation_off(method: Any, share: float) -> None:
    """A gate of 0.1 rejects nine good readings in ten, so that far more in a row are no surprise."""
    run = gauge_run([2.0 * math.sqrt(share)] * 130, method(gate=0.1, recover=0.5))
    widened = (run.status & RESET) != 0
    assert (run.status & GATED).all() and widened.any() == (share > 1.0)
    if share > 1.0:
        first = int(np.argmax(widened))
        chances = np.cumprod([min((k + 1) / (k + 2), 0.9) for k in range(130)])
        assert first == int(np.argmax(chances <= 1e-5)) > 90
        assert run.filtered.cov[first, 0, 0] == pytest.approx(4.0 * share, rel=1e-14)


@FORMS
def test_a_gate_does_not_hide_invalid_noise(method: Any) -> None:
    """A variance of -0.2 with the 0.8 of the state: reported as without a gate, also if the reading is far off."""

    def run(chosen: Any, **more: Any) -> Any:
        return gauge_run([3.0, 50.0, 50.0, 2.5, 50.0], chosen, noise=lambda level: 1.0 - 0.5 * level, **more)

    guarded, plain = (run(chosen, on_bad="flag") for chosen in (method(gate=0.999), method()))
    assert (guarded.status == plain.status).all() and (guarded.status[1:] == Status.INDEFINITE).all()
    same(guarded, plain)
    with pytest.raises(fog.NumericalError, match="row 1"):
        run(method(gate=0.999))
