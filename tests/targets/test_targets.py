"""Exported filters on other computers: the same bytes on all, sizes as the header says, and nothing undefined.

`make targets` runs this. A computer whose compiler or emulator is missing is skipped by name: on Debian they are
gcc-aarch64-linux-gnu, gcc-riscv64-linux-gnu, gcc-s390x-linux-gnu with their libc6-dev-*-cross, gcc-arm-none-eabi,
libnewlib-arm-none-eabi, qemu-user, qemu-system-arm, clang, lld, cppcheck and nodejs.
"""

import os
import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from agreement.examples import EXAMPLES, Example
from foglight.adapters.targets.export import export_c
from foglight.adapters.targets.exported import exported
from foglight.adapters.targets.footprint import footprint
from fuzz.test_sanitized_c import random_example
from targets.machines import CORTEX, MACHINES, STRICT, Machine

pytestmark = pytest.mark.targets
DTYPES = ("float64", "float32")
SANITIZERS = (
    "-fsanitize=address,undefined,float-cast-overflow,bounds-strict",
    "-fno-sanitize-recover=all",
    "-g",
)
ANALYSED = 35_000  # bytes of a source; cppcheck takes minutes for a larger one
NODES = {
    "examples": 225_000,
    "random": 100_000,
}  # how many states clang looks at in a function; the first is its own
ROOT = Path(__file__).parents[2]


def pedestrian(rows: int) -> fog.Model:
    return fog.load_model(ROOT / "examples/fog/pedestrian.toml")[0]


def dense(rows: int) -> fog.Model:
    """So many states that its equations are on whole arrays."""
    rng = np.random.default_rng(5)
    F, G = np.linalg.qr(rng.normal(size=(26, 26)))[0] * 0.9, rng.normal(size=(26, 26)) / 5.0
    start = fog.Belief(np.zeros(26), std=np.ones(26))
    return fog.linear_model(
        F, G @ G.T + 0.1 * np.eye(26), rng.normal(size=(3, 26)), 0.4 * np.eye(3), start=start
    )


def unknown(rows: int) -> fog.Model:
    return fog.structural(level="random", seasonal=4)


CASES = [
    *EXAMPLES,
    Example("pedestrian", pedestrian, fog.EKF()),
    Example("season", unknown, fog.KF()),
    Example("dense", dense, fog.KF()),
]


