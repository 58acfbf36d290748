"""Backends on two kernels built by hand: the text that they write, and the bits that it gives."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import Compiled, need_gcc
from foglight.compiler.backends import c99, interpreter, llvm
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_text import Text
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from unit.by_hand import TEXTS, Inputs, arrays, odds, settling

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
KERNELS = {"odds": odds, "settling": settling}
Rows = list[list[float]]


@pytest.mark.parametrize("name", TEXTS)
def test_golden_texts(name: str, request: pytest.FixtureRequest) -> None:
    """A change here is a change of every compiled filter: look, then write with --update."""
    path = GOLDEN / name
    found = TEXTS[name]().replace(fog.__version__, "VERSION")
    if request.config.getoption("--update"):
        path.write_text(found)
    assert found == path.read_text(), f"{path.name} differs; if that is meant: pytest --update {__file__}"


def odds_by_hand(given: Arrays, track: int) -> tuple[Rows, list[float]]:
    """The rows of `odds` for one track, and its final carry, in plain Python."""
    a, b, c, total, seen = given.carry[min(track, len(given.carry) - 1)].tolist()
    nan, out = math.nan, []
    for k, dt in enumerate(given.dt.tolist()):
        (u,), (_, r), (z, y, far) = (
            x[min(track, len(x) - 1), k].tolist() for x in (given.u, given.row, given.z)
        )
        record, flags, nis, loglik = [nan] * 13, 0, 0.0, 0.0
        if dt > 0.0:
            ahead, down = a + dt * b * given.params[1] + u, math.floor(b / 2.0) - round(r)
            flags |= 512 if not c >= 0.0 else 0
            if ahead < 100.0 or not down <= ahead:
                a, b, c = ahead, down, math.sqrt(abs(c))
        record[6:9] = a, b, c
        if z == z or y == y:
            gap = z - a if z == z else 0.0
            size = math.ldexp(1.0, math.frexp(gap + 1.5)[1] - 1) if math.isfinite(gap) else math.inf
            flags |= (2 if z != z or y != y else 0) | (256 if size > 4.0 else 0)
            if math.isfinite(gap):
                nis, loglik, flags = gap * gap, -0.5 * gap, flags | 1
                record[3], record[5] = size, y
                a, b, c = a + 0.1 * gap, math.copysign(b, gap), -c
        if far == far and far < 9.0:
            a, c, record[4], record[12] = far, c + 1.0, far, c + 1.0
        record[0:3] = a, b, c
        flags |= 0 if flags & (1 | 512 | 256 | 4096) else 4
        record[9:12] = nis if flags & 1 else nan, loglik, flags
        total, seen = total + loglik, int(seen) | flags
        out.append(record)
    return out, [a, b, c, total, float(seen)]


def test_the_interpreter_follows_the_layout() -> None:
    """Stage by stage as kernel.py specifies, against loops over plain numbers."""
    kernel, given = odds(), arrays(odds(), 4, 50)
    carry, records = interpreter.scan(kernel, given)
    assert carry.shape == (4, 5) and records.shape == (4, 50, 13) and carry.flags.c_contiguous
    for track in range(4):
        rows, last = odds_by_hand(given, track)
        np.testing.assert_array_equal(records[track], rows)
        np.testing.assert_array_equal(carry[track], last)
    flags = records[:, :, 11].astype(int)
    for bit in (Status.USED, Status.PARTIAL, Status.MISSING, Status.INDEFINITE, Status.NONFINITE):
        assert 0.01 < (flags & int(bit) != 0).mean() < 1.0
    refused = (flags & 1 == 0) & (flags & 2 == 2)
    assert refused.any() and np.isnan(records[refused][:, [3, 5, 9]]).all()


@pytest.mark.parametrize("many", ["u", "z", "carry", "row"])
def test_any_array_may_set_the_number_of_tracks(many: str) -> None:
    """An array with one track is shared by all tracks."""
    full = arrays(odds(), 3, 12)
    starts = np.repeat(full.carry, 3, axis=0)
    starts[:, 0] += [0.0, 1.0, -1.0]
    rows = np.stack([full.row[0], full.row[0] + 2.0, full.row[0] - 2.0])
    parts = {"u": full.u, "z": full.z, "carry": starts, "row": rows}
    parts = {name: part if name == many else part[:1] for name, part in parts.items()}
    given = Arrays(**{**full.__dict__, **parts})
    carry, records = interpreter.scan(odds(), given)
    assert carry.shape == (3, 5) and records.shape == (3, 12, 13)
    expected = [odds_by_hand(given, track) for track in range(3)]
    np.testing.assert_array_equal(records, [rows for rows, _ in expected])
    np.testing.assert_array_equal(carry, [last for _, last in expected])
    assert np.ptp(np.nan_to_num(records[:, :, 7:9]), axis=0).any() or many in ("u", "z")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", KERNELS)
def test_the_texts_give_the_bits_of_the_interpreter(name: str, dtype: str, tmp_path: Path) -> None:
    kernel = KERNELS[name](dtype)
    for damage in (0.0, 0.2):
        given = arrays(kernel, 9, 140, damage)
        expected = [part.tobytes() for part in interpreter.scan(kernel, given)]
        for lanes, effort in ((1, 2), (2, 0), (4, 2), (4, 0)):
            engine = CompiledEngine(kernel, lanes, effort=effort)
            assert [part.tobytes() for part in engine.run(given)] == expected, (lanes, effort)
        need_gcc()
        assert [p.tobytes() for p in Compiled(kernel, tmp_path, ("-O1",)).run(given)] == expected


def test_a_carry_of_another_length_is_refused() -> None:
    move, *others = odds().stages
    outputs = {**move.program.outputs, "carry": move.program.outputs["carry"][:2]}
    short = replace(move, program=replace(move.program, outputs=outputs))
    kernel = replace(odds(), stages=(short, *others))
    given = arrays(kernel, 1, 20)
    for compiled in (llvm.text, lambda k: interpreter.scan(k, given)):
        with pytest.raises(ValueError, match="zip"):
            compiled(kernel)


def test_the_interpreter_accepts_infinities_without_a_warning() -> None:
    """A sum that overflows gives what compiled code gives, and no warning."""
    i = Inputs("float64")
    stage = Stage("any", i.program([i.z[0]], True, sums=[i.z[0], i.z[0]]), (("z", 0),))
    kernel = Kernel("any", "float64", (stage,), ("a",), {"u": 0, "row": 0, "z": 1, "params": 0}, {})
    none = np.zeros((1, 3, 0))
    for rows in ([1e308, 1e308, 1.0], [np.inf, -np.inf, 1.0]):
        z = np.array(rows).reshape(1, 3, 1)
        given = Arrays(np.zeros(3), none, none, z, np.zeros(0), np.zeros((1, 3)))
        carry, _ = interpreter.scan(kernel, given)
        assert carry[0, 0] == 1.0 and not np.isfinite(carry[0, 1])


def test_every_nan_is_written_alike() -> None:
    for dtype, whole in (("float64", np.uint64), ("float32", np.uint32)):
        bits = np.array([np.nan, 1.0, -0.0, np.inf], dtype).view(whole)
        odd = np.concatenate([bits, bits[:1] | whole(1), bits[:1] | whole(1 << (8 * bits.itemsize - 1))])
        found = interpreter.canonical(odd.view(dtype))
        assert found.dtype == dtype
        assert found.view(whole).tolist() == [*bits.tolist(), bits[0], bits[0]]
        i = Inputs(dtype)
        stage = Stage("all", i.program([], True, record=[i.z[0]]), (("dt", 0),), (0,))
        kernel = Kernel("all", dtype, (stage,), (), {"u": 0, "row": 0, "z": 1, "params": 0}, {}, width=1)
        none, z = np.zeros((1, 6, 0), dtype), odd.view(dtype).reshape(1, 6, 1)
        given = Arrays(np.ones(6, dtype), none, none, z, np.zeros(0, dtype), np.zeros((1, 2), dtype))
        for _, records in (interpreter.scan(kernel, given), CompiledEngine(kernel, 1).run(given)):
            assert records.tobytes() == found.tobytes()


def bare(record: int, sums: int, status: int, width: int) -> Kernel:
    """A kernel that carries nothing and records one number; sums and a status if asked for."""
    i = Inputs("float64")
    program = i.program([], i.z[0] < 5.0, record=[i.z[0] * 0.5], sums=[i.z[0], i.z[0] + 1.0])
    stage = Stage("half", program, (("z", 0),), (record,), used=Status.USED)
    widths = {"u": 0, "row": 0, "z": 1, "params": 0}
    return Kernel("bare", "float64", (stage,), (), widths, {}, sums=sums, status=status, width=width)


@pytest.mark.parametrize(
    "columns", [(3, 0, 2, 4), (3, 1, 0, 4), (1, -1, 0, 2), (0, 1, -1, 3), (0, -1, -1, 1)]
)
def test_sums_and_status_are_in_the_columns_of_the_layout(columns: tuple[int, ...], tmp_path: Path) -> None:
    """In the first column, in other columns, or in none."""
    record, sums, status, width = columns
    kernel = bare(*columns)
    none = np.zeros((1, 4, 0))
    z = np.array([2.0, np.nan, 8.0, -3.0]).reshape(1, 4, 1)
    given = Arrays(np.zeros(4), none, none, z, np.zeros(0), np.array([[0.5, 8.0]]))
    expected = np.full((4, width), np.nan)
    expected[:, record] = [1.0, np.nan, np.nan, -1.5]
    if sums >= 0:
        expected[:, sums], expected[:, sums + 1] = [2.0, np.nan, np.nan, -3.0], [3.0, 0.0, 0.0, -2.0]
    if status >= 0:
        expected[:, status] = [1.0, 4.0, 4.0, 1.0]
    need_gcc()
    runs = [interpreter.scan(kernel, given), Compiled(kernel, tmp_path, ("-O1",)).run(given)]
    for carry, records in [*runs, CompiledEngine(kernel, 1).run(given)]:
        np.testing.assert_array_equal(records[0], expected)
        assert carry.tolist() == [[1.5, 13.0]]
    text = c99.text(kernel)
    assert " next[1], " in text and "FILTER_CARRY 2\n" in text and f"FILTER_RECORD {width}\n" in text
    assert {int(k) for k in re.findall(r"record\[(-?\d+)\] =", text)} == set(range(width))
    assert llvm.text(kernel).count("uitofp") == (2 if status >= 0 else 1)


def test_no_label_leaves_its_comment() -> None:
    """Names come from users: whatever they contain, the code is the same."""
    cut = "x */ odd(); /* \\\n#odd\t\u00e9 ??/ {"
    kernel = odds()

    def renamed(stage: Stage) -> Stage:
        code = tuple(replace(i, label=cut) if i.op == "input" else i for i in stage.program.code)
        return replace(stage, name=cut, program=replace(stage.program, code=code))

    labels = {source: (cut,) * len(names) for source, names in kernel.labels.items()}
    named = replace(
        kernel, name=cut, carry=(cut,) * 3, labels=labels, stages=tuple(map(renamed, kernel.stages))
    )
    text, plain = (re.sub(r"/\*.*?\*/", "", c99.text(k), flags=re.DOTALL) for k in (named, kernel))
    assert "odd();" not in text
    assert [line.rstrip() for line in text.splitlines()] == [line.rstrip() for line in plain.splitlines()]
    shown = c99.text(named).count("x ?? odd()? ?? ")
    inputs = sum(len(stage.program.inputs) for stage in kernel.stages)
    assert shown == 1 + 3 + sum(map(len, labels.values())) + len(kernel.stages) + inputs


def test_a_label_is_written_if_there_is_one() -> None:
    text = c99.text(odds())
    assert " = carry[0];  /* carry 0 */\n" in text
    code = odds().stages[0].program.code
    unlabelled = tuple(replace(i, label="" if i.op == "input" else "no input") for i in code)
    stage = replace(odds().stages[0], program=replace(odds().stages[0].program, code=unlabelled))
    text = c99.text(replace(odds(), stages=(stage,)))
    assert "= carry[0];\n" in text and "no input" not in text and "/*  */" not in text


BROKEN: dict[str, dict[str, Any]] = {
    "a record without a column": {"record": (3,)},
    "a column without a record": {"record": (3, 4, 5)},
    "a flag without a bit": {"status": (Status.PARTIAL,)},
    "a bit without a flag": {"status": (Status.PARTIAL, Status.GATED, Status.LATE)},
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_layout_that_does_not_fit_is_refused(fault: str) -> None:
    move, look, far = odds().stages
    kernel = replace(odds(), stages=(move, replace(look, **BROKEN[fault]), far))
    given = arrays(kernel, 1, 20)
    for compiled in (c99.text, llvm.text, lambda k: interpreter.scan(k, given)):
        with pytest.raises(ValueError, match="zip"):
            compiled(kernel)


def test_a_constant_nan_is_the_canonical_one() -> None:
    text = Text(odds(), 1)
    assert text.number(-float("nan")) == text.number(float("nan")) == "0x7FF8000000000000"
    assert text.number(-0.0) == "0x8000000000000000"


@pytest.mark.parametrize("name", ["", "1st", "a-b", "a b", "a\n", "x;", "ä"])
def test_c_names_are_identifiers(name: str) -> None:
    with pytest.raises(ValueError, match="expected a C identifier"):
        c99.text(odds(), name)
    assert "void _A1_step(" in c99.text(odds(), "_A1")
