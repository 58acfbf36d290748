"""The guards as options, and their equations on numbers and on symbols against their definitions."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import foglight as fog
from foglight.compiler.kernels.filter import make_kernel
from foglight.core.errors import REFUSED, Status
from foglight.equations import gaussian, robust
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
    assert "gate" not in plain and "huber" not in plain and "recover" not in plain
    one, other = method(gate={"b": 0.9, "a": 0.99}), method(gate={"a": 0.99, "b": 0.9}, huber={})
    assert repr(one) == repr(other) and one == other and hash(one) == hash(other)
    assert repr(one).endswith("gate={'a': 0.99, 'b': 0.9})")
    shown = repr(method(gate=np.float64(0.999), huber=2, recover=math.inf))
    assert shown.endswith("gate=0.999, huber=2.0, recover=inf)")
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
    assert gated.carry == (*plain.carry, "clock of speed (-1 when off)")
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


@both
def test_widening_brings_the_farthest_component_to_one_deviation(way: Any) -> None:
    def factor(eps: Any, S: Any, r: Any) -> Any:
        return [robust.widening(info_of(eps, S, gaussian.White(eps, S, r), 0.0))]

    def widened(*given: list[float]) -> float:
        return float(way(factor, *map(np.array, given))[0])

    assert widened([6.0, 1.0], [3.0, 2.0], [2.0, 1.0]) == 36.0
    assert widened([0.5, 0.2], [3.0, 2.0], [2.0, 1.0]) == 1.0  # never narrower
    assert widened([6.0, 3.0], [2.0, 2.5], [2.0, 2.0]) == 18.0  # an exactly known state does not count
    assert widened([6.0], [2.0], [2.0]) == 1.0
    assert widened([6.0, 3.0], [1e-310, 2.5], [0.0, 2.0]) == 18.0
    assert widened([1e-170, 1e190], [1e-300, 1e300], [0.0, 0.0]) == pytest.approx(1e80, rel=1e-14)
    # A missing component.
    assert widened([0.0, 3.0], [1.0, 1.5], [1.0, 0.5]) == 9.0


@both
def test_both_kinds_of_belief_widen(way: Any) -> None:
    x, A = np.array([1.0, 2.0]), np.array([[4.0, 1.0], [1.0, 3.0]])
    full = way(lambda x, P: robust.widened(gaussian.FullBelief(x, P), 2.5)[1], x, A)
    np.testing.assert_array_equal(np.array(full, float), 2.5 * A)
    U, D = np.array([[1.0, 0.3], [0.0, 1.0]]), np.array([4.0, 3.0])
    kept, wide = way(lambda x, U, D: robust.widened(gaussian.Belief(x, U, D), 2.5)[1:], x, U, D)
    np.testing.assert_array_equal(np.array(wide, float), 2.5 * D)
    np.testing.assert_array_equal(np.array(kept, float), U)


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


@FORMS
def test_an_exactly_known_state_is_not_widened(method: Any) -> None:
    """The sensor has noise, so nothing contradicts the state; no factor widens 0."""
    run = gauge_run([50.0] * 5, method(gate=0.999), variance=0.0)
    assert (
        (run.status == GATED).all() and (run.filtered.mean == 0.0).all() and (run.filtered.cov == 0.0).all()
    )


@FORMS
def test_a_belief_that_would_overflow_stays_as_it_is(method: Any) -> None:
    run = gauge_run([1e160] * 5, method(gate=0.999))
    assert (run.status == GATED).all()
    same(run, gauge_run([SILENT] * 5, method(gate=0.999)))
    with_a_factor = gauge_run([1e145] * 4, method(gate=0.999), variance=1e20, noise=1e20)
    assert (with_a_factor.status == [GATED, GATED, GATED | RESET, USED]).all()
    assert (gauge_run([1e100] * 5, method(gate=0.999), variance=1e-300, noise=1e-300).status == GATED).all()


@FORMS
def test_only_a_rejected_reading_widens(method: Any) -> None:
    """3 is within the gate of S = 5, and more than one deviation of the state away."""
    run = gauge_run([50.0, 50.0, 3.0, 50.0], method(gate=0.999))
    assert (run.status == [GATED, GATED, USED, GATED]).all()
    same(run, gauge_run([SILENT, SILENT, 3.0, SILENT], method()))


@FORMS
@pytest.mark.parametrize("share", [0.995, 1.005])
def test_a_low_gate_widens_for_a_reading_a_deviation_off(method: Any, share: float) -> None:
    run = gauge_run([2.0 * math.sqrt(share)] * 3, method(gate=0.1))
    assert (run.status == [GATED, GATED, GATED | (RESET if share > 1.0 else Status(0))]).all()
    assert run.filtered.cov[2, 0, 0] == pytest.approx(4.0 * max(share, 1.0), rel=1e-14)


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
