"""A small file of data that is on the disk when writing it returns, and that tells when it is damaged.

JSON: the content, and the SHA-256 of its text. It is written beside, synced, and put in its place, so that a
process or a machine that stops at any moment leaves the content before or the content after.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foglight.core.atomic_file import settle

FORMAT = 1
LARGEST = 64 << 20  # bytes; what is larger is none of ours


def write_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Put the content (plain data) in its place, and on the disk."""
    text = _canonical(content)
    whole = {"format": FORMAT, "sha256": _digest(text), "content": content}
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(whole, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    settle(path.parent)


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """The content, or None where the file is damaged: cut short, changed by a bit, or none of ours."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        whole: dict[str, Any] = json.loads(raw.decode("utf-8")) if len(raw) <= LARGEST else {}
        if whole["format"] != FORMAT or whole["sha256"] != _digest(_canonical(whole["content"])):
            return None
        content: dict[str, Any] = whole["content"]
        return content
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
