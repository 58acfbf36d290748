"""The recorded reference set: exact means, covariances and log-likelihoods of the models of `strategy`.

Three rows of each model are recorded: one before its n-th update, that of the n-th update or soon after, and the
last. tools/make_reference.py made them in ball arithmetic; reference/models.sha256 is the digest of the numbers.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import strategy
from .double_double import Array, difference, factor_difference, whitened
from .metrics import u

FOLDER = Path(__file__).parent / "reference"
NUMBERS, DIGEST = FOLDER / "models.npz", FOLDER / "models.sha256"

EARLY, SETTLED, LAST = range(3)  # the recorded rows
ABSENT = -1  # in place of an early row where there is none: one state, or a covariance that is still singular


def digest(arrays: dict[str, NDArray[np.generic]]) -> str:
    """SHA-256 of the numbers and their names, whatever wrote the file."""
    whole = sha256()
    for name in sorted(arrays):
        array = arrays[name]
        whole.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


@cache
def recorded() -> dict[str, NDArray[np.generic]]:
    """The numbers of the file, by name."""
    with np.load(NUMBERS, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def full(triangle: Array, n: int) -> Array:
    """Symmetric matrices from their upper triangles, row by row."""
    P = np.zeros((*triangle.shape[:-1], n, n))
    i, j = np.triu_indices(n)
    P[..., i, j] = P[..., j, i] = triangle
    return P


@dataclass(frozen=True)
class Group:
    """The references of all models of n states. Arrays run over models, then recorded rows."""

    n: int
    indices: NDArray[np.int64]  # of the models in the set
    rows: NDArray[np.int64]
    mean: tuple[Array, Array]  # high and low
    cov: tuple[Array, Array]
    gain: Array  # the information gained in the early row, kappa_g, rounded down to a power of two
    condition: Array  # of the correlation matrix, likewise
    loglik: tuple[Array, Array]
    fingerprint: NDArray[np.uint64]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which rows are recorded."""
        return self.rows != ABSENT

    @property
    def bar(self) -> Array:
        """What a covariance may lose in the early row: 100 u max(sqrt kappa_g, sqrt cond corr)."""
        return np.asarray(100 * u * np.sqrt(np.maximum(self.gain, self.condition[:, EARLY])))

    def of(self, chosen: NDArray[np.int64]) -> "Group":
        """The references of these models (places in the group)."""
        high, low = self.mean, self.cov
        return Group(
            self.n, self.indices[chosen], self.rows[chosen], (high[0][chosen], high[1][chosen]),
            (low[0][chosen], low[1][chosen]), self.gain[chosen], self.condition[chosen],
            (self.loglik[0][chosen], self.loglik[1][chosen]), self.fingerprint[chosen],
        )  # fmt: skip

    def factor_errors(self, mean: Array, U: Array, D: Array) -> tuple[Array, Array]:
        """ex and eP (models, rows) of beliefs given by factors."""
        return self._whitened(mean, factor_difference(U, D, *self.cov))

    def errors(self, mean: Array, cov: Array) -> tuple[Array, Array]:
        """ex and eP (models, rows) of beliefs given by covariances."""
        return self._whitened(mean, difference(cov, *self.cov))

    def _whitened(self, mean: Array, cov_error: Array) -> tuple[Array, Array]:
        P = np.where(self.there[..., None, None], self.cov[0], np.eye(self.n))
        ex, eP = whitened(P, difference(mean, *self.mean), cov_error)
        return np.where(self.there, ex, np.nan), np.where(self.there, eP, np.nan)

    def loglik_error(self, loglik: Array) -> Array:
        """Relative, or absolute where the log-likelihood is below 1."""
        return np.abs(difference(loglik, *self.loglik)) / np.maximum(np.abs(self.loglik[0]), 1.0)


@cache
def group(n: int) -> Group:
    """The references of the models of n states."""
    r = recorded()
    indices = np.array([k for k, shape in enumerate(strategy.shapes()) if shape[0] == n])
    return Group(
        n, indices, r["rows"][indices].astype(np.int64),
        (r[f"mean_high_{n}"], r[f"mean_low_{n}"]),
        (full(r[f"cov_high_{n}"], n), full(r[f"cov_low_{n}"], n)),
        np.ldexp(1.0, r["gain"][indices]), np.ldexp(1.0, r["condition"][indices]),
        (r["loglik_high"][indices], r["loglik_low"][indices]), r["fingerprint"][indices],
    )  # fmt: skip
