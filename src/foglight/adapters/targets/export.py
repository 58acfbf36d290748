"""`export_c`: a filter as C files."""

import re
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from foglight.adapters.targets import header, program, selftest, start
from foglight.adapters.targets.c_names import WORDS
from foglight.adapters.targets.exported import DTYPES, Exported, exported
from foglight.compiler.backends import c99
from foglight.core.atomic_file import whole_file
from foglight.core.errors import ModelError
from foglight.methods.ekf import EKF
from foglight.methods.method import Method
from foglight.model.model import Model

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("step", "scan")


def export_c(
    model: Model,
    path: str | PathLike[str],
    method: Method | None = None,
    *,
    dtype: str = "float64",
    parts: Sequence[str] = PARTS,
) -> "list[Path]":
    """Write a filter as C99 for a computer without Python, with a test that it gives the same bits there.

    Beside `ekf.c` stand `ekf.h`, which says what its numbers mean; `ekf_selftest.c`, with 40 rows of readings and what
    Foglight computes from them; `ekf_main.c`, a program that runs the test and the filter; and `ekf.hpp`, a class for
    C++17. All is written, or nothing. The code allocates nothing, has no recursion, and calls nothing but memcpy.

    Parameters
    ----------
    model : Model
        Its functions must be traced: none of `fog.opaque`.
    path : str or path
        The C file. Its name without .c is the prefix of all names in C.
    method : EKF, KF, UKF or CKF, default EKF()
        Guards such as gates are exported with it.
    dtype : str, default "float64"
        "float32" for a processor with single-precision hardware only. Means and covariances then have 7 digits.
    parts : sequence of str, default ("step", "scan")
        "step" takes one row, "scan" a whole log; "step" is needed.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ModelError
        If a function of the model is opaque, a step is too long, readings are transformed before the filter, or an
        argument is not as expected.
    DataError
        If a file cannot be written.

    Examples
    --------
    >>> files = fog.export_c(model, "walk.c")
    >>> [file.name for file in files]
    ['walk.h', 'walk.c', 'walk_selftest.c', 'walk_main.c', 'walk.hpp']
    """
    from pathlib import Path

    if not isinstance(model, Model):
        raise ModelError.expected("model", model, "a fog.Model", "Load one with fog.load_model.")
    if dtype not in DTYPES:
        raise ModelError.expected("dtype", dtype, f"one of {', '.join(DTYPES)}", "Leave it out for float64.")
    if "step" not in (named := checked_parts(parts)):
        raise ModelError.expected("parts", parts, "step, or step and scan", "Leave it out for both.")
    target = Path(path)
    name = target.stem
    if target.suffix != ".c" or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) or name in WORDS:
        raise ModelError.expected(
            "path",
            str(target),
            "a file such as ekf.c: letters, digits and _, a letter first, no word of C++",
            "Choose another name.",
        )
    filter = exported(name, model, EKF() if method is None else method, dtype)
    texts = files(filter, named)
    for file, text in texts.items():
        with whole_file(target.with_name(file)) as out:
            out.write(text)
    return [target.with_name(file) for file in texts]


def files(filter: Exported, parts: Sequence[str]) -> dict[str, str]:
    """The text of each file."""
    name = filter.name
    source = c99.text(filter.kernel, name, header=f"{name}.h", scan="scan" in parts)
    return {
        f"{name}.h": header.header(filter, parts),
        f"{name}.c": f"{source}\n{header.covariance(filter)}\n{header.definitions(filter)}{start.definition(filter)}",
        f"{name}_selftest.c": selftest.selftest(filter),
        f"{name}_main.c": program.example(filter),
        f"{name}.hpp": program.wrapper(filter),
    }


def checked_parts(parts: Any) -> tuple[str, ...]:
    """The parts as a tuple; ModelError for another one."""
    named = (parts,) if isinstance(parts, str) else tuple(parts)
    for part in named:
        if part not in PARTS:
            raise ModelError.expected("parts", part, f"one of {', '.join(PARTS)}", "Leave it out for both.")
    return named
