"""What is made once for a model and its copies with other parameters: kernels, programs, and what is known of them."""

from collections.abc import Callable
from typing import Any, TypeVar

from foglight.core.locks import COMPILING
from foglight.model.model import Model

T = TypeVar("T")


def kept(model: Model, key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """The result of `make`, made once for the model and this key; threads wait for one another."""
    with COMPILING:
        if key not in model.kernels:
            model.kernels[key] = make()
        found: T = model.kernels[key]
        return found
