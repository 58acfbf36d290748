"""What a memo keeps, bit by bit, when it is used, and which kernels have one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from foglight.compiler.backends import interpreter, llvm_memo, memo
from foglight.compiler.backends.llvm_engine import CompiledEngine
from foglight.compiler.backends.llvm_frames import make_frame
from foglight.compiler.backends.memo import plan
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel, Stage
from foglight.trace.graph import Graph
from foglight.trace.program import Program
from unit.by_hand import Inputs, odds, settling

DT, NAN = 0.1, float("nan")


class MemoCase:
    """The kernel that settles, run over one row or a few with a memo that persists."""

    def __init__(self, lanes: int = 1, dtype: str = "float64", count: int = 1) -> None:
        self.kernel, self.lanes = settling(dtype), lanes
        found = plan(self.kernel)
        assert found is not None
        self.plan = found
        self.real = np.dtype(dtype)
        self.engine = CompiledEngine(self.kernel, lanes)
        size = llvm_memo.slot_bytes(self.kernel, lanes)
        assert size == 40 + self.plan.vectors * lanes * self.real.itemsize
        self.memo = np.full((count, size), 0xFF, np.uint8)

    def given(self, *z: tuple[float, float], dt: float = DT, v: float = 7.0, w: float = 3.0) -> Arrays:
        """One row for each pair; the same in all lanes."""
        rows = np.array([z] * self.lanes, self.real)
        none = np.zeros((1, len(z), 0), self.real)
        start = np.array([[2.0, v, w, 0.0, 0.0]], self.real)
        return Arrays(np.full(len(z), dt, self.real), none, none, rows, np.array([0.4], self.real), start)

    def run(self, given: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
        carry = np.empty((self.lanes, self.kernel.carried), self.real)
        out = np.empty((self.lanes, len(given.dt), self.kernel.width), self.real)
        frame = make_frame(self.kernel, given, carry, out, self.memo)
        self.engine.scan(self.lanes)(frame.ctypes.data)
        return carry, out

    def right(self, given: Arrays) -> bool:
        """Whether the scan gives what the interpreter gives."""
        found, expected = self.run(given), interpreter.scan(self.kernel, given)
        return [part.tobytes() for part in found] == [part.tobytes() for part in expected]

    def header(self, slot: int = 0) -> tuple[int, float, int, float]:
        """Presence and dt of the last row that used the slot, and of the kept values."""
        head = self.memo[slot, :40]
        seen, kept = head.view(np.int64)[[0, 2]].tolist()
        quick, dt = head[8:16].view(self.real)[0], head[24:32].view(self.real)[0]
        return seen, float(quick), kept, float(dt)

    def vectors(self, slot: int = 0) -> NDArray[Any]:
        """One row of lanes for each number."""
        return self.memo[slot, 40:].view(self.real).reshape(-1, self.lanes)

    def follows(self, slot: int) -> bool:
        """Whether the key is known to follow from the slot before it."""
        return bool(self.memo[slot, 32:40].view(np.int64)[0] == 1)

    def kept(self) -> NDArray[Any]:
        """The vectors of kept values, after the quick look's number and the key."""
        return self.vectors()[1 + len(self.plan.carry) :]

    def filled(self, given: Arrays) -> "MemoCase":
        """This case after two passes, so that the memo is used."""
        assert self.right(given) and self.right(given)
        assert self.header()[0] == self.header()[2] != -1
        return self


