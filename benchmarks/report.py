"""RESULTS.md: what was measured, on which machine, with which versions."""

import datetime
import importlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy
from figures import FOG, figures
from results import Table

PEERS = ("foglight", "filterpy", "pykalman", "statsmodels", "simdkalman", "dynamax", "stonesoup", "c_floor")
HEAD = """# Benchmark results

Written by `make bench` ({date}) on one core of {machine}, with one thread everywhere, in float64. All libraries filter
the same numbers with the same model. Before each race, every answer is compared with a textbook filter in NumPy, and
the run stops if one differs: means and covariances must agree within 1e-8 filtered standard deviations, log-likelihoods
within 1e-9 of their size (dynamax and Stone Soup: 1e-4 and 1e-6; statsmodels: 1e-6 and 1e-9). Then the libraries take
turns for several rounds. Ratios are between best times within one race, relative to the first foglight row: above 1 is
slower.

Versions: {versions}.
"""


def machine() -> str:
    """The model of the processor, as it reports itself."""
    try:
        text = Path("/proc/cpuinfo").read_text()
        name = next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name"))
        return f"{name}{' with AVX-512' if 'avx512f' in text else ''}"
    except (OSError, StopIteration):
        return platform.machine()


def versions() -> str:
    found = [f"Python {platform.python_version()}", f"NumPy {numpy.__version__}"]
    for peer in PEERS:
        module = importlib.import_module(f"peers.{peer}")
        found.append(f"{'gcc' if peer == 'c_floor' else module.NAME} {module.version()}")
    return ", ".join(found)


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cells) + " |"

    return [line(head), line(["---"] * len(head)), *(line(row) for row in rows)]


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def table(one: Table) -> list[str]:
    own = one.best(FOG)
    rows = [
        [
            line.who, number(line.time.best * one.scale), number(line.time.median * one.scale),
            number(line.time.best / own if own else None), line.agreement,
        ]
        for line in one.lines
    ]  # fmt: skip
    head = ["library", f"best, {one.unit}", "median", "ratio", "largest difference from the reference"]
    if not any(line.agreement for line in one.lines):
        head, rows = head[:-1], [row[:-1] for row in rows]
    return ["", f"## {one.title}", "", *grid(head, rows), *(f"\n{note}" for note in one.notes)]


def asked(by_key: Mapping[str, Table]) -> list[str]:
    rows = [[f.what, f.asked, number(f.measured), f.verdict] for f in figures(by_key)]
    lines = ["## Required and measured", "", *grid(["figure", "required", "measured", ""], rows)]
    series = by_key.get("series")
    if series is not None:
        peers = ("filterpy", "statsmodels", "dynamax")
        scale = ", ".join(f"{number(series.ratio(peer, 'C floor'))} x {peer}" for peer in peers)
        lines += ["", f"For scale: the hand-written C loop, on the same long series, reaches {scale}."]
    return lines


def growth(by_key: Mapping[str, Table]) -> list[str]:
    """Microseconds a row of dense models, by the number of states."""
    peers = ("statsmodels", "NumPy", "filterpy")
    rows = []
    for key, one in by_key.items():
        if key.startswith("states "):
            times = [one.best(who) for who in (FOG, *peers)]
            ratios = [one.ratio(who, FOG) for who in peers]
            rows.append([key.split()[1], *(number(t and t * one.scale) for t in times), *map(number, ratios)])
    if not rows:
        return []
    head = ["states", f"{FOG}, µs per step", *peers, *(f"{who} / {FOG}" for who in peers)]
    return ["", "## Growth of a row with the number of states: dense models", "", *grid(head, rows)]


def write(path: Path, tables: Sequence[Table]) -> None:
    by_key = {one.key: one for one in tables}
    head = HEAD.format(date=datetime.date.today().isoformat(), machine=machine(), versions=versions())
    body = [head, *asked(by_key), *growth(by_key), *(text for one in tables for text in table(one))]
    path.write_text("\n".join(body) + "\n", encoding="utf-8")
