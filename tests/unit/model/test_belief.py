"""Beliefs: what they store and return; and their fusion, checked against information matrices."""

import copy
import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.core import checks
from foglight.equations import diffuse, gaussian
from foglight.inference import fuse as module
from foglight.model import belief as belief_module

Array = NDArray[np.float64]


def full(rng: np.random.Generator, n: int) -> Array:
    G = rng.normal(size=(n, n + 1))
    P: Array = G @ G.T
    return np.triu(P) + np.triu(P, 1).T


def test_a_belief_from_standard_deviations() -> None:
    given = fog.Belief([1.0, -2.0, 0.5], std=[3.0, 0.0, 0.25], names=("a", "b", "c"))
    np.testing.assert_array_equal(given.cov, np.diag([9.0, 0.0, 0.0625]))
    np.testing.assert_array_equal(given.factor[0], np.eye(3))
    assert given.factor[1].tolist() == [9.0, 0.0, 0.0625]
    assert given.std.tolist() == [3.0, 0.0, 0.25] and given.names == ("a", "b", "c")
    assert fog.Belief([1.0], std=[1.0]).names == ()
    assert given.cov is given.cov, "made once"


def test_a_belief_from_a_covariance_and_from_its_own_factor() -> None:
    rng = np.random.default_rng(1)
    P, mean = full(rng, 4), rng.normal(size=4)
    given = fog.Belief(mean, cov=P)
    U, D = given.factor
    np.testing.assert_array_equal(np.tril(U), np.eye(4))
    np.testing.assert_allclose((U * D) @ U.T, P, rtol=1e-13)
    np.testing.assert_array_equal(given.cov, P)
    np.testing.assert_allclose(given.std, np.sqrt(np.diag(P)), rtol=1e-14)
    again = fog.Belief(mean, factor=given.factor)
    assert again == given
    np.testing.assert_array_equal(again.cov, (again.cov + again.cov.T) / 2)
    np.testing.assert_allclose(again.cov, P, rtol=1e-13)
    skew = P.copy()
    skew[0, 3] += 1e-11
    np.testing.assert_allclose(fog.Belief(mean, cov=skew).cov[0, 3], P[0, 3] + 0.5e-11, rtol=0, atol=1e-15)


def test_everything_in_a_belief_is_a_copy_that_nobody_can_write_to() -> None:
    rng = np.random.default_rng(2)
    mean, P = rng.normal(size=2), full(rng, 2)
    U, D = np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([2.0, 3.0])
    for given in (fog.Belief(mean, cov=P), fog.Belief(mean, factor=(U, D)), fog.Belief(mean, std=[1.0, 2.0])):
        before = [array.copy() for array in (given.mean, given.cov, *given.factor)]
        for array in (given.mean, given.cov, *given.factor):
            assert array.dtype == np.float64
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 7.0
        for mine in (mean, P, U, D):
            mine += 1.0
            assert mine.flags.writeable
        for array, old in zip((given.mean, given.cov, *given.factor), before, strict=True):
            np.testing.assert_array_equal(array, old)
        for mine in (mean, P, U, D):
            mine -= 1.0


def test_beliefs_are_equal_by_their_numbers() -> None:
    U, D = np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([2.0, 3.0])
    one = fog.Belief([1.0, 2.0], factor=(U, D))
    named = fog.Belief([1.0, 2.0], factor=(U, D), names=("a", "b"))
    assert one == named and named == fog.Belief([1.0, 2.0], factor=(U, D), names=("a", "b"))
    assert named != fog.Belief([1.0, 2.0], factor=(U, D), names=("b", "a"))
    assert one != fog.Belief([1.0, 2.5], factor=(U, D))
    assert one != fog.Belief([1.0, 2.0], factor=(np.array([[1.0, 0.25], [0.0, 1.0]]), D))
    assert one != fog.Belief([1.0, 2.0], factor=(U, np.array([2.0, 3.5])))
    assert one != fog.Belief([1.0], std=[1.0])
    assert one != "belief" and (one == 3) is False
    assert one.__eq__(3) is NotImplemented
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