def registers(stage: Stage, inputs: dict[tuple[str, int], Any]) -> list[Any]:
    """Every register of a stage as a number, masks as 1 and 0."""
    every = Program(stage.program.dtype, stage.program.code, {"all": tuple(range(len(stage.program.code)))})
    return [float(v) for v in every.evaluate(inputs)["all"]]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_a_slot_holds(dtype: str) -> None:
    case = MemoCase(dtype=dtype)
    real = case.real.type
    given = case.given((1.5, 0.5))
    assert case.right(given)
    seen, dt, kept, _ = case.header()
    assert (seen, dt, kept) == (3, float(real(DT)), -1)
    assert case.vectors()[0] == 3.0 and np.isnan(case.vectors()[1:]).all()
    assert case.right(given)
    assert case.header() == (3, float(real(DT)), 3, float(real(DT)))
    assert case.vectors()[:3].ravel().tolist() == [3.0, 7.0, 3.0]
    inputs: dict[tuple[str, int], Any] = {("dt", 0): real(DT), ("params", 0): real(0.4)}
    inputs |= {("carry", 0): real(2.0), ("carry", 1): real(7.0), ("carry", 2): real(3.0)}
    expected: list[float] = []
    for stage, live in zip(case.kernel.stages, case.plan.live, strict=True):
        found = registers(stage, inputs | {("z", 0): real(1.5), ("z", 1): real(0.5)})
        expected += [found[k] for k in live]
        carry = [found[k] for k in stage.program.outputs["carry"]]
        inputs |= {("carry", i): real(v) for i, v in enumerate(carry)}
    assert case.kept().ravel().tolist() == expected and len(set(expected)) > 3
    assert case.right(given) and case.kept().ravel().tolist() == expected


def test_values_come_from_the_slot_once_its_key_is_stored() -> None:
    given = MemoCase().given((1.5, 0.5))
    case = MemoCase().filled(given)
    case.kept()[:] *= 1.0 + 1e-6
    assert not case.right(given)


BREAKS: dict[str, Callable[[MemoCase], Arrays]] = {
    "another reading missing": lambda b: b.given((1.5, NAN)),
    "the first reading missing": lambda b: b.given((NAN, 0.5)),
    "another step": lambda b: b.given((1.5, 0.5), dt=0.2),
    "no step": lambda b: b.given((1.5, 0.5), dt=0.0),
    "another first number": lambda b: b.given((1.5, 0.5), v=np.nextafter(7.0, 8.0)),
    "another second number": lambda b: b.given((1.5, 0.5), w=np.nextafter(3.0, 4.0)),
}


@pytest.mark.parametrize("name", BREAKS)
def test_if_one_bit_of_the_key_differs_all_is_computed(name: str) -> None:
    """The kept values are wrong here, so that using one would show."""
    case = MemoCase()
    case.filled(case.given((1.5, 0.5)))
    case.kept()[:] *= 1.5
    assert case.right(BREAKS[name](case))


@pytest.mark.parametrize(
    "part", ["quick presence", "quick dt", "quick number", "presence", "dt", "first", "second"]
)
def test_every_part_of_the_key_counts(part: str) -> None:
    """The quick look only saves time; the full key decides. Neither is enough on its own."""
    case = MemoCase()
    given = case.given((1.5, 0.5))
    case.filled(given)
    case.kept()[:] *= 1.5
    offsets = {"quick presence": 0, "quick dt": 8, "presence": 16, "dt": 24}
    order = ["quick number", "first", "second"]
    offset = offsets[part] if part in offsets else 40 + 8 * order.index(part)
    case.memo[0, offset] ^= 1
    assert case.right(given), part


def test_equal_numbers_are_not_equal_bits() -> None:
    """A key of -0.0 differs from one of 0.0: results may differ in sign."""
    case = MemoCase()
    case.filled(case.given((1.5, 0.5), w=0.0))
    case.kept()[:] *= 1.5
    assert case.right(case.given((1.5, 0.5), w=-0.0))


def test_a_row_that_did_not_commit_leaves_no_key() -> None:
    case = MemoCase()
    bad = case.given((float("inf"), 0.5))
    for _ in range(3):
        assert case.right(bad) and case.header()[0] == -1
    case.filled(case.given((1.5, 0.5)))
    assert case.right(bad) and case.header()[0] == -1
    assert case.right(case.given((1.5, 0.5)))
    case.filled(case.given((1.5, 0.5)))


def test_a_row_of_no_length_and_no_reading_is_kept_too() -> None:
    case = MemoCase()
    silent = case.given((NAN, NAN), dt=0.0)
    case.filled(silent)
    assert case.header()[0] == 0
    case.kept()[:] = 5.0
    assert case.right(silent)


