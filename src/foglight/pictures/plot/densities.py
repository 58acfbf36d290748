"""`belief`: what each witness knows of a state as a density, and what they know together."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError
from foglight.core.types import Floats
from foglight.inference.fuse import Fused, fuse
from foglight.inference.run import Run
from foglight.model.belief import Belief
from foglight.model.model import Model
from foglight.pictures.colours import FILTERED, MEASURED, PREDICTED, of_series
from foglight.pictures.plot.canvas import Panels, finish, label, panels, some, with_unit, write
from foglight.pictures.plot.results import RUNS, named, refusal, run_of
from foglight.pictures.plot.tracks import track_of

_REACH = 4.0  # standard deviations to either side
_APART = 3.29  # standard deviations of their difference: beyond it two witnesses contradict each other
_CHANGED = (
    1e-9  # share of its variance that a reading removes from a state, for it to be a witness of that state
)


class Witness(NamedTuple):
    """A name and a colour, the means (n,) and standard deviations (n,) of states."""

    name: str
    colour: str
    mean: Floats
    std: Floats


def belief(
    *results: Any,
    names: Any = None,
    row: int = -1,
    correlation: str = "independent",
    track: Any = None,
    ax: Any = None,
) -> Panels:
    """Draw beliefs about a state as densities; of two or more, also their fusion; of a run, one row's update.

    Parameters
    ----------
    *results : Belief or Fused; or one Run, Smoothed, Comparison, Fit or EMFit
        Beliefs to draw and fuse. Of a run: what was predicted in a row, what its readings said, and both together.
    names : str or sequence of str, default the first six
        The states; [0], [1], … if the beliefs have no names.
    row : int, default -1
        The row of a run, counted in its track.
    correlation : {"independent", "unknown"}, default "independent"
        Whether the errors of the beliefs are independent, as in `fog.fuse`.
    track : str or int, default the first
        Which track of a run, by name.
    ax : Axes or sequence of Axes, optional
        One for each state.

    Returns
    -------
    ndarray of Axes
        The panels, from the top.

    Raises
    ------
    ModelError
        If an argument is invalid, or there is nothing to draw.

    Notes
    -----
    What the readings of a row say of a state is the density that turns the predicted one into the filtered one:
    1/r = 1/P_filtered - 1/P_predicted. For a sensor that reads the state itself it is N(z, R).

    Examples
    --------
    >>> known, radar = fog.Belief([5.0], std=[2.0]), fog.Belief([8.0], std=[1.0])
    >>> axes = fog.plot.belief(known, radar)
    >>> axes[0].get_legend_handles_labels()[1]
    ['first', 'second', 'both']
    """
    if not results:
        raise ModelError.expected("results", results, "at least one belief", "Write fog.plot.belief(a, b).")
    model: Model | None = None
    notes: tuple[str, ...] = ()
    if all(isinstance(one, Belief | Fused) for one in results):
        every, witnesses = _fused(
            [one.belief if isinstance(one, Fused) else one for one in results], correlation
        )
    elif len(results) == 1:
        run = run_of_one(results[0])
        model = run.model
        every, witnesses, notes = _row(run, row, track)
    else:
        raise refusal(
            "belief", next(one for one in results if not isinstance(one, Belief | Fused)), "beliefs only"
        )
    drawn, more = some(every, names, "belief")
    axes = panels(len(drawn), ax, "belief", share=False)
    for k, (panel, name) in enumerate(zip(axes, drawn, strict=True)):
        i = every.index(name)
        seen = [one for one in witnesses if np.isfinite(one.std[i]) and np.isfinite(one.mean[i])]
        _densities(panel, seen, i)
        nothing = [f"Nothing is known of {name}: {one.name}." for one in witnesses if np.isinf(one.std[i])]
        write(panel, _subject(name, model, row), _apart(seen, i) + nothing, (*more, *notes) if k == 0 else ())
        label(
            panel, x=with_unit(name, "" if model is None else model.motion.units.get(name, "")), y="density"
        )
    return finish(axes, ax)


def run_of_one(result: Any) -> Run:
    """The run of a result that is no belief."""
    try:
        return run_of(result, "belief")
    except ModelError as error:
        raise refusal("belief", result, f"beliefs, or {RUNS}") from error


def _subject(name: str, model: Model | None, row: int) -> str:
    if model is None:
        return name if name[:1] != "[" else f"state {name}"
    return f"{name} in {'the last row' if row == -1 else f'row {row}'}"


def _fused(beliefs: list[Belief], correlation: str) -> tuple[list[str], list[Witness]]:
    """The names of the states, and each belief and their fusion as witnesses."""
    n = len(beliefs[0].mean)
    labels = ["belief"] if len(beliefs) == 1 else ["first", "second", "third"]
    labels += [f"number {k + 1}" for k in range(len(labels), len(beliefs))]
    both = [] if len(beliefs) == 1 else [fuse(*beliefs, correlation=correlation).belief]
    charts = (both or beliefs)[0].charts
    every = list((both or beliefs)[0].names) or [f"[{i}]" for i in range(n)]
    colours = [PREDICTED, MEASURED, *(of_series(k + 2) for k in range(len(beliefs)))]
    found = []
    for k, one in enumerate([*beliefs, *both]):
        together = k == len(beliefs)
        order = list(range(len(every)))
        if one.names and every != list(one.names) and set(every) == set(one.names):
            order = [one.names.index(name) for name in every]
        std = np.full(len(every), np.nan)
        at = dict(charts.plain and [(j, i) for i, j in charts.plain]) if charts.parts else None
        for i, j in enumerate(order):
            std[i] = one.std[j] if at is None else one.std[at[j]] if j in at else np.nan
        name = ("both" if len(beliefs) == 2 else "all") if together else labels[k]
        found.append(Witness(name, FILTERED if together else colours[k], one.mean[order], std))
    return every, found


def _row(run: Run, row: int, track: Any) -> tuple[list[str], list[Witness], tuple[str, ...]]:
    """The states of one row: predicted, what its readings say, and filtered."""
    at = track_of(run.log, track)
    rows = len(at.time)
    if not is_whole(row) or not -rows <= row < rows:
        raise ModelError.expected(
            "row", row, f"a row from {-rows} to {rows - 1}", "Write row=-1 for the last one."
        )
    before, after = named(run.predicted), named(run.filtered)
    every = list(after)
    moments = []
    for found in (before, after):
        mean = np.array([at.of(found[name][0])[row] for name in every])
        spread = [found[name][1] for name in every]
        moments.append((mean, np.array([np.nan if s is None else at.of(s)[row] for s in spread])))
    (m0, s0), (m1, s1) = moments
    with np.errstate(divide="ignore", invalid="ignore"):
        said = 1.0 / s1**2 - 1.0 / s0**2
        new = said > _CHANGED / s1**2
        std = np.where(new, np.sqrt(1.0 / said), np.nan)
        mean = np.where(new, (m1 / s1**2 - np.where(np.isinf(s0), 0.0, m0 / s0**2)) / said, np.nan)
    witnesses = [
        Witness("predicted", PREDICTED, m0, s0),
        Witness("its readings", MEASURED, mean, std),
        Witness("filtered", FILTERED, m1, s1),
    ]
    return every, witnesses, at.notes


def _densities(panel: Any, seen: list[Witness], i: int) -> None:
    """The normal densities; one of no width is a line."""
    wide = [one for one in seen if one.std[i] > 0.0]
    if not wide:
        for one in seen:
            panel.axvline(one.mean[i], color=one.colour, label=one.name)
        return
    low = min(one.mean[i] - _REACH * one.std[i] for one in wide)
    high = max(one.mean[i] + _REACH * one.std[i] for one in wide)
    for one in seen:
        m, s = float(one.mean[i]), float(one.std[i])
        if s <= 0.0:
            panel.axvline(m, color=one.colour, label=one.name)
            continue
        x = np.unique(
            np.concatenate([np.linspace(low, high, 301), m + s * np.linspace(-_REACH, _REACH, 201)])
        )
        y = np.exp(-0.5 * ((x - m) / s) ** 2) / (s * np.sqrt(2.0 * np.pi))
        panel.plot(x, y, color=one.colour, lw=1.6, label=one.name)
        panel.fill_between(x, 0.0, y, color=one.colour, alpha=0.15, lw=0)
    panel.set_ylim(bottom=0.0)


def _apart(seen: list[Witness], i: int) -> list[str]:
    """That two witnesses are farther apart than they claim to know."""
    independent = [one for one in seen if one.name not in ("filtered", "both", "all")]
    said = []
    for a, b in pairwise(independent):
        spread = float(np.hypot(a.std[i], b.std[i]))
        distance = abs(float(a.mean[i] - b.mean[i])) / spread if spread > 0.0 else 0.0
        if distance > _APART:
            said.append(
                f"{a.name} and {b.name} are {distance:.2g} standard deviations apart: they contradict each other."
            )
    return said
