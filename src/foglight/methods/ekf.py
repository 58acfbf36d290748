"""The Kalman filter and the extended Kalman filter: functions are replaced by their first-order expansion."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from foglight.core.checks import is_whole
from foglight.core.errors import ModelError
from foglight.core.types import Array
from foglight.equations import extended, smoother
from foglight.equations.gaussian import Belief, Factored, FullBelief, UpdateInfo
from foglight.methods.layout import wrapped
from foglight.methods.method import Curve
from foglight.methods.outliers import Guards

FORMS = ("factored", "joseph", "textbook")


@dataclass(frozen=True, repr=False)
class EKF(Guards):
    """Extended Kalman filter: each function is replaced by its exact first-order Taylor expansion at the mean.

    On a linear model this is the Kalman filter, bit for bit.

    Parameters
    ----------
    iterations : int, default 1
        Number of times that an update linearises, 1 to 10; from the second on at its own result (iterated EKF).
    form : str, default "factored"
        "factored" carries P as its factor U D Uᵀ and never forms it. "joseph" and "textbook" carry the full
        covariance, for teaching and comparison.
    joint : bool, default False
        Whether all sensors of a row are linearised at one point: the prediction, then (iterations > 1) the result of
        all of them together. Otherwise each is linearised at the result of those before it.
    gate : float or dict, default None
        Probability in (0, 1), or ``{sensor: probability}``. A reading whose NIS exceeds the χ² quantile of this
        probability is rejected (``Status.GATED``). None rejects nothing.
    huber : float or dict, default None
        Bound above 0 in standard deviations, or ``{sensor: bound}``. A reading farther off has the influence of one
        at the bound: its noise R is inflated. None bounds nothing.
    student : float or dict, default None
        Degrees of freedom of 1 or more, or ``{sensor: number}``. The innovation has a Student-t distribution: the
        farther off a reading is, the less it counts, until it hardly counts at all. 4 is usual. None is Gaussian.
    recover : float, default math.inf
        Time in s. Once all readings of a gated sensor have been rejected for this long, so many in a row that chance
        does not explain them, and no other sensor that sees the same was accepted meanwhile, the next rejected one
        widens the belief along what the sensor sees until it fits (``Status.RESET``). ``math.inf`` never does.
    adapt : Adaptation or sequence of Adaptation, default None
        Noises that are estimated from the innovations while the filter runs: made by `fog.adapt`. None estimates none.

    Raises
    ------
    ModelError
        If an option is outside its range, or names a sensor that the model does not have.

    Notes
    -----
    Bar-Shalom, Li & Kirubarajan 2001, §10.3; the iterated update §10.5.2, which is Gauss–Newton (Bell & Cathey 1993);
    the factored form Bierman 1977, §V.3 and §VI.4. With joint=True, Gauss–Newton runs on all readings of a row, and
    innovations, gates and the log-likelihood are those of the readings linearised at its result (Laplace's
    approximation). With several guards, the gate decides first. Huber 1964; Masreliez & Martin 1977.

    Examples
    --------
    >>> fog.run(model, log, method=fog.EKF(iterations=3)).loglik == fog.run(model, log, method=fog.KF()).loglik
    True
    """

    iterations: int = 1
    form: str = "factored"
    joint: bool = False
    linear_only: ClassVar[bool] = False
    points: ClassVar[None] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (is_whole(self.iterations) and 1 <= self.iterations <= 10):
            raise ModelError.expected(
                "iterations", self.iterations, "a whole number from 1 to 10", "Try iterations=3."
            )
        _check_form(self.form)
        if not isinstance(self.joint, bool):
            raise ModelError.expected("joint", self.joint, "True or False", "Write joint=True.")

    def options(self) -> dict[str, Any]:
        return {"iterations": self.iterations, "form": self.form, "joint": self.joint}

    @property
    def factored(self) -> bool:
        """Whether P = U D Uᵀ is carried as its factor; else as the covariance itself."""
        return self.form == "factored"

    def in_factors(self) -> "EKF":
        """The same method with a factored covariance."""
        return self if self.factored else replace(self, form=FORMS[0])

    def predict(self, belief: Any, motion: Curve, Q: Factored) -> Any:
        """The belief after the motion."""
        y, F = motion.linearise(belief.x)
        return belief.predict(wrapped(y, motion.angles), F, Q)

    def transition(self, belief: Belief, motion: Curve, Q: Factored) -> smoother.Joint:
        """The state before the motion and after it, as columns with shared weights."""
        y, F = motion.linearise(belief.x)
        return smoother.linearised(belief, wrapped(y, motion.angles), F, Q)

    def update(
        self,
        belief: Any,
        sensor: Curve,
        innovate: Any,
        R: Array,
        used: list[Any],
        angles: tuple[int, ...],
        at: Array | None = None,
    ) -> tuple[Any, UpdateInfo]:
        """The belief after a measurement, and the information on the update. `angles`: those of the state.

        at: the point at which to linearise, once; None for the mean, and then `iterations` times.
        """

        def difference(a: Array, b: Array) -> Array:
            return wrapped(a - b, angles)

        count = self.iterations if at is None else 1
        linear: Any = {} if at is None else {"at": at, "difference": difference}
        new: Any
        if isinstance(belief, FullBelief):
            joseph = self.form == "joseph"
            new, info = extended.update_full(
                belief, sensor.linearise, innovate, R, used, count, joseph, **linear
            )
        else:
            new, info = extended.update(belief, sensor.linearise, innovate, R, used, count, **linear)
        return new._replace(x=wrapped(new.x, angles)), info


@dataclass(frozen=True, repr=False)
class KF(EKF):
    """Kalman filter: the best linear unbiased estimate for a linear model; nonlinear models are refused.

    Parameters
    ----------
    form : str, default "factored"
        "factored" carries P as its factor U D Uᵀ and never forms it. "joseph" and "textbook" carry the full
        covariance, for teaching and comparison.
    gate : float or dict, default None
        Probability in (0, 1), or ``{sensor: probability}``. A reading whose NIS exceeds the χ² quantile of this
        probability is rejected (``Status.GATED``). None rejects nothing.
    huber : float or dict, default None
        Bound above 0 in standard deviations, or ``{sensor: bound}``. A reading farther off has the influence of one
        at the bound: its noise R is inflated. None bounds nothing.
    student : float or dict, default None
        Degrees of freedom of 1 or more, or ``{sensor: number}``. The innovation has a Student-t distribution: the
        farther off a reading is, the less it counts, until it hardly counts at all. 4 is usual. None is Gaussian.
    recover : float, default math.inf
        Time in s. Once all readings of a gated sensor have been rejected for this long, so many in a row that chance
        does not explain them, and no other sensor that sees the same was accepted meanwhile, the next rejected one
        widens the belief along what the sensor sees until it fits (``Status.RESET``). ``math.inf`` never does.
    adapt : Adaptation or sequence of Adaptation, default None
        Noises that are estimated from the innovations while the filter runs: made by `fog.adapt`. None estimates none.

    Raises
    ------
    ModelError
        If an option is outside its range, or, once the method is used with a model, if it names a sensor that the
        model does not have or the model is nonlinear.

    Notes
    -----
    Kalman 1960; Bar-Shalom, Li & Kirubarajan 2001, §5.2.3. With several guards, the gate decides first. Huber 1964;
    Masreliez & Martin 1977.

    Examples
    --------
    >>> fog.run(model, log, method=fog.KF()).loglik == fog.run(model, log, method=fog.EKF()).loglik
    True
    """

    iterations: int = field(default=1, init=False)
    joint: bool = field(default=False, init=False)
    linear_only: ClassVar[bool] = True

    def options(self) -> dict[str, Any]:
        return {} if self.form == FORMS[0] else {"form": self.form}


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise ModelError.expected(
            "form", form, f"one of {', '.join(map(repr, FORMS))}", "Leave it out for the safe default."
        )
