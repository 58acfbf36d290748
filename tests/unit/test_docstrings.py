"""Every public docstring: numpydoc sections that name every parameter, and examples that run as they stand."""

import doctest
import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import foglight as fog

pytestmark = pytest.mark.check

MODULES = ("motion", "sensing", "noise", "rotation", "plot")
METHODS = {"KF", "EKF", "UKF", "CKF"}  # option objects: what filters ask of them is no user's concern
HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*)(?: :.*)?$", re.MULTILINE)
SECTIONS = [
    "Parameters",
    "Attributes",
    "Returns",
    "Yields",
    "Raises",
    "Warns",
    "See Also",
    "Notes",
    "References",
    "Examples",
]


def public() -> Iterator[tuple[str, Any]]:
    """Every public function, class, and method or property of a class, by its dotted name."""
    for name in fog.__all__:
        found = getattr(fog, name)
        if name in MODULES:
            yield from ((f"{name}.{member}", getattr(found, member)) for member in found.__all__)
            continue
        yield name, found
        if inspect.isclass(found) and name not in METHODS:
            yield from ((f"{name}.{member}", value) for member, value in members(found).items())


def members(cls: type) -> dict[str, Any]:
    """The public methods and properties of a class and of its bases in the package."""
    found: dict[str, Any] = {}
    for base in reversed([c for c in cls.__mro__ if c.__module__.startswith("foglight.")]):
        found |= vars(base)
    kinds = (FunctionType, property, classmethod, cached_property)
    return {name: value for name, value in found.items() if name[0] != "_" and isinstance(value, kinds)}


EVERY = dict(public())


def unwrapped(found: Any) -> Any:
    if isinstance(found, classmethod):
        return found.__func__
    if isinstance(found, cached_property):
        return found.func
    return found.fget if isinstance(found, property) else found


def sections(text: str) -> dict[str, str]:
    """{heading: what stands below it}; "" is what stands before the first."""
    parts = HEADING.split(text)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def parameters(found: Any) -> list[str]:
    if isinstance(found, (property, cached_property)):
        return []
    if inspect.isclass(found) and issubclass(found, (Exception, int, str)):
        return []
    names = list(inspect.signature(unwrapped(found)).parameters.values())
    if inspect.isclass(found) and found.__name__ in RESULTS:
        return []
    return [p.name for p in names if p.name not in ("self", "cls")]


RESULTS = {  # classes that users are given, and never call
    "Anomalies", "Backtest", "Comparison", "ComponentChoice", "Components", "Decomposition", "EMFit", "Fit", "Fits",
    "Forecast", "Health", "Info", "Live", "Log", "News", "Run", "Smoothed", "Suspect", "Suspects", "Watch",
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_sections(name: str) -> None:
    found = EVERY[name]
    text = inspect.getdoc(unwrapped(found)) or ""
    assert text.strip(), "no docstring"
    summary = text.split("\n\n")[0]
    assert len(summary) <= 220 and summary.rstrip().endswith((".", ":")), f"summary: {summary!r}"
    there = sections(text)
    headings = list(there)[1:]
    assert headings == sorted(headings, key=SECTIONS.index), f"sections out of order: {headings}"
    wanted = parameters(found)
    described = [
        n.lstrip("*") for entry in ENTRY.findall(there.get("Parameters", "")) for n in entry.split(", ")
    ]
    assert [n for n in wanted if n not in described] == [], "parameters that are not described"
    assert [n for n in described if n not in wanted] == [], "descriptions of no parameter"
    if inspect.isfunction(unwrapped(found)) and not isinstance(found, (property, cached_property)):
        returns = inspect.signature(unwrapped(found)).return_annotation
        if returns not in (None, "None"):
            assert "Returns" in there or "Yields" in there, "what it returns is not described"
    if inspect.isclass(found) or wanted:
        assert ">>>" in there.get("Examples", ""), "no example"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What examples may use without making it, in a folder with radar.csv, truth.csv and model.toml."""
    folder = tmp_path_factory.mktemp("examples")
    model = fog.Model(
        fog.motion.constant_velocity(("gap",), accel=0.4),
        [fog.sensing.linear("radar", of="gap", std=0.8)],
        start=fog.Belief([5, 0], std=[5, 1]),
    )
    log, truth = fog.simulate(model, steps=300, dt=0.1, seed=1)
    log.write(folder / "radar.csv")
    log.write(folder / "truth.csv", states=dict(zip(model.state, truth.T, strict=True)))
    (folder / "model.toml").write_text(
        '[motion]\nkind = "constant_velocity"\naxes = ["gap"]\naccel = 0.4\n\n'
        '[[sensor]]\nname = "radar"\nkind = "linear"\nof = "gap"\nstd = 0.8\n\n[start]\nmean = [5, 0]\nstd = [5, 1]\n'
    )
    run = fog.run(model, log)
    months = pd.date_range("2020-01", periods=48, freq="MS")
    level = np.random.default_rng(1).normal(size=(2, 48)).cumsum(axis=1)
    names = np.repeat(["north", "south"], 48)
    panel = pd.DataFrame({"unique_id": names, "ds": [*months, *months], "y": level.ravel()})
    return {
        "fog": fog, "np": np, "model": model, "log": log, "truth": truth, "run": run,
        "fit": fog.tune(model, log, heldout=False), "folder": folder, "panel": panel,
        "fits": fog.tune_each(fog.structural(), panel),
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", [name for name in EVERY if ">>>" in (inspect.getdoc(unwrapped(EVERY[name])) or "")]
)
def test_examples_run(name: str, scene: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scene["folder"])
    text = inspect.getdoc(unwrapped(EVERY[name])) or ""
    example = doctest.DocTestParser().get_doctest(text, dict(scene), name, None, None)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=flags).run(example, out=report.append)
    assert result.failed == 0, "".join(report)


def test_a_docstring_without_its_sections_is_found() -> None:
    def shady(a: int, b: int = 1) -> int:
        """Add.

        Parameters
        ----------
        a : int
            One.

        Returns
        -------
        int
            The sum.
        """
        return a + b

    there = sections(inspect.getdoc(shady) or "")
    assert list(there) == ["", "Parameters", "Returns"] and ENTRY.findall(there["Parameters"]) == ["a"]