def test_the_largest_standard_deviation_is_the_one_with_a_finite_square() -> None:
    largest = math.sqrt(np.finfo(float).max)
    assert fog.Belief([0.0], std=[largest]).cov[0, 0] <= np.finfo(float).max
    with pytest.raises(fog.ModelError, match="its square is not a finite number"):
        fog.Belief([0.0], std=[math.nextafter(largest, math.inf)])


def test_one_state_and_no_state() -> None:
    assert fog.Belief([2.0], cov=[[4.0]]).std[0] == 2.0
    for nothing in ([], [[1.0]]):
        with pytest.raises(fog.ModelError, match=r"expected a vector of numbers.*\[2.0\]") as caught:
            fog.Belief(nothing, std=[1.0])
        assert caught.value.field == "mean" and caught.value.value == np.shape(nothing)


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("count", [2, 3])
def test_fusion_adds_information(n: int, count: int) -> None:
    rng = np.random.default_rng(10 * n + count)
    beliefs = [
        fog.Belief(rng.normal(size=n), cov=full(rng, n), names=[f"s{i}" for i in range(n)] if k else ())
        for k in range(count)
    ]
    fused = fog.fuse(*beliefs)
    inverses = [np.linalg.inv(b.cov) for b in beliefs]
    P = np.linalg.inv(sum(inverses))
    scale = np.sqrt(np.diag(P))
    assert np.all(np.abs(fused.cov - P) <= 1e-11 * np.outer(scale, scale))
    mean = P @ sum(Y @ b.mean for Y, b in zip(inverses, beliefs, strict=True))
    assert np.all(np.abs(fused.mean - mean) <= 1e-11 * scale)
    assert len(fused.weights) == count
    for W, Y in zip(fused.weights, inverses, strict=True):
        np.testing.assert_allclose(W, P @ Y, rtol=1e-9, atol=1e-11)
        assert not W.flags.writeable
    assert fused.belief.names == beliefs[1].names
    np.testing.assert_array_equal(fused.std, fused.belief.std)
    np.testing.assert_array_equal(fused.mean, fused.belief.mean)
    assert fused.cov is fused.belief.cov


def test_a_belief_without_uncertainty_is_unchanged() -> None:
    rng = np.random.default_rng(4)
    sure, vague = fog.Belief([1.0, 2.0], std=[0.0, 0.0]), fog.Belief([5.0, 6.0], cov=full(rng, 2))
    for fused in (fog.fuse(sure, vague), fog.fuse(vague, sure)):
        np.testing.assert_allclose(fused.mean, [1.0, 2.0], rtol=1e-13)
        assert np.all(fused.std < 1e-14)
    same = fog.fuse(sure, fog.Belief([1.0, 2.0], std=[0.0, 0.0]))
    assert same.mean.tolist() == [1.0, 2.0] and not same.cov.any()


def intersection(a: fog.Belief, b: fog.Belief) -> tuple[Array, float]:
    """P of covariance intersection with the best weight of a fine grid, then of a finer one around it."""
    A, B = np.linalg.inv(a.cov), np.linalg.inv(b.cov)
    low, high = 0.0, 1.0
    for _ in range(8):
        grid = np.linspace(low, high, 101)
        sizes = [np.linalg.slogdet(w * A + (1 - w) * B)[1] for w in grid]
        best = int(np.argmax(sizes))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    omega = float((low + high) / 2)
    return np.linalg.inv(omega * A + (1 - omega) * B), omega


def test_covariance_intersection_has_the_least_determinant() -> None:
    rng = np.random.default_rng(8)
    for n in (2, 3):
        a, b = (fog.Belief(rng.normal(size=n), cov=full(rng, n)) for _ in range(2))
        fused = fog.fuse(a, b, correlation="unknown")
        P, omega = intersection(a, b)
        assert 0.1 < omega < 0.9
        np.testing.assert_allclose(fused.cov, P, rtol=1e-4, atol=1e-5)
        assert abs(np.linalg.det(fused.cov) / np.linalg.det(P) - 1.0) < 1e-8
        mean = P @ (omega * np.linalg.solve(a.cov, a.mean) + (1 - omega) * np.linalg.solve(b.cov, b.mean))
        np.testing.assert_allclose(fused.mean, mean, rtol=1e-3, atol=1e-4)
        assert abs(module._intersection(a, b) - omega) < 1e-6
        np.testing.assert_allclose(sum(fused.weights), np.eye(n), rtol=0, atol=1e-12)


