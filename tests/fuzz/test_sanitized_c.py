"""Generated C under sanitizers: nothing undefined on any input, and the interpreter's bits."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from agreement import array_cases
from agreement.examples import EXAMPLES, Example, arrays
from agreement.generated_c import need_gcc
from agreement.test_same_bits import bytes_of, differing
from foglight.compiler.backends import c99, interpreter
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel
from foglight.core.errors import Status
from fuzz.problems import Sizes, system
from fuzz.sanitized_c import Sanitized

TRACKS, ROWS = 9, 60
QUICK = ["plane-KF", "varying-KF", "driven-EKF", "rates-EKF"]
DTYPES = ("float64", "float32")


def named(name: str) -> Example:
    return next(example for example in EXAMPLES if example.name == name)


def random_example(seed: int) -> Example:
    """A linear model of random sizes, by one of the methods and forms."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    sizes = Sizes(n, tuple(rng.integers(1, 4, rng.integers(1, 3)).tolist()), int(rng.integers(0, n + 1)), 6)
    methods = [fog.KF(), fog.KF(form="joseph"), fog.KF(form="textbook"), fog.EKF(iterations=2), fog.CKF()]
    return Example(f"random-{seed}", lambda rows: system(sizes, seed).model, methods[seed % len(methods)])


def wild(kernel: Kernel, data: Arrays) -> Arrays:
    """The same with any bits at all in a third of the readings and controls, in two parameters and three steps."""
    rng = np.random.default_rng(len(data.dt))
    kind = np.uint64 if kernel.dtype == "float64" else np.uint32
    shares = {"z": 0.3, "u": 0.3, "params": 0.1, "dt": 0.05}
    changed = {name: getattr(data, name).copy() for name in shares}
    for name, share in shares.items():
        bits = changed[name].view(kind)
        hit = rng.random(bits.shape) < share
        bits[hit] = rng.integers(0, np.iinfo(kind).max, int(hit.sum()), dtype=kind, endpoint=True)
    return replace(data, **changed)


def sound(example: Example, dtype: str, folder: Path, *flags: str) -> None:
    kernel = example.kernel(dtype)
    program = Sanitized(kernel, folder, *flags)
    damaged = arrays(example, kernel, TRACKS, ROWS)
    seen = 0
    for data in (damaged, wild(kernel, damaged)):
        expected = interpreter.scan(kernel, data)
        assert differing(program.run(data), expected) == (0, bytes_of(kernel, TRACKS, ROWS))
        seen |= int(np.bitwise_or.reduce(expected[1][:, :, kernel.status].astype(np.int64), axis=None))
    assert {Status.USED, Status.MISSING, Status.NONFINITE} <= set(Status(seen))


@pytest.mark.parametrize("name", QUICK)
def test_nothing_undefined_happens(name: str, tmp_path: Path) -> None:
    need_gcc()
    sound(named(name), DTYPES[QUICK.index(name) % 2], tmp_path, "-O1")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if k in (1, 8) else pytest.mark.campaign, id=str(case))
        for k, case in enumerate(array_cases.CASES)
    ],
)
def test_nothing_undefined_happens_on_whole_arrays(case: array_cases.Case, tmp_path: Path) -> None:
    need_gcc()
    program, damaged = Sanitized(case.kernel, tmp_path, "-O0"), array_cases.arrays(case)
    for data in (damaged, wild(case.kernel, damaged)):
        assert differing(program.run(data), interpreter.scan(case.kernel, data))[0] == 0


@pytest.mark.campaign
@pytest.mark.parametrize("level", ["-O0", "-O2", "-O3"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_nothing_undefined_happens_in_any_example(
    example: Example, dtype: str, level: str, tmp_path: Path
) -> None:
    need_gcc()
    sound(example, dtype, tmp_path, level)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100))
def test_nothing_undefined_happens_in_random_models(seed: int, tmp_path: Path) -> None:
    need_gcc()
    sound(random_example(seed), DTYPES[seed // 5 % 2], tmp_path, "-O1")


# Defects that the sanitizers must see, each one edit of the generated text.
DEFECTS = {
    "a record one number too long": (r"(memcpy\(record \+ 0, carry, )(\d+)", r"\g<1>9000 + \g<2>", "AddressSanitizer"),
    "a reading beside the row": (r"= z\[0\];", "= z[-1];", "AddressSanitizer"),
    "a shift too far": (r"bits <<= 52;", "bits <<= 68;", "shift exponent 68"),
    "a status that does not fit": (r"\(uint32_t\)carry\[\d+\]", "(uint32_t)(carry[0] * 1e300)", "outside the range"),
}  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_what_is_undefined_is_found(defect: str, tmp_path: Path) -> None:
    need_gcc()
    example = named("walk-KF")
    kernel = example.kernel()
    pattern, instead, said = DEFECTS[defect]
    text, edits = re.subn(pattern, instead, c99.text(kernel, "filter"))
    assert edits
    with pytest.raises(AssertionError, match=said):
        Sanitized(kernel, tmp_path, "-O0", "-w", text=text).run(arrays(example, kernel, 2, 20))


def test_division_by_zero_is_all_that_is_left_out(tmp_path: Path) -> None:
    """A variance of 0, here of noise of a low rank, is divided by on the side of a select that is not taken."""
    need_gcc()
    example = random_example(0)
    kernel = example.kernel()
    data = arrays(example, kernel, 2, 20)
    with pytest.raises(AssertionError, match="division by zero"):
        Sanitized(kernel, tmp_path, "-O0", "-fsanitize=float-divide-by-zero").run(data)
    again = tmp_path / "again"
    again.mkdir()
    Sanitized(kernel, again, "-O0").run(data)
