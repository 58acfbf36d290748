"""Regression: known inputs of the series, each with a coefficient that is a state.

    z = … + b_1 u_1 + b_2 u_2 + …        b' = b + ν,  ν ~ N(0, std²);  ν = 0 where a coefficient is constant

Harvey 1989, §2.3.5 and §7.1; Durbin & Koopman 2012, §3.2.5.
"""

from typing import Any

from foglight.core import checks
from foglight.core.errors import ModelError
from foglight.model.parameters import param
from foglight.model.series.component import Component


def regression_of(names: Any, varying: Any) -> Component | None:
    """The coefficients of these inputs, constant or varying; None without any."""
    if not isinstance(varying, bool):
        raise ModelError.expected("tvp", varying, "True or False", "Leave it out for False.")
    names = checks.names((names,) if isinstance(names, str) else names, "regression", empty=True)
    return coefficients(names, varying) if names else None


def coefficients(names: tuple[str, ...], varying: bool) -> Component:
    """The coefficients of these inputs."""
    stds = [f"{name}_std" for name in names] if varying else []
    return Component(
        names,
        dynamics=lambda x, p: [x[name] for name in names],
        reading=lambda x, u: sum((x[name] * u[name] for name in names[1:]), start=x[names[0]] * u[names[0]]),
        params={std: param(1.0, low=0.0) for std in stds},
        noise=lambda p: [p[std] ** 2 for std in stds],
        disturbed=names if varying else (),
        controls=names,
    )
