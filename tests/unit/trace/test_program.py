"""Programs: order, unused operations, the same text in every process, and the recorded cost of five models."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import make_kernel
from foglight.trace.graph import Graph
from foglight.trace.primitives import ELEMENTARY, PRIMITIVE
from foglight.trace.program import LEAVES, Program, lower, reach

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


def chord(graph: Graph) -> Program:
    """A small Program with a bit of everything."""
    x, y, dt = (graph.input(("x", i), name) for i, name in enumerate(("x", "y", "dt")))
    unused = np.exp(x) * np.sin(y)
    far = np.hypot(x, y) > 1e-3
    out = np.where(far, np.arctan2(y, x), 0.25) + 0.1 * dt * x
    assert unused.op == "mul"
    return Program.of(graph, {"out": [out, x * y, 2.5], "status": [far, far]})


def test_every_operation_follows_its_arguments() -> None:
    for program in (chord(Graph()), lower(chord(Graph()), "float32")):
        for k, i in enumerate(program.code):
            assert all(a < k for a in i.args)
            assert (i.op in LEAVES) == (not i.args)
        assert all(k < len(program.code) for ks in program.outputs.values() for k in ks)


def test_what_no_output_needs_is_left_out() -> None:
    program = chord(Graph())
    assert "exp" not in program.count() and "sin" not in program.count()
    assert program.count() == {"hypot": 1, "lt": 1, "atan2": 1, "select": 1, "mul": 3, "add": 1}
    assert program.size == sum(program.count().values()) == 8
    assert program.inputs == (("x", 0), ("x", 1), ("x", 2))
    needed = set(k for ks in program.outputs.values() for k in ks)
    for i in program.code:
        needed |= set(i.args)
    assert needed == set(range(len(program.code)))
    smaller = Program.of(graph := Graph(), {"out": [graph.input("x")], "none": []})
    assert smaller.size == 0 and smaller.outputs == {"out": (0,), "none": ()}


def test_masks_are_known_as_such() -> None:
    program = chord(Graph())
    assert [i.op for i in program.code if i.is_mask] == ["lt"]
    assert all(program.code[k].is_mask for k in program.outputs["status"])
    assert not any(program.code[k].is_mask for k in program.outputs["out"])


def test_reach_gives_each_node_once() -> None:
    graph = Graph()
    x = graph.input("x")
    square = x * x
    found = reach([square + x, square, square * square])
    assert len(found) == len({n.serial for n in found}) == 4 and found[0] is x
    assert reach([]) == []


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lowering_leaves_primitive_operations_only(dtype: str) -> None:
    graph = Graph()
    x, y = graph.input("x"), graph.input("y")
    outputs = [graph.apply(op, x, y) if n == 2 else graph.apply(op, x) for op, n in ELEMENTARY.items()]
    limits = [graph.limit("tiny") + x, graph.limit("eps") * y]
    program = Program.of(graph, {"out": [*outputs, *limits]})
    assert set(program.count()) == set(ELEMENTARY) | {"add", "mul"}
    lowered = lower(program, dtype)
    assert lowered.dtype == dtype and set(lowered.count()) <= set(PRIMITIVE)
    assert {i.op for i in lowered.code} - set(PRIMITIVE) == {"input", "const"}
    kind = np.dtype(dtype).type
    assert all(kind(i.value) == i.value or i.value != i.value for i in lowered.code if i.op == "const")
    constants = {i.value for i in lowered.code if i.op == "const"}
    assert {float(np.finfo(dtype).tiny), float(np.finfo(dtype).eps)} <= constants
    assert lower(lowered, dtype).text() == lowered.text()


def test_evaluation_is_vectorised_and_typed() -> None:
    for dtype in ("float64", "float32"):
        program = lower(chord(Graph()), dtype)
        x = np.array([0.3, -2.0, 1e-5], dtype)
        y = np.array([1.5, 0.5, -1e-5], dtype)
        found = program.evaluate({("x", 0): x, ("x", 1): y, ("x", 2): np.asarray(0.7, dtype)})
        angle, area, constant = found["out"]
        assert angle.dtype == area.dtype == dtype and constant == 2.5
        expected = np.where(np.hypot(x, y) > 1e-3, np.arctan2(y, x), 0.25) + 0.07 * x
        np.testing.assert_allclose(angle, expected, rtol=4 * np.finfo(dtype).eps)
        assert found["status"][0].tolist() == [True, True, False]


def test_the_text_is_complete() -> None:
    graph = Graph()
    x, p = graph.input(("x", 0), "gap"), graph.input(("params", 1), "std")
    program = Program.of(graph, {"out": [np.sqrt(x * p) - 0.1, -0.0], "empty": []})
    assert program.text().splitlines() == [
        "program float64", "r0 = input ('x', 0) gap", "r1 = input ('params', 1) std", "r2 = mul r0 r1",
        "r3 = sqrt r2", "r4 = 0x1.999999999999ap-4", "r5 = sub r3 r4", "r6 = -0x0.0p+0", "out: r5 r6", "empty: ",
    ]  # fmt: skip
    assert program.hash() != lower(program, "float32").hash()
    assert program.hash() == lower(program, "float64").hash()


@pytest.mark.parametrize(
    "change",
    [
        lambda x, y: (x * y) + 0.1,
        lambda x, y: (x * y) - 0.1000000000000001,
        lambda x, y: (y * y) - 0.1,
        lambda x, y: np.sqrt(x * y) - 0.1,
    ],
)
def test_a_hash_distinguishes_programs(change: Any) -> None:
    def hashed(function: Any) -> str:
        graph = Graph()
        return Program.of(graph, {"out": [function(graph.input("x"), graph.input("y"))]}).hash()

    assert hashed(lambda x, y: (x * y) - 0.1) == hashed(lambda x, y: (y * x) - 0.1)
    assert hashed(lambda x, y: (x * y) - 0.1) != hashed(change)


def test_the_backends_page_lists_every_operation() -> None:
    page = (Path(fog.__file__).parent / "compiler" / "backends" / "README.md").read_text()
    table = page[page.index("| operation |") : page.index("Leaves are")]
    rows = [line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|")]
    assert sorted(" ".join(rows).replace("`", " ").split()) == sorted(PRIMITIVE)
    assert f"It knows {len(PRIMITIVE)} scalar operations" in page


IN_ANOTHER_PROCESS = """
import sys
sys.path.insert(0, sys.argv[1])
from agreement.examples import EXAMPLES
for example in EXAMPLES:
    if example.name in sys.argv[2:]:
        print(*[stage.program.hash() for stage in example.kernel().stages])
