"""Whether what a filter states is so: compared in standard deviations, to 1e-10 where the feature asks no other."""

import numpy as np
from numpy.typing import NDArray

from oracle import basis, dense
from oracle.metrics import within

from .linear_cases import Feature, Stated, exact, runs_of

Array = NDArray[np.float64]
ASKED = 1e-10


def whitened(P: Array, difference: Array) -> Array:
    """||L^-1 d|| of vectors (..., n), ||L^-1 D L^-T||_F of matrices (..., n, n), with P = L L'."""
    L = np.linalg.cholesky(P)
    if difference.ndim == P.ndim - 1:
        return np.asarray(np.linalg.norm(np.linalg.solve(L, difference[..., None])[..., 0], axis=-1))
    half = np.linalg.solve(L, difference)
    return np.asarray(np.linalg.norm(np.linalg.solve(L, half.swapaxes(-1, -2)), axis=(-2, -1)))


def assert_exact(feature: Feature, stated: Stated) -> None:
    """What is stated of one log (T, ...) is what dense conditioning says of it."""
    answer, asked = exact(feature.name), feature.asked
    assert set(stated) == set(feature.said)
    for kind in ("predicted_", ""):
        if kind + "mean" in stated:
            P = getattr(answer, kind + "cov")
            for part in ("mean", "cov"):
                error = stated[kind + part] - getattr(answer, kind + part)
                within(kind + part, whitened(P, error), asked)
    if "innovation" in stated:
        assert_innovations(stated, answer, asked)
    seen = ~np.isnan(answer.nis)
    assert (np.isnan(stated["nis"]) == ~seen).all() and seen.sum() > len(seen) / 2
    within("nis", np.abs(stated["nis"] - answer.nis)[seen] / (1 + answer.nis[seen]), asked)
    within("row_loglik", np.abs(stated["row_loglik"] - answer.row_loglik), asked)


def assert_innovations(stated: Stated, answer: dense.Answer, asked: float) -> None:
    unseen, apart = np.isnan(answer.innovation), np.isnan(answer.innovation_cov)
    assert (np.isnan(stated["innovation"]) == unseen).all() and 2 < unseen.sum() < unseen.size / 2
    size = np.sqrt(np.einsum("kii->ki", answer.innovation_cov))
    error = np.abs(stated["innovation"] - answer.innovation) / size
    within("innovation", error[~unseen], asked)
    error = np.abs(stated["innovation_cov"] - answer.innovation_cov) / (size[:, :, None] * size[:, None, :])
    within("innovation_cov", error[~apart], asked)


def assert_consistent(feature: Feature, stated: Stated) -> None:
    """What is stated of all runs (tracks, T, ...) is true of them: no bias, the stated spread, white innovations."""
    runs = runs_of(feature.name)
    answer, asked = exact(feature.name), feature.asked
    for kind in ("predicted_", ""):
        if kind + "mean" in stated:
            mean, cov = stated[kind + "mean"], stated[kind + "cov"]
            P = getattr(answer, kind + "cov")
            within(f"{kind}bias", whitened(P, runs.bias(mean)), asked)
            within(f"{kind}cov", whitened(P, runs.error_cov(mean) - cov[0]), asked)
    if "innovation" in stated:
        within("innovations", whiteness(stated, runs), asked)


def whiteness(stated: Stated, runs: basis.Experiment) -> Array:
    """|E e e' - S| of innovations at all times, in their standard deviations."""
    S = np.nan_to_num(stated["innovation_cov"][0])
    T, M = S.shape[:2]
    white = np.zeros((T, M, T, M))
    white[np.arange(T), :, np.arange(T)] = S
    white = white.reshape(T * M, T * M)
    used = np.flatnonzero(np.diag(white))
    assert len(used) == np.count_nonzero(~np.isnan(runs.z[0]))
    size = np.sqrt(np.diag(white)[used])
    off = (runs.innovation_cov(stated["innovation"]) - white)[np.ix_(used, used)]
    return np.asarray(np.abs(off) / np.outer(size, size))
