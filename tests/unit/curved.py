"""Functions whose Taylor terms and sigma points are known in closed form, and noise for them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.equations.gaussian import Factored

Array = NDArray[np.float64]


class Curved:
    """f(x) = a + A x + ½ xᵀ B_i x: a curve whose Taylor terms and sigma points are known in closed form."""

    def __init__(self, rng: np.random.Generator, n: int, m: int, bend: float = 0.3) -> None:
        B = rng.normal(size=(m, n, n)) * bend
        self.a, self.A, self.B = rng.normal(size=m), rng.normal(size=(m, n)), B + B.transpose(0, 2, 1)

    def __call__(self, x: Any) -> Any:
        return self.a + self.A @ x + 0.5 * np.array([x @ (B @ x) for B in self.B])

    def slope(self, x: Any) -> Any:
        return self.A + np.array([B @ x for B in self.B])

    def linearise(self, x: Any) -> tuple[Any, Any]:
        return self(x), self.slope(x)

    def spread(self, x: Any, C: Any) -> tuple[Any, Any, Any]:
        s = 0.5 * np.array([[c @ (B @ c) for c in C.T] for B in self.B])
        return self(x), s, self.slope(x) @ C


def noise(rng: np.random.Generator, n: int) -> Factored:
    return Factored(rng.normal(size=(n, n - 1)), rng.uniform(0.1, 1.0, n - 1))


def full_noise(rng: np.random.Generator, m: int) -> Array:
    G = rng.normal(size=(m, m + 1))
    R: Array = G @ G.T
    return R


def straight(H: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The spread and the derivative of h(x) = H x."""
    return (lambda x, C: (H @ x, 0.0 * (H @ C), H @ C)), (lambda x: (H @ x, H))
