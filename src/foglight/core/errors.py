"""What can go wrong, in one family of exceptions, and what a row reports, in one set of flags."""

import operator
from enum import IntFlag
from typing import Any, Self


class FoglightError(Exception):
    """The family. `field`, `index` and `value` say what was wrong where a message names them."""

    def __init__(
        self, message: str, *, field: str | None = None, index: object = None, value: Any = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.index = index
        self.value = value

    @classmethod
    def expected(
        cls, field: str, value: Any, what: str, remedy: str, *, index: int | str | None = None
    ) -> Self:
        """`field[index] = value: expected what. Remedy`."""
        entry = "" if index is None else f"[{index!r}]"
        return cls(
            f"{field}{entry} = {value!r}: expected {what}. {remedy}", field=field, index=index, value=value
        )


class ModelError(FoglightError, ValueError):
    """The model is not one: a shape, a variance, a name, a function that cannot be traced."""


class DataError(FoglightError, ValueError):
    """The log does not fit the model, or holds a value that no sensor can give."""


class TimeError(FoglightError, ValueError):
    """Time runs backwards, or a stamp is no time."""


class NumericalError(FoglightError, ArithmeticError, RuntimeError):
    """A number left the range in which the filter means anything."""


class StateError(FoglightError, RuntimeError):
    """A saved or shared state cannot be used here."""


class Status(IntFlag):
    """What happened in one row of a run. Rows combine flags of all their sensors."""

    USED = 1
    PARTIAL = 2
    MISSING = 4
    GATED = 8  # a reading farther off than its gate allows: left out
    LATE = 16
    REPEATED = 32
    AFTER_GAP = 64
    ILL_CONDITIONED = 128
    INDEFINITE = 256
    NONFINITE = 512
    RESET = 2048  # rejected for too long: the belief was widened until the reading fits
    CONTRADICTED = 4096  # an exact measurement says what the state excludes: its sensor is left out
    SATURATED = 8192  # a measurement says less than rounding: the belief can no longer narrow
    DIFFUSE = (
        16384  # a measurement was all that is known of a direction, and could not be checked against anything
    )

    @classmethod
    def _missing_(cls, value: object) -> Any:
        """Bits as an array holds them are bits too: `Status(run.status[k])`."""
        return super()._missing_(operator.index(value) if hasattr(value, "__index__") else value)


REFUSED = Status.NONFINITE | Status.INDEFINITE | Status.CONTRADICTED  # what leaves a stage out, whole
