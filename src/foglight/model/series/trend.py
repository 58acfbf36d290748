"""The level of a series and its slope.

    μ' = μ + β + η,  η ~ N(0, level_std²)        β' = β + ζ,  ζ ~ N(0, slope_std²)

Harvey 1989, §2.3.1-2.3.2; Durbin & Koopman 2012, eq. 3.2. A smooth trend has no η: an integrated random walk.
"""

from typing import Any

from foglight.model.parameters import param
from foglight.model.series.choices import FIXED, RANDOM, SMOOTH, choice
from foglight.model.series.component import Component


def trend_of(level: Any, trend: Any) -> Component | None:
    """The level with its slope, or without one; None without a level. ModelError for a slope without a level."""
    level = choice(level, "level", (RANDOM, FIXED, None))
    trend = choice(trend, "trend", (RANDOM, FIXED, SMOOTH, None), without=level is None)
    if level is None:
        return None
    wanders = [("level", level == RANDOM and trend != SMOOTH), ("slope", trend in (RANDOM, SMOOTH))]
    disturbed = tuple(name for name, random in wanders if random)
    slopes = trend is not None
    return Component(
        ("level", "slope") if slopes else ("level",),
        dynamics=lambda x, p: [x.level + x.slope, x.slope] if slopes else [x.level],
        reading=lambda x, u: x.level,
        params={f"{name}_std": param(1.0, low=0.0) for name in disturbed},
        noise=lambda p: [p[f"{name}_std"] ** 2 for name in disturbed],
        disturbed=disturbed,
    )
