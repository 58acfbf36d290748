"""What expectation–maximisation found."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from foglight.core.types import Floats
from foglight.data.log import Log
from foglight.data.table import Table, for_json
from foglight.model.linear_model import linear_model
from foglight.model.model import Model


class EMFit(Table):
    """What expectation–maximisation found.

    model: with the new Q (n, n) and R (m, m).  logliks (K + 1,): at the start and after each of K iterations; loglik:
    the last.  converged: whether the last iteration gained less than the tolerance.  advice: sentences.
    columns(), to_frame(): one row an iteration.
    """

    def __init__(self, before: Model, Q: Floats, R: Floats, logliks: Floats, enough: float, log: Log) -> None:
        self.Q = Q
        self.R = R
        self.logliks = logliks
        self.log = log
        self._before = before
        self._enough = enough

    @property
    def model(self) -> Model:
        """The linear model with the fitted Q and R."""
        before = self._before
        given = {**before.rows, **before.matrices}
        return linear_model(
            given["F"], self.Q, given["H"], self.R, start=before.start, b=given["b"], d=given["d"],
            limits=before.motion.limits,
        )  # fmt: skip

    @property
    def loglik(self) -> float:
        """Of the fitted model."""
        return float(self.logliks[-1])

    @property
    def iterations(self) -> int:
        """How many were done."""
        return len(self.logliks) - 1

    @property
    def converged(self) -> bool:
        """Whether the last iteration gained less than the tolerance."""
        return bool(self.logliks[-1] - self.logliks[-2] < self._enough)

    @property
    def advice(self) -> list[str]:
        """What to do next, if anything."""
        if self.converged:
            return []
        return [
            f"Not at the maximum yet: the last of {self.iterations} iterations gained "
            f"{self.logliks[-1] - self.logliks[-2]:.2g}. Allow more iterations, or write the noises with parameters "
            "and use fog.tune without method, which is quick near the maximum."
        ]

    def columns(self) -> dict[str, NDArray[Any]]:
        """iteration, loglik."""
        return {"iteration": np.arange(len(self.logliks)), "loglik": self.logliks}

    def _stamps(self) -> None:
        return None

    def as_dict(self) -> dict[str, Any]:
        """All of it as numbers, texts and lists."""
        told = {
            "Q": self.Q, "R": self.R, "loglik": self.loglik, "logliks": self.logliks, "iterations": self.iterations,
            "converged": self.converged, "advice": self.advice,
        }  # fmt: skip
        found: dict[str, Any] = for_json(told)
        return found

    def __repr__(self) -> str:
        how = "converged" if self.converged else "not converged"
        lines = [
            f"EM: log-likelihood {self.logliks[0]:.6f} -> {self.loglik:.6f} in {self.iterations} iterations, {how}",
            f"Q = {np.array2string(self.Q, precision=6, prefix='Q = ')}",
            f"R = {np.array2string(self.R, precision=6, prefix='R = ')}",
        ]
        return "\n".join([*lines, *self.advice])
