"""The memo of a filter in steady state, as LLVM text: one slot per row, found by its key (memo.py explains why).

A slot begins with two copies of presence (which components of z are present) and dt: those of the last row that used
the slot, for a quick look, and those in the key of the kept values. Vectors follow: the last key number for the
quick look, the key numbers, and the values kept for each stage. Values are kept only if the quick look shows that
this row is likely to recur, so that a filter that never settles pays for the look alone. The last key number mostly
is a variance, which changes as long as any does; the first may be a covariance that is always 0.

A slot also tells whether its key follows from the values of the slot before it. If so, and the row before took those,
the key numbers need not be compared once more.
"""

from foglight.compiler.backends.llvm_text import Text
from foglight.compiler.backends.memo import Memo, plan
from foglight.compiler.kernel import Kernel, Stage

_HEADER = 40
_NONE = -1  # the presence that no row has
_OFFSETS = {"quick presence": 0, "quick dt": 8, "presence": 16, "dt": 24, "follows": 32}
_FOLLOWS = 1


def slot_bytes(kernel: Kernel, lanes: int) -> int:
    """The size of a slot in bytes; 0 if the kernel has no memo."""
    memo = plan(kernel)
    return 0 if memo is None else _size(memo, lanes * (8 if kernel.dtype == "float64" else 4))


def _size(memo: Memo, vector_bytes: int) -> int:
    return _HEADER + memo.vectors * vector_bytes


class Slot:
    """The slot of the current row, as text: code that looks it up, loads from it and saves to it.

    slots: the address of all, and their number.
    """

    def __init__(
        self, t: Text, memo: Memo, slots: tuple[str, str], carry: list[str], z: list[str], dt: str
    ) -> None:
        self.t = t
        self.memo = memo
        self.slots, self.count = slots
        self.keys = [carry[i] for i in memo.carry]
        self.dt = dt
        self.start = self._address("%slot")
        self.vectors = t.new(f"getelementptr i8, ptr {self.start}, i64 {_HEADER}")
        self.presence, self.uniform = "0", "true"
        for index, value in enumerate(z):
            there = t.new(f"fcmp ord {t.float} {value}, {value}")
            some, every = t.reduce("or", there), t.reduce("and", there)
            bit = t.new(f"select i1 {some}, i64 {1 << index}, i64 0")
            self.presence = t.new(f"or i64 {self.presence}, {bit}")
            self.uniform = t.new(f"and i1 {self.uniform}, {t.new(f'icmp eq i1 {some}, {every}')}")

    def look(self) -> None:
        """Go to `fast` if the slot holds this row's key, else to `slow`. %was.fast: whether the row before was fast."""
        t = self.t
        near = t.same([(self.keys[-1], t.load_vector(self.vectors, 0))])
        looks = t.new(f"and i1 {self._matches('quick presence', 'quick dt')}, {near}")
        self.quick = t.new(f"and i1 {self.uniform}, {looks}")
        mark = t.new(f"load i64, ptr {self._header('follows')}")
        follows = t.new(f"and i1 %was.fast, {t.new(f'icmp eq i64 {mark}, {_FOLLOWS}')}")
        kept = t.new(f"and i1 {self.quick}, {self._matches('presence', 'dt')}")
        t.branch(t.new(f"and i1 {kept}, {follows}"), "fast", "look")
        t.label("look")
        t.branch(kept, "compare", "slow")
        t.label("compare")
        same = t.same([(key, t.load_vector(self.vectors, 1 + i)) for i, key in enumerate(self.keys)])
        t.branch(same, "found", "slow")
        t.label("found")
        t.put(f"store i64 {t.new('zext i1 %was.fast to i64')}, ptr {self._header('follows')}")
        t.jump("fast")

    def load(self, index: int, stage: Stage) -> dict[int, str]:
        """The kept registers of a stage."""
        t = self.t
        known = {}
        for position, k in enumerate(self.memo.live[index], self._first_vector(index)):
            value = t.load_vector(self.vectors, position)
            is_mask = stage.program.code[k].is_mask
            known[k] = t.new(f"fcmp one {t.float} {value}, {t.number(0.0)}") if is_mask else value
        return known

    def save(self, index: int, stage: Stage, registers: dict[int, str], of: str = "") -> None:
        """Keep the registers of a stage if the quick look matched. of: which code of the stage this is part of."""
        t = self.t
        t.branch(self.quick, f"{of}save{index}", f"{of}saved{index}")
        t.label(f"{of}save{index}")
        for position, k in enumerate(self.memo.live[index], self._first_vector(index)):
            value = registers[k]
            if stage.program.code[k].is_mask:
                value = t.select(value, t.number(1.0), t.number(0.0))
            t.store_vector(value, self.vectors, position)
        t.jump(f"{of}saved{index}")
        t.label(f"{of}saved{index}")

    def remember(self) -> None:
        """Store the row's key, in full if its values will be kept.

        Before the row is computed, so that no part of its key is held in registers to the end.
        """
        t = self.t
        presence = self.presence
        if t.lanes > 1:  # a row that is present in some lanes alone has no key
            presence = t.new(f"select i1 {self.uniform}, i64 {presence}, i64 {_NONE}")
        t.put(f"store i64 {presence}, ptr {self._header('quick presence')}")
        t.put(f"store {t.scalar} {self.dt}, ptr {self._header('quick dt')}")
        t.store_vector(self.keys[-1], self.vectors, 0)
        t.branch(self.quick, "remember", "remembered")
        t.label("remember")
        t.put(f"store i64 0, ptr {self._header('follows')}")
        t.put(f"store i64 0, ptr {self._header('follows', self._address(self.next()))}")
        t.put(f"store i64 {presence}, ptr {self._header('presence')}")
        t.put(f"store {t.scalar} {self.dt}, ptr {self._header('dt')}")
        for i, key in enumerate(self.keys):
            t.store_vector(key, self.vectors, 1 + i)
        t.jump("remembered")
        t.label("remembered")

    def forget(self) -> None:
        """Let no row match the key: a stage did not commit."""
        for name in ("quick presence", "presence"):
            self.t.put(f"store i64 {_NONE}, ptr {self._header(name)}")

    def _matches(self, presence: str, dt: str) -> str:
        t = self.t
        kept = t.new(f"load i64, ptr {self._header(presence)}")
        before = t.new(f"load {t.scalar}, ptr {self._header(dt)}")
        a, b = (t.new(f"bitcast {t.scalar} {v} to {t.whole}") for v in (before, self.dt))
        same_dt = t.new(f"icmp eq {t.whole} {a}, {b}")
        return t.new(f"and i1 {t.new(f'icmp eq i64 {kept}, {self.presence}')}, {same_dt}")

    def next(self, name: str = "") -> str:
        """The number of the next slot, under this name if it has one; the first one comes after the last."""
        after = self.t.new("add i64 %slot, 1")
        wraps = self.t.new(f"icmp eq i64 {after}, {self.count}")
        number = f"select i1 {wraps}, i64 0, i64 {after}"
        if not name:
            return self.t.new(number)
        self.t.put(f"{name} = {number}")
        return name

    def _address(self, number: str) -> str:
        offset = self.t.new(f"mul i64 {number}, {_size(self.memo, self.t.lanes * self.t.bytes)}")
        return self.t.new(f"getelementptr i8, ptr {self.slots}, i64 {offset}")

    def _header(self, name: str, start: str = "") -> str:
        return self.t.new(f"getelementptr i8, ptr {start or self.start}, i64 {_OFFSETS[name]}")

    def _first_vector(self, index: int) -> int:
        return 1 + len(self.keys) + sum(len(live) for live in self.memo.live[:index])
