"""Generated C as a program of its own, built with every check that gcc has for undefined behaviour.

On: addresses (heap, stack, leaks), shifts, casts of floats that do not fit, alignment, bounds, signed overflow (twice:
-ftrapv), and each finding ends the program. Off: division by zero and invalid operations of floats. Those are defined
by IEEE 754, and the kernels mean them: both sides of a select are computed, and the one that divides by zero is not
taken.
"""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.backends import c99
from foglight.compiler.engine.arrays import Arrays
from foglight.compiler.kernel import Kernel

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-g")
SANITIZERS = (
    "-fsanitize=address,undefined,float-cast-overflow,bounds-strict",
    "-fno-sanitize-recover=all",
    "-ftrapv",
)
ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_init_order=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}

# Every array has a block of its own, of its own size, so that one number too far is an error.
MAIN = """
#include <stdio.h>
#include <stdlib.h>

static filter_real *block(long count) { return malloc((size_t)count * sizeof(filter_real)); }

static filter_real *load(FILE *file, long count) {
    filter_real *to = block(count);
    if (!to || fread(to, sizeof *to, (size_t)count, file) != (size_t)count) exit(3);
    return to;
}

int main(int argc, char **argv) {
    long size[6]; /* tracks, rows, widths of u, row, z, params */
    FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL, *to = argc == 3 ? fopen(argv[2], "wb") : NULL;
    if (!in || !to || fread(size, sizeof *size, 6, in) != 6) return 2;
    filter_real *dt = load(in, size[1]), *row = load(in, size[1] * size[3]), *params = load(in, size[5]);
    for (long track = 0; track < size[0]; track++) {
        filter_real *carry = load(in, FILTER_CARRY), *u = load(in, size[1] * size[2]);
        filter_real *z = load(in, size[1] * size[4]), *out = block(size[1] * FILTER_RECORD);
        filter_scan(size[1], carry, dt, u, size[2], row, size[3], z, size[4], params, out);
        fwrite(carry, sizeof *carry, FILTER_CARRY, to);
        fwrite(out, sizeof *out, (size_t)(size[1] * FILTER_RECORD), to);
        free(carry), free(u), free(z), free(out);
    }
    free(dt), free(row), free(params);
    fclose(in);
    return fclose(to) != 0;
}
"""


class Sanitized:
    """The scan of a kernel as a program, with these flags."""

    def __init__(self, kernel: Kernel, folder: Path, *flags: str, text: str | None = None) -> None:
        self.kernel = kernel
        self._folder = folder
        self._program = folder / f"program{len(list(folder.glob('program*')))}"
        source = folder / "filter.c"
        source.write_text((c99.text(kernel, "filter") if text is None else text) + MAIN)
        command = ["gcc", *STRICT, *SANITIZERS, *flags, str(source), "-o", str(self._program), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2_000]

    def run(self, arrays: Arrays) -> tuple[NDArray[Any], NDArray[Any]]:
        """carry_out and records, track by track. AssertionError with what a sanitizer found."""
        kernel, rows = self.kernel, len(arrays.dt)
        widths = kernel.widths
        given, told = self._folder / "given", self._folder / "told"
        with given.open("wb") as file:
            sizes = (arrays.tracks, rows, widths["u"], widths["row"], widths["z"], len(arrays.params))
            file.write(np.array(sizes, np.int64).tobytes())
            for array in (arrays.dt, arrays.row[0], arrays.params):
                file.write(np.ascontiguousarray(array, kernel.dtype).tobytes())
            for track in range(arrays.tracks):
                for array in (arrays.carry, arrays.u, arrays.z):
                    file.write(np.ascontiguousarray(array[track % len(array)], kernel.dtype).tobytes())
        done = subprocess.run(
            [str(self._program), str(given), str(told)],
            capture_output=True, text=True, errors="replace", check=False, env=ENVIRONMENT,
        )  # fmt: skip
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[:2_000]}"
        numbers = np.fromfile(told, kernel.dtype).reshape(arrays.tracks, kernel.carried + rows * kernel.width)
        carry, records = np.split(numbers, [kernel.carried], axis=1)
        return np.ascontiguousarray(carry), records.reshape(arrays.tracks, rows, kernel.width).copy()
