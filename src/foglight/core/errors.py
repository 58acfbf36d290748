"""The exceptions of the package, and the status flags of a row."""

import operator
from enum import IntFlag
from functools import cache
from typing import Any, Self


class FoglightError(Exception):
    """Base class of all errors of Foglight.

    Attributes
    ----------
    field : str or None
        The name of the wrong input.
    index : int, str, tuple or None
        Which entry of it was wrong.
    value : object
        The wrong value, or None.

    Examples
    --------
    >>> try:
    ...     fog.Belief([0.0], std=[-1.0])
    ... except fog.FoglightError as error:
    ...     print(type(error).__name__, error.field, error.value)
    ModelError std -1.0
    """

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
        """Make an error with the message `field[index] = value: expected what. Remedy`.

        Parameters
        ----------
        field : str
            The name of the wrong input.
        value : object
            The wrong value.
        what : str
            What was expected, without a full stop.
        remedy : str
            How to correct it, as a sentence.
        index : int or str, optional
            Which entry of the input was wrong.

        Returns
        -------
        FoglightError
            An error of the class on which this is called.

        Examples
        --------
        >>> print(fog.ModelError.expected("steps", 0, "at least one row", "Pass steps=100."))
        steps = 0: expected at least one row. Pass steps=100.
        """
        entry = "" if index is None else f"[{index!r}]"
        return cls(
            f"{field}{entry} = {value!r}: expected {what}. {remedy}", field=field, index=index, value=value
        )


class ModelError(FoglightError, ValueError):
    """The model is invalid: a shape, a variance, a name, or a function that cannot be traced.

    Examples
    --------
    >>> try:
    ...     fog.Belief([0.0], std=[-1.0])
    ... except fog.ModelError as error:
    ...     print(error)
    std[0] = -1.0: a standard deviation must be >= 0. Did you pass a signed value?
    """


class DataError(FoglightError, ValueError):
    """The data are invalid: an unreadable file, a value that is not a reading, or a log that does not fit the model.

    Examples
    --------
    >>> try:
    ...     fog.Log.read("absent.csv")
    ... except fog.DataError as error:
    ...     print(error)
    absent.csv...
    """


class TimeError(FoglightError, ValueError):
    """Time runs backwards, or a timestamp is invalid.

    Examples
    --------
    >>> try:
    ...     fog.Log.from_arrays([1.0, 0.0], radar=[5.2, 5.1])
    ... except fog.TimeError as error:
    ...     print(error)
    time[1] = 0 s is earlier than the row before it, 1 s: rows must be in time order. Sort the rows by time first.
    """


class NumericalError(FoglightError, ArithmeticError, RuntimeError):
    """A number left the range in which the filter is meaningful.

    Examples
    --------
    >>> radar = fog.Sensor("radar", ("gap",), lambda x, p: [x.gap], lambda x, p: [[x.gap]])  # R must not be negative
    >>> try:
    ...     fog.run(fog.Model(model.motion, [radar], model.start), fog.Log.regular([-9.0, -9.0], dt=1.0))
    ... except fog.NumericalError as error:
    ...     print(error)
    at row 1 (t = 1 s)...radar.noise[0,0] = ...: a variance must be >= 0...
    """


class StateError(FoglightError, RuntimeError):
    """A saved or shared state cannot be used here.

    Examples
    --------
    >>> try:
    ...     fog.restore("absent.live", model)
    ... except fog.StateError as error:
    ...     print("No such file" in str(error))
    True
    """


class FoglightWarning(UserWarning):
    """What is computed is right, but there is a better way, which the message names.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", fog.FoglightWarning)  # do not say so
    """


class Status(IntFlag):
    """What happened in one row of a run, as flags. A row combines the flags of all its sensors.

    Attributes
    ----------
    USED
        A reading was used.
    PARTIAL
        Some components of a reading were missing; the others were used.
    MISSING
        No sensor reported.
    GATED
        A reading lay farther from its prediction than its gate allows, and was left out.
    LATE
        A live filter received the row after a later one.
    REPEATED
        A sensor repeated its previous reading, which then counts as missing (`repeats="skip"`).
    AFTER_GAP
        The row is the first after a gap longer than `gap`.
    ILL_CONDITIONED
        At least half the digits of an innovation variance are rounding error.
    INDEFINITE
        A covariance was indefinite; the prediction or the sensor's update was left out.
    NONFINITE
        A result was not finite; the prediction or the sensor's update was left out.
    TIME_JUMP
        The time of the row is farther from the row before than `max_gap` allows, and the row was left out. With USED:
        such rows had gone on for longer than `max_gap`, and the filter followed their clock.
    RESET
        Readings had been rejected for too long: the belief was widened until this one fitted.
    CONTRADICTED
        An exact measurement contradicts what is known exactly; its sensor was left out.
    SATURATED
        A measurement carries less information than rounding removes: the belief can no longer narrow.
    DIFFUSE
        A measurement was all that is known about a direction, and could not be checked against anything.

    Examples
    --------
    >>> fog.Status(run.status[0])
    <Status.USED: 1>
    >>> int(((run.status & fog.Status.MISSING) != 0).sum())
    0
    """

    USED = 1
    PARTIAL = 2
    MISSING = 4
    GATED = 8
    LATE = 16
    REPEATED = 32
    AFTER_GAP = 64
    ILL_CONDITIONED = 128
    INDEFINITE = 256
    NONFINITE = 512
    TIME_JUMP = 1024
    RESET = 2048
    CONTRADICTED = 4096
    SATURATED = 8192
    DIFFUSE = 16384

    @classmethod
    def _missing_(cls, value: object) -> Any:
        """Accept the integer types of arrays: `Status(run.status[k])`."""
        return super()._missing_(operator.index(value) if hasattr(value, "__index__") else value)


REFUSED = Status.NONFINITE | Status.INDEFINITE | Status.CONTRADICTED  # any of these leaves out a whole stage


@cache
def status_text(bits: int) -> str:
    """The names of these `Status` bits, such as "USED|PARTIAL"."""
    return "|".join(str(flag.name) for flag in Status(bits))
