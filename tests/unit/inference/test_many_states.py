"""What a model of 200 dense states takes: the memory of a long run of which only the end is kept."""

import subprocess
import sys

import pytest

MOST = 300  # MiB
RUN = """
import resource
import numpy as np
import foglight as fog

n, m, rows = 200, 10, {rows}
rng = np.random.default_rng(24)
A, B, H = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=(m, n))
F = 0.95 * A / np.abs(np.linalg.eigvals(A)).max()
model = fog.linear_model(F, B @ B.T / n, H, np.eye(m), start=fog.Belief(np.zeros(n), std=np.ones(n)))
run = fog.run(model, fog.Log.regular(3.0 * rng.normal(size=(rows, m)), dt=1.0), keep="last")
assert np.isfinite(run.loglik) and run.belief.mean.shape == (n,)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.campaign
@pytest.mark.skipif(sys.platform == "win32", reason="resource is a module of Unix")
def test_a_long_run_of_many_states_takes_little_memory() -> None:
    """The readings and one row's matrices: at 100,000 rows all covariances would be 16 GB."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(rows=100_000)], capture_output=True, text=True, check=True
    )
    unit = 2**20 if sys.platform == "darwin" else 2**10
    assert int(done.stdout) / unit < MOST
