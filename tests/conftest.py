"""What every test shares: fixed seeds, and where recorded data lies."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
LONG_FAMILIES, LONG_TESTS = (
    frozenset(f"tests/{line}" for line in (ROOT / "tests" / file).read_text().splitlines() if line[0] != "#")
    for file in ("long_families.txt", "long_tests.txt")
)
_ONE_IN = 16

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are drawn without a window
settings.register_profile("foglight", derandomize=True, database=None, deadline=None)
settings.load_profile("foglight")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write tests/golden anew from what is computed now"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test with many long variants, every sixteenth is for `make test`; the others, and single long tests, are
    campaigns."""
    seen: Counter[str] = Counter()
    for item in items:
        family = item.nodeid.partition("[")[0]
        if family in LONG_TESTS or item.nodeid in LONG_TESTS:
            item.add_marker(pytest.mark.campaign)
        if family in LONG_FAMILIES and not item.get_closest_marker("campaign"):
            if seen[family] % _ONE_IN:
                item.add_marker(pytest.mark.campaign)
            seen[family] += 1


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
