"""An exported filter that begins elsewhere: as `fog.run` with that start, and refused where it is none."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import need_gcc
from foglight.adapters.targets.exported import exported
from foglight.adapters.targets.selftest import readings
from foglight.methods.layout import upper
from unit.adapters.targets.test_export import built, unknown_start

MEAN = np.array([12.0, -3.0, 0.5, 2.0])
METHODS = [fog.KF(), fog.EKF(joint=True), fog.KF(form="joseph")]


def moved(start: fog.Belief) -> fog.Model:
    return fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.7),
        [fog.sensing.linear("gps", of=("x", "y"), std=1.0, measures=("px", "py"))],
        start=start,
    )


def covariance() -> np.ndarray:
    A = np.random.default_rng(3).normal(size=(4, 4))
    return (A @ A.T).round(3)


def said(
    folder: Path, method: fog.EKF, mean: np.ndarray, P: np.ndarray
) -> tuple[int, np.ndarray, np.ndarray]:
    """What begin_at returns, what is carried then, and the means of all rows of the test: by the program in C."""
    need_gcc()
    fog.export_c(moved(fog.Belief(np.zeros(4), std=np.ones(4))), folder / "kf.c", method)
    numbers = [", ".join(float(v).hex() for v in values.ravel()) for values in (mean, P)]
    numbers = [text.replace("nan", "NAN") for text in numbers]
    (folder / "kf_begin.c").write_text(
        f"""#include <math.h>
#include <stdio.h>
#include "kf.h"
extern const double kf_test_dt[40][1], kf_test_z[40][2];
int main(void) {{
    const double mean[4] = {{{numbers[0]}}}, P[16] = {{{numbers[1]}}};
    double carry[KF_CARRY], record[KF_RECORD];
    printf("%d\\n", kf_begin_at(carry, mean, P));
    for (int i = 0; i < KF_CARRY; i++)
        printf("%a ", carry[i]);
    printf("\\n");
    for (int k = 0; k < 40; k++) {{
        kf_step(carry, kf_test_dt[k], 0, 0, kf_test_z[k], kf_params, record);
        printf("%a %a %a %a ", carry[0], carry[1], carry[2], carry[3]);
    }}
    return 0;
}}
"""
    )
    program = built(folder, "kf", "-O1", main="_begin")
    lines = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines()
    carry, means = (np.array([float.fromhex(word) for word in line.split()]) for line in lines[1:])
    return int(lines[0]), carry, means.reshape(40, 4)


def run_of(start: fog.Belief, method: fog.EKF) -> np.ndarray:
    """The means of `fog.run` on the rows of the test."""
    given = readings(exported("kf", moved(fog.Belief(np.zeros(4), std=np.ones(4))), method, "float64"))
    model = moved(start)
    log = fog.Log.from_arrays(np.cumsum(given.dt), gps=given.z[0])
    return np.asarray(fog.run(model, log, method, start_time=0.0).filtered.mean)


@pytest.mark.parametrize("method", METHODS, ids=["UD", "joint", "joseph"])
def test_a_diagonal_start_is_carried_as_foglight_carries_it(method: fog.EKF, tmp_path: Path) -> None:
    std = np.array([2.0, 0.7, 0.1, 3.0])
    code, carry, _ = said(tmp_path, method, MEAN, np.diag(std**2))
    start = exported("kf", moved(fog.Belief(MEAN, std=std)), method, "float64").start
    assert code == 0 and carry.tobytes() == start.tobytes()


def test_any_covariance_is_factored_and_run_on_from_as_foglight_does(tmp_path: Path) -> None:
    P = covariance()
    code, carry, means = said(tmp_path, fog.KF(), MEAN, P)
    U, D = np.eye(4), np.zeros(4)
    for k, (i, j) in enumerate(upper(4)):
        (D if i == j else U[i])[j] = carry[4 + k]
    np.testing.assert_allclose((U * D) @ U.T, P, rtol=1e-13, atol=1e-13)
    assert code == 0
    np.testing.assert_allclose(means, run_of(fog.Belief(MEAN, factor=(U, D)), fog.KF()), rtol=1e-9)
    np.testing.assert_allclose(means, run_of(fog.Belief(MEAN, cov=P), fog.KF()), rtol=1e-9)


def test_a_covariance_of_lower_rank_is_taken(tmp_path: Path) -> None:
    column = np.array([[2.0], [1.0], [0.1], [0.3]])
    code, carry, _ = said(tmp_path, fog.KF(), MEAN, column @ column.T)
    D = [carry[4 + k] for k, (i, j) in enumerate(upper(4)) if i == j]
    assert code == 0 and sum(d > 0.0 for d in D) == 1


@pytest.mark.parametrize(
    ("mean", "P", "state"),
    [
        (np.array([1.0, np.nan, 0.0, 0.0]), np.eye(4), 2),
        (MEAN, np.diag([1.0, 1.0, -1.0, 1.0]), 3),
        (MEAN, np.eye(4) + 2.0 * (np.eye(4, k=1) + np.eye(4, k=-1)), 3),
        (MEAN, np.diag([1.0, np.nan, 1.0, 1.0]), 2),
        (MEAN, np.diag([1.0, 1.0, 1.0, 0.0]) + 0.5 * np.eye(4)[:, [3, 1, 2, 0]] * [1, 0, 0, 1], 4),
    ],
)
def test_what_is_no_start_is_refused(mean: np.ndarray, P: np.ndarray, state: int, tmp_path: Path) -> None:
    code, carry, _ = said(tmp_path, fog.KF(), mean, P)
    start = exported("kf", moved(fog.Belief(np.zeros(4), std=np.ones(4))), fog.KF(), "float64").start
    assert code == state and carry.tobytes() == start.tobytes()


def test_a_start_that_is_more_than_mean_and_covariance_has_no_such_function(tmp_path: Path) -> None:
    fog.export_c(unknown_start(), tmp_path / "kf.c", fog.KF())
    assert not any("begin_at" in file.read_text() for file in tmp_path.iterdir())
