"""dynamax: JAX, compiled by XLA before the clock starts; float64, on one thread."""

import importlib.metadata
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from answers import Answer
from contender import Contender
from dynamax.linear_gaussian_ssm.inference import lgssm_filter, make_lgssm_params
from dynamax.nonlinear_gaussian_ssm import (
    ParamsNLGSSM,
    UKFHyperParams,
    extended_kalman_filter,
    unscented_kalman_filter,
)
from models import Linear, Turning, ctrv, radar

NAME = "dynamax"
IMPORTS = "dynamax.linear_gaussian_ssm"

jax.config.update("jax_enable_x64", True)


def version() -> str:
    return f"{importlib.metadata.version('dynamax')} (jax {jax.__version__})"


def read(out: Any) -> Answer:
    loglik = np.asarray(out.marginal_loglik)
    return Answer(
        np.asarray(out.filtered_means),
        np.asarray(out.filtered_covariances),
        loglik if loglik.ndim else float(loglik),
    )


def compiled(name: str, function: Any, z: Any) -> Contender:
    """Compile for this shape of data, then call."""
    data = jnp.asarray(z)
    fast = jax.jit(function).lower(data).compile()
    return Contender(name, z[..., 0].size, lambda: jax.block_until_ready(fast(data)), read)


def linear(model: Linear) -> Any:
    parts = (model.mean, model.cov, model.F, model.Q, model.H, model.R)
    return make_lgssm_params(*(jnp.asarray(part) for part in parts))


def series(model: Linear) -> Contender:
    params = linear(model)
    return compiled(f"{NAME} (jit)", lambda z: lgssm_filter(params, z), model.z)


def batch(model: Linear) -> Contender:
    params = linear(model)
    return compiled(f"{NAME} (jit, vmap)", jax.vmap(lambda z: lgssm_filter(params, z)), model.z)


def nonlinear(model: Turning | Linear) -> Any:
    if isinstance(model, Linear):
        F, H = jnp.asarray(model.F), jnp.asarray(model.H)
        f, h = (lambda x: F @ x), (lambda x: H @ x)
    else:
        dt = model.dt
        f, h = (lambda x: jnp.array(ctrv(jnp, x, dt))), (lambda x: jnp.array(radar(jnp, x)))
    mean, cov, Q, R = (jnp.asarray(part) for part in (model.mean, model.cov, model.Q, model.R))
    return ParamsNLGSSM(mean, cov, f, Q, h, R)


def ekf(model: Turning) -> Contender:
    params = nonlinear(model)
    return compiled(f"{NAME} (jit)", lambda z: extended_kalman_filter(params, z), model.z)


def ukf(model: Turning | Linear) -> Contender:
    params, shape = nonlinear(model), UKFHyperParams(alpha=1.0, beta=2.0, kappa=0.0)
    return compiled(f"{NAME} (jit)", lambda z: unscented_kalman_filter(params, z, shape), model.z)


def compile_time(model: Turning) -> float:
    """Seconds from a model to the first answer of its EKF, with nothing cached."""
    jax.clear_caches()
    started = time.perf_counter()
    params = nonlinear(model)
    jax.block_until_ready(jax.jit(lambda z: extended_kalman_filter(params, z))(jnp.asarray(model.z)))
    return time.perf_counter() - started
