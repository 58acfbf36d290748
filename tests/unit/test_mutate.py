"""The mutation tester: what it plants, and what it leaves alone."""

import ast
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TEXT = '''"""Docs are 1 thing."""
import math

Array = Box[float]
__all__ = ["update"]
TABLE = {"lt": "olt", "le": "ole"}


def update(x: int, P, F, R, used):
    """Return 2 things."""
    if x <= 0:
        raise ValueError(f"x = {x + 1}: expected 3")
    S = symmetric(F @ P @ F.T + R)
    k = select(used, P, S)
    for i in range(x):
        k = k + S[i:, 1]
    return k, lambda a: a * 2.0
'''


@pytest.fixture
def tools() -> dict[str, ModuleType]:
    if not (ROOT / "tools" / "mutate").is_dir():
        pytest.skip("the mutation tester is not shipped with this copy")
    sys.path.insert(0, str(ROOT))
    try:
        names = ("areas", "mutants", "templates", "tree", "explained", "report", "engine")
        return {name: importlib.import_module(f"tools.mutate.{name}") for name in names}
    finally:
        sys.path.remove(str(ROOT))


@pytest.fixture
def found(tools: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list:
    path = tmp_path / "compiler" / "backends" / "sample.py"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)
    monkeypatch.setattr(tools["tree"], "PACKAGE", tmp_path)
    return tools["mutants"].mutants(path)


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("comparison", "x <= 0", "x < 0"),
        ("comparison", "x <= 0", "x > 0"),
        ("forced", "if x <= 0:", "if False:"),
        ("integer", "x <= 0", "x <= 1"),
        ("deleted", "raise ValueError(f'x = {x + 1}: expected 3')", "pass"),
        ("transpose", "F @ P @ F.T + R", "F @ P @ F + R"),
        ("unwrapped", "S = symmetric(F @ P @ F.T + R)", "S = F @ P @ F.T + R"),
        ("arithmetic", "F @ P @ F.T + R", "F @ P @ F.T - R"),
        ("operand", "symmetric(F @ P @ F.T + R)", "symmetric(R)"),
        ("scale", "symmetric(F @ P @ F.T + R)", "symmetric(1.01 * (F @ P @ F.T + R))"),
        ("name", "F @ P @ F.T + R", "P @ P @ F.T + R"),
        ("name", "F @ P @ F.T + R", "F @ P @ F.T + S"),
        ("select", "k = select(used, P, S)", "k = P"),
        ("select", "k = select(used, P, S)", "k = S"),
        ("select", "select(used, P, S)", "select(used, S, P)"),
        ("range", "range(x)", "range(x - 1)"),
        ("range", "range(x)", "range(1, x)"),
        ("slice", "S[i:, 1]", "S[i + 1:, 1]"),
        ("slice", "S[i:, 1]", "S[i:-1, 1]"),
        ("deleted", "k = k + S[i:, 1]", "pass"),
        ("float", "a * 2.0", "a * 2.02"),
        ("result", "return (k, lambda a: a * 2.0)", "return None"),
        ("template", "'olt'", "'ole'"),
        ("table", "{'lt': 'olt', 'le': 'ole'}", "{'lt': 'ole', 'le': 'olt'}"),
    ],
)
def test_a_defect_is_planted(found: list, operator: str, before: str, after: str) -> None:
    wanted = [m for m in found if m.operator == operator and before in m.before and after in m.after]
    assert wanted, [m.after for m in found if m.operator == operator]
    assert all(m.before.replace(before, after) == m.after for m in wanted)


def test_documentation_messages_and_types_are_left_alone(found: list) -> None:
    assert len(found) > 50
    for mutant in found:
        assert not any(text in mutant.before for text in ("Docs", "Return 2", "Array =", "__all__", "import"))
        assert "x + 1" not in mutant.before or mutant.operator in ("deleted", "unwrapped", "argument")


def test_every_mutant_compiles_and_differs(found: list) -> None:
    texts = set()
    for mutant in found:
        with sys.modules["tools.mutate.mutants"].Planted(mutant.change):
            compile(mutant.tree, "sample", "exec")
            texts.add(ast.unparse(mutant.tree))
    assert len(texts) == len(found) == len({m.key for m in found})
    assert ast.unparse(found[0].tree) not in texts, "a defect stayed in the tree"