def need(*programs: str) -> None:
    absent = [program for program in programs if shutil.which(program) is None]
    if absent:
        pytest.skip(f"absent: {', '.join(absent)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases as C, in both types."""
    here = tmp_path_factory.mktemp("c")
    for case in CASES:
        for dtype in DTYPES:
            if (case.name, dtype) != ("dense", "float32"):  # on scalars it would be 100 times as long
                export_c(case.model(40), here / f"{named(case, dtype)}.c", case.method, dtype=dtype)
    return here


@pytest.fixture(scope="module")
def random_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred random models as C, half of them in each type."""
    here = tmp_path_factory.mktemp("random")
    for dtype in DTYPES:
        for seed in range(50):
            random = random_example(seed)
            export_c(random.model(40), here / f"random{seed}_{dtype[-2:]}.c", random.method, dtype=dtype)
    return here


def sources(folder: Path) -> list[Path]:
    return sorted(f for f in folder.glob("*.c") if not f.stem.endswith(("_main", "_selftest")))


def named(case: Example, dtype: str) -> str:
    return re.sub(r"\W", "_", case.name).lower() + dtype[-2:]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_every_byte_is_that_of_foglight(machine: Machine, dtype: str, folder: Path) -> None:
    need(*machine.needs)
    wrong, filters, compared = {}, 0, 0
    for case in CASES:
        name = named(case, dtype)
        if not (folder / f"{name}.c").exists():
            continue
        said = machine.run(machine.build(folder, name), name).splitlines()[0]
        if said != "the selftest passes":
            wrong[name] = said
        size = re.search(r"_RECORD (\d+)", (folder / f"{name}.h").read_text())
        assert size is not None
        filters += 1
        compared += 40 * int(size[1]) * np.dtype(dtype).itemsize
    print(f"{machine}, {dtype}: {compared} bytes of {filters} filters compared, wrong: {wrong or 'none'}")
    assert not wrong


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_a_wrong_number_is_noticed(machine: Machine, folder: Path, tmp_path: Path) -> None:
    """The planted defect: one bit of one expected number in the last row."""
    need(*machine.needs)
    for file in folder.glob("walk_kf64*"):
        if file.suffix in (".c", ".h"):
            shutil.copy(file, tmp_path)
    test = tmp_path / "walk_kf64_selftest.c"
    head, last = test.read_text().rsplit("},\n", 1)
    number = re.search(r"0x1\.[0-9a-f]{12}([0-9a-f])p", last)
    assert number is not None
    other = "0" if number[1] != "0" else "1"
    test.write_text(f"{head}}},\n{last[: number.start(1)]}{other}{last[number.end(1) :]}")
    program = machine.build(tmp_path, "walk_kf64")
    try:
        said = machine.run(program, "walk_kf64")
    except AssertionError as failed:
        said = str(failed)
    assert "the selftest fails in row 40" in said


@pytest.mark.parametrize("dtype", DTYPES)
def test_memory_on_a_cortex_m4f_is_as_the_header_says(dtype: str, tmp_path: Path) -> None:
    """Within a half, or 100 bytes of stack: the header's numbers are estimates from counts of operations."""
    need("arm-none-eabi-gcc", "arm-none-eabi-size")
    flags = [
        *CORTEX.compiler[1:5],
        "-std=c99",
        "-ffp-contract=off",
        "-fno-math-errno",
        "-O2",
        "-fstack-usage",
    ]
    ratios = {}
    for case in CASES[:-1]:
        name = named(case, dtype)
        export_c(case.model(40), tmp_path / f"{name}.c", case.method, dtype=dtype)
        words = ["arm-none-eabi-gcc", *flags, "-c", f"{name}.c", "-o", f"{name}.o"]
        subprocess.run(words, check=True, cwd=tmp_path)
        size = subprocess.run(
            ["arm-none-eabi-size", f"{name}.o"], check=True, cwd=tmp_path, capture_output=True, text=True
        ).stdout
        usage = [line.split("\t") for line in (tmp_path / f"{name}.su").read_text().splitlines()]
        of = {place.rpartition(":")[2]: int(count) for place, count, _ in usage}
        stages = [count for function, count in of.items() if "_stage" in function]
        stack = of[f"{name}_step"] + max(stages, default=0)
        code = int(size.splitlines()[1].split()[0])
        said = footprint(exported(name, case.model(40), case.method, dtype).kernel)
        print(f"{name}: code {code}, stack {stack} bytes; said {said.code}, {said.stack}")
        near = abs(said.stack - stack) < 100
        ratios[name] = (said.code / code, 1.0 if near else said.stack / stack)
    assert all(0.5 < ratio < 1.6 for pair in ratios.values() for ratio in pair), ratios


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_undefined_happens(dtype: str, folder: Path, random_folder: Path) -> None:
    """All examples and a hundred random models, under the checks of gcc for addresses and undefined behaviour."""
    need("gcc")
    machine = Machine("sanitized", ("gcc",), ("gcc", *SANITIZERS))
    for case in CASES:
        name = named(case, dtype)
        if (folder / f"{name}.c").exists():
            assert machine.run(machine.build(folder, name, ["-O1"]), name).startswith("the selftest passes")
    for source in random_folder.glob(f"*_{dtype[-2:]}.c"):
        program = machine.build(random_folder, source.stem, ["-O0"])
        assert machine.run(program, source.stem).startswith("the selftest passes")


def analysed(source: Path, nodes: int) -> tuple[list[str], int, int]:
    """What clang's analyser finds in a source; how many blocks its functions have, and how many it has not entered.

    A function of many selections has more paths than anyone can follow: it follows those that enter a new block first.
    """
    options = [
        "-analyzer-checker=debug.Stats",
        "-analyzer-max-loop",
        "64",
        "-analyzer-config",
        f"max-nodes={nodes}",
    ]
    done = subprocess.run(
        ["clang", "--analyze", "--analyzer-output", "text", *(w for o in options for w in ("-Xclang", o)),
         "-std=c99", "-ffp-contract=off", "-o", os.devnull, str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:2_000]
    warnings = [line for line in done.stderr.splitlines() if " warning: " in line]
    counts = [re.search(r"Total CFGBlocks: (\d+) \| Unreachable CFGBlocks: (\d+)", line) for line in warnings]
    blocks = [(int(found[1]), int(found[2])) for found in counts if found is not None]
    findings = [line for line in warnings if "[debug.Stats]" not in line]
    return findings, sum(total for total, _ in blocks), sum(missed for _, missed in blocks)


def test_clang_analyses_every_source_and_finds_nothing(folder: Path, random_folder: Path) -> None:
    """Two at a time: about five seconds for an example, three for a random model, and half as long of the clock."""
    need("clang")
    jobs = [(f, NODES["examples"]) for f in sources(folder)]
    jobs += [(f, NODES["random"]) for f in sources(random_folder)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(analysed, *zip(*jobs, strict=True)))
    findings = [line for found, _, _ in results for line in found]
    blocks, missed = (sum(result[k] for result in results) for k in (1, 2))
    print(
        f"clang --analyze: {len(jobs)} sources, {blocks} blocks, {missed} not entered; findings: {len(findings)}"
    )
    assert not findings, findings[:5]
    assert len(jobs) > 140 and missed < 0.05 * blocks


def test_the_analyser_sees_a_planted_fault(folder: Path, tmp_path: Path) -> None:
    """The planted defect: a number that nothing has set."""
    need("clang")
    source = next(f for f in sources(folder) if f.stem == "walk_kf64")
    text = source.read_text()
    planted = tmp_path / source.name
    planted.write_text(
        text
        + """
int walk_kf64_planted(void);
int walk_kf64_planted(void) {
    walk_kf64_real carry[WALK_KF64_CARRY], last;
    walk_kf64_begin(carry);
    return carry[0] > last;
}
"""
    )
    shutil.copy(folder / "walk_kf64.h", tmp_path)
    findings, _, _ = analysed(planted, NODES["random"])
    assert len(findings) == 1 and "garbage" in findings[0]


def test_other_analysers_find_nothing_in_short_sources(folder: Path) -> None:
    need("gcc", "cppcheck")
    short = [str(file) for file in sources(folder) if file.stat().st_size < ANALYSED]
    assert len(short) > 2
    checked = subprocess.run(
        ["cppcheck", "--std=c99", "--enable=warning,performance,portability", "--inline-suppr", "--error-exitcode=1",
         "--suppress=missingIncludeSystem", "--quiet", *short],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr[:3_000]
    for source in short[:6]:
        analysed = subprocess.run(
            ["gcc", *STRICT, "-fanalyzer", "-c", source, "-o", "/dev/null"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert analysed.returncode == 0, analysed.stderr[:3_000]


def test_rules_of_misra_are_counted(folder: Path) -> None:
    """Reported, not required: generated code has long functions and hexadecimal constants by design."""
    need("cppcheck")
    source = folder / "pedestrian64.c"
    done = subprocess.run(
        ["cppcheck", "--std=c99", "--addon=misra", "--quiet", str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    counted = Counter(re.findall(r"misra-c2012-([0-9.]+)", done.stderr))
    print("MISRA C:2012 rules with findings, and how many:", dict(sorted(counted.items())))
    assert not counted.keys() & {
        "17.2",
        "21.3",
        "18.7",
        "15.1",
    }  # recursion, allocation, flexible arrays, goto
