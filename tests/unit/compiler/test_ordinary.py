"""Code that is written for ordinary rows: what it takes for granted, and the bits of rows that are not ordinary."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from foglight.compiler.backends import interpreter, llvm
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.memo import plan
from foglight.compiler.backends.ordinary import Usual, ordinary
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.core.errors import Status
from foglight.trace.ops import select
from foglight.trace.program import Program, lower
from unit.by_hand import Inputs, odds

START, NAN, INF = 3.0, math.nan, math.inf
TINY = float(np.finfo("float64").tiny)


def careful(dtype: str = "float64", asked: str = "lt") -> Kernel:
    """A stage that divides by the square of its state where that is normal, and sums a logarithm.

    asked: whether it asks for what is less, "lt", or at least the smallest normal number, "le".
    """
    i = Inputs(dtype)
    x, (z, y, *_) = i.carry[0], i.z
    S = x * x
    tiny = float(np.finfo(dtype).tiny)
    small, here = S < tiny if asked == "lt" else ~i.of("le", tiny, S), y == y
    R = i.of("select", here, 0.25, 1.0)
    new = select(small, x + z, x + z / S) + select(here, 0.5 * y, 0.0)
    loglik = select(small, 0.0, i.of("log", select(small, 1.0, S)))
    finite = i.of("abs", new + loglik) < INF
    program = i.program(
        [new],
        finite,
        record=[select(here, y, NAN)],
        sums=[S, loglik],
        status=[~finite, (S <= 0.0) | (R < 0.0), ~here],
    )
    program = lower(program, dtype)
    flags = (Status.NONFINITE, Status.INDEFINITE, Status.PARTIAL)
    stage = Stage("look", program, (("z", 0), ("z", 1)), (1,), flags, Status.USED)
    widths = {"u": 0, "row": 0, "z": 2, "params": 0}
    return Kernel("careful", dtype, (stage,), ("x",), widths, {}, snapshots={0: 0}, sums=2, status=4, width=5)


def rows(dtype: str, tracks: int, *z: tuple[float, float]) -> Arrays:
    """Each pair in one row; other tracks have the same rows later."""
    real, none = np.dtype(dtype), np.zeros((1, len(z), 0), dtype)
    given = np.array([z[-k:] + z[:-k] for k in range(tracks)], real)
    start = np.array([[START, 0.0, 0.0]], real)
    return Arrays(np.ones(len(z), real), none, none, given, np.zeros(0, real), start)


def only(kernel: Kernel) -> tuple[Program, Usual]:
    found = ordinary(kernel)
    assert found is not None
    return kernel.stages[0].program, found[0]


def test_what_an_ordinary_row_takes_for_granted() -> None:
    """That S is normal, that the sum and the argument of the logarithm are finite, and that y is there."""
    program, usual = only(careful())
    code = program.code
    inputs = {i.value: k for k, i in enumerate(code) if i.op == "input"}
    S = next(k for k, i in enumerate(code) if i.op == "mul" and set(i.args) == {inputs["carry", 0]})
    assert usual.present == {inputs["z", 1]}
    assert usual.normal == {S}
    assert S in usual.finite and len(usual.finite) == 2
    commit, flags = program.outputs["commit"][0], program.outputs["status"]
    assert usual.masks[commit] is True
    assert [usual.masks[k] for k in flags] == [False, False, False]
    assert usual.of(program.outputs["record"][0]) == inputs["z", 1]


def test_the_belief_comes_before_the_logarithm() -> None:
    program, usual = only(careful())
    first, then = usual.parts
    assert {usual.of(k) for k in program.outputs["carry"]} <= first
    assert usual.of(program.outputs["sums"][1]) in then and not first & then
    assert (
        sum(program.code[k].op == "div" for k in first) == 1 == sum(program.code[k].op == "div" for k in then)
    )


def test_what_only_exceptions_need_is_left_out() -> None:
    program, usual = only(careful())
    left = frozenset[int]().union(*usual.parts)
    plain = next(
        k for k, i in enumerate(program.code) if i.op == "add" and program.code[i.args[1]].value == ("z", 0)
    )
    assert plain not in left and not any(program.code[k].op == "select" and k in usual.same for k in left)


@pytest.mark.parametrize(("dtype", "asked"), [("float64", "lt"), ("float32", "le")])
def test_rows_of_every_kind_have_the_bits_of_the_interpreter(dtype: str, asked: str) -> None:
    """Ordinary rows, then one that is not, for each reason; then ordinary ones for longer than the code waits."""
    kernel, limits = careful(dtype, asked), np.finfo(dtype)
    root = math.sqrt(float(limits.tiny))
    calm = [(0.25, 0.5), (-0.125, NAN), (0.5, -0.25)] * 14
    odd: list[tuple[float, float]] = [
        (-INF, 0.0), (NAN, NAN), (NAN, 1.0), (float(limits.max), float(limits.max)), (0.3, INF),
    ]  # fmt: skip
    z = [row for event in odd for row in (*calm, event, event, (0.75, 0.5))]
    given, engines = rows(dtype, 5, *z), [CompiledEngine(kernel, lanes, effort=2) for lanes in (1, 2, 4)]
    for x in (START, 0.0, -0.0, root / 2.0, root, NAN, INF, float(limits.max)):
        given.carry[0, 0] = x
        expected = [part.tobytes() for part in interpreter.scan(kernel, given)]
        for engine in engines:
            assert [part.tobytes() for part in engine.run(given)] == expected, (x, engine.lanes(5))


def asked(build: Callable[[Inputs, dict[str, Any]], Any]) -> tuple[Program, Usual, int]:
    """A Program with one status mask, what holds in its ordinary rows, and the register of the mask.

    build gets T and F, known to hold and not to; u and v, unknown; S, the square of the state, which is normal.
    """
    i = Inputs("float64")
    x, (z, y, *_) = i.carry[0], i.z
    S = x * x
    small = S < TINY
    parts = {"T": y == y, "F": y != y, "u": x < z, "v": x < 7.0, "S": S, "y": y}
    used = [i.of("select", m, 1.0, 2.0) for m in (small, parts["T"], parts["F"], parts["u"], parts["v"])]
    program = i.program([x], True, record=used, status=[build(i, parts)])
    stage = replace(careful().stages[0], program=program, record=tuple(range(5)), status=(Status.PARTIAL,))
    found = ordinary(replace(careful(), stages=(stage,)))
    assert found is not None
    return program, found[0], program.outputs["status"][0]


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (lambda i, p: p["T"] & p["u"], "u"),
        (lambda i, p: p["u"] & p["T"], "u"),
        (lambda i, p: p["F"] & p["u"], False),
        (lambda i, p: p["u"] & p["F"], False),
        (lambda i, p: p["T"] | p["u"], True),
        (lambda i, p: p["u"] | p["T"], True),
        (lambda i, p: p["F"] | p["u"], "u"),
        (lambda i, p: p["u"] | p["F"], "u"),
        (lambda i, p: p["T"] & p["F"], False),
        (lambda i, p: p["F"] | p["T"], True),
        (lambda i, p: p["T"] & (p["S"] > 0.0), True),
        (lambda i, p: p["F"] | (p["S"] < 0.0), False),
        (lambda i, p: p["u"] & p["v"], None),
        (lambda i, p: p["u"] | p["v"], None),
        (lambda i, p: ~p["F"], True),
        (lambda i, p: ~p["u"], None),
        (lambda i, p: p["S"] < TINY, False),
        (lambda i, p: i.of("le", TINY, p["S"]), True),
        (lambda i, p: i.of("le", p["S"], TINY), None),
        (lambda i, p: i.of("lt", TINY, p["S"]), None),
        (lambda i, p: p["S"] <= 0.0, False),
        (lambda i, p: p["S"] < 0.0, False),
        (lambda i, p: i.of("le", 0.0, p["S"]), True),
        (lambda i, p: p["S"] > 0.0, True),
        (lambda i, p: i.of("eq", p["S"], 0.0), None),
        (lambda i, p: i.of("eq", 0.0, p["S"]), None),
        (lambda i, p: i.of("ne", p["S"], 0.0), None),
        (lambda i, p: i.of("eq", p["S"], TINY), None),
        (lambda i, p: i.of("ne", TINY, p["S"]), None),
        (lambda i, p: p["S"] < INF, True),
        (lambda i, p: i.of("lt", INF, p["S"]), None),
        (lambda i, p: i.of("le", p["S"], INF), None),
        (lambda i, p: p["y"] < 0.0, None),
        (lambda i, p: p["y"] == p["u"].args[0], None),
        (lambda i, p: half(i, p) < 0.5, False),
        (lambda i, p: i.of("le", half(i, p), 0.5), True),
        (lambda i, p: i.of("lt", half(i, p), 0.75), True),
        (lambda i, p: i.of("le", 0.75, half(i, p)), False),
        (lambda i, p: i.of("eq", half(i, p), 0.5), True),
        (lambda i, p: i.of("eq", half(i, p), 0.75), False),
        (lambda i, p: i.of("ne", half(i, p), 0.5), False),
        (lambda i, p: i.of("ne", half(i, p), 0.75), True),
    ],
)
def test_what_follows_for_a_mask(
    mask: Callable[[Inputs, dict[str, Any]], Any], expected: bool | str | None
) -> None:
    """It holds, does not, is the unknown one itself, or may be either."""
    program, usual, register = asked(mask)
    unknown = next(
        k for k, i in enumerate(program.code) if i.op == "lt" and program.code[i.args[1]].value == ("z", 0)
    )
    if expected == "u":
        assert usual.of(register) == unknown and register not in usual.masks
    else:
        assert usual.masks.get(register) is expected and usual.of(register) == register


def half(i: Inputs, parts: dict[str, Any]) -> Any:
    """0.5 in an ordinary row."""
    return i.of("select", parts["T"], 0.5, 1.0)


@pytest.mark.parametrize("lanes", [1, 4])
def test_ordinary_rows_do_take_that_code(lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other code, for all rows, is wrong here: it adds 1 to the state."""
    kernel = careful()
    given = rows("float64", 5, *[(0.25, 0.5), (-0.125, 0.75), (0.5, -0.25)] * 3)
    expected = [part.tobytes() for part in interpreter.scan(kernel, given)]
    right = llvm._Scan._program

    def wrong(scan: Any, *args: Any, **more: Any) -> Any:
        registers, out = right(scan, *args, **more)
        moved = [scan.t.new(f"fadd {scan.t.float} {v}, {scan.t.number(1.0)}") for v in out["carry"]]
        return registers, out | {"carry": moved}

    monkeypatch.setattr(llvm._Scan, "_program", wrong)
    assert [part.tobytes() for part in CompiledEngine(kernel, lanes, effort=2).run(given)] == expected
    assert [part.tobytes() for part in CompiledEngine(kernel, lanes, effort=0).run(given)] != expected
    waiting = rows("float64", 5, (INF, 0.5), *[(0.25, 0.5)] * 40)  # for 32 rows after one that is not
    found = CompiledEngine(kernel, lanes, effort=2).run(waiting)[1][0, :, 0]
    steps = np.diff(found) - 0.25 / found[:-1] ** 2 - 0.25
    assert (steps[:32] > 0.9).all() and (abs(steps[32:]) < 1e-9).all()


