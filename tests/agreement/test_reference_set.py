"""5,020 random models of 200 rows against their exact answers, which ball arithmetic proved and a file records.

One in six always, all of them as a campaign.
Asked: from the n-th update on, mean and covariance of every model within 1e-11 standard deviations, half of the
models within 1e-14; before it, the covariance within 100 u max(sqrt kappa_g, sqrt cond corr). Run with -rP to
read the figures and their headroom.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import foglight as fog
from agreement.generated_c import Compiled, need_gcc
from agreement.reference_runs import (
    DEFECTS,
    NEVER,
    answers,
    as_model,
    chosen,
    compiled,
    compiled_on_arrays,
    fed,
    figures,
    kernel_of,
    well_conditioned,
)
from foglight.methods.layout import upper
from foglight.methods.method import Method
from oracle import strategy
from oracle.reference_set import EARLY, group

each_n = pytest.mark.parametrize("n", strategy.COUNTS)
each_share = pytest.mark.parametrize("one_in", [6, pytest.param(1, marks=pytest.mark.campaign)])


def test_the_set_is_large() -> None:
    assert sum(strategy.COUNTS.values()) == len(strategy.shapes()) >= 5_000


@each_share
@each_n
def test_every_model_is_exact(n: int, one_in: int) -> None:
    """With the start given as a factor, and in full."""
    exact, models = chosen(group(n), slice(None, None, one_in))
    assert [given.fingerprint() for given in models] == exact.fingerprint.tolist(), "not the models recorded"
    found = figures(exact, answers(exact, models, fog.KF()))
    print(found.told(f"n = {n}"))
    count = len(range(0, strategy.COUNTS[n], one_in))
    assert found.settled.shape == (count, 2, 2) and len(found.loglik) == count
    assert len(found.early) == exact.there[:, EARLY].sum() > (0.7 * len(models) if n > 1 else -1)
    assert found.within()
    worst = found.settled.max((1, 2))
    if n <= 5:  # two thirds of these 3,900 models are more than half of all
        assert np.mean(worst <= 1e-14) >= 2 / 3
    assert found.median <= 3e-14

    in_full = functools.partial(fed, full_start=True)
    found = figures(exact, answers(exact, models, fog.KF(), feed=in_full))
    print(found.told(f"n = {n}, start in full"))
    assert found.within()


@each_share
@each_n
def test_every_model_is_exact_on_whole_arrays(n: int, one_in: int) -> None:
    """The other order of the sums within the same bars."""
    exact, models = chosen(group(n), slice(None, None, one_in))
    found = figures(exact, answers(exact, models, fog.KF(), scans=compiled_on_arrays))
    print(found.told(f"n = {n}, on whole arrays"))
    assert len(found.loglik) == len(range(0, strategy.COUNTS[n], one_in))
    assert found.within()
    if n <= 5:
        assert np.mean(found.settled.max((1, 2)) <= 1e-14) >= 2 / 3
    assert found.median <= 3e-14


@pytest.mark.parametrize("method", [fog.UKF(), fog.CKF()], ids=repr)
def test_sigma_points_are_exact_on_whole_arrays(method: Method) -> None:
    for n in (1, 2, 3, 4, 6, 9, 12):
        exact, models = chosen(group(n), slice(None, None, max(strategy.COUNTS[n] // 10, 1)))
        found = figures(exact, answers(exact, models, method, scans=compiled_on_arrays))
        assert len(found.loglik) >= 10 and found.within(), n


def test_two_thirds_of_the_small_are_half_of_all() -> None:
    assert 2 / 3 * sum(count for n, count in strategy.COUNTS.items() if n <= 5) > len(strategy.shapes()) / 2


@each_n
def test_users_get_the_same_bytes(n: int) -> None:
    """The public door, which compiles a model of its own, against the shared kernel that is fed with matrices."""
    _, models = chosen(group(n), slice(2 if n <= 6 else 1))
    for given in models:
        run = fog.run(as_model(given), fog.Log.regular(given.z, dt=1.0), method=fog.KF())
        kernel = kernel_of(given.shape, fog.KF())
        carry, records = compiled(given.shape, fog.KF())(fed(given, fog.KF()))
        U, D = run.filtered.factor
        columns = [D[:, j] if i == j else U[:, i, j] for i, j in upper(n)]
        theirs = np.column_stack([run.filtered.mean, *columns, run.row_loglik])
        ours = np.column_stack([records[0, :, : n + len(columns)], records[0, :, kernel.sums + 1]])
        assert theirs.shape == (strategy.ROWS, n + len(columns) + 1)
        if "whole arrays" in run.engine:  # with many states the door adds in the order of arrays
            assert n > 10
            np.testing.assert_allclose(theirs, ours, rtol=1e-9, atol=1e-12 * np.abs(ours).max())
            continue
        assert theirs.tobytes() == ours.tobytes() and run.loglik == carry[0, -2]


@pytest.mark.parametrize(
    "method",
    [fog.UKF(alpha=1e-3), *(pytest.param(m, marks=pytest.mark.campaign) for m in (fog.UKF(), fog.CKF()))],
    ids=repr,
)
def test_sigma_points_are_exact_on_linear_models(method: Method) -> None:
    for n in (1, 2, 3, 4, 5, 6):
        exact, models = chosen(group(n), slice(None, None, strategy.COUNTS[n] // 50))
        found = figures(exact, answers(exact, models, method))
        print(found.told(f"n = {n}, {method!r}"))
        assert len(found.loglik) >= 50 and found.within()


@pytest.mark.parametrize("n, count", [(2, 60), (3, 20), (4, 3)])
def test_other_forms_are_exact_where_that_is_easy(n: int, count: int) -> None:
    """Joseph and textbook form on the well-conditioned models; elsewhere they lose what the default form keeps."""
    exact, models = chosen(group(n), slice(300))
    well = np.flatnonzero(well_conditioned(exact, models))
    assert len(well) >= count
    for method in (fog.KF(form="joseph"), fog.KF(form="textbook")):
        found = figures(exact.of(well), answers(exact.of(well), [models[k] for k in well], method))
        print(found.told(f"n = {n}, {method!r}"))
        assert (found.settled <= NEVER).all() and (found.loglik <= NEVER).all()
    hard = np.setdiff1d(np.arange(len(models)), well)[:50]
    lost = figures(exact.of(hard), answers(exact.of(hard), [models[k] for k in hard], method))
    assert not lost.within()


def test_exported_c_in_single_precision(tmp_path: Path) -> None:
    """The inputs fit float32 exactly, so that only the filter's own rounding is seen."""
    need_gcc()

    @functools.cache
    def scans(shape: tuple[int, int], method: Method) -> Any:
        return Compiled(kernel_of(shape, method, "float32"), tmp_path, ("-O1",)).run

    single = functools.partial(fed, dtype="float32")
    settled = []
    for n in (1, 2, 3, 4, 5, 6, 8):
        exact, models = chosen(group(n), slice(None, None, strategy.COUNTS[n] // 50))
        for given in models:
            assert all(np.array_equal(a, a.astype("float32"), equal_nan=True) for a in vars(given).values())
        answer = answers(exact, models, fog.KF(), feed=single, scans=scans)
        found = figures(exact, answer, rounding=2.0**-24)
        print(found.told(f"n = {n}, float32", asked=1e-3))
        assert (found.settled <= 1e-3).all() and (found.early <= 1).all() and (found.loglik <= 5e-5).all()
        settled.append(found.settled)
    every = np.concatenate(settled)
    by_model = np.median(every.max((1, 2)))
    print(
        f"{len(every)} models: median of all figures {np.median(every):.1e}, of each model's worst {by_model:.1e}"
    )
    assert len(every) >= 350
    assert np.median(every) <= 1e-6 and by_model <= 2e-6


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_in_one_model_is_found(defect: str) -> None:
    """Each of twelve models fails alone. Where nothing is left to be missed, as in n = 1, there is no defect."""
    found = 0
    for n in (2, 3, 4, 6):
        for place in (7, 8, 9):
            exact, models = chosen(group(n), slice(place, place + 1))
            assert figures(exact, answers(exact, models, fog.KF())).within()
            row = np.flatnonzero(models[0].Q_v.any(1))[-1]
            wrong = [DEFECTS[defect](models[0], int(row))]
            assert not figures(exact, answers(exact, wrong, fog.KF())).within(), (n, place)
            found += 1
    assert found == 12


def test_an_answer_that_is_no_number_is_found() -> None:
    exact, models = chosen(group(3), slice(4))
    for field in ("mean", "U", "D", "loglik"):
        given = answers(exact, models, fog.KF())
        getattr(given, field)[1, ...] = np.nan
        assert not figures(exact, given).within(), field
