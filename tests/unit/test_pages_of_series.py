"""What the pages about time series promise: few lines from a file to a forecast, and data as they were published."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.test_real_logs import example

from .test_docs import ROOT, blocks

HOW_TO = ROOT / "docs" / "how-to"
NOWCAST, HEDGE = (example(name, ROOT / "examples" / "series") for name in ("nowcast", "hedge_ratio"))


def lines_of_a_user() -> tuple[str, list[str]]:
    """The block of structural.md that writes the file, and the lines from reading it to the ends of intervals."""
    file, fitted, intervals = blocks((HOW_TO / "structural.md").read_text())[:3]
    return file.code, [line for line in [*fitted.code.splitlines(), intervals.code.splitlines()[0]] if line]


def test_from_csv_to_a_checked_forecast_takes_eight_lines() -> None:
    lines = lines_of_a_user()[1]
    assert len(lines) <= 8 and max(map(len, lines)) <= 110 and not any(";" in line for line in lines)
    done = "\n".join(lines)
    for step in (
        "read_csv",
        "fog.structural(",
        "fog.tune(",
        "check(",
        "fog.forecast(",
        "steps=12",
        "interval(",
    ):
        assert step in done


@pytest.mark.campaign
def test_these_lines_forecast_twelve_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file, lines = lines_of_a_user()
    found: dict[str, Any] = {}
    exec(file, found)
    exec("\n".join(lines), found)
    assert found["fit"].check(effort="quick").ok
    low, high = found["low"][:, 0], found["high"][:, 0]
    assert low.shape == (12,) and (low < high).all() and 300.0 < low[0] < 457.0 < high[0] < 600.0


@pytest.mark.campaign
def test_a_quarter_is_known_better_month_by_month(capsys: pytest.CaptureFixture[str]) -> None:
    """At the true parameters, too: errors shrink, and are as large as stated."""
    NOWCAST.main()
    said = capsys.readouterr().out
    for words in (
        "is off by 1.70",
        "before the quarter: off by 1.09",
        "second month: off by 0.57, stated 0.55",
    ):
        assert words in said and words.rpartition("off by ")[2][:4] in (HOW_TO / "nowcast.md").read_text()
    true = NOWCAST.model().with_parameters(NOWCAST.TRUTH)
    squares = []
    for seed in range(10):
        estimate, std, growth = NOWCAST.nowcasts(true, NOWCAST.simulated(seed))
        squares.append(((estimate - growth[:, None]) ** 2, std**2))
    off, stated = (np.mean(part, axis=(0, 1)) for part in zip(*squares, strict=True))
    assert off[0] > 1.3 * off[1] > 1.5 * off[2]
    assert (np.abs(off / stated - 1.0) < 0.3).all()


@pytest.mark.campaign
def test_a_ratio_that_drifts_predicts_better(capsys: pytest.CaptureFixture[str]) -> None:
    HEDGE.main()
    said, page = capsys.readouterr().out, (HOW_TO / "hedge-ratio.md").read_text()
    assert re.findall(r"(\d+)% within", said) == ["81", "95"] and "81 %" in page
    stated = []
    for seed in range(20):
        prices, ratio = HEDGE.simulated(seed)
        model = fog.structural("diesel", level="fixed", regression="crude", tvp=True)
        run = fog.run(model.with_parameters({"crude_std": 0.01, "irregular_std": 1.0}), prices)
        stated.append(np.abs(run.filtered.mean[50:, 1] - ratio[50:]) < 1.96 * run.filtered.std[50:, 1])
    assert 0.9 < np.mean(stated) < 0.99


def test_the_counts_of_the_seat_belt_page_are_those_recorded(shared_data: Path) -> None:
    page = (HOW_TO / "seat-belts.md").read_text()
    found = re.search(r'counts = """\n([\d\s]+)"""', page)
    assert found is not None
    recorded = np.loadtxt(shared_data / "commandeur_koopman" / "UKdriversKSI.txt", skiprows=1)
    np.testing.assert_array_equal(np.array(found[1].split(), float), recorded)
