"""Several correlated states within limits: against quadrature at many digits, on a grid, and draws."""

import itertools
import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

import foglight as fog
from foglight.inference import joint_moments
from unit.inference.limited_beliefs import cut

Array = NDArray[np.float64]
INF = math.inf
FORMS = [fog.KF(), fog.KF(form="joseph"), fog.UKF()]
BAR = 1e-7  # of a standard deviation


def named(ends: dict[int, tuple[float, float]]) -> dict[str, Any]:
    return {f"x{i}": tuple(None if math.isinf(end) else end for end in pair) for i, pair in ends.items()}


def errors(belief: fog.Belief, mean: Any, cov: Any) -> float:
    """The largest error of mean and covariance, in exact standard deviations."""
    std = np.sqrt(np.diag(np.array(cov, float)))
    off = [abs(float(m - mp.mpf(float(v)))) for m, v in zip(mean, belief.mean, strict=True)]
    spread = np.abs(np.array(cov, float) - belief.cov) / np.outer(std, std)
    return float(max((off / std).max(), spread.max()))


def exact_pair(mean: Any, cov: Any, ends: Any) -> tuple[Any, Any]:
    """Mean and covariance of a pair within limits: the second given the first in closed form, at 50 digits."""
    with mp.workdps(50):
        m, C = [mp.mpf(float(v)) for v in mean], [[mp.mpf(float(v)) for v in row] for row in cov]
        slope, s = C[0][1] / C[0][0], mp.sqrt(C[1][1] - C[0][1] ** 2 / C[0][0])
        (low, high), (bottom, top) = [[mp.mpf(end) for end in pair] for pair in ends]

        def bell(t: Any) -> Any:
            return mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi) if mp.isfinite(t) else mp.mpf(0)

        def edge(t: Any) -> Any:
            return t * bell(t) if mp.isfinite(t) else mp.mpf(0)

        def weights(y: Any) -> list[Any]:
            """The density of the first, and it times the moments of the second."""
            at = m[1] + slope * (y - m[0])
            a, b = (bottom - at) / s, (top - at) / s
            if a > 0:
                mass = (mp.erfc(a / mp.sqrt(2)) - mp.erfc(b / mp.sqrt(2))) / 2
            else:
                mass = (mp.erfc(-b / mp.sqrt(2)) - mp.erfc(-a / mp.sqrt(2))) / 2
            density = bell((y - m[0]) / mp.sqrt(C[0][0]))
            first = bell(a) - bell(b)
            second = mass + edge(a) - edge(b)
            return [
                density * v
                for v in (mass, at * mass + s * first, at * at * mass + 2 * at * s * first + s * s * second)
            ]

        reach = 60 * mp.sqrt(C[0][0])
        low, high = max(low, m[0] - reach), min(high, m[0] + reach)
        for _ in range(5):  # to where the density is within e^-55 of its peak
            grid = mp.linspace(low, high, 61)
            found = [weights(y)[0] for y in grid]
            inside = [k for k, v in enumerate(found) if v > max(found) * mp.mpf(10) ** -24]
            low, high = grid[max(inside[0] - 1, 0)], grid[min(inside[-1] + 1, 60)]
        edges = [*mp.linspace(low, high, 13)]
        for end in (bottom, top):
            if mp.isfinite(end) and slope:
                edges += [m[0] + (end - m[1]) / slope + k * s / abs(slope) for k in (-8, -4, 0, 4, 8)]
        edges = sorted(v for v in edges if low <= v <= high)
        sums = [mp.mpf(0)] * 6
        for start, stop in itertools.pairwise(edges):
            for node, weight in NODES:
                y = start + (stop - start) * (1 + node) / 2
                w0, w1, w2 = (weight * (stop - start) * v for v in weights(y))
                sums = [t + v for t, v in zip(sums, (w0, y * w0, w1, y * y * w0, y * w1, w2), strict=True)]
        a, b, aa, ab, bb = [v / sums[0] for v in sums[1:]]
        return [a, b], [[aa - a * a, ab - a * b], [ab - a * b, bb - b * b]]


with mp.workdps(50):
    NODES = [(x, w) for x, w in mp.calculus.quadrature.GaussLegendre(mp.mp).calc_nodes(4, 170)]

