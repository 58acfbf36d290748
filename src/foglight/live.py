"""One row at a time through the compiled step: what a program in a loop calls."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foglight.belief import Belief
from foglight.engine import Arrays, Engine, make_frame
from foglight.errors import REFUSED, DataError, ModelError, NumericalError, Status, TimeError
from foglight.kernels import engine_of, start_carry
from foglight.methods import EKF, Method
from foglight.model import Model
from foglight.scan import belief_from

Array = NDArray[Any]
_BAD = int(REFUSED)


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
                "a stepper takes models without controls or matrices that change row by row. Use fog.run.",
                field="model",
            )
        self._engine = engine_of(model, self.method, "result")
        kernel = self._engine.kernel
        self._measures = kernel.widths["z"]
        nothing = np.zeros((1, 1, 0))
        self._arrays = Arrays(
            dt=np.zeros(1),
            u=nothing,
            row=nothing,
            z=np.full((1, 1, self._measures), np.nan),
            params=np.array(list(model.parameters.values())),
            carry=np.array([*start_carry(model, self.method), 0.0, 0.0])[None],
        )
        self._dt, self._z, self._carry = self._arrays.dt, self._arrays.z[0, 0], self._arrays.carry
        self._new, self._out = np.empty_like(self._carry), np.empty((1, 1, kernel.width))
        self._record = self._out[0, 0]
        self._mean = self._record[: len(model.state)]
        self._place = kernel.status
        if isinstance(self._engine, Engine):
            self._memo = self._engine.memo(1, 1, 1)[:1]
            self._frame = make_frame(kernel, self._arrays, self._new, self._out, self._memo)
            self._scan = self._engine.scan(1)
            self._address = self._frame.ctypes.data

    def step(self, dt: float, z: ArrayLike) -> Array:
        """Predict over dt seconds (0: not at all), take in z, and return the filtered mean (n,).

        z (M,): all components of all sensors in declared order, NaN where missing. Raises TimeError for dt < 0,
        DataError for a z of another length or an infinite one, NumericalError if the result is not finite; the
        filter then stands where it stood.
        """
        values = np.asarray(z, dtype=np.float64)
        if values.shape != (self._measures,):
            raise DataError(
                f"z has shape {values.shape}, expected ({self._measures},). Pass one number a component, "
                "NaN where one is missing.",
                field="z",
                value=values.shape,
            )
        if not 0.0 <= dt < math.inf:
            raise TimeError(
                f"dt = {dt}: expected seconds >= 0 since the row before. Sort the rows.", field="dt", value=dt
            )
        self._dt[0] = dt
        self._z[:] = values
        self._run()
        if int(self._record[self._place]) & _BAD:
            self._refuse(dt)
        self._carry[:] = self._new
        return np.array(self._mean)

    @property
    def mean(self) -> Array:
        """The filtered mean (n,)."""
        return self._carry[0, : len(self.model.state)].copy()

    @property
    def belief(self) -> Belief:
        """The filtered belief."""
        return belief_from(self.model, self.method, self._carry[0])

    @property
    def nis(self) -> float:
        """Normalised innovation squared of the last row; NaN if nothing was measured."""
        return float(self._record[self._engine.kernel.sums])

    @property
    def loglik(self) -> float:
        """log p of all rows so far."""
        return float(self._carry[0, -2])

    @property
    def status(self) -> Status:
        """What happened in the last row."""
        return Status(int(self._record[self._place]))

    def _run(self) -> None:
        if isinstance(self._engine, Engine):
            self._scan(self._address)
        else:
            new, out = self._engine.run(self._arrays)
            self._new[:], self._out[:] = new, out

    def _refuse(self, dt: float) -> None:
        for i in np.flatnonzero(np.isinf(self._z)):
            name = self._engine.kernel.labels["z"][i]
            raise DataError(
                f"{name} = {self._z[i]}: expected a finite number, or NaN for a missing reading. Drop the reading.",
                field=name, index=int(i), value=self._z[i],
            )  # fmt: skip
        raise NumericalError(
            f"the step over dt = {dt} from {self.belief} with z = {self._z.tolist()} is not finite, or a noise is no "
            "covariance. Expected finite numbers. Check the model near it.",
            field="step",
        )