def test_kernels_for_which_it_does_not_pay() -> None:
    """One that asks nothing, and one that is long."""
    kernel = careful()
    stage = kernel.stages[0]
    assert ordinary(kernel) is not None and ordinary(odds()) is not None
    assert ordinary(replace(kernel, stages=(stage,) * 40)) is None
    many = Inputs("float64")
    flags = [
        many.of("lt", many.carry[0] * (2.0 + k), TINY) for k in range(9)
    ]  # as many checks as it saves operations
    checked = replace(
        stage, program=many.program([many.carry[0]], True, status=flags), record=(), status=(Status.USED,) * 9
    )
    assert ordinary(replace(kernel, stages=(checked,))) is None
    i = Inputs("float64")
    plain = replace(stage, program=i.program([i.carry[0] + i.z[0]], True), record=(), status=())
    assert ordinary(replace(kernel, stages=(plain,))) is None


def test_what_the_memo_keeps_is_computed() -> None:
    """Also what an ordinary row does not need: here the square of w, which only rows without y add."""
    i = Inputs("float64")
    (x, w, *_), (z, y, *_) = i.carry, i.z
    for _ in range(45):
        w = 0.5 * w + i.params[0]
    program = i.program([i.of("select", y == y, x + z * w, x + w * w), w], True)
    stage = Stage("look", program, (("z", 0), ("z", 1)))
    widths = {"u": 0, "row": 0, "z": 2, "params": 1}
    kernel = Kernel("kept", "float64", (stage,), ("x", "w"), widths, {}, snapshots={0: 0}, width=2)
    memo = plan(kernel)
    assert memo is not None
    found = ordinary(kernel, memo)
    assert found is not None
    square = next(k for k, j in enumerate(program.code) if j.op == "mul" and j.args[0] == j.args[1])
    assert square in memo.live[0] and square in found[0].parts[0]
    given = replace(
        rows("float64", 1, *[(0.25, 0.5)] * 200, (0.5, NAN), (NAN, NAN), *[(0.25, 0.5)] * 20),
        params=np.array([0.4]), carry=np.array([[START, 7.0, 0.0, 0.0]]),
    )  # fmt: skip
    expected = [part.tobytes() for part in interpreter.scan(kernel, given)]
    assert [part.tobytes() for part in CompiledEngine(kernel, 1, effort=2).run(given)] == expected
