"""The option `adapt`: what it accepts, what is carried, and where its scales are seen."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

import foglight as fog
from foglight.compiler import adaptation
from foglight.compiler.kernels.filter import make_kernel
from foglight.methods.adaptation import influence

METHODS = [fog.KF, fog.EKF, fog.UKF, fog.CKF]
TIMES = 0.5 * np.arange(120)


def two_sensors() -> fog.Model:
    motion = fog.motion.constant_velocity(("x", "y"), accel=1.0)
    gps = fog.sensing.linear("gps", of=("x", "y"), std=[0.5, 0.8])
    speed = fog.sensing.linear("speed", of="x_speed", std=0.3)
    return fog.Model(motion, [gps, speed], fog.Belief([0, 1, 2, 3], std=[1, 2, 1, 2]))


def log(std: float = 2.0) -> fog.Log:
    rng = np.random.default_rng(5)
    gps = np.stack([2.0 * TIMES, 1.0 + 3.0 * TIMES], axis=1) + std * rng.standard_normal((len(TIMES), 2))
    return fog.Log.from_arrays(TIMES, gps=gps, speed=2.0 + 0.3 * rng.standard_normal(len(TIMES)))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_one_or_several(method: Any) -> None:
    one, other = fog.adapt("gps", forgetting=0.9), fog.adapt(["speed"], motion=False)
    assert repr(method(adapt=one)).endswith("(adapt=adapt('gps', forgetting=0.9))")
    assert method(adapt=[one]) == method(adapt=one) != method(adapt=[one, other])
    assert method(adapt=[one, other]).adaptations == (one, other) and method().adaptations == ()
    assert method(adapt=[]) == method() and "adapt" not in repr(method())
    both = method(adapt=[one, other])
    assert copy.deepcopy(both) == both == pickle.loads(pickle.dumps(both)) and hash(both) == hash(
        copy.copy(both)
    )
    assert both.with_guards(gate=0.999).adapt == both.adapt


def test_the_description_says_what_differs_from_the_default() -> None:
    assert repr(fog.adapt()) == "adapt()" and repr(fog.adapt(["gps", "speed"])) == "adapt(['gps', 'speed'])"
    assert (
        repr(fog.adapt("gps", motion=False, bounds=(1, 9))) == "adapt('gps', motion=False, bounds=(1.0, 9.0))"
    )
    assert repr(fog.adapt([])) == "adapt([])" and fog.adapt([]).motion


@pytest.mark.parametrize(
    ("make", "field", "says"),
    [
        (lambda: fog.adapt(3), "sensor", "expected the name of a sensor"),  # type: ignore[arg-type]
        (lambda: fog.adapt(["gps", "gps"]), "sensor", r"sensor\[1\] = 'gps': expected each sensor once"),
        (lambda: fog.adapt("gps", forgetting=1.0), "forgetting", "from 0.5 to below 1"),
        (lambda: fog.adapt("gps", forgetting=0.4), "forgetting", "from 0.5 to below 1"),
        (lambda: fog.adapt("gps", forgetting=float("nan")), "forgetting", "from 0.5 to below 1"),
        (lambda: fog.adapt("gps", bounds=(2.0, 9.0)), "bounds", "above 0 and up to 1"),
        (lambda: fog.adapt("gps", bounds=(0.0, 9.0)), "bounds", "above 0 and up to 1"),
        (lambda: fog.adapt("gps", bounds=(0.1, np.inf)), "bounds", "two numbers"),
        (lambda: fog.adapt("gps", bounds=0.1), "bounds", "two numbers"),  # type: ignore[arg-type]
        (lambda: fog.adapt("gps", motion=1), "motion", "True or False"),  # type: ignore[arg-type]
        (lambda: fog.adapt([], motion=False), "sensor", "leaves nothing to adapt"),
        (lambda: fog.EKF(adapt="gps"), "adapt", r"Write adapt=fog.adapt\('gps'\)"),  # type: ignore[arg-type]
        (lambda: fog.EKF(adapt=["gps"]), "adapt", "or a list of them"),  # type: ignore[list-item]
        (lambda: fog.EKF(adapt=[fog.adapt("a"), fog.adapt(["b", "a"])]), "adapt", "a is in adapt"),
        (lambda: fog.EKF(adapt=[fog.adapt("a"), fog.adapt()]), "adapt", "every sensor is in adapt"),
        (lambda: fog.EKF(adapt=[fog.adapt("a"), fog.adapt("b", forgetting=0.9)]), "adapt", "motion=False in one"),
        (lambda: fog.run(two_sensors(), log(), fog.UKF(adapt=fog.adapt("sonar"))), "adapt", "no sensor 'sonar'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(make: Any, field: str, says: str) -> None:
    with pytest.raises(fog.ModelError, match=says) as caught:
        make()
    assert caught.value.field == field


def test_a_part_without_noise_has_nothing_to_scale() -> None:
    exact = fog.Sensor("exact", ("x",), lambda x, p: [x[0]], lambda x, p: [[0.0]])
    still = fog.Motion(("x",), lambda x, dt, p: [x[0]], lambda x, dt, p: [[0.0]])
    walk, gauge = fog.motion.random_walk("x", std=1.0), fog.sensing.linear("gauge", of="x", std=1.0)
    start, short = fog.Belief([0.0], std=[1.0]), fog.Log.regular([[0.1], [0.2]], dt=1.0)
    with pytest.raises(fog.ModelError, match="exact has no noise to scale") as caught:
        fog.run(fog.Model(walk, [exact], start), short, fog.EKF(adapt=fog.adapt("exact")))
    assert (caught.value.field, caught.value.value) == ("adapt", "exact")
    with pytest.raises(fog.ModelError, match=r"the motion has no noise to scale.*motion=False"):
        fog.run(fog.Model(still, [gauge], start), short, fog.EKF(adapt=fog.adapt()))
    assert fog.run(fog.Model(still, [gauge], start), short, fog.EKF(adapt=fog.adapt(motion=False))).adapted


@pytest.mark.parametrize("gate", [None, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("m", [1, 2, 6])
def test_the_mean_of_what_a_reading_adds(m: int, gate: float | None) -> None:
    """By quadrature of the density."""
    limits = [] if gate is None else chi2.ppf(gate, range(1, m + 1))
    found = influence(m, limits)
    for k, (bound, mean) in enumerate(zip(found.bounds, found.means, strict=True), start=1):
        last = np.inf if gate is None else limits[k - 1]
        assert bound == pytest.approx(min(chi2.ppf(0.99, k), last), rel=1e-12)
        below = quad(lambda x, k=k: x * chi2.pdf(x, k), 0.0, bound, epsabs=1e-13)[0]
        expected = (below + bound * (chi2.cdf(last, k) - chi2.cdf(bound, k))) / chi2.cdf(last, k) / k
        assert mean == pytest.approx(expected, rel=1e-9)
    assert found.slope == pytest.approx(np.sqrt(chi2.ppf(0.99, 1)), rel=1e-12)


def test_what_is_carried() -> None:
    model = two_sensors()
    plain, noise, both = (
        make_kernel(model, method)
        for method in (
            fog.EKF(),
            fog.EKF(adapt=fog.adapt("speed", motion=False)),
            fog.EKF(adapt=fog.adapt("speed"), gate=0.999, recover=3.0),
        )
    )
    assert noise.carry == (*plain.carry, "scale of the noise of speed")
    assert both.carry[-6:] == (
        "scale of the noise of speed", "scale of the noise of motion",
        "slope of x", "slope of y", "slope of x_speed", "slope of y_speed",
    )  # fmt: skip
    texts = [[stage.program.text() for stage in kernel.stages] for kernel in (plain, noise)]
    assert texts[0][:2] != texts[1][:2] and len(both.carry) > len(noise.carry)
    assert adaptation.columns(model, fog.EKF(adapt=fog.adapt("speed")), 30) == {"speed": 24, "motion": 25}


def test_the_scales_of_a_run_are_arrays_and_columns() -> None:
    run = fog.run(two_sensors(), log(), fog.EKF(adapt=fog.adapt("gps")))
    assert list(run.adapted) == ["gps", "motion"] and run.adapted["gps"].shape == (120,)
    assert fog.run(two_sensors(), log()).adapted == {}
    columns = run.columns()
    for name, scale in run.adapted.items():
        np.testing.assert_array_equal(columns[f"{name}_noise_scale"], scale)
    assert run.adapted["gps"][0] != 1.0 and run.adapted["gps"][-1] > 4.0
    tracks = fog.run(
        fog.Model(
            fog.motion.random_walk("x", std=1.0),
            [fog.sensing.linear("g", of="x", std=1.0)],
            fog.Belief([0.0], std=[1.0]),
        ),
        fog.Log.regular(np.random.default_rng(1).standard_normal((3, 20, 1)), dt=1.0),
        fog.EKF(adapt=fog.adapt()),
    )  # fmt: skip
    assert tracks.adapted["motion"].shape == (3, 20)


def test_a_list_sets_speed_and_bounds_sensor_by_sensor() -> None:
    model = two_sensors()
    alone = fog.run(model, log(), fog.EKF(adapt=fog.adapt("gps", motion=False, bounds=(1.0, 2.0))))
    both = fog.run(
        model, log(),
        fog.EKF(adapt=[fog.adapt("gps", motion=False, bounds=(1.0, 2.0)), fog.adapt("speed", forgetting=0.8)]),
    )  # fmt: skip
    assert alone.adapted["gps"].max() == 2.0 and list(both.adapted) == ["gps", "speed", "motion"]
    assert both.adapted["gps"].max() == 2.0 and np.ptp(both.adapted["speed"]) > np.ptp(both.adapted["motion"])


def test_a_forecast_and_a_smoother_go_on_with_the_scales() -> None:
    """The last Q and R of the run are those of the forecast: S = H P Hᵀ + s R."""
    model = two_sensors()
    run = fog.run(model, log(), fog.EKF(adapt=fog.adapt("gps")))
    ahead = fog.forecast(run, steps=1)
    scale = {name: values[-1] for name, values in run.adapted.items()}
    scaled = fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=np.sqrt(scale["motion"])),
        [fog.sensing.linear("gps", of=("x", "y"), std=np.sqrt(scale["gps"]) * np.array([0.5, 0.8])), model.sensors[1]],
        run.belief,
    )  # fmt: skip
    after = fog.Log.from_arrays([60.0], gps=[[np.nan, np.nan]], speed=[np.nan])
    alone = fog.run(scaled, after, start_time=59.5)
    np.testing.assert_allclose(ahead.state.cov[0], alone.filtered.cov[0], rtol=1e-12)
    R = scale["gps"] * np.diag([0.25, 0.64])
    np.testing.assert_allclose(ahead.sensors["gps"].cov[0], ahead.state.cov[0, :2, :2] + R, rtol=1e-12)
    smoothed = fog.smooth(run)
    # One step back by hand, with the Q that the filter used for the last step: that after the row before it.
    F = np.eye(4) + 0.5 * np.eye(4, k=2)
    block = np.array([[0.5**3 / 3, 0.5**2 / 2], [0.5**2 / 2, 0.5]])
    P, Q = run.filtered.cov[-2], run.adapted["motion"][-2] * np.kron(block, np.eye(2))
    G = P @ F.T @ np.linalg.inv(F @ P @ F.T + Q)
    mean = run.filtered.mean[-2] + G @ (run.filtered.mean[-1] - F @ run.filtered.mean[-2])
    np.testing.assert_allclose(smoothed.mean[-2], mean, rtol=1e-10)


def test_a_live_filter_and_a_saved_one_go_on_with_the_scales(tmp_path: Path) -> None:
    model, rows = two_sensors(), log()
    several = [fog.adapt("gps", forgetting=0.95), fog.adapt("speed", motion=False, bounds=(0.5, 2.0))]
    run = fog.run(model, rows, fog.EKF(adapt=several))
    gps, speed = rows.bind(model)[:, :2], rows.bind(model)[:, 2]
    live = fog.online(model, fog.EKF(adapt=several), lag=2.0)
    for k, t in enumerate(TIMES):
        if k == 60:
            live.save(tmp_path / "a.live")
            live = fog.restore(tmp_path / "a.live", model)
            assert live.method == fog.EKF(adapt=several)
        live.step(t, None, [*gps[k], speed[k]])
        assert live.adapted == {name: values[k] for name, values in run.adapted.items()}
    np.testing.assert_array_equal(live.smoothed(TIMES[-3]).mean, fog.smooth(run).mean[-3])


def test_a_reading_that_an_unknown_direction_absorbs_changes_no_scale() -> None:
    unknown = fog.Model(
        two_sensors().motion, two_sensors().sensors, fog.Belief([0, 0, 2, 3], std=[np.inf, np.inf, 1, 2])
    )
    run = fog.run(unknown, log(), fog.EKF(adapt=fog.adapt("gps")))
    assert run.absorbed == 2 and run.adapted["gps"][:2].tolist() != [1.0, 1.0] == [run.adapted["gps"][0], 1.0]
    assert run.adapted["gps"][-1] > 4.0


def test_a_model_file_names_what_to_adapt(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(
        '[motion]\nkind = "random_walk"\nstates = ["x"]\nstd = 1.0\n[[sensor]]\nname = "gauge"\nkind = "linear"\n'
        'of = "x"\nstd = 1.0\n[start]\nmean = [0]\nstd = [1]\n[method]\nkind = "ukf"\n'
        '[method.adapt]\nsensor = ["gauge"]\nmotion = false\nbounds = [0.1, 4]\n'
    )
    assert fog.load_model(path).method == fog.UKF(adapt=fog.adapt("gauge", motion=False, bounds=(0.1, 4.0)))


def test_tuning_refuses_noises_that_move() -> None:
    with pytest.raises(fog.ModelError, match="expected a method that adapts no noise") as caught:
        fog.tune(two_sensors(), log(), method=fog.EKF(adapt=fog.adapt()))
    assert caught.value.field == "method"
