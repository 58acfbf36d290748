"""Whether a command can write its output: checked before the work, not after it."""

from collections.abc import Mapping
from pathlib import Path

import click

import foglight as fog
from foglight.core.atomic_file import refusing, target_of

FILE = click.Path(path_type=Path)


def model_path(model: str) -> Path:
    """The file in a command-line argument `model.toml` or `file.py:name`."""
    path, colon, _ = model.rpartition(":")
    return Path(path if colon and path.endswith(".py") else model)


def can_write(out: Path, sources: Mapping[str, Path]) -> None:
    """Raise DataError if `out` cannot be written, or is one of the source files."""
    if str(out) == "-":
        raise fog.DataError(
            "cannot write -: expected the name of a file. Write /dev/stdout for the screen.", field="-"
        )
    with refusing(out):
        _can_write(out, sources)


def _can_write(out: Path, sources: Mapping[str, Path]) -> None:
    if not out.parent.is_dir():
        raise fog.DataError(
            f"cannot write {out}: there is no folder {out.parent}. Create it first.", field=str(out.parent)
        )
    if out.is_dir():
        raise fog.DataError(f"cannot write {out}: it is a folder. Name a file in it.", field=str(out))
    for what, source in sources.items():
        same = out.exists() and source.exists() and out.samefile(source)
        if same or target_of(out) == target_of(source):
            raise fog.DataError(f"{out} is {what} itself. Write to another file.", field=str(out))
