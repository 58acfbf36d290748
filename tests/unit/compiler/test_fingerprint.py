"""The hash of the filter that a saved state belongs to: what it distinguishes, and what it must not depend on."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from foglight.compiler.fingerprint import HARMLESS, fingerprint
from foglight.trace.primitives import TRACED_BELOW

TESTS = Path(__file__).parents[2]


def motion(**parts: Any) -> fog.Motion:
    given: dict[str, Any] = {
        "state": ("x", "course"),
        "dynamics": lambda x, dt, p: [x.x + dt * np.sin(x.course), x.course],
        "noise": lambda x, dt, p: fog.noise.factored([[dt, 0.0], [0.1, dt]], [p.q, 0.2]),
        "params": {"q": 0.3},
        "angles": ("course",),
    }
    return fog.Motion(**given | parts)


def sensor(**parts: Any) -> fog.Sensor:
    given: dict[str, Any] = {
        "name": "radar",
        "measures": ("far", "course"),
        "measure": lambda x, p: [x.x, x.course],
        "noise": lambda x, p: [[p.std**2, 0.01], [0.01, 0.2]],
        "params": {"std": 0.4},
        "angles": ("course",),
    }
    return fog.Sensor(**given | parts)


START = fog.Belief([0.0, 0.1], cov=[[1.0, 0.1], [0.1, 0.5]])


def model(start: Any = START, **parts: Any) -> fog.Model:
    moving = {k: v for k, v in parts.items() if k in {f.name for f in fields(fog.Motion)}}
    return fog.Model(motion(**moving), [sensor(**parts.pop("radar", {})), *parts.get("more", [])], start)


def matrices(**parts: Any) -> fog.Model:
    given: dict[str, Any] = {
        "F": [[1.0, 0.1], [0.0, 1.0]], "Q": [[0.2, 0.05], [0.05, 0.1]], "H": [[1.0, 0.3]], "R": [[0.5]],
        "start": fog.Belief([0.0, 1.0], std=[1.0, 2.0]),
    }  # fmt: skip
    return fog.linear_model(**given | parts)


def table(x: Any, p: Any) -> Any:
    return [3.0 * x.x + 1.0, x.course - 2.0 * x.x]


def other_table(x: Any, p: Any) -> Any:
    return [3.0 * x.x + 1.0, x.course - 2.0 * x.x]


EKF = fog.EKF()
# These filters must all have different hashes.
FILTERS: dict[str, Callable[[], tuple[fog.Model, Any]]] = {
    "itself": lambda: (model(), EKF),
    "dynamics": lambda: (model(dynamics=lambda x, dt, p: [x.x + dt * np.cos(x.course), x.course]), EKF),
    "a constant": lambda: (model(dynamics=lambda x, dt, p: [x.x + dt * np.sin(x.course), 0.99 * x.course]), EKF),
    "process noise": lambda: (
        model(noise=lambda x, dt, p: fog.noise.factored([[dt, 0.0], [0.1, dt]], [p.q, 0.3])), EKF),
    "full noise": lambda: (model(noise=lambda x, dt, p: [[p.q * dt, 0.0], [0.0, dt]]), EKF),
    "state names": lambda: (
        model(state=("y", "course"), dynamics=lambda x, dt, p: [x[0] + dt * np.sin(x[1]), x[1]],
              radar={"measure": lambda x, p: [x[0], x[1]]}), EKF),
    "no angle": lambda: (model(angles=()), EKF),
    "a parameter's name": lambda: (
        model(noise=lambda x, dt, p: fog.noise.factored([[dt, 0.0], [0.1, dt]], [p.r, 0.2]), params={"r": 0.3}), EKF),
    "a parameter's value": lambda: (model(params={"q": np.nextafter(0.3, 1.0)}), EKF),
    "controls": lambda: (
        model(controls=("push",), dynamics=lambda x, dt, p, u: [x.x + dt * np.sin(x.course), x.course],
              noise=lambda x, dt, p, u: fog.noise.factored([[dt, 0.0], [0.1, dt]], [p.q, 0.2])), EKF),
    "limits": lambda: (model(limits={"x": (-5.0, None)}), EKF),
    "other limits": lambda: (model(limits={"x": (-6.0, None)}), EKF),
    "measure": lambda: (model(radar={"measure": lambda x, p: [x.x + 1.0, x.course]}), EKF),
    "measurement noise": lambda: (model(radar={"noise": lambda x, p: [[p.std, 0.01], [0.01, 0.2]]}), EKF),
    "sensor name": lambda: (model(radar={"name": "lidar"}), EKF),
    "measure names": lambda: (model(radar={"measures": ("away", "course")}), EKF),
    "measured angle": lambda: (model(radar={"angles": ("far", "course")}), EKF),
    "sensor controls": lambda: (
        model(radar={"controls": ("push",), "measure": lambda x, p, u: [x.x, x.course],
                     "noise": lambda x, p, u: [[p.std**2, 0.01], [0.01, 0.2]]}), EKF),
    "sensor parameter": lambda: (model(radar={"params": {"std": 0.5}}), EKF),
    "another sensor": lambda: (model(more=[sensor(name="second")]), EKF),
    "start": lambda: (model(start=fog.Belief([0.0, 0.2], cov=[[1.0, 0.1], [0.1, 0.5]])), EKF),
    "start's spread": lambda: (model(start=fog.Belief([0.0, 0.1], cov=[[1.0, 0.1], [0.1, 0.6]])), EKF),
    "no start": lambda: (model(start=None), EKF),
    "opaque": lambda: (model(radar={"measure": fog.opaque(table, key="map 1")}), EKF),
    "another key": lambda: (model(radar={"measure": fog.opaque(table, key="map 2")}), EKF),
    "an opaque noise": lambda: (
        model(radar={"noise": fog.opaque(lambda x, p: [[0.2, 0.0], [0.0, 0.1]], key="map 1")}), EKF),
    "iterations": lambda: (model(), fog.EKF(iterations=2)),
    "form": lambda: (model(), fog.EKF(form="joseph")),
    "gate": lambda: (model(), fog.EKF(gate=0.99)),
    "gate of a sensor": lambda: (model(), fog.EKF(gate={"radar": 0.99})),
    "recovery": lambda: (model(), fog.EKF(gate=0.99, recover=1.0)),
    "adapted noise": lambda: (model(), fog.EKF(adapt=fog.adapt("radar"))),
    "adapted slowly": lambda: (model(), fog.EKF(adapt=fog.adapt("radar", forgetting=0.99))),
    "adapted within bounds": lambda: (model(), fog.EKF(adapt=fog.adapt("radar", bounds=(0.1, 10.0)))),
    "UKF": lambda: (model(), fog.UKF()),
    "alpha": lambda: (model(), fog.UKF(alpha=0.5)),
    "CKF": lambda: (model(), fog.CKF()),
    "matrices": lambda: (matrices(), fog.KF()),
    "F": lambda: (matrices(F=[[1.0, 0.2], [0.0, 1.0]]), fog.KF()),
    "R": lambda: (matrices(R=[[0.6]]), fog.KF()),
    "b": lambda: (matrices(b=[0.0, 0.1]), fog.KF()),
    "KF's form": lambda: (matrices(), fog.KF(form="joseph")),
    "F row by row": lambda: (matrices(F=[[[1.0, 0.1], [0.0, 1.0]], [[1.0, 0.3], [0.0, 1.0]]]), fog.EKF()),
}  # fmt: skip


def hashes() -> dict[str, str]:
    return {name: fingerprint(*make()) for name, make in FILTERS.items()}


def test_every_change_has_a_hash_of_its_own() -> None:
    found = hashes()
    assert len(set(found.values())) == len(FILTERS), found
    assert all(len(value) == 64 for value in found.values())


def test_the_hash_is_the_same_in_another_process() -> None:
    code = "from unit.compiler.test_fingerprint import hashes; print(hashes())"
    expected = str(hashes())
    for seed in ("0", "4711"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(TESTS)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == expected, done.stderr


def test_what_changes_no_result_changes_no_hash() -> None:
    plain = fingerprint(model(), fog.EKF())
    assert fingerprint(model(units={"x": "m"}), fog.EKF()) == plain
    assert fingerprint(model(params={"q": fog.param(0.3, low=0.0)}), fog.EKF()) == plain
    assert fingerprint(model(params={"q": fog.shared("all.q", 0.3)}), fog.EKF()) == plain
    assert fingerprint(model(), fog.EKF(iterations=1, recover=np.inf)) == plain
    assert fingerprint(model().with_parameters({"q": 0.3}), fog.EKF()) == plain
    assert fingerprint(model().with_parameters({"q": 0.31}), fog.EKF()) != plain
    gates = [{"radar": 0.9, "second": 0.8}, {"second": 0.8, "radar": 0.9}]
    two = model(more=[sensor(name="second")])
    assert len({fingerprint(two, fog.EKF(gate=gate)) for gate in gates}) == 1


def test_no_field_of_a_part_is_forgotten() -> None:
    """A new field is hashed automatically; one that no result depends on must be named."""
    assert {"units", "bounds", "shared"} == HARMLESS
    known = {"motion", "sensors", "start", "matrices", "rows", "kernels"}
    known |= {
        "interventions",
        "parametric_start",
        "derived",
        "seasons",
    }  # the second gives the start, the others no result
    assert {field.name for field in fields(fog.Model)} == known, (
        "fingerprint hashes the fields of Model by name"
    )


def test_an_opaque_function_is_known_by_its_key_alone() -> None:
    named = {"measure": fog.opaque(table, key="map 1")}
    renamed = {"measure": fog.opaque(fog.opaque(other_table), key="map 1")}
    assert fingerprint(model(radar=named), EKF) == fingerprint(model(radar=renamed), EKF)
    for part, function in (
        ("radar.measure", {"radar": {"measure": fog.opaque(table)}}),
        ("radar.noise", {"radar": {"noise": fog.opaque(lambda x, p: [[0.2, 0.0], [0.0, 0.1]])}}),
        ("motion.dynamics", {"dynamics": fog.opaque(lambda x, dt, p: [x.x, x.course])}),
    ):
        with pytest.raises(fog.StateError, match=r"is a fog\.opaque function without a key") as caught:
            fingerprint(model(**function), EKF)
        assert caught.value.field == part and "Write fog.opaque(f, key='terrain 3')" in str(caught.value)


@pytest.mark.parametrize("key", ["", "  ", 3, ("terrain", 3), "k" * 101])
def test_a_key_is_a_short_text(key: Any) -> None:
    with pytest.raises(fog.ModelError, match="expected a text of 1 to 100 characters"):
        fog.opaque(table, key=key)


def test_a_long_function_is_hashed_as_any_other_and_one_too_long_needs_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A function that the compiler leaves to the reference path is still traced for its hash."""

    def long(last: float) -> Any:
        def measure(x: Any, p: Any) -> Any:
            y = x.x
            for k in range(TRACED_BELOW // 2 + 1):
                y = y * 1.0000001 + (0.5 if k else last)
            return [y, x.course]

        return measure

    first, second = (model(radar={"measure": long(last)}) for last in (0.25, 0.75))
    assert fingerprint(first, EKF) != fingerprint(second, EKF)
    monkeypatch.setattr("foglight.compiler.fingerprint.LONGEST", 5)
    with pytest.raises(fog.StateError, match=r"motion\.dynamics is too long to be traced"):
        fingerprint(model(radar={"measure": table}), EKF)