HARD: dict[str, tuple[float, list[float], list[tuple[float, float]]]] = {
    "the case": (-0.9, [0.2, 0.1], [(0.0, INF), (0.0, INF)]),
    "boxes": (0.9, [0.2, 0.1], [(0.0, 1.0), (-0.5, 0.5)]),
    "in a tail": (0.3, [-15.0, 0.1], [(0.0, INF), (0.0, INF)]),
    "in both tails": (-0.9, [-15.0, -12.0], [(0.0, INF), (0.0, INF)]),
    "pulled apart": (0.9, [-40.0, 30.0], [(0.0, INF), (-INF, 0.0)]),
    "a gap": (0.3, [5.0, -7.0], [(-INF, 0.0), (0.0, 1e-2)]),
    "a line": (0.999, [0.2, 0.1], [(0.0, INF), (-0.5, 0.5)]),
    "a line in a tail": (0.999, [-15.0, -12.0], [(0.0, INF), (0.0, INF)]),
    "across a line": (-0.999, [0.2, -20.0], [(0.0, INF), (0.0, INF)]),
    "a line in a gap": (-0.999, [-3.0, 2.0], [(-1e-3, 1e-3), (-2.0, INF)]),
}


@pytest.mark.parametrize("name", HARD)
def test_a_pair_at_its_limits(name: str) -> None:
    rho, mean, ends = HARD[name]
    cov = np.array([[1.0, rho], [rho, 1.0]])
    expected = exact_pair(mean, cov, ends)
    for method in FORMS:
        assert errors(cut(method, mean, cov, named(dict(enumerate(ends)))), *expected) <= BAR


def test_the_case_in_numbers() -> None:
    """One limit after the other gave 0.216 ± 0.459."""
    for limits in ({"x0": (0, None), "x1": (0, None)}, {"x1": (0, None), "x0": (0, None)}):
        belief = cut(fog.KF(), [0.2, 0.1], [[1.0, -0.9], [-0.9, 1.0]], limits)
        assert belief.mean == pytest.approx([0.352861643009, 0.347793014340], abs=1e-9)
        assert belief.std == pytest.approx([0.275939392433, 0.273397282581], abs=1e-9)


MEAN = np.array([0.4, -1.0, 2.0])
COV = np.array([[2.0, 0.9, -0.5], [0.9, 1.5, 0.3], [-0.5, 0.3, 0.8]])


