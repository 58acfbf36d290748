"""Many readings at once: filter them one by one, and smooth the results."""

import functools
from typing import Any

import numpy as np

from foglight.adapters.filterpy import arrays, steps
from foglight.adapters.filterpy.faults import is_covariance
from foglight.core.errors import DataError, FoglightError, ModelError
from foglight.core.types import Array, Floats
from foglight.equations import textbook


def each(given: Any, count: int, shape: tuple[int, ...], field: str) -> list[Any]:
    """One entry for each of `count` readings; [] if nothing is given. A single matrix of this shape is for all."""
    if given is None:
        return []
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape == shape:
        return [given] * count
    if len(given) != count:
        raise ModelError(
            f"{field} has {len(given)} entries, expected {count}, one for each reading: filterpy would stop at the "
            "shorter one. Give one matrix for all, or one for each.", field=field, value=len(given),
        )  # fmt: skip
    return list(given)


def filtered(
    kf: Any, zs: Any, given: dict[str, Any], update_first: bool, saver: Any
) -> tuple[Floats, Floats, Floats, Floats]:
    """`KalmanFilter.batch_filter`: means and covariances after the updates, and after the predictions."""
    count, n = len(zs), kf.dim_x
    shapes = {
        "F": (n, n),
        "Q": (n, n),
        "H": (kf.dim_z, n),
        "R": (kf.dim_z, kf.dim_z),
        "B": (n, kf.dim_u),
        "u": (),
    }
    entries = {name: each(given[name], count, shapes[name], name + "s") for name in given}
    per_row = {name: found or [None] * count for name, found in entries.items()}
    means, means_p = np.zeros((count, *kf.x.shape)), np.zeros((count, *kf.x.shape))
    covs, covs_p = np.zeros((count, n, n)), np.zeros((count, n, n))
    for i, z in enumerate(zs):
        F, Q, H, R, B, u = (per_row[name][i] for name in ("F", "Q", "H", "R", "B", "u"))
        try:
            for update in (True, False) if update_first else (False, True):
                if update:
                    kf.update(z, R=R, H=H)
                    means[i], covs[i] = kf.x, kf.P
                else:
                    kf.predict(u=u, B=B, F=F, Q=Q)
                    means_p[i], covs_p[i] = kf.x, kf.P
        except FoglightError as error:
            error.add_note(f"This is entry {i} of zs.")
            raise
        if saver is not None:
            saver.save()
    return means, covs, means_p, covs_p


def smoothed(
    Xs: Any, Ps: Any, Fs: Any, Qs: Any, inv: Any = np.linalg.inv
) -> tuple[Array, Array, Array, Array]:
    """Smoothed means and covariances, gains and predicted covariances; Fs[k], Qs[k] lead from row k to row k + 1."""
    x, P = np.array(Xs, float), np.array(Ps, float)
    n = P.shape[-1]
    if P.shape != (len(x), n, n) or x.size != len(x) * n:
        raise DataError(
            f"Xs has shape {x.shape}, but Ps has {P.shape}: expected what batch_filter has returned.", field="Ps",
            value=P.shape,
        )  # fmt: skip
    K, Pp, flat = np.zeros_like(P), P.copy(), x.reshape(len(x), n)
    step = steps.smoothing(n) if inv is np.linalg.inv else functools.partial(textbook.smooth, invert=inv)
    for k in range(len(x) - 2, -1, -1):
        if k == len(x) - 2 or Fs[k] is not Fs[k + 1]:
            F = arrays.matrix(Fs[k], n, n, "F")
        if k == len(x) - 2 or Qs[k] is not Qs[k + 1]:
            Q = arrays.covariance(Qs[k], n, "Q")
            is_covariance(Q, "Q")
        flat[k], P[k], K[k], Pp[k] = step(flat[k], P[k], F, Q, flat[k + 1], P[k + 1])
    return x, P, K, Pp
