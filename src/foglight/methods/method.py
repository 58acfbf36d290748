"""What the rest of the library needs of a method, and what a method needs of the functions of a model.

A method defines how a belief is propagated through the motion and how it is updated with a measurement of a sensor. A
`Curve` offers what methods need of a function: its value and Jacobian, or its value and the differences of pairs of
points. The same methods run on symbols and on floats. To add one: a new file in this folder, and a line in
`registry.py`.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from foglight.core.types import Array
from foglight.equations.gaussian import Factored, UpdateInfo
from foglight.methods.adaptation import Adaptation
from foglight.methods.outliers import Each, Thresholds


class Curve(Protocol):
    """A function of the state, as methods use it. `angles`: which of its outputs are angles."""

    angles: tuple[int, ...]

    def linearise(self, x: Array) -> tuple[Array, Array]:
        """f(x) and its Jacobian."""

    def spread(self, x: Array, columns: Array) -> tuple[Array, Array, Array]:
        """f(x), and s, d with f(x ± columns_k) = f(x) + s_k ± d_k."""


class Method(Protocol):
    """A frozen option object that picks equations. Two methods with the same repr compute the same."""

    @property
    def factored(self) -> bool:
        """Whether P = U D Uᵀ is carried as its factor; else as the covariance itself."""

    @property
    def directions(self) -> int:
        """The number of unknown directions that are carried; 0 unless part of the start is unknown."""

    @property
    def delayed(self) -> bool:
        """Whether these are a regression at first, see `equations.delayed`."""

    @property
    def linear_only(self) -> bool:
        """Whether nonlinear models are refused."""

    @property
    def points(self) -> float | None:
        """How far apart sigma points are, in units of √(n + κ) standard deviations; None for a linearising method."""

    @property
    def iterations(self) -> int:
        """How many times an update linearises."""

    @property
    def joint(self) -> bool:
        """Whether the sensors of a row are linearised at one point; `update` then takes that point as `at`."""

    def __hash__(self) -> int:
        """Equal for equal methods."""

    @property
    def gate(self) -> Each | None:
        """The gate, see `foglight.methods.outliers`."""

    @property
    def huber(self) -> Each | None:
        """The Huber bound on the influence of a reading."""

    @property
    def student(self) -> Each | None:
        """The degrees of freedom of innovations with a Student-t distribution."""

    @property
    def recover(self) -> float:
        """Seconds of rejection after which a gated sensor may reset the belief."""

    @property
    def adaptations(self) -> tuple[Adaptation, ...]:
        """Which noises are estimated while the filter runs."""

    @property
    def guards(self) -> dict[str, Any]:
        """All guards, as arguments for another method."""

    def gated(self, sensors: Iterable[str]) -> tuple[str, ...]:
        """Those of these sensors that have a gate."""

    def thresholds(self, sensor: str, size: int) -> Thresholds:
        """The guards of a sensor with `size` components."""

    def check_sensors(self, names: Iterable[str]) -> None:
        """ModelError unless every sensor named in the guards has one of these names."""

    def with_guards(self, **changes: Any) -> "Method":
        """The same method with some guards changed."""

    def in_factors(self) -> "Method":
        """The same method with a factored covariance."""

    def predict(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """The belief after the motion."""

    def transition(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """The state before the motion and after it, as columns with shared weights: `equations.smoother.Joint`."""

    def update(
        self,
        belief: Any,
        sensor: Curve,
        innovate: Any,
        R: Array,
        used: list[Any],
        angles: tuple[int, ...],
    ) -> tuple[Any, UpdateInfo]:
        """The belief after a measurement, and the information on the update. `angles`: those of the state."""
