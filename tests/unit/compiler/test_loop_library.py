"""Loops of arrays are compiled once in a process, and the effort of compilation grows with the rows that run."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from foglight.compiler.backends import llvm_engine, loop_library
from foglight.compiler.backends.llvm_engine import ArrayEngine, LlvmBackend
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from unit.array_kernels import arrays_of, kernel_of, numbers

LITTLE, IN_LOOPS, MUCH = 0, 1, 2


def doubled(x: Any) -> list[Any]:
    return [x + x]


def rows(kernel: Kernel, count: int) -> Arrays:
    given = arrays_of(kernel, numbers(1, 1, 3))
    nothing = np.zeros((1, count, 0))
    return replace(given, dt=np.ones(count), u=nothing, row=nothing, z=nothing)


@pytest.fixture
def kernel() -> Kernel:
    return kernel_of(doubled, 3)


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has compiled nothing yet."""
    monkeypatch.setattr(loop_library, "_addresses", {})


@pytest.mark.usefixtures("empty")
def test_a_loop_is_compiled_once_for_each_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    first = loop_library.addresses({"sum", "filled"}, LITTLE)
    assert loop_library.missing({"sum", "dot"}, LITTLE) == {"dot"}
    assert loop_library.missing({"sum"}, MUCH) == {"sum"}
    texts: list[str] = []
    compile_ = loop_library.jit.machine_code

    def noted(text: str, effort: int) -> Any:
        texts.append(text)
        return compile_(text, effort)

    monkeypatch.setattr(loop_library.jit, "machine_code", noted)
    again = loop_library.addresses({"sum", "dot"}, LITTLE)
    assert again["sum"] == first["sum"] and again["dot"] not in (0, first["sum"])
    [text] = texts
    assert "@dot(" in text and "@sum(" not in text


@pytest.mark.usefixtures("empty")
def test_more_rows_are_worth_more_effort(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    work = kernel.work
    monkeypatch.setattr(llvm_engine, "_FEW_ON_ARRAYS", 10.0 * work)
    monkeypatch.setattr(llvm_engine, "_MANY_ON_ARRAYS", 30.0 * work)
    engine = ArrayEngine(kernel)
    found = []
    for expected in (LITTLE, LITTLE, IN_LOOPS, IN_LOOPS, MUCH):
        found.append(engine.run(rows(kernel, 6))[0])
        assert (1, expected, False) in engine._scans
    assert len(engine._scans) == 3
    assert all(np.array_equal(carry, found[0], equal_nan=True) for carry in found)


@pytest.mark.usefixtures("empty")
def test_loops_that_are_there_are_called_from_the_first_row_on(kernel: Kernel) -> None:
    first = LlvmBackend().engine(kernel, brief=True)
    first.run(rows(kernel, 2))
    often = LlvmBackend().engine(kernel, brief=False, often=True)
    often.run(rows(kernel, 2))
    assert [*first._scans] == [(1, LITTLE, False)] and [*often._scans] == [(1, IN_LOOPS, False)]
    second = LlvmBackend().engine(kernel, brief=True)
    second.run(rows(kernel, 2))
    assert [*second._scans] == [(1, IN_LOOPS, False)]
    first.run(rows(kernel, 2))
    assert len(first._scans) == 1, "what is compiled with little effort is not compiled again for a few rows"


@pytest.mark.usefixtures("empty")
def test_an_engine_that_does_not_say_how_many_rows_runs_many_unless_it_is_brief(kernel: Kernel) -> None:
    for brief, effort in ((True, LITTLE), (False, MUCH)):
        engine = LlvmBackend().engine(kernel, brief=brief)
        engine.scan(1)
        assert [*engine._scans] == [(1, effort, False)]
