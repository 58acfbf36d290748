"""The one door: its recorded list of names, that they resolve, and what opening it costs."""

import ast
import importlib
import inspect
import os
import pkgutil
import pydoc
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import foglight as fog

pytestmark = pytest.mark.check

RECORDED = Path(__file__).parents[1] / "golden" / "public_surface.txt"
HEAVY = ("llvmlite", "scipy", "rich", "click", "narwhals", "matplotlib")
ALLOWED = 1.5  # of the time that importing NumPy takes, which is 0.1 s on a quiet machine


def fresh(code: str, **env: str) -> str:
    """What `code` prints in a new interpreter."""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_public_names_are_the_recorded_list() -> None:
    assert sorted(fog.__all__) == RECORDED.read_text().split()


@pytest.mark.parametrize("name", fog.__all__)
def test_every_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(fog, name)
    assert inspect.getdoc(found), f"foglight.{name} has no docstring"
    assert name in dir(fog)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'kalman'"):
        _ = fog.kalman


def test_types_and_table_name_the_same_homes() -> None:
    """mypy reads the TYPE_CHECKING imports, users get the table: they must not drift apart."""
    door = ast.parse(Path(fog.__file__).read_text())
    guarded = next(node for node in door.body if isinstance(node, ast.If))
    typed = {
        alias.name: statement.module
        for statement in guarded.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    table = {name: f"foglight.{module}" for name, module in fog._HOME.items()}
    parts = {name: f"foglight.{home}".rpartition(".")[0] for name, home in fog._PARTS.items()}
    assert typed == table | parts
    assert set(typed) == set(fog.__all__)


def test_a_type_checker_refuses_a_name_that_is_misspelt(tmp_path: Path) -> None:
    script = tmp_path / "user.py"
    script.write_text(
        "import foglight as fog\n\n"
        "model = fog.Model(fog.motion.random_walk('x', std=1.0), [fog.sensing.linear('gps', 'x', 2.0)], start=None)\n"
        "log, truth = fog.simulte(model, steps=5, dt=0.1, seed=1)\n"
        "run: fog.Run = fog.run(model, fog.Log.regular([1.0, 2.0], dt=1.0), fog.EKF())\n"
    )
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(script)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        'error: Module has no attribute "simulte"; maybe "simulate"?  [attr-defined]'
    ]


def test_help_prints_array_like_as_one_word() -> None:
    assert "ArrayLike" in pydoc.render_doc(fog.Log.from_arrays)
    for name in fog.__all__:
        assert "_NestedSequence" not in pydoc.render_doc(getattr(fog, name)), name


def test_no_module_hides_a_public_function() -> None:
    """Importing foglight.xyz binds `xyz` on the package; that must never replace a function of that name."""
    for module in pkgutil.walk_packages(fog.__path__, "foglight."):
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as absent:  # an extra that is not installed
                assert module.name.startswith("foglight.adapters.") and absent.name in (
                    "dask",
                    "pyspark",
                    "sktime",
                )
    for name in set(fog.__all__) - set(fog._PARTS):
        assert callable(getattr(fog, name)), f"foglight.{name} became {getattr(fog, name)!r}"
    for name in fog._PARTS:
        assert isinstance(getattr(fog, name), ModuleType)


def test_import_pulls_in_nothing_heavy() -> None:
    code = f"import sys, foglight; print([m for m in {HEAVY} if m in sys.modules])"
    assert fresh(code).strip() == "[]"


def test_no_first_call_waits_for_a_slow_part_of_scipy() -> None:
    """stats and signal take eight times as long to import as NumPy, so the first call that needs them a second."""
    source = Path(fog.__file__).parent
    found = [
        (path.name, name)
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *[alias.name for alias in node.names]]
        if str(name).startswith(("scipy.stats", "scipy.signal"))
    ]
    assert found == []


def share_of_numpy(statements: str, cache: Path) -> float:
    """The time of these statements over that of importing NumPy: the least of five runs with compiled bytecode, as
    an installed package has it."""
    code = (
        "import time; begin = time.process_time(); import numpy; numpy_in = time.process_time(); "
        f"{statements}; print((time.process_time() - numpy_in) / (numpy_in - begin))"
    )
    env = {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    return min(float(fresh(code, **env)) for _ in range(5))


def test_import_time_beyond_numpy(tmp_path: Path) -> None:
    assert share_of_numpy("import foglight", tmp_path) < ALLOWED


def test_what_a_run_needs_fits_the_import_budget(tmp_path: Path) -> None:
    """The door is lazy, so the time could hide behind it: touch what a model, a log and a run need."""
    parts = "fog.Belief, fog.Model, fog.motion, fog.sensing, fog.Log, fog.EKF, fog.run"
    assert share_of_numpy(f"import foglight as fog; {parts}", tmp_path) < ALLOWED
