"""What is exported of a filter: its kernel, the numbers that it begins with, and names that C accepts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from foglight.compiler.engine.cache import engine_of, first_phase
from foglight.compiler.engine.two_phase_engine import TwoPhaseEngine
from foglight.compiler.fingerprint import fingerprint
from foglight.compiler.kernel import Kernel
from foglight.compiler.kernels.filter import make_kernel
from foglight.core.errors import ModelError
from foglight.core.text import listed
from foglight.inference.prepare import start_carry
from foglight.methods.method import Method
from foglight.model.model import Model, opaque_functions, parameter_values, unknown_directions
from foglight.trace.primitives import TooLongError

DTYPES = ("float64", "float32")


@dataclass(frozen=True)
class Exported:
    """A filter as C. name: the prefix of all its names."""

    name: str
    model: Model
    method: Method
    kernel: Kernel

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """The numbers that are carried into the first row."""
        return np.array([*start_carry(self.model, self.method), 0.0, 0.0])

    @cached_property
    def params(self) -> NDArray[np.float64]:
        """The values of the model's parameters."""
        return np.asarray(parameter_values(self.model), np.float64)

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the model and the method: that of saved filters."""
        return fingerprint(self.model, self.method)

    @property
    def real(self) -> str:
        """The C type of a number."""
        return "double" if self.kernel.dtype == "float64" else "float"

    @property
    def upper(self) -> str:
        """The prefix of constants."""
        return self.name.upper()


def exported(name: str, model: Model, method: Method, dtype: str) -> Exported:
    """The filter that is to be exported. ModelError if some of it cannot be C."""
    opaque = opaque_functions(model)
    if opaque:
        raise ModelError(
            f"{listed(opaque)} {'is' if len(opaque) == 1 else 'are'} opaque: expected functions that are traced, since "
            "C is printed from what they compute. Write them with NumPy's functions, without fog.opaque.",
            field=opaque[0],
        )  # fmt: skip
    scaled = [sensor.name for sensor in model.sensors if sensor.transform is not None]
    if scaled:
        raise ModelError(
            f"the readings of {listed(scaled)} are transformed before the filter: expected readings that it takes as "
            "they are. Model the transformed series, without log=True and boxcox=.",
            field=scaled[0],
        )  # fmt: skip
    try:
        return Exported(name, model, method, _kernel(model, method, dtype))
    except TooLongError:
        raise ModelError(
            f"a step of this model is too long to be printed in {dtype}: expected at most some 100,000 operations. "
            "Write its functions with fewer, or export it as float64.",
            field="dtype", value=dtype,
        ) from None  # fmt: skip


def _kernel(model: Model, method: Method, dtype: str) -> Kernel:
    """The kernel of a run. With an unknown start it is the one of the first phase: for a known belief it gives the same
    bits as the one of the rows after it."""
    if dtype == "float32":
        return make_kernel(model, first_phase(model, method) if unknown_directions(model) else method, dtype)
    engine = engine_of(model, method, "result")
    if isinstance(engine, TwoPhaseEngine):
        engine = engine.first
    if not engine.same_bits:
        raise TooLongError
    return engine.kernel
