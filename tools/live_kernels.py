"""The kernels of the live figures on the pages of the lecture, printed as JavaScript.

`python -m tools.live_kernels` writes web/live/kernels/*.kernel.js, and `make web` bundles them into
docs/_static/live.js. Each is the kernel of a model below, as `fog.run` compiles it: tests run both on the same readings
and compare the bytes. What a slider moves is a parameter of the kernel, so that no slider compiles anything.
"""

from pathlib import Path
from typing import Any

import numpy as np

import foglight as fog
from foglight.compiler.backends import javascript
from foglight.compiler.kernel import Kernel, Stage
from foglight.compiler.kernels.filter import make_kernel
from foglight.core.version import __version__
from foglight.trace.graph import Graph
from foglight.trace.program import Program, lower

FOLDER = Path(__file__).parents[1] / "web" / "live" / "kernels"


def level(start: fog.Belief | None = None) -> fog.Model:
    """One distance x that sways with variance q a second, read as z = h x + v with variance r."""
    motion = fog.Motion(("x",), lambda x, dt, p: [x.x], lambda x, dt, p: [[p.q * dt]], params={"q": 1.0})
    radar = fog.Sensor(
        "radar", ("z",), lambda x, p: [p.h * x.x], lambda x, p: [[p.r]], params={"h": 1.0, "r": 1.0}
    )
    return fog.Model(motion, [radar], start or fog.Belief([10.0], std=[2.0]))


def plane(start: fog.Belief | None = None) -> fog.Model:
    """A gap and its speed; white acceleration of density q; the radar reads a · gap + b · speed with variance r."""

    def noise(x: Any, dt: Any, p: Any) -> list[list[Any]]:
        across = p.q * (dt * dt / 2.0)
        return [[p.q * (dt * dt * dt / 3.0), across], [across, p.q * dt]]

    motion = fog.Motion(
        ("gap", "speed"), lambda x, dt, p: [x.gap + dt * x.speed, x.speed], noise, params={"q": 1.0}
    )
    radar = fog.Sensor(
        "radar",
        ("z",),
        lambda x, p: [p.a * x.gap + p.b * x.speed],
        lambda x, p: [[p.r]],
        params={"a": 1.0, "b": 0.0, "r": 1.0},
    )
    return fog.Model(motion, [radar], start or fog.Belief([10.0, 2.0], std=[2.0, 1.0]))


def curved(start: fog.Belief | None = None) -> fog.Model:
    """Two numbers that are a range and a bearing before the step, and metres ahead and aside after it."""
    motion = fog.Motion(
        ("a", "b"),
        lambda x, dt, p: [x.a * np.cos(x.b), x.a * np.sin(x.b)],
        lambda x, dt, p: [[0.0, 0.0], [0.0, 0.0]],
    )
    gauge = fog.sensing.linear("gauge", of="a", std=1.0)
    return fog.Model(motion, [gauge], start or fog.Belief([20.0, 0.0], std=[1.0, 0.3]))


def normals() -> Kernel:
    """Two uniform numbers in each row become two normal ones (Box & Muller 1958), alike in every browser."""
    graph = Graph()
    u, v = graph.input(("z", 0), "u"), graph.input(("z", 1), "v")
    size, turn = np.sqrt(-2.0 * np.log(u)), 6.283185307179586 * v
    outputs: dict[str, list[Any]] = {
        "carry": [],
        "commit": [True],
        "record": [size * np.cos(turn), size * np.sin(turn)],
        "sums": [],
        "status": [],
    }
    stage = Stage("draw", lower(Program.of(graph, outputs)), (("z", 0),), (0, 1))
    widths = {"u": 0, "row": 0, "z": 2, "params": 0}
    return Kernel("two normal numbers", "float64", (stage,), (), widths, {"z": ("u", "v")}, width=2)


def kernels() -> dict[str, Kernel]:
    """Each kernel by the name of its file."""
    return {
        "level": make_kernel(level(), fog.KF()),
        "plane": make_kernel(plane(), fog.KF()),
        "curved-ekf": make_kernel(curved(), fog.EKF()),
        "curved-ukf": make_kernel(curved(), fog.UKF()),
        "normals": normals(),
    }


def texts() -> dict[str, str]:
    """Each file and what it holds; without the version, with which it need not change."""
    return {
        f"{name}.kernel.js": javascript.text(kernel).replace(f"foglight {__version__};", "foglight;")
        for name, kernel in kernels().items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
