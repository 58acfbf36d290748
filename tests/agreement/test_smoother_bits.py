"""A backward scan has the same bits everywhere: interpreter, LLVM at every width, and C."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES, Example, arrays
from agreement.generated_c import Compiled, need_gcc
from agreement.test_same_bits import COMPILED, bytes_of, differing
from foglight.compiler.backends import interpreter
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.linear_smoother import (
    DISTURBANCE,
    MESSAGE,
    backward_recipe,
    equations_size,
    forward_recipe,
    start_recipe,
)
from foglight.compiler.kernels.smoother import smoother_recipe
from foglight.compiler.kernels.smoother_stage import DRAW, LAG_ONE, SMOOTH
from foglight.compiler.recipe import traced
from foglight.methods.diffuse_start import Diffuse

TRACKS, ROWS = 21, 60  # a remainder for every number of lanes
LANES = (1, 2, 4, 8)
KERNELS = [
    ("walk-KF", SMOOTH, "float64"),
    ("plane-textbook", SMOOTH, "float32"),
    ("varying-KF", SMOOTH, "float64"),
    ("guarded-EKF", SMOOTH, "float64"),
    ("turns-KF", LAG_ONE, "float64"),
    ("driven-EKF", DRAW, "float32"),
]
LONGER = [
    ("radar-EKF", SMOOTH, "float64"),
    ("radar-UKF", SMOOTH, "float64"),
    ("elementary-EKF", SMOOTH, "float32"),
    ("radar-CKF", LAG_ONE, "float64"),
    ("radar-UKF", DRAW, "float64"),
    ("guarded-EKF", DRAW, "float64"),
]


@cache
def case(name: str, what: str, dtype: str) -> tuple[Kernel, Arrays]:
    """A backward kernel, and what it reads of a log in which much goes wrong: the records of a forward scan."""
    example = next(e for e in EXAMPLES if e.name == name)
    kernel = traced(smoother_recipe(example.model(4), example.method, what, dtype))
    return kernel, backwards(example, kernel, dtype)


def backwards(example: Example, kernel: Kernel, dtype: str) -> Arrays:
    forward = example.kernel(dtype)
    data = arrays(example, forward, TRACKS, ROWS)
    records = CompiledEngine(forward, 1).run(data)[1][:, ::-1]
    width = kernel.widths["z"]
    n = len(example.model(4).state)
    size = n + n * (n + 1) // 2
    z = records[:, :, :size]
    rng = np.random.default_rng(4)
    if width > size:
        anew = np.where(rng.random((TRACKS, ROWS, 1)) < 0.05, 1.0, np.nan).astype(dtype)
        z = np.concatenate([z, anew], axis=2)
    u = np.roll(data.u, -1, axis=1)[:, ::-1]
    if kernel.widths["u"] > u.shape[2]:
        xi = rng.standard_normal((TRACKS, ROWS, kernel.widths["u"] - u.shape[2])).astype(dtype)
        u = np.concatenate([np.broadcast_to(u, (TRACKS, *u.shape[1:])), xi], axis=2)
    carry = np.zeros((TRACKS, kernel.carried), dtype)
    carry[:, : len(kernel.carry)] = records[:, 0, : len(kernel.carry)]
    return Arrays(
        dt=np.ascontiguousarray(np.roll(data.dt, -1)[::-1]),
        u=np.ascontiguousarray(u),
        row=np.ascontiguousarray(np.roll(data.row, -1, axis=1)[:, ::-1]),
        z=np.ascontiguousarray(z),
        params=data.params,
        carry=carry,
    )


@pytest.mark.parametrize(
    "name, what, dtype",
    [*KERNELS, *[pytest.param(*kernel, marks=pytest.mark.campaign) for kernel in LONGER]],
)
def test_a_backward_scan_has_the_same_bits_everywhere(
    name: str, what: str, dtype: str, tmp_path: Path
) -> None:
    kernel, data = case(name, what, dtype)
    expected = same_everywhere(kernel, data, tmp_path)
    assert what == LAG_ONE or np.isfinite(expected[1]).mean() > 0.99


@pytest.mark.parametrize("what", [SMOOTH, pytest.param(DRAW, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("method", [fog.EKF(), pytest.param(fog.UKF(), marks=pytest.mark.campaign)], ids=repr)
def test_a_scan_through_unknown_rows_has_the_same_bits_everywhere(
    method: Any, what: str, tmp_path: Path
) -> None:
    """Beliefs with two unknown directions, with one, and with none, side by side."""
    model = next(e for e in EXAMPLES if e.name == "turns-KF").model(4)
    kernel = traced(smoother_recipe(model, Diffuse(method, 2), what))
    rng = np.random.default_rng(6)
    z = rng.uniform(0.2, 2.0, (TRACKS, 12, kernel.widths["z"]))
    assert z.shape[2] == 4 + 10 + 2 * 4 + 2
    weights = rng.integers(0, 2, (TRACKS, 12, 2)).astype(float)
    z[:, :, -2:], z[:, :, 14:22] = weights, z[:, :, 14:22] * np.repeat(weights, 4, axis=2)
    carry = rng.uniform(0.2, 2.0, (TRACKS, kernel.carried))
    carry[::2, 14:] = 0.0
    data = Arrays(
        dt=rng.choice([0.1, 0.3, 0.0], 12), u=rng.standard_normal((TRACKS, 12, kernel.widths["u"])),
        row=np.zeros((1, 12, 0)), z=z, params=np.array(list(model.parameters.values())), carry=carry,
    )  # fmt: skip
    expected = same_everywhere(kernel, data, tmp_path, lanes=(1, 8))
    assert np.isfinite(expected[1]).all()


@pytest.mark.parametrize(
    "what", [SMOOTH, *[pytest.param(w, marks=pytest.mark.campaign) for w in (LAG_ONE, MESSAGE)]]
)
def test_equations_go_back_with_the_same_bits_everywhere(what: str, tmp_path: Path) -> None:
    example = next(e for e in EXAMPLES if e.name == "plane-KF")
    model = example.model(4)
    kernel = traced(backward_recipe(model, example.method, what))
    data = arrays(example, example.kernel("float64"), TRACKS, ROWS)
    filtered = CompiledEngine(example.kernel("float64"), 1).run(data)[1]
    z = np.concatenate([data.z, filtered[:, :, : kernel.widths["z"] - data.z.shape[2]]], axis=2)
    carry = np.zeros((TRACKS, kernel.carried))
    carry[:, len(kernel.carry) - len(model.state) : -2] = 1.0
    same_everywhere(kernel, replace(data, z=z, carry=carry), tmp_path)


@pytest.mark.parametrize(
    "what", [DRAW, *[pytest.param(w, marks=pytest.mark.campaign) for w in (SMOOTH, DISTURBANCE)]]
)
def test_forward_steps_have_the_same_bits_everywhere(what: str, tmp_path: Path) -> None:
    """What later readings say about one state in four, about three, and about all."""
    model = next(e for e in EXAMPLES if e.name == "plane-KF").model(4)
    kernel = traced(forward_recipe(model, fog.KF(), what, 2))
    n, rng = 4, np.random.default_rng(8)
    messages = rng.uniform(0.2, 2.0, (TRACKS, ROWS, equations_size(n)))
    for k, nothing in enumerate([(0, 1, 3), (2,), ()]):
        C = np.triu(rng.standard_normal((TRACKS, ROWS, n, n)), 1) + np.eye(n)
        C[:, :, list(nothing)] = 0.0
        own = messages[k::3]
        own[:, :, n:-n] = np.stack([C[k::3, :, i, j] for j in range(n) for i in range(j + 1)], axis=-1)
        own[:, :, list(nothing)], own[:, :, [i - n for i in nothing]] = 0.0, 1.0
    data = Arrays(
        dt=rng.choice([0.1, 0.3, 0.0], ROWS), u=rng.standard_normal((TRACKS, ROWS, kernel.widths["u"])),
        row=np.zeros((1, ROWS, kernel.widths["row"])), z=messages, params=np.array(list(model.parameters.values())),
        carry=rng.uniform(0.2, 2.0, (TRACKS, kernel.carried)),
    )  # fmt: skip
    same_everywhere(kernel, data, tmp_path)


@pytest.mark.campaign
def test_a_start_has_the_same_bits_everywhere(tmp_path: Path) -> None:
    model = next(e for e in EXAMPLES if e.name == "plane-KF").model(4)
    kernel = traced(start_recipe(model, fog.KF(), 2))
    rng = np.random.default_rng(9)
    carry = rng.uniform(0.2, 2.0, (TRACKS, kernel.carried))
    carry[:, [4, 6, 9, 13]] = rng.integers(0, 2, (TRACKS, 4))
    data = Arrays(
        dt=np.zeros(1), u=np.zeros((1, 1, kernel.widths["u"])), row=np.zeros((1, 1, kernel.widths["row"])),
        z=rng.uniform(0.2, 2.0, (TRACKS, 1, kernel.widths["z"])), params=np.array(list(model.parameters.values())),
        carry=carry,
    )  # fmt: skip
    same_everywhere(kernel, data, tmp_path)


def same_everywhere(kernel: Kernel, data: Arrays, folder: Path, lanes: tuple[int, ...] = LANES) -> Any:
    """The interpreter's bits at these SIMD widths, and in C; what the interpreter gives."""
    expected = interpreter.scan(kernel, data)
    size = bytes_of(kernel, TRACKS, len(data.dt))
    assert np.isfinite(expected[1]).mean() > 0.5 and size > 2_000
    for width, effort in COMPILED[kernel.dtype]:
        if width in lanes:
            engine = CompiledEngine(kernel, width, effort=effort)
            assert differing(engine.run(data), expected) == (0, size), f"{width} lanes, effort {effort}"
    need_gcc()
    assert differing(Compiled(kernel, folder, ("-O2",)).run(data), expected) == (0, size)
    return expected


