"""One row at a time through the compiled step: what a program in a loop calls."""

import copy
import math
import threading
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foglight.belief import Belief
from foglight.diagnosis import row_of, why
from foglight.engine import Arrays, Engine, make_frame
from foglight.errors import REFUSED, DataError, FoglightError, ModelError, StateError, Status, TimeError
from foglight.kernels import engine_of, start_carry
from foglight.methods import EKF, Method
from foglight.model import Model
from foglight.readings import readings
from foglight.scan import belief_from

Array = NDArray[Any]
_BAD = int(REFUSED)
_FLOAT64 = np.dtype(np.float64)
_NUMBERS = (float, int, np.floating, np.integer)


class Stepper:
    """A filter that is fed row by row; the same bits as `fog.run` on the same rows.

    Made by `model.stepper(method)`. mean (n,), belief, loglik (of all rows), nis and status (of the last row) tell
    where it is.

    >>> stepper = model.stepper(fog.EKF())
    >>> mean = stepper.step(0.0, [5.2])
    """

    def __init__(self, model: Model, method: Method | None = None) -> None:
        self.model = model
        self.method = EKF() if method is None else method
        if model.rows or model.motion.controls:
            raise ModelError(
                f"a stepper takes models without controls or matrices that change row by row, and this one has "
                f"{', '.join((*model.rows, *model.motion.controls))}. Use fog.run.",
                field="model",
                value=(*model.rows, *model.motion.controls),
            )
        self._engine = engine_of(model, self.method, "result")
        kernel = self._engine.kernel
        self._shape = (kernel.widths["z"],)
        nothing = np.zeros((1, 1, 0))
        # Two sides: a step reads one and writes the other, and is done when they change places.
        start = np.array([*start_carry(model, self.method), 0.0, 0.0])[None]
        self._carries = (start, np.empty_like(start))
        outs = [np.full((1, 1, kernel.width), np.nan) for _ in range(2)]
        self._records = [out[0, 0] for out in outs]
        self._means: list[Array] = [record[: len(model.state)] for record in self._records]
        self._records[0][kernel.status] = 0.0
        self._dt, z = np.zeros(1), np.full((1, 1, *self._shape), np.nan)
        params = np.array(list(model.parameters.values()))
        self._reads = [Arrays(self._dt, nothing, nothing, z, params, carry) for carry in self._carries]
        self._z, self._now, self._steps = z[0, 0], 0, 0
        self._place, self._sums = kernel.status, kernel.sums
        self._in_use = threading.Lock()
        self._scan = None
        if isinstance(self._engine, Engine):
            self._memo = self._engine.memo(1, 1, 1)[:1]
            self._frames = [
                make_frame(kernel, self._reads[i], self._carries[1 - i], outs[1 - i], self._memo)
                for i in range(2)
            ]
            self._scan = self._engine.scan(1)
            self._addresses = [frame.ctypes.data for frame in self._frames]

    def step(self, dt: float, z: ArrayLike) -> Array:
        """Predict over dt seconds (0: not at all), take in z, and return the filtered mean (n,).

        z (M,): all components of all sensors in declared order, NaN where missing. Raises TimeError for dt < 0,
        DataError for a z of another length or an infinite one, NumericalError if the result is not finite,
        StateError if another thread is in the middle of a step; the filter then stands where it stood.
        """
        if not self._in_use.acquire(blocking=False):
            raise StateError(
                f"this stepper is in the middle of step {self._steps}: expected one step at a time. Give each thread "
                "its own stepper, or hold a lock around the step.",
                field="stepper",
                index=self._steps,
                value=threading.current_thread().name,
            )
        try:
            self._read(dt, z)
            new = 1 - self._now
            if self._scan is None:
                self._run_reference(new)
            else:
                self._scan(self._addresses[self._now])
            if int(self._records[new].item(self._place)) & _BAD:
                raise self._refusal()
            self._now = new
            self._steps += 1
            mean: Array = self._means[new].copy()
            return mean
        finally:
            self._in_use.release()

    def __copy__(self) -> "Stepper":
        """A filter that stands where this one stands, and goes its own way."""
        new = Stepper(self.model, self.method)
        for mine, other in zip((*new._carries, *new._records), (*self._carries, *self._records), strict=True):
            mine[:] = other
        new._now, new._steps = self._now, self._steps
        return new

    def __deepcopy__(self, memo: object) -> "Stepper":
        return copy.copy(self)

    @property
    def mean(self) -> Array:
        """The filtered mean (n,)."""
        return self._carries[self._now][0, : len(self.model.state)].copy()

    @property
    def belief(self) -> Belief:
        """The filtered belief."""
        return belief_from(self.model, self.method, self._carries[self._now][0])

    @property
    def nis(self) -> float:
        """Normalised innovation squared of the last row; NaN if nothing was measured."""
        return float(self._records[self._now][self._sums])

    @property
    def loglik(self) -> float:
        """log p of all rows so far."""
        return float(self._carries[self._now][0, -2])

    @property
    def status(self) -> Status:
        """What happened in the last row."""
        return Status(int(self._records[self._now][self._place]))

    def _read(self, dt: Any, z: Any) -> None:
        values = z if type(z) is np.ndarray and z.dtype is _FLOAT64 else readings(z, "z")
        if values.shape != self._shape:
            raise DataError(
                f"z has shape {values.shape}, expected {self._shape}. Pass one number a component, "
                "NaN where one is missing.",
                field="z",
                value=values.shape,
            )
        seconds = dt if type(dt) is float or isinstance(dt, _NUMBERS) else math.nan
        if not 0.0 <= seconds < math.inf:
            raise TimeError(
                f"dt = {dt!r}: expected a number of seconds >= 0 since the row before. Sort the rows.",
                field="dt",
                value=dt,
            )
        self._dt[0] = seconds
        self._z[:] = values

    def _where(self) -> str:
        return f"step {self._steps} (dt = {self._dt[0]:.9g} s)"

    def _run_reference(self, new: int) -> None:
        engine: Any = self._engine
        carry, out = engine.step(self._reads[self._now], self._where(), self._steps)
        self._carries[new][:], self._records[new][:] = carry, out[0, 0]

    def _refusal(self) -> FoglightError:
        kernel, arrays = self._engine.kernel, self._reads[self._now]
        inputs = row_of(arrays, arrays.carry[0, : len(kernel.carry)], 0, 0)
        return why(self.model, self.method, kernel, inputs, self._where(), self._steps)
