"""What a studio is opened with: a model, a log, and how both are written in a script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from foglight.data.log import Log
from foglight.methods.method import Method
from foglight.model.model import Model


class Label(NamedTuple):
    """How a parameter is shown: its name, its unit, and the power of it that the slider moves: 2 for a variance."""

    name: str
    unit: str = ""
    power: int = 1


@dataclass(frozen=True)
class Given:
    """What a studio is opened with.

    model_code, log_code: statements that make `model` and `log` in a script.
    text, file: the model as TOML, and its file; None where the model has none.
    reading: the arguments with which a dropped log is read.
    labels: {parameter: how it is shown}, where its own name would not do.
    lesson: {section: what it teaches}, of the page that is opened without a model of the user's.
    """

    model: Model
    log: Log
    method: Method
    title: str
    model_code: str
    log_code: str
    text: str | None = None
    file: Path | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Label] = field(default_factory=dict)
    lesson: Mapping[str, str] = field(default_factory=dict)