def test_rows_use_the_slots_in_turn() -> None:
    case = MemoCase(count=3)
    given = case.given(*[(1.0, 0.5), (NAN, 0.5), (2.0, NAN)] * 40, (NAN, NAN))
    assert case.right(given)
    seen = [case.header(slot)[0] for slot in range(3)]
    assert seen == [0, 2, 1]
    assert [case.header(slot)[2] for slot in range(3)] == [3, 2, 1]


def settled(lanes: int = 1) -> tuple[MemoCase, Arrays]:
    """A case of two slots whose numbers repeat in every row, and three rows that go on from there."""
    case = MemoCase(lanes, count=2)
    long = case.given(*[(1.5, 0.5)] * 200)
    assert case.right(long) and case.follows(0) and case.follows(1)
    carry, _ = case.run(long)
    return case, replace(case.given(*[(1.5, 0.5)] * 3), carry=carry[:1])


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_key_that_follows_from_the_slot_before_is_not_compared_again(lanes: int) -> None:
    case, given = settled(lanes)
    wrong = case.vectors(1)[2] * 2.0
    case.vectors(1)[2] = wrong
    assert case.right(given)
    assert case.vectors(1)[2].tolist() == wrong.tolist()  # else it would have been stored anew
    case.vectors(1)[3:] *= 1.5
    assert not case.right(given)


@pytest.mark.parametrize("part", ["dt", "presence"])
def test_the_rest_of_such_a_key_counts(part: str) -> None:
    case, given = settled()
    case.vectors(1)[3:] *= 1.5
    for head in {"dt": (8, 24), "presence": (0, 16)}[part]:
        case.memo[1, head] ^= 1
    assert case.right(given)


def test_a_row_whose_predecessor_was_computed_compares_its_key() -> None:
    case, given = settled()
    case.vectors(0)[1] *= 2.0
    case.vectors(0)[3:] *= 1.5
    assert case.follows(0) and case.right(given)


def test_values_that_are_stored_anew_lead_nowhere() -> None:
    """Not even if the numbers before them were the same: their own row, and the one after it, compare keys again."""
    case, given = settled()
    other = replace(given, dt=np.array([DT, DT, 0.2]), z=given.z.copy())
    other.z[:, 2] = NAN, 0.5
    for _ in range(3):
        assert case.right(other)
    assert not case.follows(0)
    assert case.right(given) and case.right(replace(given, dt=np.array([0.2, DT, DT])))
    long = case.given(
        *[(1.5, 0.5)] * 50, *[(NAN, 0.5)] * 7, *[(1.5, 0.5)] * 50, *[(1.5, NAN)] * 3, *[(1.5, 0.5)] * 50
    )
    assert case.right(long) and case.right(long)


@pytest.mark.parametrize("lanes", [2, 4])
def test_lanes_share_a_slot_only_if_the_same_readings_are_present(lanes: int) -> None:
    case = MemoCase(lanes)
    given = case.given((1.5, 0.5))
    given.z[-1, 0, 0] = -3.0
    case.filled(given)
    assert case.header()[0] == 3 and case.vectors()[0].tolist() == [3.0] * lanes
    uneven = case.given((1.5, 0.5))
    for lane in (0, lanes - 1):
        uneven.z[lane, 0, 1] = NAN
        for _ in range(3):
            assert case.right(uneven) and case.header()[0] == -1
        uneven.z[lane, 0, 1] = 0.5
    case.filled(given)
    case.kept()[:, -1] *= 1.5
    assert not case.right(given)


def test_if_one_lane_has_another_key_all_lanes_compute() -> None:
    case = MemoCase(2)
    given = case.given((1.5, 0.5))
    starts = np.repeat(given.carry, 2, axis=0)
    case.filled(given)
    case.kept()[:] *= 1.5
    for lane in (0, 1):
        for number in (1, 2):
            other = starts.copy()
            other[lane, number] = np.nextafter(other[lane, number], 9.0)
            assert case.right(Arrays(**{**given.__dict__, "carry": other}))
            case = MemoCase(2).filled(given)
            case.kept()[:] *= 1.5


