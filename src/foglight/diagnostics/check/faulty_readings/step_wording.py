"""A step as a fault: an offset of a sensor, or a jump of the state, and what explains the log as well."""

import numpy as np

from foglight.core.text import listed
from foglight.core.types import Floats
from foglight.diagnostics.check.faulty_readings.fault import Fault
from foglight.diagnostics.check.faulty_readings.offsets import Offset, better
from foglight.diagnostics.check.faulty_readings.reruns import Reruns
from foglight.diagnostics.check.faulty_readings.wording import offset_text
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.sentences import fit_alike
from foglight.model.model import MOTION


def step_fault(
    reruns: Reruns, z: Floats, best: Offset, alike: list[Offset], of_state: float, least: float
) -> Fault:
    """The fault of the best offset. alike: others that explain as much.  of_state: 2 Δloglik of a jump of the state.
    least: what 2 Δloglik must exceed."""
    row, end = best.row, best.end
    off = _components(best)
    of_motion = better(of_state, best.gain)
    subject = MOTION if of_motion else reruns.subject(best.sensor, off)
    sizes = best.size[list(off)]
    reports = reruns.reports(best.sensor, z)
    rows = reports[(reports >= row) & (reports < end)]
    if of_motion:
        sentence = (
            f"the state jumps at {reruns.where(row)}: a shift of the state gains 2 Δloglik {of_state:.0f}, and an "
            f"offset of one sensor no more than {best.gain:.0f}, so the sensors agree. Q does not allow for such a "
            "jump: let a gate give way with recover=, or begin a new track there."
        )
    else:
        until = "on" if end == reruns.ends(row)[1] else f"to {reruns.where(int(rows[-1]))}"
        sentence = (
            f"{subject} reads {offset_text(sizes)} from {reruns.where(row)} {until}: without that offset the "
            f"log is likelier by 2 Δloglik {best.gain:.0f}. {_rivals(reruns, best, alike, of_state)}Subtract it there, "
            "or leave these readings out (NaN)."
        )
    mask = reruns.mask(best.sensor, rows, off)
    offset = np.where(mask & (not of_motion), z - best.z, 0.0)
    return Fault(
        Code.JUMP, subject, rows[:1], mask, np.nan_to_num(offset), max(best.gain, of_state), least,
        float(sizes[np.argmax(np.abs(sizes))]), sentence, mends=not of_motion,
    )  # fmt: skip


def _rivals(reruns: Reruns, best: Offset, alike: list[Offset], of_state: float) -> str:
    """What explains the log as well, or which sensors speak against it."""
    names = [reruns.model.sensors[offset.sensor].name for offset in alike]
    rivals = [f"an offset of {name}" for name in names]
    if not better(best.gain, of_state):
        rivals.append("what it measures jumped there, which Q does not allow for (recover=, or a larger Q)")
    if rivals:
        return f"{fit_alike('this offset', rivals)} "
    others = [sensor.name for k, sensor in enumerate(reruns.model.sensors) if k != best.sensor]
    return (
        f"Neither a jump of the state nor an offset of {listed(others)} explains as much. " if others else ""
    )


def _components(best: Offset) -> tuple[int, ...]:
    """The components whose offset is more than a standard deviation of the innovations, and a tenth of the largest."""
    at = best.rerun.reruns.slices[best.sensor]
    size = np.abs(best.size) / np.nanmedian(best.rerun.found.scale[:, at], axis=0)
    return tuple(np.flatnonzero(size >= max(min(1.0, size.max()), 0.1 * size.max())).tolist())
