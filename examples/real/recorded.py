"""Where the recorded logs are: the folder named by FOGLIGHT_SHARED_DATA, or shared/data next to the project."""

import os
from pathlib import Path


def folder(name: str) -> Path:
    """The folder of one recording. If it is absent, the script says so in one line and exits with status 0."""
    named = os.environ.get("FOGLIGHT_SHARED_DATA")
    data = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if not (data / name).is_dir():
        print(f"skipped: {data / name} is absent; set FOGLIGHT_SHARED_DATA to the folder that holds {name}")
        raise SystemExit(0)
    return data / name
