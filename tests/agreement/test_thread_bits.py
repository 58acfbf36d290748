"""Any number of threads, and ragged tracks in lanes: the same bits as one track alone."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from agreement.array_cases import CASES
from agreement.array_cases import arrays as array_input
from agreement.examples import EXAMPLES, arrays
from agreement.test_same_bits import differing
from foglight.compiler.backends import interpreter, llvm_engine
from foglight.compiler.backends.llvm_engine import CompiledEngine, LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.core.threads import at_most

NAMES = [
    "plane-KF",
    "varying-KF",
    "driven-EKF",
    "guarded-EKF",
    pytest.param("adapted-KF", marks=pytest.mark.campaign),
    pytest.param("radar-UKF", marks=pytest.mark.campaign),
]
LENGTHS = [*[40] * 6, 1, 17, 39, 60, 60, 2, 31, 5, 5, 5, 5, 5, 40]
Result = tuple[Any, Any]


@pytest.fixture(autouse=True)
def _small_jobs_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm_engine, "_THREAD", 1)


@cache
def kernel(name: str, dtype: str) -> Kernel:
    return next(e for e in EXAMPLES if e.name == name).kernel(dtype)


@cache
def side_by_side(name: str, dtype: str, calm: bool = False) -> Arrays:
    example = next(e for e in EXAMPLES if e.name == name)
    return arrays(example, kernel(name, dtype), len(LENGTHS), max(LENGTHS), calm)


def ragged(given: Arrays) -> Arrays:
    """The first rows of each track, one track after another; their steps and matrices are not those of the others."""
    parts = []
    for k, rows in enumerate(LENGTHS):
        dt, row = np.roll(given.dt, k)[:rows], np.roll(given.row, k, axis=1)[:, :rows]
        parts.append((dt, given.u[k : k + 1, :rows], row, given.z[k : k + 1, :rows]))
    dt, u, row, z = (
        np.concatenate(each, axis=-1 if n == 0 else 1) for n, each in enumerate(zip(*parts, strict=True))
    )
    carry = np.repeat(given.carry, len(LENGTHS), axis=0)
    carry[:, 0] += 0.01 * np.arange(len(LENGTHS), dtype=carry.dtype)
    first = np.cumsum(LENGTHS) - LENGTHS
    return Arrays(dt, u, row, z, given.params, carry, first)


@cache
def alone(name: str, dtype: str) -> Result:
    """Each ragged track by the interpreter."""
    given = ragged(side_by_side(name, dtype))
    carries, records = zip(*[interpreter.scan(kernel(name, dtype), one) for one in given.each()], strict=True)
    return np.concatenate(carries), np.concatenate(records, axis=1)


def in_threads(engine: Any, given: Arrays, threads: int) -> Result:
    with at_most(threads):
        found: Result = engine.run(given)
        return found


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.campaign)])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lanes", [1, 2, pytest.param(4, marks=pytest.mark.campaign), 8])
def test_ragged_tracks_in_lanes(lanes: int, name: str, dtype: str) -> None:
    """Groups of unequal length, a group that is not full, and many lanes whose track has ended."""
    given, engine = ragged(side_by_side(name, dtype)), CompiledEngine(kernel(name, dtype), lanes, effort=0)
    assert engine.lanes_for(given) == lanes
    for threads in (1, 3):
        assert differing(in_threads(engine, given, threads), alone(name, dtype))[0] == 0


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_tracks_side_by_side(name: str, calm: bool) -> None:
    """Also more threads than there are groups of lanes; a memo belongs to one thread."""
    given = side_by_side(name, "float64", calm)
    for lanes in (1, 4):
        engine = CompiledEngine(kernel(name, "float64"), lanes, effort=0)
        one = in_threads(engine, given, 1)
        for threads in (2, 7, 40):
            assert differing(in_threads(engine, given, threads), one)[0] == 0
    assert differing(one, interpreter.scan(kernel(name, "float64"), given))[0] == 0


def test_records_go_where_the_caller_says() -> None:
    given = ragged(side_by_side("plane-KF", "float64"))
    engine = CompiledEngine(kernel("plane-KF", "float64"), 4, effort=0)
    carry, records = engine.run(given)
    out = np.zeros_like(records)
    again, same = engine.run(given, out)
    assert same is out and differing((again, out), (carry, records))[0] == 0


@pytest.mark.parametrize("case", CASES[:2], ids=str)
def test_kernels_on_whole_arrays(case: Any) -> None:
    """Each thread has arrays of its own."""
    given, engine = array_input(case), LlvmBackend().engine(case.kernel, brief=True)
    one = in_threads(engine, given, 1)
    assert differing(in_threads(engine, given, 2), one)[0] == 0
