"""A studio from the names on a command line: a model, a log, and the options with which the log is read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foglight.data.log import Log
from foglight.methods import registry
from foglight.model import model_file
from foglight.pictures.studio.given import Given

_USUAL: Mapping[str, Any] = {
    "time": "time", "unit": "s", "dt": None, "track": None, "sensor": None, "ignore": (), "rename": {},
    "sort": False, "repeats": "keep", "hold": False, "wraps": None,
}  # fmt: skip


def opened(model: str, log: Path, method: str | None, reading: Mapping[str, Any]) -> Given:
    """What `foglight studio MODEL LOG` opens. reading: the arguments of `Log.read`."""
    loaded, chosen = model_file.load(model)
    path, colon, name = model.rpartition(":")
    python = bool(colon) and path.endswith(".py")
    file = Path(path if python else model)
    if python:
        made = f"import runpy\n\nmodel = runpy.run_path({str(file)!r})[{name!r}]"
    else:
        made = f"model, _ = fog.load_model({str(file)!r})"
    given = {key: value for key, value in reading.items() if value and value != _USUAL.get(key)}
    options = "".join(f", {key}={value!r}" for key, value in given.items())
    return Given(
        loaded, Log.read(log, **reading), registry.instead_of(chosen, method), f"{log.name} with {file.name}",
        made, f"log = fog.Log.read({str(log)!r}{options})",
        text=None if python else file.read_text(encoding="utf-8"), file=file, reading=reading,
    )  # fmt: skip
