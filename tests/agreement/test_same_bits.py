"""One Program, the same bits: interpreter, LLVM at every width, and C at every optimisation, byte by byte."""

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agreement.examples import EXAMPLES, Example, arrays
from agreement.generated_c import FLAGS, Compiled, cpu_flags, need_gcc
from foglight.compiler.backends import interpreter, llvm, llvm_ordinary
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.memo import plan
from foglight.compiler.backends.ordinary import ordinary
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from foglight.trace.graph import Graph
from foglight.trace.ops import select
from foglight.trace.primitives import ELEMENTARY, LOGIC, MASKS, PRIMITIVE
from foglight.trace.program import Program, lower

TRACKS, ROWS = 101, 100  # 10,100 steps; 101 leaves a remainder for every number of lanes
SERIES = 10_000
LANES = (1, 2, 4, 8)
DTYPES = ("float64", "float32")
# Lanes and the effort of compilation, and levels of gcc. The others of both are campaigns.
COMPILED = {"float64": ((1, 0), (2, 2), (4, 0), (8, 2)), "float32": ((1, 2), (2, 0), (4, 2), (8, 0))}
LEVELS = {"float64": ("gcc -O0", "gcc -O3 native"), "float32": ("gcc -O2",)}
# Linear, and of more than a few operations: what follows from the covariance alone repeats.
REPEATING = ["plane-KF", "plane-joseph", "plane-textbook", "turns-KF"]

Result = tuple[NDArray[Any], NDArray[Any]]
# The longest ones are campaigns: the functions of elementary-UKF are those of elementary-EKF, and its equations those
# of radar-UKF, which are those of radar-CKF but for the weights.
LONGEST = ("elementary-UKF", "radar-CKF", "adapted-UKF")
ONCE = (
    "plane-joseph",
    "plane-textbook",
    "radar-iterated",
    "joint-EKF",
    "radar-UKF",
    "student-UKF",
    "varying-KF",
    "adapted-KF",
)  # in float32, a campaign
each_case = pytest.mark.parametrize(
    ("example", "dtype"),
    [
        pytest.param(e, dtype, marks=pytest.mark.campaign if e.name in longer else (), id=f"{e}-{dtype}")
        for dtype, longer in zip(DTYPES, (LONGEST, LONGEST + ONCE), strict=True)
        for e in EXAMPLES
    ],
)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


class Case:
    """An example in one float type: its kernel and its logs."""

    def __init__(self, example: Example, dtype: str, calm: bool) -> None:
        self.kernel = example.kernel(dtype)
        self.tracks = arrays(example, self.kernel, TRACKS, ROWS, calm)
        self.series = arrays(example, self.kernel, 1, SERIES, calm)
        self.engines = [
            CompiledEngine(self.kernel, lanes, effort=effort) for lanes, effort in COMPILED[dtype]
        ]
        self.scalar = self.engines[0]

    @cached_property
    def expected(self) -> Result:
        """What the interpreter makes of the tracks."""
        return interpreter.scan(self.kernel, self.tracks)

    @cached_property
    def long(self) -> Result:
        """What LLVM makes of the series, one lane."""
        return self.scalar.run(self.series)


@cache
def case(name: str, dtype: str = "float64", calm: bool = False) -> Case:
    return Case(next(e for e in EXAMPLES if e.name == name), dtype, calm)


def differing(a: Result, b: Result) -> tuple[int, int]:
    """How many bytes of two results differ, carries and records, and how many were compared."""
    pairs = [(x.tobytes(), y.tobytes()) for x, y in zip(a, b, strict=True)]
    assert all(len(x) == len(y) for x, y in pairs)
    different = sum(int((np.frombuffer(x, np.uint8) != np.frombuffer(y, np.uint8)).sum()) for x, y in pairs)
    return different, sum(len(x) for x, _ in pairs)


def bytes_of(kernel: Kernel, tracks: int, rows: int) -> int:
    """How many bytes there must be to compare."""
    return tracks * (kernel.carried + rows * kernel.width) * np.dtype(kernel.dtype).itemsize


