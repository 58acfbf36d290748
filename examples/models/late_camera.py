"""A camera needs a quarter of a second for an image, and nobody wrote that down.

    python examples/models/late_camera.py

A receiver gives the position of a vehicle twice a second. A camera beside the track gives its bearing ten times a
second, and stamps each when it has found it: 0.26 s after the image. Believed as stamped, the camera drags the filter
behind the vehicle, and `fog.check` says by how much. With `delay=fog.delay(0.26)` every reading meets the state of its
own time. With `fog.delay(fog.param(0.1))` the delay is a parameter, which `fog.tune` finds from a guess.

The log is simulated, by a path of its own and not by the model, so that there is a truth.
"""

from typing import Any

import numpy as np

import foglight as fog

Array = np.ndarray
LATE, LENGTH = 0.26, 60.0  # s
GPS_STD, CAMERA_STD, AT = 0.3, 0.005, (0.0, 40.0)  # m, rad, m


def path(time: Array) -> Array:
    """The true position (T, 2): a bent figure of eight, driven at 3 to 8 m/s."""
    turned = 0.21 * time
    return np.column_stack([25.0 * np.sin(turned), 14.0 * np.sin(2.0 * turned + 0.4)])


def simulated(seed: int) -> fog.Log:
    """The two tables as one log, the bearings with the stamps of their arrival."""
    rng = np.random.default_rng(seed)
    fixes, images = np.arange(0.0, LENGTH, 0.5), np.arange(0.07, LENGTH, 0.1)
    position = path(fixes) + GPS_STD * rng.standard_normal((len(fixes), 2))
    x, y = (path(images) - AT).T
    bearing = np.arctan2(y, x) + CAMERA_STD * rng.standard_normal(len(images))
    return fog.Log.merge(gps=(fixes, position), camera=((images + LATE).round(9), bearing))


def model(delay: Any = None) -> fog.Model:
    """A vehicle seen by both. delay: of the camera, what `fog.delay` returns or None."""
    motion = fog.motion.constant_velocity(("x", "y"), accel=1.5)
    gps = fog.sensing.linear("gps", of=("x", "y"), std=GPS_STD)
    camera = fog.sensing.bearing("camera", at=AT, std=CAMERA_STD, delay=delay)
    return fog.Model(motion, [gps, camera], start=fog.Belief([0.0, 5.0, 5.0, 5.0], std=[5.0, 5.0, 3.0, 3.0]))


def off(run: fog.Run) -> float:
    """How far the filter is from the truth, root mean square, from 5 s on (m)."""
    late = run.time > 5.0
    return float(np.sqrt(np.mean(np.sum((run.filtered.mean[late, :2] - path(run.time[late])) ** 2, axis=1))))


def main() -> None:
    log = simulated(seed=1)
    believed = fog.run(model(), log)
    print(f"as stamped:     {off(believed):.2f} m off, log-likelihood {believed.loglik:.0f}")
    print(f"  fog.check: {fog.check(believed).findings[0].sentence}")
    corrected = fog.run(model(fog.delay(LATE)), log)
    print(f"delay of {LATE} s: {off(corrected):.2f} m off, log-likelihood {corrected.loglik:.0f}")
    fit = fog.tune(model(fog.delay(fog.param(0.1))), log, free=("camera.delay", "accel"))
    low, high = fit.intervals["camera.delay"]
    found = fog.run(fit.model, log)
    print(f"by fog.tune:    {off(found):.2f} m off, delay {low:.3f} to {high:.3f} s (true {LATE})")


if __name__ == "__main__":
    main()
