"""Same answers first: a contender that answers differently is not timed."""

from dataclasses import dataclass

import numpy as np
from models import Array


@dataclass(frozen=True)
class Answer:
    """Filtered mean (…, T, n), cov (…, T, n, n) where given; loglik per row (T,), or one number per series."""

    mean: Array
    cov: Array | None = None
    loglik: Array | float | None = None


class DisagreementError(AssertionError):
    """Two contenders filtered the same numbers and answer differently."""


def first(many: Answer, tracks: int) -> Answer:
    """The answer for the first tracks only."""
    loglik = np.asarray(many.loglik)[:tracks] if many.loglik is not None else None
    return Answer(many.mean[:tracks], many.cov[:tracks] if many.cov is not None else None, loglik)


def assert_agree(
    name: str,
    got: Answer,
    reference: Answer,
    *,
    mean_tol: float,
    loglik_tol: float,
    angles: tuple[int, ...] = (),
) -> str:
    """Compare the rows and tracks that both have; the reference has a covariance and a log-likelihood per row.

    mean_tol is in filtered standard deviations, cov_tol = mean_tol relative to them, loglik_tol relative.
    Returns the agreement found, as text for the table.
    """
    rows = got.mean.shape[-2]
    if got.mean.ndim == 3:
        got = first(got, len(reference.mean))
    assert reference.cov is not None and isinstance(reference.loglik, np.ndarray)
    cov = reference.cov[..., :rows, :, :]
    std = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    gap = np.array(got.mean - reference.mean[..., :rows, :])
    for i in angles:
        gap[..., i] = np.remainder(gap[..., i] + np.pi, 2 * np.pi) - np.pi
    found = {"mean": (float(np.max(np.abs(gap) / std)), mean_tol)}
    if got.cov is not None:
        scale = std[..., :, None] * std[..., None, :]
        found["cov"] = (float(np.max(np.abs(got.cov - cov) / scale)), mean_tol)
    if got.loglik is not None:
        total = reference.loglik[..., :rows].sum(axis=-1)
        mine = np.sum(got.loglik, axis=-1) if np.ndim(got.loglik) > np.ndim(total) else got.loglik
        found["loglik"] = (float(np.max(np.abs(mine - total) / np.abs(total))), loglik_tol)
    for what, (value, bound) in found.items():
        if not value <= bound:
            raise DisagreementError(f"{name}: {what} differs by {value:.2g}, allowed {bound:.2g}")
    return ", ".join(f"{what} {value:.0e}" for what, (value, _) in found.items())