def has_every_kind_of_row(c: Case, result: Result) -> None:
    """Else the tests would compare less than they say."""
    carry, records = result
    status = records[:, :, c.kernel.status].astype(np.int64)
    share = {bit: float((status & int(bit) != 0).mean()) for bit in Status}
    assert share[Status.USED] > 0.5 and share[Status.MISSING] > 0.005 and share[Status.NONFINITE] > 0.001
    assert share[Status.PARTIAL] > 0.02 or max(len(s.trigger) for s in c.kernel.stages) == 1
    if Status.GATED in c.kernel.received:
        assert share[Status.GATED] > 0.02 and share[Status.RESET] > 0.001
    assert np.isnan(records).any() and not np.isnan(records[:, :, : len(c.kernel.carry)]).any()
    assert np.isfinite(carry).all() and (carry[:, -2] != 0.0).all()


@each_case
def test_compiled_tracks_are_the_interpreted_ones(example: Example, dtype: str) -> None:
    c = case(example.name, dtype)
    size = bytes_of(c.kernel, TRACKS, ROWS)
    assert size > 10_000 * 8
    for engine in c.engines:
        assert differing(engine.run(c.tracks), c.expected) == (0, size), f"{engine.lanes(TRACKS)} lanes"
    has_every_kind_of_row(c, c.expected)
    has_every_kind_of_row(c, c.long)


@pytest.mark.campaign
@each_case
def test_so_are_those_compiled_with_another_effort(example: Example, dtype: str) -> None:
    c = case(example.name, dtype)
    for lanes, effort in COMPILED[dtype]:
        engine = CompiledEngine(c.kernel, lanes, effort=2 - effort)
        assert differing(engine.run(c.tracks), c.expected)[0] == 0, f"{lanes} lanes, effort {2 - effort}"


