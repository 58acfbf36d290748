"""A Program: a straight-line list of scalar operations, ready for a backend.

Whatever processes a Program (a backend, a derivative, the lowering of sin and cos) is a set of rules, one
per operation, replayed over the list in order.
"""

import functools
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.trace.array_operations import ARRAY_RULES
from foglight.trace.array_symbol import ArraySymbol, shown
from foglight.trace.graph import Graph
from foglight.trace.primitives import ELEMENTARY, MASKS, PRIMITIVE, RULES, SEARCH
from foglight.trace.symbol import Symbol

LEAVES = frozenset({"input", "const", "limit", "block"})


@dataclass(frozen=True)
class Instruction:
    """Register k holds `op` of the registers in `args`; a leaf has a `value` (input key, constant)."""

    op: str
    args: tuple[int, ...]
    value: Any = None
    label: str = ""

    @property
    def is_mask(self) -> bool:
        return self.op in MASKS


@dataclass(frozen=True)
class Program:
    """Instructions, each after its arguments, and the output registers by group.

    Inputs are keyed by (source, index), for example ("carry", 3) or ("z", 0). A Program has no instruction that
    no output needs.
    """

    dtype: str
    code: tuple[Instruction, ...]
    outputs: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, graph: Graph, outputs: Mapping[str, Sequence[Any]]) -> "Program":
        """The Program that computes these groups of symbols; plain numbers become constants.

        A group that is an array as a whole is one register.

        Raises the graph's refusal, if it refused something while it was built.
        """
        graph.raise_refusal()
        groups = {
            name: [shown(values)] if isinstance(values, ArraySymbol) else [graph.lift(v) for v in values]
            for name, values in outputs.items()
        }
        nodes = reach([v for values in groups.values() for v in values])
        register = {node.serial: k for k, node in enumerate(nodes)}
        code = tuple(
            Instruction(n.op, tuple([register[a.serial] for a in n.args]), n.value, n.label) for n in nodes
        )
        registers = {name: tuple([register[v.serial] for v in values]) for name, values in groups.items()}
        return cls(str(graph.dtype), code, registers)

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The keys of all inputs that are read."""
        return tuple(i.value for i in self.code if i.op == "input")

    @functools.cached_property
    def on_arrays(self) -> bool:
        """Whether it has operations on whole arrays."""
        return any(i.op in ARRAY_RULES for i in self.code)

    @property
    def size(self) -> int:
        """The number of operations; leaves do not count."""
        return sum(i.op not in LEAVES for i in self.code)

    def count(self) -> Counter[str]:
        """The number of operations of each kind."""
        return Counter(i.op for i in self.code if i.op not in LEAVES)

    def replay(
        self, leaf: Callable[[Instruction], Any], rules: Mapping[str, Callable[..., Any]]
    ) -> list[Any]:
        """The value of every register when each operation is evaluated by its rule."""
        registers: list[Any] = []
        for i in self.code:
            args = [registers[a] for a in i.args]
            if i.op in LEAVES:
                registers.append(leaf(i))
            elif i.op in ARRAY_RULES:
                registers.append(rules[i.op](i.value, *args))
            else:
                registers.append(rules[i.op](*args))
        return registers

    def evaluate(self, inputs: Mapping[Any, Any]) -> dict[str, list[Any]]:
        """The outputs for these inputs, on NumPy arrays of the Program's type.

        inputs: by source and index. Under the index None there may be all numbers of a source, side by side.
        """
        kind = np.dtype(self.dtype).type

        def leaf(i: Instruction) -> Any:
            if i.op == "input":
                return np.asarray(inputs[i.value], dtype=kind)
            if i.op == "block":
                source, first, count = i.value
                whole = inputs.get((source, None))
                if whole is None:
                    some: Any = np.stack([inputs[source, first + k] for k in range(count)])
                else:
                    some = whole[first : first + count]
                return some.astype(kind).reshape(1, count, -1)
            return kind(i.value if i.op == "const" else getattr(np.finfo(kind), i.value))

        with np.errstate(all="ignore"):
            registers = self.replay(leaf, RULES | ARRAY_RULES)
        return {name: [registers[k] for k in ks] for name, ks in self.outputs.items()}

    def text(self) -> str:
        """One line per instruction: the text that golden tests compare and that `hash` is computed from."""
        lines = [f"program {self.dtype}"]
        for k, i in enumerate(self.code):
            if i.op == "const":
                lines.append(f"r{k} = {float(i.value).hex()}")
            elif i.op in LEAVES:
                lines.append(f"r{k} = {i.op} {i.value} {i.label}".rstrip())
            else:
                words = [f"r{a}" for a in i.args] + ([repr(i.value)] if i.op in ARRAY_RULES else [])
                lines.append(f"r{k} = {i.op} " + " ".join(words))
        lines += [f"{name}: " + " ".join(f"r{k}" for k in ks) for name, ks in self.outputs.items()]
        return "\n".join(lines) + "\n"

    def hash(self) -> str:
        """SHA-256 of the text: equal Programs have equal hashes, in every process."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def reach(outputs: Iterable[Symbol]) -> list[Symbol]:
    """Every node that the outputs depend on, including themselves, each after its arguments."""
    seen: dict[int, Symbol] = {}
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node.serial not in seen:
            seen[node.serial] = node
            stack.extend(node.args)
    return [seen[k] for k in sorted(seen)]


def lower(program: Program, dtype: str = "float64") -> Program:
    """The same Program with every elementary function spelt out in IEEE operations, typed as `dtype`."""
    from foglight.trace.elementary import LOWERING
    from foglight.trace.elementary.search import segment

    graph = Graph(dtype)
    limits = np.finfo(dtype)

    def leaf(i: Instruction) -> Symbol:
        if i.op == "input":
            return graph.input(i.value, i.label)
        if i.op == "block":
            return graph.array("block", (), i.value)
        return graph.constant(i.value if i.op == "const" else float(getattr(limits, i.value)))

    rules: dict[str, Callable[..., Any]] = {op: _applier(graph, op) for op in PRIMITIVE}
    rules |= {op: LOWERING[dtype][op] for op in ELEMENTARY}
    rules[SEARCH] = segment
    rules |= {op: _array_node(graph, op) for op in ARRAY_RULES}
    rules["map"] = _mapping(graph, dtype)
    registers = program.replay(leaf, rules)
    return Program.of(graph, {name: [registers[k] for k in ks] for name, ks in program.outputs.items()})


def _applier(graph: Graph, op: str) -> Callable[..., Symbol]:
    return lambda *args: graph.apply(op, *args)


def _array_node(graph: Graph, op: str) -> Callable[..., Symbol]:
    return lambda value, *args: graph.array(op, args, value)


def _mapping(graph: Graph, dtype: str) -> Callable[..., Symbol]:
    """The rule of operations on the entries of arrays: an elementary function is spelt out in operations on arrays."""
    from foglight.trace.elementary import LOWERING
    from foglight.trace.elementary.search import segment

    lowered = LOWERING[dtype] | {SEARCH: segment}

    def rule(value: Any, *args: Symbol) -> Symbol:
        op = value[0]
        if op not in lowered:
            return graph.array("map", args, value)
        values = [whole(a.args[0], a.value) if a.op == "view" else a for a in args]
        return lowered[op](*values).node  # type: ignore[no-any-return]

    def whole(node: Symbol, view: Any) -> ArraySymbol:
        return ArraySymbol(graph, node, view)

    return rule
