"""The folder in which a command is run."""

from pathlib import Path

import pytest

from unit.walk import LOG, RADAR


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with model.toml and log.csv; a module may have its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.toml").write_text(RADAR)
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path
