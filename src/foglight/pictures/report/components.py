"""Section: what each component of a structural model contributes to the readings."""

import numpy as np

from foglight.inference.components import Decomposable
from foglight.inference.run import Run
from foglight.pictures.plot.results import labelled
from foglight.pictures.report.curves import Curve, View, over_time
from foglight.pictures.report.document import Block, Document

MOST = 24  # pictures


def component_blocks(page: Document, view: View, run: Run, result: Decomposable) -> list[Block]:
    """A picture of each component of a track; none where the motion has no groups of states."""
    if not run.model.motion.groups:
        return []
    split, found = result.components(probability=0.9545), []
    role = "filtered" if result is run else "smoothed"
    for j, measure in enumerate(split.measures):
        z = view.track.of(run._received)[:, j]
        for k, (name, part) in enumerate(split._of_measure(j)):
            low, high = (view.track.of(edge)[:, j] for edge in part.interval(0.9545))
            mean = view.track.of(part.mean)[:, j]
            known = np.isfinite(low) & np.isfinite(high)
            curves = [Curve("measured", "measured", "points", z)] * (k == 0)
            curves += [
                Curve(
                    f"{role} ± 2σ", role, "band", np.where(known, low, np.nan), np.where(known, high, np.nan)
                ),
                Curve(role, role, "line", np.where(known, mean, np.nan)),
            ]
            unit = labelled(run.model, measure)
            found.append(over_time(page, view, f"{name}, in {measure}", ("component", name), unit, curves))
    return found[:MOST]