"""


def test_texts_are_the_same_in_every_process() -> None:
    """Nothing depends on the order of sets or on addresses."""
    names = ["plane-KF", "radar-EKF", "elementary-UKF"]
    found = set()
    for seed in ("1", "77"):
        done = subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, str(GOLDEN.parent), *names],
            capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed, "PATH": ""},
        )  # fmt: skip
        found.add(done.stdout)
    here = [e.kernel() for e in EXAMPLES if e.name in names]
    found.add("".join(" ".join(s.program.hash() for s in kernel.stages) + "\n" for kernel in here))
    assert len(found) == 1 and len(found.pop().split()) == 7


def two_coordinates() -> fog.Model:
    start = fog.Belief([1.0, -2.0, 0.5, 0.3], std=[2.0, 1.5, 1.0, 0.5])
    sensor = fog.sensing.linear("radar", of=("x", "y"), std=0.8)
    return fog.Model(fog.motion.constant_velocity(("x", "y"), accel=0.4), [sensor], start)


def by_name(name: str) -> fog.Model:
    return next(e for e in EXAMPLES if e.name == name).model(4)


MODELS = {
    "walk": lambda: make_kernel(by_name("walk-KF"), fog.KF()),
    "constant_velocity": lambda: make_kernel(two_coordinates(), fog.KF()),
    "varying": lambda: make_kernel(by_name("varying-KF"), fog.KF()),
    "ctrv_radar_ekf": lambda: make_kernel(by_name("radar-EKF"), fog.EKF()),
    "ctrv_radar_ukf": lambda: make_kernel(by_name("radar-UKF"), fog.UKF()),
}


def summary(kernel: Kernel) -> str:
    """The cost of a kernel by operation, and the hash of every Program."""
    lines = [f"{kernel.name}: {kernel.size} operations"]
    for stage in kernel.stages:
        lines += [f"{stage.name}: {stage.program.size} operations"]
        lines += [f"  {op} {count}" for op, count in sorted(stage.program.count().items())]
        lines += [f"  sha256 {stage.program.hash()}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", MODELS)
def test_golden_operation_counts(name: str, request: pytest.FixtureRequest) -> None:
    """A change here changes the last bits of every result, or its cost: check it, then write with --update."""
    path = GOLDEN / f"{name}.txt"
    found = summary(MODELS[name]())
    if request.config.getoption("--update"):
        path.write_text(found)
    assert found == path.read_text(), f"{path.name} differs; if that is intended: pytest --update {__file__}"
