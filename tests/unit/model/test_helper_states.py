"""Helper states of sensors: the model with them is the one that is written out by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import foglight as fog

TURNING = fog.Motion(
    ("x", "y", "heading"),
    lambda x, dt: [
        x.x + dt * 2.0 * np.cos(x.heading),
        x.y + dt * 2.0 * np.sin(x.heading),
        x.heading + 0.1 * dt,
    ],
    lambda dt, p: fog.noise.independent([0.01 * dt, 0.01 * dt, p.swerve**2 * dt]),
    params={"swerve": fog.param(0.2, low=0.0)},
    angles=("heading",),
)
MEAN, STD = [1.0, 2.0, 0.3], [1.0, 1.2, 0.2]
START = fog.Belief(MEAN, std=STD, names=TURNING.state)
ADDED = (
    "gps_bias_x", "gps_bias_y", "gps_scale_y", "gps_lever_arm_x", "gps_lever_arm_y", "mast_coloured_bearing",
    "mast_facing_bearing",
)  # fmt: skip


def sensors() -> list[fog.Sensor]:
    gps = fog.sensing.linear(
        "gps", of=("x", "y"), std=0.5, bias=fog.bias(std=2.0, drift=0.05), scale={"y": fog.scale(std=0.1)},
        lever_arm=fog.lever_arm((2.2, 0.75), std=(0.5, 0.3)),
    )  # fmt: skip
    mast = fog.sensing.bearing(
        "mast", at=(30.0, 10.0), std=0.02, heading="heading",
        facing=fog.facing(0.4, std=0.2), coloured=fog.coloured(tau=3.0, std=0.1),
    )  # fmt: skip
    return [gps, mast]


def with_helpers(start: fog.Belief | None = START) -> fog.Model:
    """Also with a sensor whose function takes the state as a whole."""
    tilt = fog.Sensor("tilt", ("slope",), lambda x: [np.array([0.0, 0.5]) @ x[:-1]], lambda x: [[0.04]])
    return fog.Model(TURNING, [*sensors(), tilt], start)


def by_hand(start: fog.Belief | None) -> fog.Model:
    def constant(names: tuple[str, ...], angles: tuple[str, ...] = ()) -> fog.Motion:
        return fog.Motion(
            names, lambda x: list(x), lambda x: fog.noise.independent([0.0] * len(names)), angles=angles
        )

    def antenna(x: Any) -> list[Any]:
        c, s = np.cos(x.heading), np.sin(x.heading)
        forward, left = x.gps_lever_arm_x, x.gps_lever_arm_y
        at = x.x + (c * forward - s * left), x.y + (s * forward + c * left)
        return [at[0] + x.gps_bias_x, x.gps_scale_y * at[1] + x.gps_bias_y]

    def sight(x: Any) -> list[Any]:
        bearing = np.arctan2(-(x.y - 10.0), -(x.x - 30.0)) - x.heading
        return [bearing + x.mast_coloured_bearing - x.mast_facing_bearing]

    motion = TURNING.with_states(
        fog.motion.random_walk(ADDED[:2], std=0.05),
        constant(ADDED[2:3]),
        constant(ADDED[3:5]),
        fog.Motion(
            ADDED[5:6],
            lambda x, dt: [np.exp(-(dt * (1.0 / 3.0))) * x[0]],
            lambda x, dt, p: fog.noise.ornstein_uhlenbeck(dt, 3.0, p.sway),
            params={"sway": fog.param(0.1, low=0.0)},
        ),
        constant(ADDED[6:], angles=ADDED[6:]),
    )
    gps_std, mast_std = {"std": fog.param(0.5, low=0)}, {"std": fog.param(0.02, low=0)}
    seeing = [
        fog.Sensor("gps", ("x", "y"), antenna, lambda p: fog.noise.independent([p.std * p.std] * 2), gps_std),
        fog.Sensor("mast", ("bearing",), sight, lambda p: [[p.std**2]], mast_std, angles=("bearing",)),
        fog.Sensor("tilt", ("slope",), lambda x: [np.array([0.0, 0.5]) @ x[:2]], lambda x: [[0.04]]),
    ]
    return fog.Model(motion, seeing, start)


def whole_start(of_motion: list[float]) -> fog.Belief:
    return fog.Belief(
        [*MEAN, 0.0, 0.0, 1.0, 2.2, 0.75, 0.0, 0.4], std=[*of_motion, 2.0, 2.0, 0.1, 0.5, 0.3, 0.1, 0.2]
    )


MODEL, HAND = with_helpers(), by_hand(whole_start(STD))
LOG, TRUTH = fog.simulate(MODEL, 120, 0.3, seed=3)


def test_the_states_their_start_and_their_parameters() -> None:
    assert MODEL.state == (*TURNING.state, *ADDED)
    assert MODEL.motion.angles == ("heading", "mast_facing_bearing")
    assert whole_start(STD) == MODEL.start
    assert MODEL.parameters == {
        "motion.swerve": 0.2, "motion.gps_bias_drift": 0.05,
        "motion.mast_coloured_std": 0.1, "gps.std": 0.5, "mast.std": 0.02,
    }  # fmt: skip
    assert all(low == 0.0 for low, _ in MODEL.bounds.values())
    assert [sensor.angles for sensor in MODEL.sensors] == [(), ("bearing",), ()]


def test_a_simulated_log_is_the_same_to_the_bit() -> None:
    log, truth = fog.simulate(HAND, 120, 0.3, seed=3)
    np.testing.assert_array_equal(truth, TRUTH)
    np.testing.assert_array_equal(log.bind(HAND), LOG.bind(MODEL))


@pytest.mark.parametrize(
    "method", [fog.EKF(form="joseph"), pytest.param(fog.UKF(), marks=pytest.mark.campaign)], ids=repr
)
def test_a_run_is_the_same_to_the_bit(method: Any) -> None:
    run, hand = fog.run(MODEL, LOG, method), fog.run(HAND, LOG, method)
    np.testing.assert_array_equal(run.filtered.mean, hand.filtered.mean)
    np.testing.assert_array_equal(run.filtered.cov, hand.filtered.cov)
    assert run.loglik == hand.loglik


def test_smoothed_beliefs_are_the_same_to_the_bit() -> None:
    smoothed, other = fog.smooth(fog.run(MODEL, LOG)), fog.smooth(fog.run(HAND, LOG))
    np.testing.assert_array_equal(smoothed.mean, other.mean)
    np.testing.assert_array_equal(smoothed.cov, other.cov)


def test_tuning_finds_the_same_parameters_to_the_bit() -> None:
    names = {"motion.gps_bias_drift": "motion.std", "motion.mast_coloured_std": "motion.sway"}
    fit = fog.tune(MODEL, LOG, [*names, "gps.std"])
    hand = fog.tune(HAND, LOG, [*names.values(), "gps.std"])
    assert fit.loglik == hand.loglik
    assert [fit.model.parameters[name] for name in names] == [
        hand.model.parameters[name] for name in names.values()
    ]


def test_check_says_the_same() -> None:
    health, hand = fog.check(fog.run(MODEL, LOG)), fog.check(fog.run(HAND, LOG))
    assert str(health).replace("gps_bias_drift", "std").replace("mast_coloured_std", "sway") == str(hand)


def test_a_live_filter_agrees_with_the_run() -> None:
    live = fog.online(MODEL)
    for row, values in enumerate(LOG.bind(MODEL)):
        gps, mast, v = values[:2], values[2:3], values[3:]
        for name, z in (("gps", gps), ("mast", mast), ("tilt", v)):
            live.step(0.3 * row, name, z)
    np.testing.assert_allclose(live.belief.mean, fog.run(MODEL, LOG).filtered.mean[-1], rtol=1e-9)


@pytest.mark.parametrize(
    "known", [None, fog.Belief(MEAN, std=[np.inf, np.inf, STD[2]])], ids=["none", "mixed"]
)
def test_an_unknown_start_stays_one_and_helper_states_are_known(known: fog.Belief | None) -> None:
    model = with_helpers(known)
    assert model.start is not None
    unknown = [name for name, std in zip(model.state, model.start.std, strict=True) if np.isinf(std)]
    assert unknown == list(TURNING.state if known is None else TURNING.state[:2])
    if known is not None:
        run, hand = fog.run(model, LOG), fog.run(by_hand(whole_start([np.inf, np.inf, *STD[2:]])), LOG)
        np.testing.assert_array_equal(run.filtered.mean, hand.filtered.mean)


def test_a_start_may_be_in_another_order_and_may_hold_the_helper_states() -> None:
    order = [2, 0, 1]
    turned = fog.Belief(
        [MEAN[i] for i in order], std=[STD[i] for i in order], names=[TURNING.state[i] for i in order]
    )
    assert with_helpers(turned).start == MODEL.start
    own = fog.Belief(np.arange(10.0), std=np.ones(10))
    assert with_helpers(own).start == own
    assert MODEL.with_start(own).start == own
    back = fog.Belief(np.arange(10.0)[::-1], std=np.ones(10), names=MODEL.state[::-1])
    assert with_helpers(back).start == own


def test_a_model_made_again_of_its_parts_gains_no_states() -> None:
    again = fog.Model(MODEL.motion, MODEL.sensors, MODEL.start)
    other = again.with_parameters({"gps_bias_drift": 0.05, "gps.std": 0.5})
    for model in (again, other, replace(MODEL, start=MODEL.start)):
        assert model.state == MODEL.state and model.parameters == MODEL.parameters
        assert fog.run(model, LOG).loglik == fog.run(MODEL, LOG).loglik


def test_the_error_of_a_bias_and_a_scale_is_what_the_filter_says() -> None:
    gauge = fog.sensing.linear("gauge", of="level", std=0.5, bias=fog.bias(std=2.0, drift=0.1))
    meter = fog.sensing.linear("meter", of="level", std=0.1, scale=fog.scale(std=0.02))
    model = fog.Model(fog.motion.random_walk("level", std=0.5), [gauge, meter], fog.Belief([50.0], std=[1.0]))
    scores = []
    for seed in range(40):
        log, truth = fog.simulate(model, 60, 0.3, seed=seed)
        run = fog.run(model, log)
        scores.append(((run.filtered.mean - truth)[-1] / run.filtered.std[-1]) ** 2)
    assert (0.5 < np.mean(scores, axis=0)).all() and (np.mean(scores, axis=0) < 1.7).all()


def test_noise_that_lasts_has_the_correlation_of_its_time_constant() -> None:
    still = fog.Motion(("level",), lambda x: [x.level], lambda x: [[0.0]])
    gauge = fog.sensing.linear("gauge", of="level", std=0.0, coloured=fog.coloured(tau=2.0, std=3.0))
    log, _ = fog.simulate(fog.Model(still, [gauge], fog.Belief([5.0], std=[0.0])), 40_000, 0.5, seed=1)
    z = log.bind(fog.Model(still, [gauge], None))[:, 0] - 5.0
    assert z.std() == pytest.approx(3.0, rel=0.05)
    assert np.corrcoef(z[1:], z[:-1])[0, 1] == pytest.approx(np.exp(-0.5 / 2.0), abs=0.02)


def test_a_time_constant_with_bounds_is_a_parameter_and_is_tuned() -> None:
    def model(tau: Any) -> fog.Model:
        gauge = fog.sensing.linear("gauge", of="level", std=0.1, coloured=fog.coloured(tau=tau, std=1.0))
        return fog.Model(fog.motion.random_walk("level", std=0.01), [gauge], fog.Belief([0.0], std=[1.0]))

    log, _ = fog.simulate(model(4.0), 2000, 0.5, seed=2)
    tuned = fog.tune(model(fog.param(1.0, low=0.1)), log, ["gauge_coloured_tau"]).model
    assert tuned.parameters["motion.gauge_coloured_tau"] == pytest.approx(4.0, rel=0.3)


def test_what_is_fixed_is_no_state() -> None:
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.5, lever_arm=fog.lever_arm((2.0, -1.0)))
    mast = fog.sensing.bearing("mast", std=0.1, facing=fog.facing(0.25))
    model = fog.Model(TURNING, [gps, mast], START)
    assert model.state == TURNING.state
    quarter = fog.Belief([3.0, 4.0, np.pi / 2], std=np.full(3, 1e-9))
    exact = [replace(s, params=dict.fromkeys(s.params, 0.0)) for s in (gps, mast)]
    log, _ = fog.simulate(fog.Model(TURNING, exact, quarter), 1, 0.1, seed=0)
    expected = [3.0 + 1.0, 4.0 + 2.0, np.arctan2(4.0, 3.0) - 0.25]
    np.testing.assert_allclose(log.bind(model)[0], expected, atol=1e-7)


def test_an_unknown_bias_is_a_direction_of_which_nothing_is_known() -> None:
    gps = fog.sensing.linear("gps", of="x", std=0.5, bias=fog.bias(std=np.inf))
    model = fog.Model(fog.motion.random_walk("x", std=0.1), [gps], fog.Belief([0.0], std=[1.0]))
    run = fog.run(model, fog.Log.regular([7.0, 7.2, 6.9], dt=1.0))
    assert np.isfinite(run.filtered.std[-1]).all() and run.filtered.mean[-1, 1] == pytest.approx(7.0, abs=0.3)


def test_a_model_file_states_them_as_tables(tmp_path: Any) -> None:
    path = tmp_path / "model.toml"
    motion = fog.motion.ctrv(accel=0.3, turn_accel=0.1)
    path.write_text(
        '[motion]\nkind = "ctrv"\naccel = 0.3\nturn_accel = 0.1\n'
        '[[sensor]]\nname = "gps"\nkind = "linear"\nof = ["x", "y"]\nstd = 0.5\nbias = {std = 2.0, drift = 0.05}\n'
        "scale.y = {std = 0.1}\nlever_arm = {arm = [2.2, 0.75], std = [0.5, 0.3]}\n"
        '[[sensor]]\nname = "mast"\nkind = "bearing"\nat = [30, 10]\nstd = 0.02\nheading = "heading"\n'
        "facing = {angle = 0.4, std = 0.2}\ncoloured = {tau = 3.0, std = 0.1}\n"
        "[start]\nmean = [1, 2, 4, 0.3, 0.2]\nstd = [1, 1.2, 0.5, 0.2, 0.1]\n"
    )
    model = fog.load_model(path).model
    other = fog.Model(motion, sensors(), fog.Belief([1, 2, 4, 0.3, 0.2], std=[1, 1.2, 0.5, 0.2, 0.1]))
    assert model.state == other.state and model.start == other.start
    assert model.parameters == other.parameters and model.bounds == other.bounds


GPS = fog.sensing.linear("gps", of=("x", "y"), std=0.5, bias=fog.bias(std=2.0))
MOUNTED = fog.lever_arm((1.0, 0.0), heading="course")
STDS = dict.fromkeys(("range_std", "bearing_std", "range_rate_std"), 1.0)


def of(sensor: fog.Sensor) -> fog.Model:
    return fog.Model(TURNING, [sensor], None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fog.Model(MODEL.motion, [GPS], None), r"gps\.bias\['gps_bias_x'\]: it adds a state of that name"),
        (lambda: fog.Model(TURNING, [GPS, replace(GPS, params={"std": 1.0})], None), "Rename"),
        (lambda: fog.bias(std=-1.0), "std = -1"),
        (lambda: fog.bias(std=1.0, drift=-1.0), "drift = -1"),
        (lambda: fog.coloured(tau=0.0, std=1.0), "tau = 0"),
        (lambda: fog.coloured(tau=fog.param(1.0, low=0.0), std=1.0), "a lower bound > 0"),
        (lambda: fog.coloured(tau=1.0, std=fog.shared("a.b")), "a value"),
        (lambda: fog.lever_arm((1.0, 2.0, 3.0)), "two numbers"),
        (lambda: fog.lever_arm((1.0, 2.0), of="x"), "two states"),
        (lambda: fog.sensing.linear("gps", of="x", std=1.0, bias=0.5), r"gps\.bias = 0\.5: expected what fog\.bias"),
        (lambda: fog.sensing.linear("gps", of="x", std=1.0, bias={"y": fog.bias(1.0)}), r"gps\.bias\['y'\]"),
        (lambda: of(fog.sensing.bearing("mast", std=0.1, scale=fog.scale(0.1))), r"mast\.scale\['bearing'\]"),
        (lambda: of(fog.sensing.range("uwb", std=1.0, lever_arm=MOUNTED)), "heading = 'course'"),
        (lambda: fog.sensing.range_bearing_rate("radar", **STDS, lever_arm=MOUNTED), "range rate"),
        (lambda: replace(GPS, params=GPS.params, facing=fog.facing(1.0)), "that are angles"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make: Any, said: str) -> None:
    with pytest.raises(fog.ModelError, match=said):
        make()


def vehicle(arm: Any) -> fog.Model:
    """A vehicle that turns, with an antenna that is not at its reference point, and a compass."""
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.5, lever_arm=arm)
    compass = fog.sensing.linear("compass", of="heading", std=0.02)
    start = fog.Belief([0.0, 0.0, 8.0, 0.3, 0.2], std=[2.0, 2.0, 1.0, 0.3, 0.1])
    return fog.Model(fog.motion.ctrv(accel=0.1, turn_accel=0.2), [gps, compass], start)


def covered(logs: int) -> np.ndarray[Any, Any]:
    """The share of logs whose 95 % interval of each number of the arm holds the truth."""
    mounted = np.array([2.2, 0.75])
    truth, unknown = vehicle(fog.lever_arm(mounted)), vehicle(fog.lever_arm((0.0, 0.0), std=3.0))
    inside = []
    for seed in range(logs):
        found = fog.run(unknown, fog.simulate(truth, 500, 0.2, seed=seed)[0]).filtered
        inside.append(np.abs(found.mean[-1, 5:] - mounted) < 1.96 * found.std[-1, 5:])
    return np.mean(inside, axis=0)


def test_a_lever_arm_is_found() -> None:
    assert (covered(10) >= 0.7).all()


@pytest.mark.campaign
def test_a_lever_arm_is_within_its_interval_as_often_as_it_says() -> None:
    share = covered(200)
    assert (share >= 0.92).all() and (share <= 0.98).all(), share