def test_covariance_intersection_where_one_is_better_in_every_direction() -> None:
    """Then the result is that one: everything the other knows might be shared."""
    rng = np.random.default_rng(6)
    P = full(rng, 2)
    good, poor = fog.Belief([1.0, 2.0], cov=P), fog.Belief([1.5, 2.5], cov=9.0 * P)
    for pair in ((good, poor), (poor, good)):
        fused = fog.fuse(*pair, correlation="unknown")
        np.testing.assert_allclose(fused.cov, P, rtol=1e-7)
        np.testing.assert_allclose(fused.mean, [1.0, 2.0], rtol=1e-7)


def test_covariance_intersection_of_states_that_are_known() -> None:
    """States without variance are left out of the determinant; the weight is found from the others."""
    a, b = fog.Belief([1.0, 0.0, 3.0], std=[2.0, 0.0, 1.0]), fog.Belief([2.0, 0.0, 4.0], std=[1.0, 0.0, 2.0])
    fused = fog.fuse(a, b, correlation="unknown")
    assert abs(module._intersection(a, b) - 0.5) < 1e-5
    np.testing.assert_allclose(np.diag(fused.cov), [1.6, 0.0, 1.6], rtol=1e-6)


def test_a_frozen_belief_is_its_own_copy() -> None:
    given = fog.Belief([1.0], std=[2.0])
    assert copy.copy(given) is given and copy.deepcopy([given])[0] is given


def test_a_fusion_is_frozen() -> None:
    fused = fog.fuse(fog.Belief([1.0], std=[2.0]), fog.Belief([2.0], std=[1.0]))
    with pytest.raises(FrozenInstanceError):
        fused.belief = fused.belief  # type: ignore[misc]


def test_a_relation_that_both_know_exactly_is_not_measured_by_its_rounding() -> None:
    """Both know x0 + x1/3 exactly, but their last digits differ: fusion must not divide by that rounding error."""
    third = 1.0 / 3.0
    a = fog.Belief([3.0, 3.0], factor=([[1.0, -third], [0.0, 1.0]], [0.0, 2.0]))
    for known, other in ((a, 5.0), (fog.Belief(a.mean, factor=(a.factor[0], [0.0, 1e-6])), 1e9)):
        near = [[1.0, -math.nextafter(third, 1.0)], [0.0, 1.0]]
        b = fog.Belief([3.0 + 1e-15, 3.0], factor=(near, [0.0, other]))
        fused = fog.fuse(known, b)
        assert np.all(np.abs(fused.mean - 3.0) < 1e-13)
        assert abs(fused.mean[0] + third * fused.mean[1] - 4.0) < 1e-14
        assert all(np.all(np.abs(W) < 10.0) for W in fused.weights)
        # A noise that is given is used, however small.
        floor = 2.0 * known.factor[1][1] * (2.0 * third * 2.0**-52) ** 2
        noisy = fog.fuse(known, fog.Belief(b.mean, factor=(near, [floor / 1000.0, other])))
        assert np.abs(noisy.weights[1]).max() > 1e6


