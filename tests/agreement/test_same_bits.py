"""One Program, the same bits: interpreter, LLVM at every width, and C at every optimisation, byte by byte."""

import ctypes
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agreement.examples import EXAMPLES, Example, arrays
from agreement.generated_c import FLAGS, Compiled, need_gcc
from numpy.typing import NDArray

from foglight.backends import interpreter, jit, llvm
from foglight.engine import Arrays, Engine, make_frame
from foglight.errors import Status
from foglight.kernel import Kernel

TRACKS, ROWS = 53, 190  # 10,070 steps; 53 leaves a remainder for every number of lanes
SERIES = 10_000
LANES = (1, 2, 4, 8)
DTYPES = ("float64", "float32")

Result = tuple[NDArray[Any], NDArray[Any]]
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=str)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


class Case:
    """An example in one float type: its kernel, its logs, the interpreter's answer and one compiled scan."""

    def __init__(self, example: Example, dtype: str) -> None:
        self.kernel = example.kernel(dtype)
        self.tracks = arrays(example, self.kernel, TRACKS, ROWS)
        self.series = arrays(example, self.kernel, 1, SERIES)
        self.expected = interpreter.scan(self.kernel, self.tracks.__dict__)
        self.scalar = Engine(self.kernel, lanes=1)
        self.long = self.scalar.run(self.series)


@cache
def case(example: Example, dtype: str) -> Case:
    return Case(example, dtype)


def differing(a: Result, b: Result) -> tuple[int, int]:
    """How many bytes of two results differ, carries and records, and how many were compared."""
    pairs = [(x.tobytes(), y.tobytes()) for x, y in zip(a, b, strict=True)]
    assert all(len(x) == len(y) for x, y in pairs)
    different = sum(int((np.frombuffer(x, np.uint8) != np.frombuffer(y, np.uint8)).sum()) for x, y in pairs)
    return different, sum(len(x) for x, _ in pairs)


def bytes_of(kernel: Kernel, tracks: int, rows: int) -> int:
    """How many bytes there must be to compare."""
    return tracks * (kernel.carried + rows * kernel.width) * np.dtype(kernel.dtype).itemsize


@each_dtype
@each_example
def test_compiled_tracks_are_the_interpreted_ones(example: Example, dtype: str) -> None:
    c = case(example, dtype)
    size = bytes_of(c.kernel, TRACKS, ROWS)
    assert size > 10_000 * 8
    for lanes in LANES:
        engine = c.scalar if lanes == 1 else Engine(c.kernel, lanes)
        assert differing(engine.run(c.tracks), c.expected) == (0, size), f"{lanes} lanes"


@each_dtype
@each_example
def test_generated_c_has_the_same_bits(example: Example, dtype: str, tmp_path: Path) -> None:
    need_gcc()
    c = case(example, dtype)
    for name, flags in FLAGS.items():
        compiled = Compiled(c.kernel, tmp_path, flags)
        found = differing(compiled.run(c.tracks), c.expected)
        assert found == (0, bytes_of(c.kernel, TRACKS, ROWS)), name
        assert differing(compiled.run(c.series), c.long) == (0, bytes_of(c.kernel, 1, SERIES)), name


def test_a_long_series_is_the_interpreted_one() -> None:
    """10,000 rows in one go; on the smallest kernel, since the interpreter takes a row at a time."""
    c = case(EXAMPLES[0], "float64")
    found = differing(interpreter.scan(c.kernel, c.series.__dict__), c.long)
    assert found == (0, bytes_of(c.kernel, 1, SERIES))


@each_dtype
@each_example
def test_the_logs_have_every_kind_of_row(example: Example, dtype: str) -> None:
    """Else the tests above would compare less than they say."""
    c = case(example, dtype)
    for records, rows in ((c.expected[1], TRACKS * ROWS), (c.long[1], SERIES)):
        status = records[:, :, c.kernel.status].astype(np.int64)
        counts = {bit: int((status & int(bit) != 0).sum()) for bit in Status}
        assert counts[Status.USED] > 0.5 * rows
        assert counts[Status.MISSING] > 0.005 * rows and counts[Status.NONFINITE] > 0.001 * rows
        assert counts[Status.PARTIAL] > 0.02 * rows or max(len(s.trigger) for s in c.kernel.stages) == 1
        assert np.isnan(records).any() and not np.isnan(records[:, :, : len(c.kernel.carry)]).any()
        total = c.expected[0][:, -2] if rows != SERIES else c.long[0][:, -2]
        assert np.isfinite(total).all() and (total != 0.0).all()


@pytest.mark.parametrize("name", ["radar-EKF", "plane-KF", "elementary-UKF"])
def test_detail_scans_have_the_same_bits(name: str, tmp_path: Path) -> None:
    """Predicted beliefs, S and K come from other Programs."""
    example = next(e for e in EXAMPLES if e.name == name)
    kernel = example.kernel(detail=True)
    data = arrays(example, kernel, 5, 60)
    expected = interpreter.scan(kernel, data.__dict__)
    size = bytes_of(kernel, 5, 60)
    for lanes in (1, 4):
        assert differing(Engine(kernel, lanes).run(data), expected) == (0, size)
    need_gcc()
    assert differing(Compiled(kernel, tmp_path, ("-O2",)).run(data), expected) == (0, size)


# Defects that the comparison must see.
def test_contracted_c_is_noticed(tmp_path: Path) -> None:
    """With fused multiply-adds the same text has other bits: -ffp-contract=off is what keeps the promise."""
    need_gcc()
    if " fma " not in _cpu_flags():
        pytest.skip("this processor has no fused multiply-add")
    c = case(EXAMPLES[1], "float64")
    fused = Compiled(c.kernel, tmp_path, ("-O2", "-march=native", "-ffp-contract=fast"))
    different, compared = differing(fused.run(c.tracks), c.expected)
    assert 0 < different < compared


def test_fast_math_in_the_ir_is_noticed() -> None:
    c = case(EXAMPLES[1], "float64")
    text = llvm.text(c.kernel, 1)
    loose = (
        text.replace(" fmul ", " fmul fast ")
        .replace(" fadd ", " fadd fast ")
        .replace(" fsub ", " fsub fast ")
    )
    assert loose != text
    different, compared = differing(_run(jit.compile_scan(loose), c.kernel, c.tracks), c.expected)
    assert 0 < different < compared


def test_one_unit_in_the_last_place_is_noticed() -> None:
    c = case(EXAMPLES[1], "float64")
    nudged = Arrays(**{**c.tracks.__dict__, "params": np.nextafter(c.tracks.params, np.inf)})
    assert differing(c.scalar.run(nudged), c.expected)[0] > 0
    carry, records = (part.copy() for part in c.expected)
    records[7, 11, 0] = -records[7, 11, 0]
    assert differing((carry, records), c.expected) == (1, bytes_of(c.kernel, TRACKS, ROWS))


def _run(scan: Any, kernel: Kernel, data: Arrays) -> Result:
    carry = np.empty((data.tracks, kernel.carried), kernel.dtype)
    out = np.empty((data.tracks, len(data.dt), kernel.width), kernel.dtype)
    frame = make_frame(kernel, data, carry, out)
    scan(ctypes.c_void_p(frame.ctypes.data))
    return carry, out


def _cpu_flags() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""
