"""Run filterpy's own tests of its Kalman filters with the adapter of Foglight in place of its classes.

    python tests/campaigns/filterpy_suite.py FOLDER [--theirs | --alone]

FOLDER holds the tests: filterpy/kalman/tests of a checkout of https://github.com/rlabbe/filterpy, or of its sources.
Classes that the adapter does not have stay filterpy's. `--theirs` replaces nothing, for comparison.
`--alone` makes the adapter the whole of filterpy, for the tests of a library that imports it, such as norfair.
docs/guide/from-filterpy.md says which tests are refused, and why.
"""

import argparse
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src")]


def replace() -> None:
    """Put the adapter's classes and functions wherever filterpy has its own under the same name."""
    import filterpy.kalman

    import foglight.adapters.filterpy as ours

    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "filterpy"]
    for name in ours.__all__:
        original = getattr(filterpy.kalman, name)
        for module in modules:
            if getattr(module, name, None) is original:
                setattr(module, name, getattr(ours, name))


def replace_all() -> None:
    """Make the adapter the only filterpy there is."""
    import foglight.adapters.filterpy as ours

    package: Any = ModuleType("filterpy")
    package.kalman = ours
    sys.modules |= {"filterpy": package, "filterpy.kalman": ours}


class Seeded:
    """A plugin: every test draws the same random numbers in each run."""

    @pytest.fixture(autouse=True)
    def seed(self) -> Any:
        np.random.seed(3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--theirs", action="store_true")
    parser.add_argument("--alone", action="store_true")
    asked = parser.parse_args()
    os.environ["MPLBACKEND"] = "Agg"
    if asked.alone:
        replace_all()
    elif not asked.theirs:
        replace()
    quiet = ["-q", "-c", "/dev/null", "-p", "no:cacheprovider", "-W", "ignore", "--tb=line"]
    return int(pytest.main([*quiet, f"--rootdir={asked.folder}", asked.folder], plugins=[Seeded()]))


if __name__ == "__main__":
    sys.exit(main())