def on_a_grid(mean: Array, cov: Array, ends: Any, count: int = 90) -> tuple[Array, Array]:
    """Mean and covariance within limits by Gauss–Legendre quadrature over three dimensions at once."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    axes = []
    for i in range(3):
        low, high = ends.get(i, (-INF, INF))
        reach = 8.0 * math.sqrt(cov[i, i])
        low, high = max(low, mean[i] - reach), min(high, mean[i] + reach)
        axes.append(low + 0.5 * (high - low) * (1.0 + nodes))
    x = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1) - mean
    density = np.einsum("i,j,k->ijk", weights, weights, weights)
    density *= np.exp(-0.5 * ((x @ np.linalg.inv(cov)) * x).sum(axis=-1))
    density /= density.sum()
    shift = np.einsum("ijk,ijkl->l", density, x)
    x -= shift
    return mean + shift, np.tensordot(density[..., None] * x, x, axes=((0, 1, 2), (0, 1, 2)))


THREE: dict[str, dict[int, tuple[float, float]]] = {
    "two of three, and the third follows": {0: (1.0, INF), 2: (-INF, 1.2)},
    "neighbours": {1: (-0.5, INF), 2: (1.9, 2.1)},
    "all": {0: (0.0, 1.0), 1: (-0.5, INF), 2: (-INF, 1.5)},
    "one far outside": {0: (4.0, 5.0), 1: (-1.5, INF), 2: (2.2, 3.0)},
}


@pytest.mark.parametrize("method", FORMS, ids=repr)
@pytest.mark.parametrize("name", THREE)
def test_three_states(name: str, method: Any) -> None:
    belief = cut(method, MEAN, COV, named(THREE[name]))
    assert errors(belief, *on_a_grid(MEAN, COV, THREE[name])) <= BAR
    for i, (low, high) in THREE[name].items():
        assert low < belief.mean[i] < high


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_the_states_does_not_matter(seed: int) -> None:
    """Nor does the order in which they are integrated: nearly singular correlations, tails and gaps."""
    rng = np.random.default_rng(seed)
    F = rng.standard_normal((3, 3))
    F[:, 0] *= 10.0 ** (seed % 3)
    cov, mean = F @ F.T, rng.normal(size=3) * [1.0, 5.0, 12.0]
    low = rng.normal(size=3)
    ends = {0: (low[0], INF), 1: (low[1], low[1] + 0.05), 2: (-INF, low[2])}
    first = cut(fog.KF(), mean, cov, named(ends))
    for order in itertools.permutations(range(3)):
        index = np.array(order)
        other = cut(
            fog.KF(), mean[index], cov[np.ix_(index, index)], named({k: ends[i] for k, i in enumerate(order)})
        )
        assert errors(other, first.mean[index], first.cov[np.ix_(index, index)]) <= BAR


@pytest.mark.parametrize("count", [3, 4, pytest.param(5, marks=pytest.mark.campaign)])
def test_against_draws(count: int) -> None:
    """More than three states are truncated by an approximation: mean and std within 0.1 and 0.2 of the std."""
    rng = np.random.default_rng(count)
    for _ in range(3):
        F = rng.standard_normal((count, count))
        cov, mean = F @ F.T, rng.normal(size=count)
        low = mean - np.sqrt(np.diag(cov)) * rng.uniform(-0.3, 1.0, count)
        high = np.where(rng.random(count) < 0.3, low + 2.0 * np.sqrt(np.diag(cov)), INF)
        drawn = np.concatenate([rng.multivariate_normal(mean, cov, 500_000) for _ in range(4)])
        drawn = drawn[((drawn >= low) & (drawn <= high)).all(axis=1)]
        belief = cut(fog.KF(), mean, cov, named(dict(enumerate(zip(low, high, strict=True)))))
        std, noise = drawn.std(axis=0), 5.0 / math.sqrt(len(drawn))
        assert noise < 0.05
        bars = (noise, noise) if count == 3 else (0.1, 0.2)
        assert np.abs((belief.mean - drawn.mean(axis=0)) / std).max() <= bars[0]
        assert np.abs(belief.std / std - 1.0).max() <= bars[1]
        assert ((belief.mean > low) & (belief.mean < high)).all()


def test_states_that_depend_on_each_other_exactly() -> None:
    """x1 = 2 x0: the limits of both are limits of x0."""
    for method in FORMS:
        belief = cut(method, [0.3, 0.6], [[1.0, 2.0], [2.0, 4.0]], {"x0": (0.5, None), "x1": (None, 3.0)})
        alone = cut(method, [0.3, 0.6], [[1.0, 0.5], [0.5, 4.0]], {"x0": (0.5, 1.5)})
        assert belief.mean == pytest.approx(np.array([1.0, 2.0]) * alone.mean[0], rel=1e-6)
        assert belief.cov == pytest.approx(np.array([[1.0, 2.0], [2.0, 4.0]]) * alone.cov[0, 0], rel=1e-6)


def test_limits_that_contradict_an_exact_dependence_leave_a_belief_within_them() -> None:
    for method in FORMS:
        belief = cut(method, [0.3, 0.3], [[1.0, 1.0], [1.0, 1.0]], {"x0": (None, -1.0), "x1": (1.0, None)})
        assert belief.mean[0] <= -1.0 and belief.mean[1] >= 1.0 and np.isfinite(belief.cov).all()


def test_independent_states_are_truncated_one_by_one() -> None:
    """To the bit, and with a third state that is correlated with both."""
    cov = np.array([[2.0, 0.0, 0.4], [0.0, 1.5, 0.3], [0.4, 0.3, 0.8]])
    both = cut(fog.KF(form="joseph"), MEAN, cov, {"x0": (0.5, None), "x1": (None, -0.9)})
    once = cut(fog.KF(form="joseph"), MEAN, cov, {"x0": (0.5, None)})
    then = cut(fog.KF(form="joseph"), once.mean, once.cov, {"x1": (None, -0.9)})
    assert both.mean.tobytes() == then.mean.tobytes() and both.cov.tobytes() == then.cov.tobytes()


def test_a_distant_limit_comes_near_when_another_cuts_off_the_belief() -> None:
    """20 standard deviations from its limit, x1 follows x0 to it: 30 standard deviations of x0 are cut off."""
    ends = [(30.0, INF), (-INF, 20.0)]
    cov = np.array([[1.0, 0.8], [0.8, 1.0]])
    alone = cut(fog.KF(), [0.0, 0.0], cov, named({0: ends[0]}))
    assert alone.mean[1] > 20.0
    belief = cut(fog.KF(), [0.0, 0.0], cov, named(dict(enumerate(ends))))
    assert errors(belief, *exact_pair([0.0, 0.0], cov, ends)) <= BAR


def test_rows_are_truncated_alike_whatever_else_is_truncated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows with one limit at hand, with both and with none, together and in parts."""
    motion = fog.motion.constant_velocity(
        ("gap",), accel=1.0, limits={"gap": (0, None), "gap_speed": (-1.5, 1.5)}
    )
    model = fog.Model(
        motion, [fog.sensing.linear("radar", of="gap", std=0.5)], fog.Belief((1.0, 0.0), std=[1, 1])
    )
    log = fog.Log.regular(np.random.default_rng(8).normal(0.3, 8.0, (3, 40, 1)).round(2), dt=0.1)
    whole = fog.run(model, log).filtered
    monkeypatch.setattr(joint_moments, "_AT_ONCE", 1)
    parts = fog.run(model, log).filtered
    assert whole.mean.tobytes() == parts.mean.tobytes() and whole.cov.tobytes() == parts.cov.tobytes()
