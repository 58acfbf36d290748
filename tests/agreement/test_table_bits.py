"""Look-up tables, the same bits: interpreter, LLVM at every width, C, and as operations on whole arrays."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from agreement import generated_c
from agreement.examples import Example, arrays
from agreement.generated_c import FLAGS, Compiled, need_gcc
from foglight.compiler.backends.interpreter import InterpretedEngine
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import filter_recipe
from foglight.compiler.recipe import traced

Result = tuple[NDArray[Any], NDArray[Any]]
TRACKS, ROWS = 13, 40
EVEN, LEVELS = np.linspace(-1.0, 1.0, 21), np.concatenate([[-2.0], np.logspace(-3.0, 1.0, 30)])
SPLINE = fog.table(EVEN, np.sin(3.0 * EVEN), "cubic", extrapolate="linear")
FEW = fog.table([-1.0, 0.1, 0.4, 2.0], [0.0, 0.3, 0.2, -0.5], "pchip", extrapolate="hold")
DECADES = fog.table(LEVELS, np.tanh(LEVELS), extrapolate="hold")
ENDS = fog.table(5.0 * EVEN, np.cos(EVEN), "cubic")
GRID = fog.table((EVEN, LEVELS), np.outer(EVEN, LEVELS) + np.cos(EVEN)[:, None], extrapolate="hold")


def model(rows: int) -> fog.Model:
    """Every kind of table: bounds that are few, even, or decades apart, and a grid of both; what is beyond each."""

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        return [
            0.9 * x.a + dt * SPLINE(x.b),
            0.8 * x.b + 0.1 * FEW(x.a),
            0.7 * x.c + np.interp(x.a, EVEN, EVEN**2),
        ]

    def measure(x: Any, p: Any) -> list[Any]:
        return [x.a + DECADES(x.c), x.b + GRID(x.a, x.c), x.c + 0.1 * ENDS(x.a)]

    motion = fog.Motion(
        ("a", "b", "c"), dynamics, lambda x, dt, p: (0.1 * dt * np.eye(3) + 0.01 * dt).tolist()
    )
    noise = (0.3 * np.eye(3) + 0.05).tolist()
    sensor = fog.Sensor("odd", ("u", "v", "w"), measure, lambda x, p: noise)
    return fog.Model(motion, [sensor], fog.Belief([0.3, -0.2, 0.4], std=[0.3, 0.4, 0.2]))


EXAMPLES = [Example("EKF", model, fog.EKF()), Example("UKF", model, fog.UKF())]


@cache
def kernel(example: Example, dtype: str) -> Kernel:
    return example.kernel(dtype)


def differing(found: Result, expected: Result) -> int:
    """How many bytes of two results differ."""
    pairs = [(a.view(np.uint8), b.view(np.uint8)) for a, b in zip(found, expected, strict=True)]
    assert sum(a.size for a, _ in pairs) > 9_000
    return sum(int((a != b).sum()) for a, b in pairs)


@pytest.mark.parametrize(
    "example, dtype",
    [
        (EXAMPLES[0], "float64"),
        (EXAMPLES[0], "float32"),
        pytest.param(EXAMPLES[1], "float64", marks=pytest.mark.campaign),
        pytest.param(EXAMPLES[1], "float32", marks=pytest.mark.campaign),
    ],
    ids=str,
)
def test_every_backend(example: Example, dtype: str, tmp_path: Path) -> None:
    k = kernel(example, dtype)
    assert sum(stage.program.count()["lookup"] for stage in k.stages) > 20
    data = arrays(example, k, TRACKS, ROWS)
    expected = InterpretedEngine(k).run(data)
    assert 0.5 < np.isfinite(expected[1]).mean() < 1.0
    for lanes, effort in ((1, 0), (2, 2), (4, 0), (8, 2)):
        assert differing(CompiledEngine(k, lanes, effort=effort).run(data), expected) == 0, lanes
    need_gcc()
    for flags in ("gcc -O0", "gcc -O3 native") if example.name == "EKF" else ("gcc -O2",):
        assert differing(Compiled(k, tmp_path, FLAGS[flags]).run(data), expected) == 0, flags


@pytest.mark.parametrize(
    "example", [EXAMPLES[0], pytest.param(EXAMPLES[1], marks=pytest.mark.campaign)], ids=str
)
def test_on_whole_arrays(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sigma points are columns of one array, look-ups are made entry by entry; in C without any warning."""
    monkeypatch.setattr(generated_c, "STRICT", (*generated_c.STRICT, "-Wconversion", "-pedantic"))
    k = traced(filter_recipe(model(4), example.method), arrays=True)
    assert all(stage.program.on_arrays for stage in k.stages)
    data = arrays(example, k, 2, ROWS)
    expected = InterpretedEngine(k).run(data)
    assert differing(LlvmBackend().engine(k, brief=True).run(data), expected) == 0
    need_gcc()
    assert differing(Compiled(k, tmp_path, ("-O0",)).run(data), expected) == 0
    single = InterpretedEngine(kernel(example, "float64")).run(data)
    np.testing.assert_allclose(expected[0][:, :3], single[0][:, :3], rtol=1e-9)


def test_a_table_is_written_into_c_once_and_its_numbers_nowhere_else() -> None:
    from foglight.compiler.backends import c99

    text = c99.text(kernel(EXAMPLES[0], "float64"))
    assert text.count("static const filter_real t") > 10
    assert text.count(float(np.sin(3.0 * EVEN[4])).hex()) <= 2
