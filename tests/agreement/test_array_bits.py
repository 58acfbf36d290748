"""One Program on whole arrays, the same bits: interpreter, LLVM and C, byte by byte."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agreement import generated_c
from agreement.array_cases import CASES, LARGE, Case, arrays
from agreement.generated_c import FLAGS, Compiled, cpu_flags, need_gcc
from foglight.compiler.backends import c99
from foglight.compiler.backends.interpreter import InterpretedEngine
from foglight.compiler.backends.llvm_engine import ArrayEngine, LlvmBackend
from foglight.core.errors import Status
from fuzz.test_sanitized_c import wild

Result = tuple[NDArray[Any], NDArray[Any]]
PEDANTIC = ("-Wconversion", "-pedantic")
each_case = pytest.mark.parametrize(
    "case", [*CASES, *[pytest.param(case, marks=pytest.mark.campaign) for case in LARGE]], ids=str
)


@cache
def interpreted(case: Case) -> Result:
    return InterpretedEngine(case.kernel).run(arrays(case))


def differing(found: Result, expected: Result) -> int:
    """How many bytes of two results differ."""
    pairs = [(a.view(np.uint8), b.view(np.uint8)) for a, b in zip(found, expected, strict=True)]
    return sum(int((a != b).sum()) for a, b in pairs)


@each_case
def test_they_are_on_whole_arrays_and_say_something(case: Case) -> None:
    carry, records = interpreted(case)
    assert all(stage.program.on_arrays for stage in case.kernel.stages)
    assert carry.shape == (2, case.kernel.carried) and np.isfinite(carry).all()
    assert (carry[:, -2] != 0.0).all() == (case.outputs != "detail")
    assert 0.5 < np.isfinite(records).mean() < 1.0
    assert np.ptp(carry[:, : case.n], axis=0).any(), "both tracks are the same"


def test_every_kind_of_row_is_among_them() -> None:
    seen = np.bitwise_or.reduce([*[interpreted(case)[0][:, -1].astype(int) for case in CASES]], axis=(0, 1))
    seen_of = (Status.USED, Status.PARTIAL, Status.MISSING, Status.NONFINITE, Status.GATED, Status.RESET)
    for bit in (*seen_of, Status.DIFFUSE):
        assert seen & int(bit), bit.name


@each_case
def test_llvm(case: Case) -> None:
    engine = ArrayEngine(case.kernel, effort=len(str(case)) % 3)  # little, only in the scan, and much
    assert differing(engine.run(arrays(case)), interpreted(case)) == 0


@each_case
def test_llvm_on_any_bits(case: Case) -> None:
    """A third of the readings, and some of the steps and parameters, have any bits at all."""
    data = wild(case.kernel, arrays(case))
    found = LlvmBackend().engine(case.kernel, brief=True).run(data)
    assert differing(found, InterpretedEngine(case.kernel).run(data)) == 0


@each_case
def test_c(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a warning, even a pedantic one; twice, since the memory of the first run is still there in the second."""
    need_gcc()
    monkeypatch.setattr(generated_c, "STRICT", (*generated_c.STRICT, *PEDANTIC))
    compiled = Compiled(case.kernel, tmp_path, ("-O0",))
    for _ in range(2):
        assert differing(compiled.run(arrays(case)), interpreted(case)) == 0


def levels() -> list[Any]:
    """A few always, all as a campaign."""
    few = {(CASES[0], "gcc -O2"), (CASES[2], "gcc -O3 native")}
    return [
        pytest.param(
            case, level, marks=() if (case, level) in few else pytest.mark.campaign, id=f"{case}-{level}"
        )
        for case in CASES
        for level in FLAGS
    ]


@pytest.mark.parametrize(
    ("needed", "flags"), [("fma", ("-march=haswell",)), ("avx512vl", ("-mavx512f", "-mavx512vl"))]
)
def test_c_where_gcc_would_contract(needed: str, flags: tuple[str, ...], tmp_path: Path) -> None:
    """It has alternating sums of products: one instruction with fused multiply-add, unless the source forbids it."""
    need_gcc()
    case = next(case for case in CASES if str(case) == "chain-12-EKF(iterations=3)-detail")
    if f" {needed} " not in cpu_flags():
        pytest.skip(f"this processor has no {needed}")
    compiled = Compiled(case.kernel, tmp_path, ("-O2", *flags))
    assert differing(compiled.run(arrays(case)), interpreted(case)) == 0


@pytest.mark.parametrize(("case", "level"), levels())
def test_c_at_other_levels(case: Case, level: str, tmp_path: Path) -> None:
    need_gcc()
    assert differing(Compiled(case.kernel, tmp_path, FLAGS[level]).run(arrays(case)), interpreted(case)) == 0


def test_another_order_of_a_sum_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: one partial sum instead of eight."""
    need_gcc()
    strict = c99.text

    def serial(*args: Any) -> str:
        text = strict(*args)
        assert text.count("s[l] += a[k + l] * b[k + l]") == 1
        return text.replace("s[l] += a[k + l]", "s[0] += a[k + l]")

    monkeypatch.setattr(c99, "text", serial)
    case = CASES[0]
    assert 0 < differing(Compiled(case.kernel, tmp_path, ("-O0",)).run(arrays(case)), interpreted(case))


def test_a_run_in_pieces_is_the_run(tmp_path: Path) -> None:
    """The carry out of one scan is the carry into the next, in C as in LLVM."""
    need_gcc()
    case, whole = CASES[1], interpreted(CASES[1])
    for scan in (
        LlvmBackend().engine(case.kernel, brief=True).run,
        Compiled(case.kernel, tmp_path, ("-O0",)).run,
    ):
        given = arrays(case)
        carry, head = scan(given.rows_of(0, 5))
        rest = given.rows_of(5, len(given.dt))
        last, tail = scan(type(rest)(**{**rest.__dict__, "carry": carry}))
        assert differing((last, np.concatenate([head, tail], axis=1)), whole) == 0


def test_each_loop_stands_once_in_the_text() -> None:
    text = c99.text(CASES[5].kernel)
    heads = [line.split("(")[0] for line in text.splitlines() if line.startswith("static ") and "{" in line]
    assert len(heads) == len(set(heads)) > 10
    assert "[n]" not in text and "malloc" not in text, "an array whose size is not constant"
