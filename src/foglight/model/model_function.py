"""One function of a model, as validation calls it: on floats and on symbols, with errors that name it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from foglight.core.errors import FoglightError, ModelError
from foglight.core.types import Array
from foglight.equations.gaussian import Factored
from foglight.model import returned
from foglight.model.argument_names import TIME
from foglight.model.comparison_points import ELAPSED, STATE, STEP
from foglight.model.opaque_functions import Opaque
from foglight.model.part_fields import is_ready_made
from foglight.trace.named_vector import Vector, kind_of, names_of
from foglight.trace.source_location import of_error, of_function
from foglight.trace.symbol import Symbol


@dataclass(frozen=True)
class ModelFunction:
    """One function of a model: its name, its arguments after the state, and the labels of the values it returns.

    covariance: whether it returns a covariance of these values, or the values themselves.
    """

    field: str
    function: Callable[..., Any]
    signature: str
    tail: tuple[Any, ...]
    labels: tuple[str, ...]
    covariance: bool = False

    def __call__(self, x: Vector) -> Any:
        """What it returns on floats at a state, with the arguments of validation."""
        try:
            with np.errstate(all="ignore"):
                result = self.function(x, *self.tail)
        except FoglightError as error:
            # An error about a line of code also names this function and the state it was called with.
            error.field = error.field or self.field
            error.value = tuple(map(float, x)) if error.value is None else error.value
            raise
        except Exception as reason:
            location = of_error(reason)
            if location is None and isinstance(reason, TypeError):  # not entered: it takes other arguments
                sentence = f"{self.field}: {reason}. Its arguments are {self.signature}."
            else:
                sentence = (
                    f"{location or self.field}: {self.field} raised {type(reason).__name__}: {reason}. "
                    f"It was called with {x!r}, and must return numbers there."
                )
            raise ModelError(sentence, field=self.field, value=reason) from reason
        if symbols_in(self.read(result)):
            raise kept_value(self)
        return result

    @property
    def ready_made(self) -> bool:
        """Whether this package wrote it: what it computes is a matter of the package's own tests."""
        return is_ready_made(self.function)

    @property
    def opaque(self) -> bool:
        """Whether it is never traced."""
        return isinstance(self.function, Opaque)

    @property
    def where(self) -> str:
        """Its name and where it is defined, for messages."""
        location = of_function(self.function)
        return self.field if location is None else f"{location}: {self.field}"

    def read(self, result: Any) -> dict[str, Any]:
        """What it returned, as arrays by name: "" for values and for a full covariance, else G and variances."""
        if not self.covariance:
            return {"": returned.vector(result, self.labels, self.field)}
        found = returned.covariance(result, len(self.labels), self.field)
        return {"G": found.G, "variances": found.variances} if isinstance(found, Factored) else {"": found}

    def arguments(self, state: tuple[str, ...], numbers: Iterable[Any]) -> tuple[Any, ...]:
        """Its arguments from these numbers, one after the other: the state, then those that validation gives."""
        left = iter(numbers)

        def vector(names: tuple[str, ...], kind: str) -> Vector:
            return Vector(names, islice(left, len(names)), kind)

        x = vector(state, STATE)
        return x, *[
            vector(names_of(a), kind_of(a)) if isinstance(a, Vector) else next(left) for a in self.tail
        ]

    def names(self, state: tuple[str, ...]) -> list[tuple[str, str]]:
        """The name and the kind of each of these numbers."""
        found = [(name, STATE) for name in state]
        for given in self.tail:
            if not isinstance(given, Vector):
                found.append(("dt", STEP))
                continue
            found += [("t", ELAPSED) if n == TIME else (n, kind_of(given)) for n in names_of(given)]
        return found


def kept_value(function: ModelFunction) -> ModelError:
    """The error of a function that returned a symbol of an earlier call."""
    return ModelError(
        f"{function.where} returned a value of an earlier call: it, or an object that it uses, keeps what it computed "
        "from a state, in an attribute, a global or a cache. Compute it from the arguments, make it a state, or "
        "declare the function fog.opaque.",
        field=function.field,
        value="kept from an earlier call",
    )


def symbols_in(arrays: Mapping[str, Array]) -> list[Symbol]:
    """The symbols among these values."""
    return [
        v for array in arrays.values() if array.dtype == object for v in array.flat if isinstance(v, Symbol)
    ]