def test_how_much_is_rounding_depends_on_what_the_first_knows() -> None:
    """Its states have a huge spread that cancels in their sum: what the second knows of the sum is below rounding."""
    third = 1.0 / 3.0
    a = fog.Belief(
        [0.0, 0.0, 0.0],
        factor=([[1.0, -third, -third * 1e8], [0.0, 1.0, 1e8], [0.0, 0.0, 1.0]], [0.0, 2.0, 2.0]),
    )
    b = fog.Belief(
        [1.0, 0.0, 0.0],
        factor=([[1.0, -math.nextafter(third, 1.0), 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [0.0, 5.0, 3.0]),
    )
    fused = fog.fuse(a, b)
    assert np.all(np.abs(fused.mean) < 1e-6)


def test_other_mistakes_are_refused() -> None:
    with pytest.raises(fog.ModelError, match=r"std\[1\] = -0.5") as caught:
        fog.Belief([1.0, 2.0], std=[1.0, -0.5])
    assert caught.value.index == 1
    with pytest.raises(fog.ModelError, match="duplicate name"):
        fog.Belief([1.0, 2.0], std=[1.0, 0.5], names=("a", "a"))
    assert fog.Belief([1.0, 2.0], cov=[[4.0, 2.0], [2.0, 1.0]]).std.tolist() == [2.0, 1.0]


def test_the_first_invalid_entry_of_a_factor_is_named() -> None:
    with pytest.raises(
        fog.ModelError, match=r"U\[1,0\] = 0.25, but U must be unit upper triangular"
    ) as caught:
        fog.Belief(
            [1.0, 2.0, 3.0], factor=([[1.0, 7.0, 8.0], [0.25, 1.0, 9.0], [0.5, 0.0, 2.0]], [7.0, 2.0, 3.0])
        )
    assert caught.value.index == (1, 0) and caught.value.value == 0.25
    with pytest.raises(fog.ModelError, match=r"D\[1\] = -2") as caught:
        fog.Belief([1.0, 2.0, 3.0], factor=(np.eye(3), [1.0, -2.0, -3.0]))
    assert caught.value.index == 1 and caught.value.value == -2.0


def test_more_states_than_memory_holds_are_refused_before_allocation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "MEMORY", 6 * 8.0 * 30**2)
    fog.Belief(np.zeros(30), std=np.ones(30))
    with pytest.raises(fog.ModelError, match="mean has 31 states") as caught:
        fog.Belief(np.zeros(31), std=np.ones(31))
    assert caught.value.field == "mean" and caught.value.value == 31


def test_a_covariance_with_states_of_which_nothing_is_known() -> None:
    rng = np.random.default_rng(21)
    P = np.zeros((4, 4))
    P[np.ix_([0, 2], [0, 2])] = full(rng, 2)
    P[1, 1] = P[3, 3] = np.inf
    given = fog.Belief(rng.normal(size=4), cov=P)
    np.testing.assert_allclose(given.cov, P, rtol=1e-14)
    assert given.std.tolist() == [*np.sqrt(P[0, :1]), np.inf, pytest.approx(math.sqrt(P[2, 2])), np.inf]
    np.testing.assert_array_equal(given.unknown, np.eye(4)[:, [1, 3]])
    assert given.factor[1][1] == given.factor[1][3] == 0.0 and not given.cov.flags.writeable
    assert P[1, 1] == np.inf, "what was given is left as it was"


def test_directions_come_after_the_states_of_which_nothing_is_known() -> None:
    A = np.array([[1.0, 0.0], [-0.5, 0.0], [0.0, 0.0], [0.0, 2.0]])
    given = fog.Belief(np.zeros(4), std=[1.0, 2.0, np.inf, 0.5], unknown=A)
    np.testing.assert_array_equal(given.unknown, np.column_stack([np.eye(4)[:, 2], A]))
    assert given.std.tolist() == [np.inf] * 4 and given.factor[1].tolist() == [1.0, 4.0, 0.0, 0.25]
    # States that share an unknown direction are related, and to no others.
    cov = np.diag([np.inf] * 4)
    cov[0, 1] = cov[1, 0] = np.nan
    np.testing.assert_array_equal(given.cov, cov)
    assert fog.Belief([1.0, 2.0], std=[1.0, 1.0], unknown=np.zeros((2, 0))).unknown.shape == (2, 0)
    other = fog.Belief(np.zeros(4), std=[1.0, 2.0, np.inf, 0.5], unknown=2.0 * A)
    assert given != other and given == fog.Belief(np.zeros(4), std=[1.0, 2.0, np.inf, 0.5], unknown=A)


def test_known_covariances_relate_states_to_unknown_ones() -> None:
    cov = np.array([[4.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 3.0]])
    unknown = np.array([[[1.0], [0.0], [0.0]], [[0.0], [0.0], [0.0]], [[0.0], [-2.0], [3.0]]])
    found = belief_module.with_unknown(np.array([cov] * 3), unknown)
    nan, inf = math.nan, math.inf
    np.testing.assert_array_equal(
        found,
        [
            [[inf, nan, 0.0], [nan, 2.0, 0.5], [0.0, 0.5, 3.0]],
            cov,
            [[4.0, nan, 0.0], [nan, inf, nan], [0.0, nan, inf]],
        ],
    )


def test_the_equations_have_a_weight_for_each_direction() -> None:
    known = fog.Belief([1.0, 2.0], cov=[[4.0, 1.0], [1.0, 2.0]])
    plain = belief_module.inside(known)
    assert type(plain) is gaussian.Belief
    for mine, same in zip(plain, (known.mean, *known.factor), strict=True):
        np.testing.assert_array_equal(mine, same)
    partly = fog.Belief([1.0, 2.0], std=[np.inf, 3.0], unknown=[[0.5], [0.25]])
    whole = belief_module.inside(partly)
    assert type(whole) is diffuse.Belief
    for ours, theirs in zip(
        whole, (partly.mean, *partly.factor, [[1.0, 0.5], [0.0, 0.25]], [1.0, 1.0]), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"std": [-np.inf, 1.0]}, r"std"),
        ({"std": [np.inf]}, r"std has 1 entries, expected 2"),
        ({"std": [np.inf, -1.0]}, r"std\[1\] = -1"),
        ({"std": np.ma.array([np.inf, 1.0], mask=[True, False])}, "mask"),
        ({"cov": [[1.0, np.inf], [np.inf, 1.0]]}, r"cov"),
        ({"cov": [[np.inf]]}, r"cov"),
        ({"cov": [[np.inf, 0.0], [0.5, 2.0]]}, r"cov\[1,0\] = 0.5 next to an infinite variance"),
        ({"cov": [[2.0, 0.0], [0.25, np.inf]]}, r"cov\[1,0\] = 0.25 next to an infinite variance"),
        ({"cov": [[np.inf, 0.0], [2.0]]}, r"cov"),
        ({"std": [1.0, 1.0], "unknown": [[1.0, 2.0]]}, r"unknown has shape \(1, 2\), expected \(2, d\)"),
        ({"std": [1.0, 1.0], "unknown": [1.0, 2.0]}, r"unknown has shape \(2,\)"),
        ({"std": [1.0, 1.0], "unknown": []}, r"unknown has shape \(0,\)"),
        ({"std": [1.0, 1.0], "unknown": [[np.inf], [1.0]]}, r"unknown"),
    ],
)
def test_an_infinity_in_the_wrong_position_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(fog.ModelError, match=message) as caught:
        fog.Belief([1.0, 2.0], **given)
    assert str(caught.value.field).split("[")[0] in given and caught.value.value is not None