def test_a_key_does_not_depend_on_where_a_line_stands(
    tools: dict[str, ModuleType], found: list, tmp_path: Path
) -> None:
    path = tmp_path / "compiler" / "backends" / "sample.py"
    path.write_text(TEXT.replace("import math\n", "import math\nimport cmath\n\n"))
    moved = tools["mutants"].mutants(path)
    assert [m.key for m in moved] == [m.key for m in found]
    assert [m.line for m in moved] != [m.line for m in found]


def test_templates_change_opcodes_and_spare_remarks(tools: dict[str, ModuleType]) -> None:
    changed = list(tools["templates"].changed("%v = fadd double %a, 0 /* fadd 1 < 2 */"))
    assert changed == [
        "%v = fsub double %a, 0 /* fadd 1 < 2 */",
        "%v = fadd float %a, 0 /* fadd 1 < 2 */",
        "%v = fadd double %a, 1 /* fadd 1 < 2 */",
    ]


def test_the_figures_count_survivors_and_explanations(tools: dict[str, ModuleType], found: list) -> None:
    engine, explained = tools["engine"], tools["explained"]
    outcomes = ["survived", "unreached", "timeout", *["killed"] * 7]
    verdicts = [engine.Verdict(m, o, "", 3) for m, o in zip(found, outcomes, strict=False)]
    known = {found[0].key: explained.Explanation(found[0].key, found[0].module, "Equivalent: same bits")}
    text, score = tools["report"].figures("compiler/backends", verdicts, known)
    assert score == 0.8
    for part in (
        "killed 8 of 10",
        "(1 by time)",
        "of those reached 88.89%",
        "left out 88.89%",
        "without explanation 1",
    ):
        assert part in text, text


def test_the_entry_written_for_a_survivor_is_read_again(
    tools: dict[str, ModuleType], found: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = tools["explained"]
    page = tmp_path / "mutation.md"
    page.write_text(
        "\n".join(["# Survivors", "", "## Equivalent: same value", "", *map(explained.entry, found)])
    )
    monkeypatch.setattr(explained, "PAGE", page)
    entries = explained.read()
    assert set(entries) == {m.key for m in found}
    assert all(
        entry.equivalent and entry.module == "compiler/backends/sample.py" for entry in entries.values()
    )


@pytest.mark.check
@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="ast.unparse quotes f-strings differently since Python 3.12"
)
def test_each_entry_of_the_page_names_a_mutant_of_the_present_source(tools: dict[str, ModuleType]) -> None:
    """Where a line was changed, find its mutants with `python -m tools.mutate MODULE --function NAME --list`."""
    explained = tools["explained"]
    lines = [line for line in explained.PAGE.read_text().splitlines() if line.startswith("- ")]
    assert len(lines) == len(explained.read()) > 0, "an entry cannot be read, or a key stands there twice"
    assert explained.stale() == []


def test_an_entry_that_names_no_mutant_is_stale(
    tools: dict[str, ModuleType], found: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = tools["explained"]
    page = tmp_path / "mutation.md"
    known = [explained.entry(mutant) for mutant in found]
    gone = [
        known[0].replace(found[0].key, "00000000"),
        known[1].replace("sample.py", "gone.py").replace(found[1].key, "00000001"),
        known[2].replace("`x", "`y").replace(found[2].key, "00000002"),
    ]
    page.write_text("\n".join(["## Equivalent: same value", *known, *gone]))
    monkeypatch.setattr(explained, "PAGE", page)
    monkeypatch.setattr(explained, "PACKAGE", tmp_path)
    assert [entry.key for entry in explained.stale()] == ["00000000", "00000001", "00000002"]


def test_areas_name_what_exists(tools: dict[str, ModuleType]) -> None:
    areas, package = tools["areas"], tools["tree"].PACKAGE
    modules = [path.relative_to(package).as_posix() for path in package.rglob("*.py")]
    assert areas.FLOATS | areas.NO_BAR <= set(modules)
    assert set(areas.PARTS) <= set(areas.BARS)
    for part in {part for name in areas.BARS for part in areas.PARTS.get(name, (name,))}:
        assert any(areas.is_in(module, part) for module in modules), part
    assert areas.area("equations/ud.py") == areas.area("model/covariance.py") == "equations"
    assert areas.area("model/model_parts.py") == "model/model"
    assert areas.area("model/noise.py") == "model, without a bar"
    assert areas.is_in("model/noise.py", "model") and areas.is_in("model/model.py", "model/model.py")
    assert not areas.is_in("model/model_parts.py", "model/model.py")
