"""What is wrong with the arguments of a step: the error that names the number, and what to write instead."""

from typing import Any

import numpy as np

from foglight.adapters.filterpy.many_states import EPS, singular
from foglight.core import checks
from foglight.core.errors import DataError, NumericalError
from foglight.core.types import Array
from foglight.model.covariance import noise_matrix


def is_covariance(A: Array, field: str) -> None:
    """Raise ModelError if A is not symmetric, or has a negative variance in any direction, beyond rounding."""
    if np.isfinite(A).all() and not (A != A.T).any():
        variances = np.linalg.eigvalsh(A)
        if variances[0] >= -len(A) * EPS * variances[-1]:
            return
    noise_matrix(A, len(A), field)


def of_prediction(new: Any, x: Array, F: Array, shift: Any) -> None:
    """Raise the error of a prediction with results that are not finite, or return if they are."""
    checks.numbers(x, "x")
    checks.numbers(F, "F")
    checks.numbers(shift, "B u")
    _of_results(new, "predict")


def of_update(new: Any, x: Array, z: Array, H: Array, inverse_of_user: bool) -> None:
    """The same of an update, whose S may be singular, too."""
    checks.numbers(x, "x")
    for i in np.flatnonzero(~np.isfinite(z)):
        rest = " or give H and R with the rows of the others" if len(z) > 1 else ""
        raise DataError(
            f"z[{i}] = {z[i]}: expected a finite number; filterpy would make all of x NaN. Write update(None) for a "
            f"missing reading{rest}.", field="z", index=int(i), value=float(z[i]),
        )  # fmt: skip
    checks.numbers(H, "H")
    S, SI = np.array(new["S"]), np.array(new["SI"])
    if not inverse_of_user and np.isfinite(S).all() and (np.linalg.eigvalsh(S)[0] <= 0.0 or singular(S, SI)):
        raise NumericalError(
            f"S = H P H' + R = {checks.brief(S.tolist())} is singular: expected a positive definite matrix. Give each "
            "component a variance in R, or set inv = np.linalg.pinv if it is meant.", field="S", value=S,
        )  # fmt: skip
    _of_results(new, "update")


def _of_results(new: Any, what: str) -> None:
    for name in ("x", "P"):
        array = np.array(new[name])
        for index in np.argwhere(~np.isfinite(array)):
            at = tuple(int(i) for i in index)
            raise NumericalError(
                f"{what}: {checks.at(name, at)} became {array[at]}; expected a finite number. Check the size of F, Q "
                "and P.", field=name, index=checks.bare(at), value=float(array[at]),
            )  # fmt: skip
