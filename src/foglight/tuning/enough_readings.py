"""Whether a log has readings to tune by: some, and more than an unknown start takes up."""

from foglight.core.errors import DataError
from foglight.core.text import counted, listed
from foglight.inference.likelihood import Likelihood
from foglight.model.model import unknown_directions


def require_readings(likelihood: Likelihood) -> None:
    """DataError if the log has no reading, or none that can be compared with its prediction."""
    readings, unknown = likelihood.innovations, unknown_directions(likelihood.model)
    if not readings:
        raise DataError(
            "the log has no reading at all: expected some to tune by. Check its columns.",
            field="log",
            value=0,
        )
    if readings <= unknown and not likelihood.at(likelihood.values).information.any():
        raise DataError(
            f"the log has {counted(readings, 'reading')}, and the model {counted(unknown, 'state')} of which nothing "
            f"is known at the start ({listed(likelihood.model.state)}), so no reading is left to tune by: expected "
            "more readings. Record a longer log, or leave states out, such as a season that is longer than the log.",
            field="log", value=readings,
        )  # fmt: skip
