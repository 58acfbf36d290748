"""What every test shares: fixed seeds, and where recorded data lies."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are drawn without a window
settings.register_profile("foglight", derandomize=True, database=None, deadline=None)
settings.load_profile("foglight")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write tests/golden anew from what is computed now"
    )


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    """The global generators start alike in every test; a test's own generator names its own seed."""
    random.seed(20)
    np.random.seed(20)


@pytest.fixture(autouse=True)
def pictures_are_closed() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded logs and other software's results; where it is absent, the test skips."""
    named = os.environ.get("FOGLIGHT_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("recorded data absent: set FOGLIGHT_SHARED_DATA to its folder")
    return folder
