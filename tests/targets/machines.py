"""The computers that exported C is built for: their compilers, and how their programs run here."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STRICT = (
    "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-ffp-contract=off", "-O2",
)  # fmt: skip
WASM = """
const fs = require("fs");
WebAssembly.instantiate(fs.readFileSync(process.argv[1])).then((found) => {
    const failed = found.instance.exports[process.argv[2] + "_selftest"]();
    console.log(failed ? "the selftest fails in row " + failed : "the selftest passes");
});
"""


@dataclass(frozen=True)
class Machine:
    """needs: the programs without which it is skipped.  compiler: with its options.  more: further sources.
    emulator: what runs the program; none for this computer."""

    name: str
    needs: tuple[str, ...]
    compiler: tuple[str, ...]
    more: tuple[str, ...] = ()
    emulator: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def missing(self) -> list[str]:
        return [program for program in self.needs if shutil.which(program) is None]

    def build(self, folder: Path, name: str, flags: Sequence[str] = ()) -> Path:
        """The program of an exported filter."""
        program = folder / f"{name}.{self.name}"
        ends = ("", "_selftest") if self.name == "wasm" else ("", "_selftest", "_main")
        sources = [
            *(str(folder / f"{name}{end}.c") for end in ends),
            *(str(HERE / more) for more in self.more),
        ]
        done = subprocess.run(
            [*self.compiler, *STRICT, *flags, *sources, "-o", str(program)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[:2_000]
        return program

    def run(self, program: Path, name: str) -> str:
        """What the program prints."""
        arguments = [str(program)]
        if self.name == "wasm":
            arguments = [*arguments, name]
        done = subprocess.run(
            [*self.emulator, *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, (done.returncode, done.stdout[-500:], done.stderr[-500:])
        return done.stdout


def _cross(name: str, prefix: str, emulator: str) -> Machine:
    compiler = f"{prefix}-linux-gnu-gcc"
    return Machine(name, (compiler, emulator), (compiler, "-static"), emulator=(emulator,))


CORTEX = Machine(
    "cortex-m4f",
    ("arm-none-eabi-gcc", "qemu-system-arm"),
    (
        "arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard",
        "--specs=rdimon.specs", "-T", str(HERE / "cortex_m4/memory.ld"),
    ),
    ("cortex_m4/startup.c",),
    ("qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-semihosting", "-kernel"),
)  # fmt: skip
MACHINES = (
    Machine("x86-64", ("gcc",), ("gcc",)),
    Machine("clang", ("clang",), ("clang",)),
    _cross("aarch64", "aarch64", "qemu-aarch64"),
    _cross("riscv64", "riscv64", "qemu-riscv64"),
    _cross("s390x", "s390x", "qemu-s390x"),  # its most significant byte is the first
    CORTEX,
    Machine(
        "wasm",
        ("clang", "wasm-ld", "node"),
        (
            "clang", "--target=wasm32", "-nostdlib", "-fno-builtin", f"-I{HERE / 'wasm'}",
            "-Wl,--no-entry", "-Wl,--export-all",
        ),
        ("wasm/memory.c",),
        ("node", "-e", WASM),
    ),
)  # fmt: skip
