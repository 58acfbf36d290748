"""What the three filters have in common: the belief, the last update, and its likelihood."""

import math
import sys
from typing import Any

import numpy as np

from foglight.adapters.filterpy import arrays
from foglight.adapters.filterpy.arrays import Kept
from foglight.adapters.filterpy.faults import is_covariance
from foglight.adapters.filterpy.steps import loglik_of
from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.core.types import Array

SHOWN = ("x", "P", "x_prior", "P_prior", "F", "Q", "R", "H", "K", "y", "S", "z", "log_likelihood")

PREDICTED = ("x", "P", "x_prior", "P_prior")
POSTERIOR = ("x", "P", "x_post", "P_post")
UPDATED = (*POSTERIOR, "z", "y", "S", "SI", "K")


class Filter:
    """x, P, Q and R of n states and m components, and what the last update has computed."""

    x = Kept(lambda f, value, name: arrays.state(value, f.dim_x, name))
    P = Kept(lambda f, value, name: arrays.covariance(value, f.dim_x, name))
    Q = Kept(lambda f, value, name: arrays.covariance(value, f.dim_x, name))
    R = Kept(lambda f, value, name: arrays.covariance(value, f.dim_z, name))

    def __init__(self, dim_x: int, dim_z: int, column: bool = True) -> None:
        for name, size in (("dim_x", dim_x), ("dim_z", dim_z)):
            if not checks.is_whole(size) or size < 1:
                raise ModelError.expected(name, size, "a whole number of at least 1", f"Write {name}=2.")
        self.dim_x, self.dim_z = int(dim_x), int(dim_z)
        self.x = arrays.shaped(np.zeros(dim_x), column)
        self.P, self.Q, self.R = np.eye(dim_x), np.eye(dim_x), np.eye(dim_z)
        self.z = np.full((dim_z, 1), None)
        self.y = arrays.shaped(np.zeros(dim_z), column)
        self.K = np.zeros((dim_x, dim_z))
        self.S, self.SI = np.zeros((dim_z, dim_z)), np.zeros((dim_z, dim_z))
        self.x_prior, self.P_prior = self.x.copy(), self.P.copy()
        self.x_post, self.P_post = self.x.copy(), self.P.copy()
        self.inv: Any = np.linalg.inv
        self._seen: dict[str, bytes] = {}
        self._nis: float | None = 0.0
        self._loglik: float | None = math.log(sys.float_info.min)

    @property
    def log_likelihood(self) -> float:
        """log N(y; 0, S) of the last update; 0 after one without a reading."""
        if self._loglik is None:
            self._loglik = loglik_of(self.y.ravel(), self.S)
        return self._loglik

    @property
    def likelihood(self) -> float:
        """exp(log_likelihood), at least the smallest normal number."""
        return max(math.exp(self.log_likelihood), sys.float_info.min)

    @property
    def mahalanobis(self) -> float:
        """√(yᵀ S⁻¹ y) of the last update."""
        if self._nis is None:
            y = self.y.ravel()
            self._nis = float(y @ self.SI @ y)
        return math.sqrt(self._nis)

    def _checked(self, name: str, given: Array | None = None) -> Array:
        """P, Q or R, or what is given in its place for one call; whether it is a covariance is seen to whenever its
        bytes have changed."""
        key = name if given is None else f"{name} given"
        found: Array = self.__dict__[name] if given is None else given
        content = found.tobytes()
        if self._seen.get(key) != content:
            is_covariance(found, name)
            self._seen[key] = content
        return found

    def _keep(self, new: Any, names: tuple[str, ...]) -> None:
        """Keep these results, of which P needs no check."""
        kept = self.__dict__
        for name in names:
            kept[name] = new[name]
        self._seen["P"] = kept["P"].tobytes()

    def _keep_update(self, new: Any) -> None:
        self._keep(new, UPDATED)
        nis, loglik, _ = new["marks"].tolist()
        self._nis, self._loglik = (None, None) if nis != nis else (nis, loglik)

    def _missing(self) -> None:
        """An update without a reading: nothing is learnt, and its likelihood is 1."""
        self.z = np.full((self.dim_z, 1), None)
        self.y = np.zeros((self.dim_z, 1))
        self.x_post, self.P_post = self.x.copy(), self.P.copy()
        self._nis, self._loglik = 0.0, 0.0

    def __repr__(self) -> str:
        shown = [f"{name} = {getattr(self, name)!r}" for name in SHOWN if hasattr(self, name)]
        return "\n".join([f"{type(self).__name__} object", *shown])
