"""One step at a time on Beliefs: predict and update, with the equations of every run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foglight.core import checks
from foglight.core.entry_names import entry_names, refuse_names
from foglight.core.errors import DataError, ModelError, NumericalError, Status
from foglight.core.types import Array, ArrayLike, Floats
from foglight.data.numbers import readings
from foglight.equations.gaussian import Factored
from foglight.inference import step_equations
from foglight.model.belief import Belief, angle_indices, computed, require_plain
from foglight.model.covariance import noise_factors, noise_matrix

_DETAILS = ("gain", "prior_weight", "innovation", "innovation_cov")
_NONE = int(Status.MISSING)  # the bits of an update without any component


@dataclass(frozen=True)
class UpdateInfo:
    """The details of an update of n states with m measured components. Its arrays cannot be written to.

    Attributes
    ----------
    gain : ndarray (n, m)
        Kalman gain K; 0 for a missing component.
    prior_weight : ndarray (n, n)
        I - K H, the weight of the prediction.
    innovation : ndarray (m,)
        e = z - H x - d; NaN where z is, and where a component resolved an unknown direction.
    innovation_cov : ndarray (m, m)
        Covariance S of the innovation; NaN where z is, inf where a component resolved an unknown direction.
    nis : float
        Normalised innovation squared, eᵀ S⁻¹ e; NaN without an innovation.
    loglik : float
        log p(z), with the 2π term.
    status : Status
        What happened: USED, PARTIAL or MISSING, and DIFFUSE, ILL_CONDITIONED or SATURATED.

    Examples
    --------
    >>> x, info = fog.update(fog.Belief([2.0], std=[1.0]), z=[2.6], H=[[1.0]], R=[[0.5]])
    >>> info.innovation, info.status
    (array([0.6]), <Status.USED: 1>)
    """

    gain: Floats
    prior_weight: Floats
    innovation: Floats
    innovation_cov: Floats
    nis: float
    loglik: float
    status: Status


def predict(belief: Belief, F: ArrayLike, Q: ArrayLike | Factored, *, b: ArrayLike | None = None) -> Belief:
    """Predict a belief through x' = F x + b + w, with w ~ N(0, Q).

    Parameters
    ----------
    belief : Belief
        What is known about x, N(mean, P).
    F : array_like (n, n)
        The state transition matrix. Where n is 1, a number will do, here and below.
    Q : array_like (n, n), or fog.noise.factored(G, variances)
        The covariance of the process noise w.
    b : array_like (n,), optional
        A known offset of x'; default 0.

    Returns
    -------
    Belief
        What is known about x', N(F mean + b, F P Fᵀ + Q).

    Raises
    ------
    ModelError
        If a shape does not fit, or Q is not a covariance.
    NumericalError
        If the result is not finite.

    Notes
    -----
    Kalman 1960; in factors Bierman 1977, §VI.4.

    Examples
    --------
    >>> x = fog.predict(fog.Belief([2.0], std=[1.0]), F=[[1.0]], Q=[[0.1]])
    >>> x.cov
    array([[1.1]])
    """
    _is_belief(belief)
    require_plain(belief, "one step by hand", "Use fog.online(model), whose motion says how it turns.")
    n = len(belief.mean)
    F_, offset = _matrix(F, (n, n), "F"), np.zeros(n) if b is None else _matrix(b, (n,), "b")
    new = step_equations.predict(belief, F_, offset, noise_factors(Q, n, "Q"))
    if new["finite"][0]:
        return _belief(new, belief)
    _refuse_infinite(F=F_, b=offset)
    return _checked(new, belief, "predict")


def update(
    belief: Belief,
    z: ArrayLike,
    H: ArrayLike,
    R: ArrayLike | Factored,
    *,
    d: ArrayLike | None = None,
    angles: Sequence[int] = (),
) -> tuple[Belief, UpdateInfo]:
    """Update a belief with a measurement z = H x + d + v, with v ~ N(0, R).

    The given belief is never changed. A component that contains an angle of the belief, alone or with other states, is
    an angle itself.

    Parameters
    ----------
    belief : Belief
        What is known about x before the measurement.
    z : array_like (m,)
        The measured components; NaN where one is missing. Where m is 1, a number will do, here and below.
    H : array_like (m, n), or (n,) for one component
        The measurement matrix.
    R : array_like (m, m), or fog.noise.factored(G, variances)
        The covariance of the measurement noise v.
    d : array_like (m,), optional
        A known offset of z; default 0.
    angles : sequence of int, default ()
        The indices of further components of z that are angles (rad): their innovations are wrapped to [-π, π).

    Returns
    -------
    belief : Belief
        What is known about x given z.
    info : UpdateInfo
        gain, prior_weight, innovation, innovation_cov, nis, loglik and status of the update.

    Raises
    ------
    ModelError
        If a shape does not fit, or R is not a covariance.
    DataError
        If z has the wrong length or an infinite component.
    NumericalError
        If the result is not finite, or z is exact and differs from what is known exactly.

    Notes
    -----
    Kalman 1960; in factors Bierman 1977, §V.3. If a component resolves an unknown direction (std inf), nothing else is
    known of that direction: the component has no innovation and no NIS, S = inf, and status has Status.DIFFUSE.

    Examples
    --------
    >>> x, info = fog.update(fog.Belief([2.0], std=[1.0]), z=[2.6], H=[[1.0]], R=[[0.5]])
    >>> x.mean.round(2), info.gain.round(2)
    (array([2.4]), array([[0.67]]))
    >>> fog.update(fog.Belief([3.1], std=[0.1]), z=-3.1, H=1.0, R=0.01, angles=(0,))[1].innovation.round(3)
    array([0.083])
    """
    _is_belief(belief)
    require_plain(belief, "one step by hand", "Use fog.online(model), whose motion says how it turns.")
    n = len(belief.mean)
    values = _measured(z)
    m = len(values)
    H_ = _numbers(H, "H")
    _same_length(m, H_, R)
    H_ = _matrix(H_[None, :] if H_.ndim == 1 and m == 1 else H_, (m, n), "H")
    offset = np.zeros(m) if d is None else _matrix(d, (m,), "d")
    noise = noise_matrix(R, m, "R")
    around = _inherited(H_, belief.angles) if belief.angles else ()
    if len(angles):
        around = tuple(sorted({*angle_indices(angles, m, ()), *around}))
    new = step_equations.update(belief, values, H_, offset, noise, around)
    nis, loglik, bits, contradicted, finite = new["marks"].tolist()
    if contradicted or not finite:
        _refuse(new, belief, values, H_, offset, noise)
    gain, prior_weight, innovation, S = [new[name] for name in _DETAILS]
    details = UpdateInfo(gain, prior_weight, innovation, S, nis, loglik, Status(int(bits)))
    return belief if bits == _NONE else _belief(new, belief), details


def _refuse(new: Mapping[str, Array], belief: Belief, z: Floats, H: Floats, d: Floats, R: Floats) -> None:
    """The error for what is not finite, or contradicts what is known exactly; nothing if only a sum overflowed."""
    for i in np.flatnonzero(np.isinf(z)):
        raise DataError(
            f"z[{i}] = {z[i]}: expected a finite number, or NaN for a missing component. Drop the reading.",
            field="z", index=int(i), value=z[i],
        )  # fmt: skip
    _refuse_infinite(H=H, d=d)
    loglik, contradicted = new["marks"][1], new["marks"][3]
    if contradicted:
        for i in np.flatnonzero(~H.any(axis=1) & (R.diagonal() == 0.0) & (np.abs(z - d) > 0.0)):
            raise NumericalError(
                f"z[{i}] = {z[i]:g}, but its row of H and its R[{i},{i}] are 0: it measures nothing, without "
                f"noise, and expected exactly {d[i]:g}. Leave the component out, or correct H.",
                field="H", index=int(i), value=z[i],
            )  # fmt: skip
        raise NumericalError(
            f"z = {z.tolist()} is measured without noise, but H x + d = {(H @ belief.mean + d).tolist()} is "
            "known without variance and differs. Expected agreement to rounding. Give R, or the belief, a variance.",
            field="z", value=z,
        )  # fmt: skip
    if not np.isnan(z).all():
        _checked(new, belief, "update")
    if not np.isfinite(loglik):
        worst = int(np.nanargmax(np.abs(z)))
        raise NumericalError(
            f"update: the likelihood of z[{worst}] = {z[worst]:g} is not finite. Expected a finite number. "
            "Check the scale of z and R.",
            field="z", index=worst, value=z[worst],
        )  # fmt: skip


def _measured(z: Any) -> Floats:
    """The measured components (m,); a number is one component."""
    if checks.plain(z) and z.ndim == 1 and len(z):
        return z
    refuse_names(entry_names(z), "z", DataError)
    values = readings(z, "z")
    values = values.reshape(1) if values.ndim == 0 else values
    if values.ndim != 1 or not len(values):
        column = (
            " Vectors are 1-D: write np.ravel(z)." if values.ndim > 1 else " Write [2.6] for one component."
        )
        raise DataError(f"z has shape {values.shape}, expected (m,).{column}", field="z", value=values.shape)
    return values


def _inherited(H: Floats, angles: tuple[int, ...]) -> tuple[int, ...]:
    """The components that are angles because they contain whole multiples of states that are angles."""
    turning = H[:, list(angles)]
    found = np.flatnonzero(turning.any(axis=1) & (turning == np.round(turning)).all(axis=1))
    return tuple([int(i) for i in found])


def _same_length(m: int, H: Floats, R: Any) -> None:
    rows = len(H) if H.ndim == 2 else 1
    if m == rows:
        return
    size = len(R.G) if isinstance(R, Factored) else checks.filled(checks.numbers(R, "R"), (rows, rows)).shape
    if size in (rows, (rows, rows)):
        raise DataError(
            f"z has {m} component{'s' * (m > 1)}, expected {rows} as H and R have. Put NaN where one is missing.",
            field="z", value=m,
        )  # fmt: skip


def _matrix(value: Any, shape: tuple[int, ...], field: str) -> Floats:
    """An array of this shape, see `_numbers`."""
    if checks.plain(value) and value.shape == shape:
        return value
    array = checks.filled(_numbers(value, field), shape)
    if array.shape != shape:
        checks.numbers(array, field)
        column = f" Vectors are 1-D: write np.ravel({field})." if len(shape) == 1 and array.ndim > 1 else ""
        raise ModelError(
            f"{field} has shape {array.shape}, expected {shape}. Nothing is broadcast: write it in full.{column}",
            field=field, value=array.shape,
        )  # fmt: skip
    return array


def _numbers(value: Any, field: str) -> Floats:
    """The numbers as an array. One of float64 is taken as it is: whether it is finite is checked with the results."""
    return value if checks.plain(value) else checks.numbers(value, field)


def _refuse_infinite(**given: Floats) -> None:
    """The error for the first of these arrays that has an entry that is not finite."""
    for field, array in given.items():
        checks.numbers(array, field)


def _is_belief(belief: Any) -> None:
    if not isinstance(belief, Belief):
        raise ModelError.expected(
            "belief", belief, "a fog.Belief", "Write fog.Belief(mean=[...], std=[...])."
        )


def _checked(new: Mapping[str, Array], old: Belief, what: str) -> Belief:
    """The new belief, or the error for its first entry that is not finite."""
    for name, array in (("mean", new["x"]), ("variance", new["D"])):
        for i in np.flatnonzero(~np.isfinite(array)):
            label = old.names[i] if old.names else f"[{i}]"
            raise NumericalError(
                f"{what}: the {name} of state {label} became {array[i]}; expected a finite number. "
                "Check F and the size of the step.",
                field=name, index=int(i), value=array[i],
            )  # fmt: skip
    checks.numbers(new["U"], "factor[0]")
    return _belief(new, old)


def _belief(new: Mapping[str, Array], old: Belief) -> Belief:
    """The new belief about the states of the old one, with the directions that are still unknown."""
    if not old.unknown.size:
        cov = new["P"] if isinstance(new, np.ndarray) and "P" in new.dtype.names else None
        return computed(new["x"], new["U"], new["D"], cov, old)
    left = new["w"] > 0.0
    unknown = new["A"][:, left] * np.sqrt(new["w"][left])
    return Belief(new["x"], factor=(new["U"], new["D"]), unknown=unknown, names=old.names, angles=old.angles)
