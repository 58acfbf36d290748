"""The figures that the project set itself, and what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from results import Table


@dataclass(frozen=True)
class Figure:
    """`asked` as text; `bound` the number behind it; a figure is met from below or from above."""

    what: str
    bound: float
    at_least: bool
    measured: float | None
    unit: str = "x"

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        met = self.measured >= self.bound if self.at_least else self.measured <= self.bound
        return "met" if met else "missed"

    @property
    def asked(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g} {self.unit}"


FOG = "foglight"


def figures(tables: Mapping[str, Table]) -> list[Figure]:
    """Ratios of best times, within one race each."""

    def ratio(key: str, who: str, to: str) -> float | None:
        return tables[key].ratio(who, to) if key in tables else None

    def seconds(key: str, who: str = FOG) -> float | None:
        return tables[key].best(who) if key in tables else None

    return [
        Figure("one long series, filterpy / foglight", 200, True, ratio("series", "filterpy", FOG)),
        Figure("one long series, statsmodels / foglight", 25, True, ratio("series", "statsmodels", FOG)),
        Figure("one long series, dynamax / foglight", 50, True, ratio("series", "dynamax", FOG)),
        Figure("one long series, foglight / hand-written C", 1.5, False, ratio("series", FOG, "C floor")),
        *[
            Figure(
                f"{states} dense states, statsmodels / foglight", bound, True,
                ratio(f"states {states}", "statsmodels", FOG),
            )
            for states, bound in ((8, 2), (13, 1.5), (20, 1.5), (30, 1.3), (50, 1), (100, 0.5), (200, 0.4))
        ],
        *[
            Figure(
                f"filter and smoother of {n} dense states, statsmodels / foglight", 1, True,
                ratio(f"smoother {n}", "statsmodels", FOG),
            )
            for n in (20, 50)
        ],
        *[
            Figure(f"EKF, ring of {n} states, NumPy / foglight", 3, True, ratio(f"ekf {n}", "NumPy", FOG))
            for n in (24, 50)
        ],
        *[
            Figure(f"UKF, ring of {n} states, filterpy / foglight", 30, True, ratio(f"ukf {n}", "filterpy", FOG))
            for n in (12, 20, 50)
        ],
        *[
            Figure(f"first call of {n} dense states", 0.3, False, seconds("first", f"{FOG}, n = {n}"), "s")
            for n in (13, 20, 50)
        ],
        Figure("reading all covariances / the run", 1, False, ratio("series", "reading", FOG)),
        Figure(
            "one long series, every row computed / hand-written C", 1.3, False,
            ratio("series", "foglight KF, every", "C floor"),
        ),
        Figure(
            "CTRV EKF / 4-state KF, every row computed", 4, False, ratio("ekf", "foglight EKF", "foglight KF, every")
        ),
        Figure("CTRV EKF / 4-state KF, settled", 4, False, ratio("ekf", "foglight EKF", "foglight KF")),
        Figure(
            "CTRV EKF, noise turned by the heading / 4-state KF, every row computed", 4, False,
            ratio("ekf", "foglight EKF, noise", "foglight KF, every"),
        ),
        Figure(
            "CTRV EKF of opaque functions, foglight / filterpy with as many calls", 1, False,
            ratio("opaque", FOG, "filterpy, differences"),
        ),
        Figure("10,000 series x 100, dynamax vmap / foglight", 4, True, ratio("many", "dynamax", FOG)),
        Figure("10,000 series x 100, simdkalman / foglight", 60, True, ratio("many", "simdkalman", FOG)),
        *[
            Figure(
                f"10,000 series x 1,000, {keep} results kept, 1 thread / 2 threads", 1.7, True,
                ratio("threads", f"{FOG}, {keep} results kept, 1", f"{FOG}, {keep} results kept, 2"),
            )
            for keep in ("all", "last")
        ],
        Figure("online step, filterpy / foglight", 7, True, ratio("online", "filterpy", FOG)),
        *[
            Figure(
                f"single calls of predict and update, {n} states, foglight / filterpy", 1, False,
                ratio(f"single {n}", FOG, "filterpy"),
            )
            for n in (2, 4, 6)
        ],
        Figure("EM iteration, pykalman / foglight", 50, True, ratio("em", "pykalman", FOG)),
        Figure("fit of three variances, statsmodels / foglight", 15, True, ratio("tune", "statsmodels", FOG)),
        Figure(
            "first fit with compilation, statsmodels / foglight", 1, True,
            ratio("tune", "statsmodels", "foglight, kernels not"),
        ),
        Figure("fit of a monthly season, statsmodels / foglight", 10, True, ratio("season", "statsmodels", FOG)),
        Figure(
            "first fit of a monthly season with compilation, statsmodels / foglight", 1, True,
            ratio("season", "statsmodels", "foglight, kernels not"),
        ),
        Figure(
            "likelihood and gradient / likelihood, 3 parameters", 3.5, False,
            ratio("gradient", "likelihood and gradient, regular", "likelihood, regular"),
        ),
        Figure(
            "likelihood and gradient / likelihood, irregular steps", 3.5, False,
            ratio("gradient", "likelihood and gradient, irregular", "likelihood, irregular"),
        ),
        Figure("trace and compile, CTRV EKF", 0.15, False, seconds("compile"), "s"),
        Figure("import beyond NumPy", 0.15, False, seconds("import"), "s"),
    ]  # fmt: skip
