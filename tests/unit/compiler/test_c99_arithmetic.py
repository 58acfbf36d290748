"""Square roots and rounding in C without a library: the bits that the processor gives, for numbers of every kind."""

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agreement.generated_c import need_gcc
from foglight.compiler.backends.c99_arithmetic import ARITHMETIC, functions
from foglight.trace.primitives import RULES

COUNT = 200_000
WORDS = {"float64": ("double", "uint64_t", np.uint64), "float32": ("float", "uint32_t", np.uint32)}
FUNCTIONS = ("sqrt", "rint", "floor", "abs", "exponent")


def library(folder: Path, dtype: str, *flags: str) -> ctypes.CDLL:
    real, bits, _ = WORDS[dtype]
    head = "#include <math.h>\n#include <stdint.h>\n#include <string.h>\n"
    text = f"{head}typedef {real} f_real;\ntypedef {bits} f_bits;\n{functions(ARITHMETIC, 'f', dtype)}"
    for name in FUNCTIONS:
        text += f"void all_{name}(const f_real *x, f_real *y, long n);\n"
        text += f"void all_{name}(const f_real *x, f_real *y, long n) {{\n"
        text += f"    for (long i = 0; i < n; i++)\n        y[i] = f_{name}(x[i]);\n}}\n"
    (folder / "a.c").write_text(text)
    words = [
        "gcc",
        "-std=c99",
        "-Wall",
        "-Wextra",
        "-Wconversion",
        "-pedantic",
        "-Werror",
        "-ffp-contract=off",
        *flags,
    ]
    subprocess.run([*words, "-shared", "-fPIC", str(folder / "a.c"), "-o", str(folder / "a.so")], check=True)
    return ctypes.CDLL(str(folder / "a.so"))


def numbers(dtype: str) -> NDArray[Any]:
    """Any bits at all, ordinary numbers, and the neighbours of squares."""
    rng = np.random.default_rng(0)
    unsigned = WORDS[dtype][2]
    whole = rng.integers(0, np.iinfo(unsigned).max, COUNT, dtype=unsigned, endpoint=True).view(dtype)
    squares = np.arange(1, 20_001).astype(dtype) ** 2
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 0.5, 1.5, 2.5, -0.5, -0.3, 0.3], dtype)
    limits = np.finfo(dtype)
    ends = np.array([limits.tiny, limits.smallest_subnormal, limits.max, limits.eps, limits.min], dtype)
    near = [squares, *(np.nextafter(squares, end, dtype=dtype) for end in (0.0, np.inf))]
    ordinary = (rng.normal(size=COUNT) * 2.0 ** rng.integers(-20, 60, COUNT)).astype(dtype)
    return np.concatenate([whole, ordinary, special, ends, *near])


@pytest.mark.parametrize(
    "flags", [("-O0",), ("-O2", "-fno-math-errno")], ids=["bit by bit", "one instruction"]
)
@pytest.mark.parametrize("dtype", WORDS)
def test_they_have_the_bits_of_the_processor(dtype: str, flags: tuple[str, ...], tmp_path: Path) -> None:
    need_gcc()
    compiled, x = library(tmp_path, dtype, *flags), numbers(dtype)
    unsigned = WORDS[dtype][2]
    for name in FUNCTIONS:
        y = np.empty_like(x)
        at = (array.ctypes.data_as(ctypes.c_void_p) for array in (x, y))
        getattr(compiled, f"all_{name}")(*at, ctypes.c_long(len(x)))
        with np.errstate(all="ignore"):
            expected = np.asarray(RULES[name](x), dtype)
        same = (y.view(unsigned) == expected.view(unsigned)) | (np.isnan(y) & np.isnan(expected))
        assert same.all(), (name, x[~same][:3], y[~same][:3], expected[~same][:3])


def test_what_is_not_used_is_not_printed() -> None:
    assert functions((), "f", "float64") == ""
    assert "f_copysign" in functions({"floor"}, "f", "float64") and "f_sqrt" not in functions(
        {"floor"}, "f", "float64"
    )
