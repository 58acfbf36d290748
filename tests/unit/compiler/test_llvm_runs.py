"""Operations on entries that share a loop: the bits of the interpreter, whatever memory they share."""

from typing import Any

import numpy as np
import pytest

from foglight.compiler.backends import llvm_arrays, llvm_runs
from foglight.compiler.kernel import Kernel
from foglight.trace.array_symbol import ArraySymbol, mapped
from foglight.trace.ops import total
from unit.array_kernels import arrays_of, engines, kernel_of, numbers, results, view_of

GIVEN, TRACKS = 120, 5
BINARY, UNARY = ("add", "sub", "mul", "lt", "and", "select"), ("neg", "abs", "floor", "not")


def loops_of(kernel: Kernel) -> list[str]:
    return sorted(
        name for name in llvm_arrays.text(kernel, llvm_arrays.memories(kernel)).loops if "_" in name
    )


def same(kernel: Kernel, seed: int) -> None:
    given = arrays_of(kernel, numbers(seed, TRACKS, GIVEN))
    one, other = (results(run(given)[0], GIVEN) for run in engines(kernel))
    assert one.tobytes() == other.tobytes()


def chain(x: ArraySymbol, seed: int) -> list[Any]:
    """Operations at random on vectors and matrices of several lengths, in turns, of which some are read shifted,
    backwards, as a column or again much later, so that memory is freed at any time and taken by what is longer."""
    rng = np.random.default_rng(seed)
    shapes = [(5,), (12,), (20,), (3, 7), (2, 9)]
    known: dict[tuple[int, ...], list[Any]] = {
        s: [view_of(x, int(at), s, (s[-1] + 1, 1)[-len(s) :]) for at in rng.integers(0, 80, 2)]
        for s in shapes
    }
    numbers_of: list[Any] = [x[3], 0.5]

    def pick(shape: tuple[int, ...]) -> Any:
        value, way = known[shape][-rng.integers(1, len(known[shape]) + 1)], rng.integers(9)
        if way == 0:
            return value[::-1] if len(shape) == 1 else value[:, ::-1]
        if way == 1 and len(shape) == 2:
            return value[:, :1]
        if way == 2 and len(shape) == 2:
            return value[0]
        return numbers_of[rng.integers(len(numbers_of))] if way == 3 else value

    for _ in range(60):
        shape = shapes[rng.integers(len(shapes))]
        for _ in range(rng.integers(1, 9)):
            op = (BINARY + UNARY)[rng.integers(10)]
            count = 3 if op == "select" else 2 if op in BINARY else 1
            last = known[shape][-1]
            known[shape].append(mapped(op, last, *(pick(shape) for _ in range(count - 1))))
        if rng.integers(4) == 0:
            numbers_of.append(total(known[shape][-1].ravel()))
    return [value for values in known.values() for value in values[-3:]] + numbers_of[2:]


@pytest.mark.parametrize("seed", [4, *(pytest.param(k, marks=pytest.mark.campaign) for k in range(60))])
def test_runs_have_the_bits_of_the_interpreter(seed: int) -> None:
    kernel = kernel_of(lambda x: chain(x, seed), GIVEN)
    assert any(name.startswith("run_") for name in loops_of(kernel))
    same(kernel, seed)


def test_without_looking_for_collisions_they_have_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm_runs, "_collide", lambda *_: False)
    with pytest.raises(AssertionError):
        same(kernel_of(lambda x: chain(x, 4), GIVEN), 4)


def test_equal_runs_are_one_loop_that_stores_what_is_used() -> None:
    def make(x: ArraySymbol) -> list[Any]:
        vectors = [x[k : k + 9] for k in (0, 20, 40)]
        return [total(abs(v * v - 2.0) + 1.5) for v in vectors]

    assert loops_of(kernel_of(make, GIVEN)) == ["run_rss_mul.a0.a0_sub.v0.a1_abs.v1_add.v2.a2_out.v3"]