@pytest.mark.campaign
@each_case
def test_so_are_long_ones_with_code_for_ordinary_rows(
    example: Example, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left out of long code because it does not pay there."""
    c = case(example.name, dtype)
    monkeypatch.setattr("foglight.compiler.backends.ordinary._LONGEST", np.inf)
    assert ordinary(c.kernel) is not None
    for lanes in (1, 4):
        engine = CompiledEngine(c.kernel, lanes, effort=2)
        assert differing(engine.run(c.tracks), c.expected)[0] == 0, f"{lanes} lanes"


@each_case
def test_generated_c_has_the_same_bits(example: Example, dtype: str, tmp_path: Path) -> None:
    """As LLVM's, hence as the interpreter's."""
    c_has_the_same_bits(case(example.name, dtype), LEVELS[dtype], tmp_path)


@pytest.mark.campaign
@each_case
def test_so_has_c_at_the_other_levels(example: Example, dtype: str, tmp_path: Path) -> None:
    c_has_the_same_bits(case(example.name, dtype), tuple(set(FLAGS) - set(LEVELS[dtype])), tmp_path)


def c_has_the_same_bits(c: Case, levels: tuple[str, ...], folder: Path) -> None:
    need_gcc()
    expected = c.scalar.run(c.tracks)
    for name in levels:
        compiled = Compiled(c.kernel, folder, FLAGS[name])
        found = differing(compiled.run(c.tracks), expected)
        assert found == (0, bytes_of(c.kernel, TRACKS, ROWS)), name
        assert differing(compiled.run(c.series), c.long) == (0, bytes_of(c.kernel, 1, SERIES)), name


@each_dtype
@pytest.mark.parametrize("name", REPEATING)
def test_what_comes_from_the_memo_has_the_same_bits(name: str, dtype: str, tmp_path: Path) -> None:
    """Calm logs, where LLVM takes what repeats from a memo that neither the interpreter nor C has."""
    c = case(name, dtype, calm=True)
    assert plan(c.kernel) is not None
    for engine in c.engines:
        found = differing(engine.run(c.tracks), c.expected)
        assert found == (0, bytes_of(c.kernel, TRACKS, ROWS)), f"{engine.lanes(TRACKS)} lanes"
    status = c.long[1][:, :, c.kernel.status].astype(np.int64)
    assert (status & int(Status.NONFINITE)).any() and (status & int(Status.MISSING)).any()
    need_gcc()
    compiled = Compiled(c.kernel, tmp_path, ("-O2",))
    assert differing(compiled.run(c.series), c.long) == (0, bytes_of(c.kernel, 1, SERIES))


@pytest.mark.parametrize("name", ["varying-KF", "driven-EKF", "radar-EKF", "radar-UKF"])
def test_what_moves_with_the_data_has_no_memo(name: str) -> None:
    """Matrices row by row, controls in the noise, a state in the Jacobian: no covariance repeats for its own sake."""
    assert plan(next(e for e in EXAMPLES if e.name == name).kernel()) is None


def one_of_each(dtype: str) -> Kernel:
    """A kernel that only records: every primitive operation on two numbers of z, every function on the first."""
    graph = Graph()
    a, b = graph.input(("z", 0), "a"), graph.input(("z", 1), "b")
    outputs = []
    for op, count in (PRIMITIVE | ELEMENTARY).items():
        if op in LOGIC:
            outputs.append(graph.apply(op, *[a < b, a == a][:count]))
        elif op == "select":
            outputs += [graph.apply(op, a < b, a, b), graph.apply(op, a != a, b, a)]
        elif op == "lookup":  # in a table of constants, and among registers
            outputs += [graph.apply(op, a, 0.1, 7.0, -3.0, 2.5), graph.apply(op, b, a, 1.5, b)]
        else:  # a NaN has no sign and no power of two: backends may differ there
            x, y = (select(v == v, v, 2.0) if op in ("pow2", "copysign") else v for v in (a, b))
            outputs.append(graph.apply(op, x, y) if count == 2 else graph.apply(op, x))
    record = [select(v, 1.0, 0.0) if v.op in MASKS else v for v in outputs]
    groups: dict[str, list[Any]] = {
        "carry": [], "commit": [True], "record": record, "sums": [], "status": []
    }  # fmt: skip
    program = lower(Program.of(graph, groups), dtype)
    stage = Stage("each", program, (("dt", 0),), tuple(range(len(record))))
    return Kernel("each", dtype, (stage,), (), {"u": 0, "row": 0, "z": 2, "params": 0}, {}, width=len(record))


@each_dtype
def test_every_operation_on_every_kind_of_number(dtype: str, tmp_path: Path) -> None:
    """Zeros of both signs, subnormals, ties, ends of the range, infinities, NaN, each beside each."""
    info = np.finfo(dtype)
    sizes = [
        0.0,
        info.smallest_subnormal,
        info.tiny,
        1e-9,
        0.5,
        1.0,
        1.5,
        2.5,
        3.0,
        97.3,
        2.0**23,
        1e20,
        info.max,
        np.inf,
    ]
    values = np.array([*sizes, *[-v for v in sizes], np.nan], dtype)
    pairs = np.array([[a, b] for a in values for b in values], dtype)
    kernel = one_of_each(dtype)
    assert set(kernel.stages[0].program.count()) == set(PRIMITIVE)
    nothing = np.zeros((1, len(pairs), 0), dtype)
    data = Arrays(
        np.ones(len(pairs), dtype), nothing, nothing, np.stack([pairs, pairs[::-1], pairs * 0.7]),
        np.zeros(0, dtype), np.zeros((1, 2), dtype),
    )  # fmt: skip
    expected = interpreter.scan(kernel, data)
    assert (
        np.isnan(expected[1]).any(axis=(0, 1)).sum() > 20 and np.isfinite(expected[1]).any(axis=(0, 1)).all()
    )
    size = bytes_of(kernel, 3, len(pairs))
    for lanes, effort in ((1, 0), (1, 2), (2, 0), (2, 2)):
        engine = CompiledEngine(kernel, lanes, effort=effort)
        assert differing(engine.run(data), expected) == (0, size), (lanes, effort)
    need_gcc()
    for name in LEVELS[dtype]:
        assert differing(Compiled(kernel, tmp_path, FLAGS[name]).run(data), expected) == (0, size), name


def test_a_long_series_is_the_interpreted_one() -> None:
    """10,000 rows in one go; on the smallest kernel, since the interpreter takes a row at a time."""
    c = case("walk-KF")
    found = differing(interpreter.scan(c.kernel, c.series), c.long)
    assert found == (0, bytes_of(c.kernel, 1, SERIES))


@pytest.mark.parametrize("name", ["radar-EKF", "rates-EKF", "plane-textbook"])
def test_detail_scans_have_the_same_bits(name: str, tmp_path: Path) -> None:
    """Predicted beliefs, S and K come from other Programs."""
    example = next(e for e in EXAMPLES if e.name == name)
    kernel = example.kernel(detail=True)
    data = arrays(example, kernel, 5, 60)
    expected = interpreter.scan(kernel, data)
    size = bytes_of(kernel, 5, 60)
    for lanes, effort in ((1, 2), (4, 0)):
        assert differing(CompiledEngine(kernel, lanes, effort=effort).run(data), expected) == (0, size)
    need_gcc()
    assert differing(Compiled(kernel, tmp_path, ("-O2",)).run(data), expected) == (0, size)


# Defects that the comparison must see.
def test_contracted_c_is_noticed(tmp_path: Path) -> None:
    """With fused multiply-adds the same text has other bits: -ffp-contract=off is what keeps the promise."""
    need_gcc()
    if " fma " not in cpu_flags():
        pytest.skip("this processor has no fused multiply-add")
    c = case("plane-KF")
    fused = Compiled(c.kernel, tmp_path, ("-O2", "-march=native", "-ffp-contract=fast"))
    different, compared = differing(fused.run(c.tracks), c.expected)
    assert 0 < different < compared


def test_fast_math_in_the_ir_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    c = case("plane-KF")
    strict = llvm.text

    def loose(kernel: Kernel, lanes: int, **more: bool) -> str:
        return re.sub(r" (fmul|fadd|fsub) ", r" \1 fast ", strict(kernel, lanes, **more))

    monkeypatch.setattr(llvm, "text", loose)
    different, compared = differing(CompiledEngine(c.kernel, lanes=1, effort=2).run(c.tracks), c.expected)
    assert 0 < different < compared


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("name", ["plane-KF", "turns-KF"])
def test_a_memo_that_lies_is_noticed(name: str, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calm logs do reach the memo: what is wrong in it comes out."""
    c = case(name, calm=True)
    engine, found = CompiledEngine(c.kernel, lanes), plan(c.kernel)
    assert found is not None
    kept = 8 * lanes * sum(len(live) for live in found.live)  # bytes at the end of each slot
    for data in (c.tracks, c.series) if lanes == 1 else (c.tracks,):
        memo = engine.memo(lanes, data.tracks, len(data.dt))
        monkeypatch.setattr(engine, "memo", lambda *_, memo=memo: memo)
        first = engine.run(data)
        assert differing(engine.run(data), first)[0] == 0
        memo[:, -kept:].view(np.float64)[:] *= 1.0 + 1e-9
        assert differing(engine.run(data), first)[0] > 0
        monkeypatch.undo()


@pytest.mark.parametrize("name", ["plane-KF", "adapted-KF"])
def test_a_row_that_is_taken_for_ordinary_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The logs do have rows that are not: without the checks, what is wrong in them comes out."""
    c = case(name)
    assert ordinary(c.kernel) is not None
    monkeypatch.setattr(llvm_ordinary, "_checks", lambda *_: [])
    for lanes in (1, 4):
        engine = CompiledEngine(c.kernel, lanes, effort=2)
        assert differing(engine.run(c.tracks), c.expected)[0] > 0, lanes


def test_one_unit_in_the_last_place_is_noticed() -> None:
    c = case("plane-KF")
    nudged = Arrays(**{**c.tracks.__dict__, "params": np.nextafter(c.tracks.params, np.inf)})
    assert differing(c.scalar.run(nudged), c.expected)[0] > 0
    carry, records = (part.copy() for part in c.expected)
    records[7, 11, 0] = -records[7, 11, 0]
    assert differing((carry, records), c.expected) == (1, bytes_of(c.kernel, TRACKS, ROWS))