@pytest.mark.parametrize("swap", [False, True])
def test_a_state_unknown_to_one_belief_is_taken_from_the_other(swap: bool) -> None:
    rng = np.random.default_rng(31)
    partly, whole = (
        fog.Belief(rng.normal(size=2), std=[np.inf, 0.5]),
        fog.Belief(rng.normal(size=2), cov=full(rng, 2)),
    )
    fused = fog.fuse(*((whole, partly) if swap else (partly, whole)))
    information = np.diag([0.0, 4.0])
    P = np.linalg.inv(information + np.linalg.inv(whole.cov))
    np.testing.assert_allclose(fused.cov, P, rtol=1e-12)
    np.testing.assert_allclose(
        fused.mean, P @ (information @ partly.mean + np.linalg.solve(whole.cov, whole.mean)), rtol=1e-12
    )
    np.testing.assert_allclose(fused.weights[swap], P @ information, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(sum(fused.weights), np.eye(2), atol=1e-14)


def test_beliefs_with_the_same_unknown_state_or_shared_errors_are_not_fused() -> None:
    partly, whole = fog.Belief([1.0], std=[np.inf]), fog.Belief([2.0], std=[1.0])
    with pytest.raises(fog.ModelError, match="fuse: both beliefs have unknown states") as caught:
        fog.fuse(partly, partly)
    assert caught.value.field == "beliefs" and caught.value.value == math.inf
    for pair in ((partly, whole), (whole, partly)):
        assert fog.fuse(*pair).mean.tolist() == [2.0]
        with pytest.raises(fog.ModelError, match="fuse: correlation='unknown' with unknown states"):
            fog.fuse(*pair, correlation="unknown")
