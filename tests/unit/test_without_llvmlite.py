"""Where llvmlite is missing, everything works, only slower, and says so."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

HIDDEN = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "llvmlite":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
"""
TOUR = """
import json
import sys

import numpy as np
import foglight as fog

model = fog.Model(
    fog.motion.sway("gap", tau=1.0, std=0.4, mean=2.0),
    [fog.sensing.linear("radar", of="gap", std=0.8)],
    start=fog.Belief([2, 0], std=[0.4, 0.5]),
)
log, truth = fog.simulate(model, steps=40, dt=0.1, seed=1)
run = fog.run(model, log, threads=2)
smoothed = fog.smooth(run)
found = {
    "run": run.loglik, "gain": run.gain.sum(), "smoothed": smoothed.std.sum(), "lag one": smoothed.lag_one_cov[1].sum(),
    "sigma points": fog.run(model, log, fog.UKF()).loglik,
    "sample": fog.sample(run, draws=2, seed=1).sum(),
    "forecast": fog.forecast(run, steps=3).state.std.sum(),
    "std": fog.tune(model, log, ["radar.std"], heldout=False).params["radar.std"],
    "fused": fog.fuse(fog.Belief([2.0], std=[0.4]), fog.Belief([1.4], std=[0.8])).mean[0],
}
live = fog.online(model)
for t, z in zip(log.time.tolist(), log["radar.gap"].ravel().tolist()):
    belief, _ = live.step(t, "radar", z)
found["live"] = belief.mean.sum()
for _ in range(60):
    belief = fog.predict(belief, [[1.0, 0.1], [0.0, 0.9]], [[0.02, 0.01], [0.01, 0.03]])
    belief, _ = fog.update(belief, [1.8], [[1.0, 0.2]], [[0.4]])
found["by hand"] = belief.cov.sum()
tracks = fog.Log.from_arrays(np.arange(30) * 0.1, track=np.repeat([0, 1, 2], [8, 15, 7]), radar=log["radar.gap"][:30])
found["ragged"] = fog.run(model, tracks).loglik.sum()
n = 14
F = 0.9 * np.eye(n) + 0.02 * np.arange(n * n).reshape(n, n) / n**2
large = fog.linear_model(F, np.eye(n) + 0.1, np.ones((1, n)), [[0.5]], start=fog.Belief(np.zeros(n), std=np.ones(n)))
found["large"] = fog.run(large, fog.Log.regular(np.cos(np.arange(12)), dt=1.0)).loglik
numbers = {name: float(value).hex() for name, value in found.items()}
words = [run.engine, smoothed.engine, list(fog.check(run).codes), str(fog.explain(model))]
loaded = any(name.startswith("llvmlite") for name in sys.modules)
print(json.dumps([numbers, words, loaded]))
"""


def taken(script: str) -> tuple[dict[str, str], list[Any], bool]:
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    numbers, words, loaded = json.loads(result.stdout)
    return numbers, words, loaded


def test_a_tour_without_it_has_the_same_bits() -> None:
    """All results but those that say what ran."""
    pytest.importorskip("llvmlite.binding")
    (numbers, words, loaded), (expected, other, compiled) = taken(HIDDEN + TOUR), taken(TOUR)
    assert numbers == expected and np.isfinite([float.fromhex(x) for x in numbers.values()]).all()
    assert not loaded and compiled
    assert words[:2] == ["interpreter: llvmlite is not installed"] * 2
    assert all(str(engine).startswith("llvm, ") for engine in other[:2])
    assert words[2:] == other[2:]


TWO_MODELS = """
import json
import sys
import warnings

import foglight as fog

with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    for std in (0.5, 0.8):
        radar = fog.sensing.linear("radar", of="gap", std=std)
        model = fog.Model(fog.motion.random_walk("gap", std=0.4), [radar], fog.Belief([2], std=[1]))
        fog.run(model, fog.Log.regular([1.0, 2.0], dt=0.1))
        fog.run(model, fog.Log.regular([1.0, 2.0], dt=0.1), fog.UKF())
said = [[warning.category.__name__, str(warning.message), warning.filename] for warning in heard]
print(json.dumps([{}, said, "llvmlite" in sys.modules]))
"""


def test_a_warning_says_so_once_and_what_it_costs() -> None:
    _, [(kind, message, place)], loaded = taken(HIDDEN + TWO_MODELS)
    assert not loaded and kind == "FoglightWarning" and place == "<string>"
    assert "ms for each row" in message and "pip install llvmlite" in message
    pytest.importorskip("llvmlite.binding")
    assert taken(TWO_MODELS)[1] == []


def test_the_finder_hides_it() -> None:
    with pytest.raises(AssertionError, match="No module named 'llvmlite"):
        taken(HIDDEN + "import llvmlite.binding")
