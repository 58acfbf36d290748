"""What is carried of noises that are estimated from the innovations, see `equations.adaptive`.

After everything else, a filter with `adapt=` carries the scale of R of each sensor that is adapted, in the order of the
model; then, if the motion is, the scale of Q and the slope of each state.
"""

from typing import Any, NamedTuple

from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import adaptive, robust
from foglight.equations.gaussian import Factored, UpdateInfo
from foglight.equations.measurement import mask_rows
from foglight.methods import adaptation
from foglight.methods.method import Method
from foglight.model.model import MOTION, Model
from foglight.trace.ops import any_of, known_zero, minimum, product, reciprocal, select


class Adapted(NamedTuple):
    """The scales of the sensors' R by name, and of Q with the slopes p (n,) of the states: None if Q is not adapted."""

    sensors: dict[str, Any]
    motion: Any = None
    slopes: Any = None

    def after_motion(self, F: Array) -> "Adapted":
        """After a step with the Jacobian F (n, n): p = F p."""
        return self._replace(slopes=product(F, self.slopes))

    def noise(self, sensor: str, R: Array) -> Array:
        """R of a sensor (m, m), scaled."""
        if sensor not in self.sensors:
            return R
        if all(known_zero(v) for v in R.flat):
            raise ModelError(
                f"adapt: {sensor} has no noise to scale. Expected a noise above 0. Give it one, or leave the sensor "
                "out of fog.adapt.",
                field="adapt",
                value=sensor,
            )
        scaled: Array = self.sensors[sensor] * R
        return scaled

    def process_noise(self, Q: Factored) -> Factored:
        """Q, scaled."""
        if self.motion is None:
            return Q
        if all(known_zero(v) for v in Q.variances):
            raise ModelError(
                "adapt: the motion has no noise to scale. Expected a noise above 0. Give it one, or write "
                "fog.adapt(motion=False).",
                field="adapt",
                value=MOTION,
            )
        return Factored(Q.G, self.motion * Q.variances)


def sensors(model: Model, method: Method) -> tuple[str, ...]:
    """The sensors whose noise is adapted, in the order of the model."""
    return tuple(
        name for name in model.sensor_names if adaptation.of_sensor(method.adaptations, name) is not None
    )


def start_values(model: Model, method: Method) -> list[float]:
    """The carried numbers before the first row."""
    scales = [1.0] * len(sensors(model, method))
    if adaptation.of_motion(method.adaptations) is None:
        return scales
    return [*scales, 1.0, *[0.0] * len(model.state)]


def size(model: Model, method: Method) -> int:
    """How many numbers are carried."""
    return len(start_values(model, method))


def labels(model: Model, method: Method) -> tuple[str, ...]:
    """A label for each carried number."""
    found = [f"scale of the noise of {name}" for name in sensors(model, method)]
    if adaptation.of_motion(method.adaptations) is not None:
        found += [f"scale of the noise of {MOTION}", *[f"slope of {name}" for name in model.state]]
    return tuple(found)


def columns(model: Model, method: Method, carried: int) -> dict[str, int]:
    """{sensor or "motion": which of the `carried` numbers its scale is}."""
    names = [*sensors(model, method), *[MOTION] * (adaptation.of_motion(method.adaptations) is not None)]
    first = carried - size(model, method)
    return {name: first + i for i, name in enumerate(names)}


def recorded(model: Model, method: Method, records: Array, carried: int) -> Array:
    """The scales (…, k) of the sensors in records whose first `carried` numbers are what a filter carries."""
    at = columns(model, method, carried)
    return records[..., [at[name] for name in sensors(model, method)]]


def adapted_of(model: Model, method: Method, values: Array) -> Adapted:
    """The scales and slopes among all carried numbers, at the end of which they are."""
    first, names = len(values) - size(model, method), sensors(model, method)
    scales = {name: values[first + i] for i, name in enumerate(names)}
    if adaptation.of_motion(method.adaptations) is None:
        return Adapted(scales)
    return Adapted(scales, values[first + len(names)], values[first + len(names) + 1 :])


def carried(adapted: Adapted) -> list[Any]:
    """The same as the parts of what is carried."""
    parts: list[Any] = [list(adapted.sensors.values())]
    return parts if adapted.motion is None else [*parts, [adapted.motion], adapted.slopes]


def after_reading(
    adapted: Adapted,
    method: Method,
    sensor: str,
    info: UpdateInfo,
    R: Array,
    used: list[Any],
    H: Array | None,
) -> Adapted:
    """After an accepted reading of this sensor. R (m, m): its noise, scaled. H (m, n): its Jacobian, if Q is adapted.

    A reading of which an unknown direction absorbs a component changes nothing.
    """
    own, motion = adaptation.of_sensor(method.adaptations, sensor), adaptation.of_motion(method.adaptations)
    if own is None and motion is None:
        return adapted
    at = adaptive.Whitened.of(info, R, used)
    most = adaptation.influence(len(used), method.thresholds(sensor, len(used)).gates)
    absorbed: Any = any_of(info.absorbed)
    found = dict(adapted.sensors)
    if own is not None:
        count = robust.count_of(info, used)
        bound, mean = (robust.by_count(values, count, 1) for values in (most.bounds, most.means))
        weight = minimum(1.0, bound * reciprocal(info.nis)) / mean
        new = adaptive.scale_of_noise(found[sensor], at, own.share, weight)
        found[sensor] = select(absorbed, found[sensor], adaptive.within(new, own.bounds))
    if motion is None or H is None:
        return adapted._replace(sensors=found)
    g = product(mask_rows(H, used), adapted.slopes)
    q = adaptive.scale_of_motion(adapted.motion, at, g, motion.share, most.slope)
    p = adaptive.slopes_after(adapted.slopes, g, at, info.K)
    return Adapted(
        found,
        select(absorbed, adapted.motion, adaptive.within(q, motion.bounds)),
        select(absorbed, adapted.slopes, p),
    )
