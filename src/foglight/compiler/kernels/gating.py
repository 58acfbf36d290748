"""What a gate makes of an update: a reading too far off is left out, and in the end the belief gives way."""

from typing import Any

import numpy as np

from foglight.compiler.user_functions import Arguments
from foglight.equations import robust
from foglight.equations.gaussian import Info
from foglight.methods.layout import carried
from foglight.methods.outliers import Thresholds
from foglight.model.model import Sensor
from foglight.trace.ops import all_finite, negated, select


def gated(
    inputs: Arguments,
    sensor: Sensor,
    thresholds: Thresholds,
    info: Info,
    used: list[Any],
    outputs: dict[str, list[Any]],
) -> dict[str, list[Any]]:
    """The outputs of an update behind a gate: a rejected reading leaves nothing but its clock and status."""
    clock = inputs.clocks[sensor.name]
    due = clock >= thresholds.recover
    # What is known exactly cannot give way: when its time is up, what contradicts it is refused, as without a gate.
    refused = info.verdict.indefinite | (info.verdict.contradicted & due)
    rejected = robust.outlying(info, robust.limit_for(thresholds.gates, info, used)) & negated(refused)
    factor = robust.widening(info)
    wide = carried(robust.widened(inputs.belief, factor))
    reset = rejected & due & (factor > 1.0) & all_finite(wide)
    taken = outputs["commit"][0] & negated(rejected)
    infinite, indefinite, contradicted, ill, saturated, partial, *diffuse = outputs["status"]
    infinite, contradicted, ill, saturated, *diffuse = [
        mask & negated(rejected) for mask in (infinite, contradicted, ill, saturated, *diffuse)
    ]
    verdicts = [infinite, indefinite, contradicted, ill, saturated, partial, *diffuse]
    stays = select(rejected, select(reset | (clock < 0.0), 0.0, clock), -1.0)
    clocks = inputs.clocks | {sensor.name: stays}
    belief = zip(wide, carried(inputs.belief), outputs["carry"], strict=False)
    behind = {
        "carry": [
            *[select(reset, w, select(rejected, old, new)) for w, old, new in belief],
            *clocks.values(),
        ],
        "commit": [taken | rejected],
        "record": [select(rejected, np.nan, value) for value in outputs["record"]],
        "sums": [select(rejected, 0.0, value) for value in outputs["sums"]],
        "status": [*verdicts, taken, rejected, reset],
    }
    if "white" in outputs:  # a reading that is left out says nothing, as one that is missing: ε = 0, S = 1
        nothing = [0.0] * len(info.white.eps) + [1.0] * len(info.white.S)
        behind["white"] = [
            select(rejected, none, value) for none, value in zip(nothing, outputs["white"], strict=True)
        ]
    return behind
