"""What the studio teaches with, if it is opened without a model: one number in the fog, and its filter."""

from foglight.inference.simulate import simulate
from foglight.methods import registry
from foglight.model.model_file import parsed
from foglight.pictures.studio.given import Given, Label

TOML = """\
# Fog. Somebody sways on the shoulder of the road, and a radar sees him now and then.
# One state: how far he is from the path of the car, in metres.

[motion]
kind = "random_walk"
states = ["aside"]
std = 0.4    # m/√s: how far he sways within a second; its square is q

[[sensor]]
name = "radar"
kind = "linear"
of = "aside"
std = 1.0    # m: its square is r

[start]
mean = [2.0]
std = [1.0]
"""
_LESSON = {
    "states": (
        "Somebody sways on the shoulder of the road, and a radar sees him now and then. Move q: the larger it is, the "
        "more he may have moved since the last reading, and the closer the estimate follows the readings. Move r: the "
        "larger it is, the less a reading is worth. Auto-tune finds the two values that make the log most likely."
    ),
    "fusion": (
        "Every reading fuses two densities. The product of the prediction and the reading is narrower than both; its "
        "mean lies between theirs, nearer to the one that is narrower."
    ),
    "innovations": "If q and r are right, the innovations are white and 95 % of them lie within the band.",
    "gains": (
        "The gain settles: how far a reading moves the estimate depends on q, r and the times of the readings, and not "
        "on what they say. Where readings are lost it rises, since the prediction has become worse."
    ),
}
_ROWS, _DT, _SEED, _MISSING = 300, 0.1, 7, 0.25
_MODEL = """\
model = fog.Model(
    fog.motion.random_walk(["aside"], std=0.4),
    [fog.sensing.linear("radar", of="aside", std=1.0)],
    start=fog.Belief([2.0], std=[1.0]),
)"""
_LOG = f"log, truth = fog.simulate(model, {_ROWS}, dt={_DT}, seed={_SEED}, missing={_MISSING})"


def lesson(method: str | None = None) -> Given:
    """A pedestrian who sways in the fog: one state and one reading, whose log is simulated."""
    model, usual = parsed(TOML, "the lesson")
    log, _ = simulate(model, _ROWS, _DT, _SEED, missing=_MISSING)
    labels = {
        "motion.std": Label("q, process variance", "m²/s", 2),
        "radar.std": Label("r, measurement variance", "m²", 2),
    }
    chosen = registry.instead_of(usual, method)
    return Given(
        model, log, chosen, "A pedestrian in the fog", _MODEL, _LOG, text=TOML, labels=labels, lesson=_LESSON
    )