@pytest.mark.parametrize("method", [fog.EKF(), fog.UKF()], ids=repr)
def test_tracks_side_by_side_are_smoothed_as_one_by_one(method: Any) -> None:
    z = np.cumsum(np.random.default_rng(2).standard_normal((11, 30, 2)), axis=1)
    z[3, 5:9], z[7, :, 1] = np.nan, np.nan
    model = next(e for e in EXAMPLES if e.name == "plane-KF").model(30)
    together = fog.smooth(fog.run(model, fog.Log.regular(z, dt=0.3), method=method))
    draws = fog.sample(fog.run(model, fog.Log.regular(z, dt=0.3), method=method), draws=3, seed=1)
    assert draws.shape == (3, 11, 30, 4)
    ragged = fog.Log.from_arrays(
        np.concatenate([np.arange(30) * 0.3] * 11),
        track=np.repeat(np.arange(11), 30),
        camera=z.reshape(-1, 2),
    )
    apart = fog.smooth(fog.run(model, ragged, method=method))
    pairs = [
        (together.mean, apart.mean),
        (together.cov, apart.cov),
        (together.lag_one_cov, apart.lag_one_cov),
    ]
    for track in range(11):
        one = fog.smooth(fog.run(model, fog.Log.regular(z[track], dt=0.3), method=method))
        at = slice(30 * track, 30 * track + 30)
        for (side, row), own in zip(pairs, (one.mean, one.cov, one.lag_one_cov), strict=True):
            assert side[track].tobytes() == row[at].tobytes() == own.tobytes()


def test_one_unit_in_the_last_place_is_noticed() -> None:
    """The planted defect of the comparison."""
    kernel, data = case("walk-KF", SMOOTH, "float64")
    expected = interpreter.scan(kernel, data)
    off = expected[1].copy()
    off[3, 7, 0] = np.nextafter(off[3, 7, 0], np.inf)
    assert differing((expected[0], off), expected)[0] > 0
