"""Parameters that several parts of a model have in common."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.model.model_text import with_values

ANCHORS = {"a": (0.0, 0.0), "b": (30.0, 2.0), "c": (-1.0, 28.0)}
WALK = fog.motion.random_walk(("x", "y"), std=0.5)
START = fog.Belief([9.0, 11.0], cov=[[4.0, 0.5], [0.5, 3.0]])


def beacons(*stds: Any) -> fog.Model:
    ranges = [
        fog.sensing.range(n, at=at, std=std) for (n, at), std in zip(ANCHORS.items(), stds, strict=True)
    ]
    return fog.Model(WALK, ranges, START)


def test_a_model_has_it_once() -> None:
    model = beacons(
        fog.shared("beacons.std", 0.4, low=0.01), fog.shared("beacons.std"), fog.shared("beacons.std")
    )
    assert model.parameters == {"motion.std": 0.5, "beacons.std": 0.4}
    assert model.bounds["beacons.std"] == (0.01, np.inf)
    assert model.owners("beacons.std") == [("a", "std"), ("b", "std"), ("c", "std")]
    assert model.full_names("b") == {"std": "beacons.std"}
    apart = beacons(0.4, 0.4, 0.4)
    log, _ = fog.simulate(apart, 100, 0.2, seed=5)
    run, same = fog.run(model, log), fog.run(apart, log)
    np.testing.assert_array_equal(run.filtered.mean, same.filtered.mean)
    assert run.loglik == same.loglik
    louder = model.with_parameters({"beacons.std": 0.7})
    assert [s.params["std"] for s in louder.sensors] == [0.7] * 3 and louder.parameters["beacons.std"] == 0.7
    assert fog.run(louder, log).loglik == fog.run(beacons(0.7, 0.7, 0.7), log).loglik
    assert model.with_parameters({"beacons.std": 0.7}).with_start(None).parameters == louder.parameters


def test_any_part_may_state_the_value_and_its_bounds() -> None:
    model = beacons(
        fog.shared("r.std"), fog.shared("r.std", 0.4, low=0.1), fog.shared("r.std", 0.4, high=2.0)
    )
    assert model.parameters["r.std"] == 0.4 and model.bounds["r.std"] == (0.1, 2.0)
    with pytest.raises(fog.ModelError, match=r"std"):
        model.with_parameters({"r.std": 3.0})
    once = fog.shared("r.std", 0.4)
    assert beacons(once, once, once).parameters == {"motion.std": 0.5, "r.std": 0.4}


def test_it_is_tuned_once_with_the_slopes_of_all_its_parts() -> None:
    model = beacons(*[fog.shared("beacons.std", 0.4, low=0.01)] * 3)
    log, _ = fog.simulate(model.with_parameters({"beacons.std": 0.8}), 400, 0.2, seed=6)
    fit = fog.tune(model, log, ["beacons.std"], heldout=False)
    best = fit.model.parameters["beacons.std"]
    assert best == pytest.approx(0.8, rel=0.1)
    at, below, above = (
        fog.run(model.with_parameters({"beacons.std": best * f}), log).loglik for f in (1.0, 0.99, 1.01)
    )
    assert max(below, above) < at and abs(above - below) < 0.01


def test_the_motion_may_share_with_a_sensor() -> None:
    scale = fog.shared("all.scale", 0.3)
    motion = fog.Motion(("x",), lambda x, dt, p: x.x, lambda x, dt, p: p.q**2 * dt, params={"q": scale})
    sensor = fog.Sensor(
        "s", ("z",), lambda x, p: x.x, lambda x, p: p.r**2, params={"r": fog.shared("all.scale")}
    )
    model = fog.Model(motion, [sensor], fog.Belief(1.0, std=2.0))
    assert model.parameters == {"all.scale": 0.3}
    log = fog.Log.regular([1.0, 3.0, 2.0], dt=0.5)
    plain = fog.Model(
        fog.motion.random_walk("x", std=0.3),
        [fog.sensing.linear("s", of="x", std=0.3)],
        fog.Belief(1.0, std=2.0),
    )
    assert fog.run(model, log).loglik == pytest.approx(fog.run(plain, log).loglik, rel=1e-14)


def test_a_list_of_deviations_may_share_one_of_them() -> None:
    north = fog.shared("gps.north", 2.0)
    model = fog.Model(
        WALK, [fog.sensing.linear(n, of=("x", "y"), std=[1.0, north]) for n in ("old", "new")], START
    )  # fmt: skip
    assert model.parameters == {"motion.std": 0.5, "old.x_std": 1.0, "gps.north": 2.0, "new.x_std": 1.0}


def test_a_model_file_has_a_table_for_it(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    sensors = "".join(
        f'[[sensor]]\nname = "{n}"\nkind = "range"\nat = [{x}, {y}]\nstd = "beacons.std"\n'
        for n, (x, y) in ANCHORS.items()
    )
    head = '[motion]\nkind = "random_walk"\nstates = ["x", "y"]\nstd = 0.5\n[shared.beacons]\nstd = 0.4\n'
    path.write_text(f"{head}{sensors}[start]\nmean = [9, 11]\nstd = [2, 2]\n")
    assert fog.load_model(path).model.parameters == {"motion.std": 0.5, "beacons.std": 0.4}
    written = with_values(path.read_text(), {"beacons.std": 0.7, "motion.std": 0.6})
    assert written == path.read_text().replace("std = 0.4", "std = 0.7").replace("std = 0.5", "std = 0.6")
    path.write_text(
        f"{head}{sensors}[start]\nmean = [9, 11]\nstd = [2, 2]\n".replace("[shared.beacons]", "[shared.b]")
    )
    with pytest.raises(
        fog.ModelError, match=r"std = 'beacons.std': expected a number, or the name of a shared parameter"
    ):
        fog.load_model(path)


REFUSED = {
    "another value": (
        (fog.shared("r.std", 0.4), fog.shared("r.std", 0.5), 1.0),
        r"b.params\['std'\] = 0.5: expected 0.4",
    ),
    "no value": (
        (fog.shared("r.std"), fog.shared("r.std"), 1.0),
        r"a.params\['std'\] is fog.shared\('r.std'\), and no",
    ),
    "the name of a part": (
        (fog.shared("c.std", 0.4), 1.0, 1.0),
        "begins with the name of a part of the model",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(name: str) -> None:
    stds, words = REFUSED[name]
    with pytest.raises(fog.ModelError, match=words):
        beacons(*stds)


@pytest.mark.parametrize(
    "given", [("std", 0.4), ("a.b.c", 0.4), (".std", 0.4), (3, 0.4), ("r.std", 0.4, 0.5)]
)
def test_what_is_no_shared_parameter_is_refused(given: tuple[Any, ...]) -> None:
    with pytest.raises(fog.ModelError):
        fog.shared(*given)
    with pytest.raises(fog.ModelError, match="finite"):
        fog.shared("r.std", float("nan"))
