"""What is read of a structural model: one series, or several that share its components.

    z_1 = sum + ε_1        z_i = loading_i · sum + offset_i + ε_i,   ε_i ~ N(0, irregular_std_i²)

Harvey 1989, §8.5.2: a common trend. The first series has no loading, which sets the scale of the sum.
"""

from typing import Any

from foglight.core import checks
from foglight.model import noise
from foglight.model.box_cox import BoxCox
from foglight.model.model import Sensor
from foglight.model.parameters import param
from foglight.model.series.component import Component

__ready_made__ = True  # errors show lines of these functions, as they do for a user's own


def names_of(series: Any) -> tuple[str, ...]:
    """The names of one series, or of several."""
    return checks.names((series,) if isinstance(series, str) else series, "series")


def offsets_of(names: tuple[str, ...]) -> Component | None:
    """The constants by which the further series differ; None for one series."""
    states = tuple(f"{name}_offset" for name in names[1:])
    if not states:
        return None
    return Component(states, dynamics=lambda x, p: [x[name] for name in states], reading=lambda x, u: 0.0)


def sensors_of(
    names: tuple[str, ...], components: list[Component], irregular: bool, scale: BoxCox | None
) -> list[Sensor]:
    """A sensor for each series. scale: on which they are sums; None for that of their readings."""
    return [_sensor(name, components, irregular, scale, first=k == 0) for k, name in enumerate(names)]


def _sensor(
    name: str, components: list[Component], irregular: bool, scale: BoxCox | None, first: bool
) -> Sensor:
    offset = f"{name}_offset"

    def measure(x: Any, p: Any, u: Any = None) -> list[Any]:
        one, *others = [component.reading(x, u) for component in components]
        whole = sum(others, start=one)
        return [whole if first else p.loading * whole + x[offset]]

    return Sensor(
        name,
        ("value",),
        measure,
        noise=lambda x, p: noise.independent([p.irregular_std**2 if irregular else 0.0]),
        params=({} if first else {"loading": param(1.0)})
        | ({"irregular_std": param(1.0, low=0.0)} if irregular else {}),
        controls=tuple(control for component in components for control in component.controls),
        transform=scale,
    )
