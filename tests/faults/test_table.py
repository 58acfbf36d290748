"""The table of faults, run: who refuses what, in which words, what is left untouched; and the page written from it."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from faults import table
from faults.world import namespace

ROOT = Path(__file__).parents[2]
ROWS = table.rows()
CASES = [case for row in ROWS for case in row.cases]
REFUSED = [case for case in CASES if case.refused]
ACCEPTED = [case for case in CASES if not case.refused]
HERE = {*range(1, 107)}  # of FAULTS: the others belong to services


def without_digits(text: str) -> str:
    return re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?|-?inf", "#", text)


def need(case: table.Case) -> None:
    if case.only == "long double" and np.dtype(np.longdouble).itemsize == 8:
        pytest.skip("long double is float64 here")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refused_in_these_words_and_nothing_has_changed(case: table.Case) -> None:
    need(case)
    with namespace() as names, pytest.raises(getattr(fog, case.error)) as caught:
        case.run(names)
    error, message = caught.value, str(caught.value)
    assert type(error).__name__ == case.error
    expected = f"{case.says} {case.remedy}"
    shown = case.value if case.shown is None else case.shown
    if case.digits == "vary":
        message, expected, shown = (without_digits(text) for text in (message, expected, shown))
    else:
        assert table.text_of(error.value) == case.value
    assert message == expected
    assert error.field == case.field
    assert (list(error.index) if isinstance(error.index, tuple) else error.index) == case.index
    assert shown in message


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_accepted_with_this_result_and_nothing_has_changed(case: table.Case) -> None:
    need(case)
    with namespace() as names:
        assert str(case.run(names)) == case.gives


def test_every_refusal_names_field_value_and_remedy_and_an_index_where_one_entry_is_to_blame() -> None:
    assert len(REFUSED) >= 200
    for case in REFUSED:
        assert case.field and (case.value or case.shown), case.name
        assert len(case.remedy.split()) >= 2, case.name
        assert case.remedy.endswith((".", "?")), case.name
        singled_out = re.match(re.escape(case.field) + r"(\.\w+)?\[[\d,]+\]", case.says)
        assert case.index is not None or not singled_out, case.name


def test_every_fault_has_its_row() -> None:
    numbers = [row.number for row in ROWS]
    assert numbers.count(0) == 1 and {*numbers} - {0} == HERE and len(numbers) == len(HERE) + 1
    for row in ROWS:
        assert row.kind in table.KINDS
        if row.kind == "refused":
            assert any(case.refused for case in row.cases) or row.tests, row.number
        elif row.kind in ("accepted", "holds"):
            assert row.cases or row.tests, row.number
        assert row.happens.endswith(".") or row.happens.endswith(":"), row.number


def test_numeric_faults_are_met_offline_online_and_in_c() -> None:
    for number in (7, 8, 35, 36, 47, 48, 49):
        where = {case.where for row in ROWS if row.number == number for case in row.cases}
        assert {"run", "online", "C"} <= where, number


@pytest.mark.parametrize("named", sorted({test for row in ROWS for test in row.tests}))
def test_tests_that_the_table_names_exist(named: str) -> None:
    path, _, test = named.partition("::")
    assert re.search(rf"^def {test}\(", (ROOT / path).read_text(), re.MULTILINE), named


def test_the_page_is_written_from_the_table(request: pytest.FixtureRequest) -> None:
    text = table.page(ROWS)
    if request.config.getoption("--update"):
        table.PAGE.write_text(text, encoding="utf-8")
    assert table.PAGE.read_text(encoding="utf-8") == text, "pytest tests/faults --update writes it anew"


def test_a_trace_that_a_refusal_leaves_is_noticed() -> None:
    """The check that nothing has changed sees one bit of an array, and one step of a live filter."""

    def flip(names: Any) -> None:
        names["Q"][0, 1] = np.nextafter(names["Q"][0, 1], 1.0)

    def step(names: Any) -> None:
        names["live"].step(0.0, None, [np.nan, np.nan])

    for spoil, what in ((flip, "Q"), (step, "live")):
        with pytest.raises(AssertionError, match=f"{what} has changed"), namespace() as names:
            spoil(names)