# Which kernels have a memo
def chain(operations: int, width: int = 1, moving: bool = False, constant: bool = False) -> Kernel:
    """A kernel with this many static operations on a carried number or a parameter, and a number that follows z."""
    i = Inputs("float64")
    p, x = i.carry[:2]
    p = i.params[0] if constant else p
    for k in range(operations - 1):  # the commit mask is one more
        p = p * 0.5 if k % 2 else p + i.params[0]
    program = i.program([p + x if moving else p, x + i.z[0] * (p if constant else 2.0)], True)
    stage = Stage("one", program, (("z", 0),))
    return Kernel("chain", "float64", (stage,), ("p", "x"), {"u": 0, "row": 0, "z": width, "params": 1}, {})


def test_a_memo_is_worth_it_from_forty_operations() -> None:
    worth, less = plan(chain(40)), plan(chain(39))
    assert worth is not None and less is None
    assert worth.carry == (0,) and worth.vectors == 4
    assert llvm_memo.slot_bytes(chain(39), 2) == 0
    assert llvm_memo.slot_bytes(chain(40), 2) == 40 + 4 * 2 * 8


def test_presence_fits_one_integer() -> None:
    assert plan(chain(40, 62)) is not None and plan(chain(40, 63)) is None


def test_what_follows_a_number_that_moves_moves() -> None:
    assert plan(chain(60, moving=True)) is None
    assert plan(chain(60, moving=True, constant=True)) is None


def test_one_series_has_a_slot_for_each_of_many_periods() -> None:
    assert [p for p in range(1, 25) if memo.PERIOD % p == 0] == [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24]


def test_a_slot_as_wide_as_its_lanes() -> None:
    kernel, single = settling(), settling("float32")
    found = plan(kernel)
    assert found is not None and {found, plan(single)} == {found}
    for lanes in (1, 2, 4, 8):
        assert llvm_memo.slot_bytes(kernel, lanes) == 40 + 8 * lanes * found.vectors
        assert llvm_memo.slot_bytes(single, lanes) == 40 + 4 * lanes * found.vectors
    assert plan(odds()) is None and llvm_memo.slot_bytes(odds(), 4) == 0


def test_static_and_live_match_their_definitions() -> None:
    """Over the whole Program: a register is static if moving inputs reach it through presence only."""
    kernel = settling()
    found = plan(kernel)
    assert found is not None and found.carry == (1, 2)
    for stage, live, static in zip(kernel.stages, found.live, found.static, strict=True):
        code = stage.program.code
        reaches: list[set[Any]] = []
        for k, i in enumerate(code):
            here = (
                i.op in ("eq", "ne")
                and len(set(i.args)) == 1
                and code[i.args[0]].value in (("z", 0), ("z", 1))
            )
            assert memo.presence(stage, k) == here
            reached = set().union(*[reaches[a] for a in i.args]) if i.args and not here else set()
            reaches.append(reached | ({i.value} if i.op == "input" else set()))
        moving = {("carry", 0), ("z", 0), ("z", 1)}
        assert static == {k for k, keys in enumerate(reaches) if not keys & moving}
        users = {
            k: [u for u, i in enumerate(code) if k in i.args and u not in static] for k in range(len(code))
        }
        leaving = {k for ks in stage.program.outputs.values() for k in ks}
        wanted = [
            k
            for k, i in enumerate(code)
            if k in static and i.args and not memo.presence(stage, k) and (users[k] or k in leaving)
        ]
        assert list(live) == wanted and len(live) > 2


def test_presence_is_a_comparison_of_a_reading_with_itself() -> None:
    graph = Graph()
    z, y, x = graph.input(("z", 0)), graph.input(("z", 1)), graph.input(("carry", 0))
    masks = [z == z, z != z, graph.apply("eq", z, y), x == x, graph.apply("le", z, z), (z + 1.0) == (z + 1.0)]
    program = Program.of(graph, {"out": masks})
    stage = Stage("masks", program, ())
    assert [memo.presence(stage, k) for k in program.outputs["out"]] == [True, True] + [False] * 4
