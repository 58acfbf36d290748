"""The scalar functions that motions and noises are made of, on numbers and on symbols, at 40 digits."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from foglight.equations import angles
from foglight.model import special_functions
from foglight.model.special_functions import bow, sinc
from unit.both import BOTH, Call, cost, symbols

pytestmark = pytest.mark.parametrize("way", BOTH)
ULP = 2.0**-52


def phi(t: float, k: int) -> mpf:
    """φk(-t) by its series, which mpmath sums with as many digits as it takes."""
    return mp.hyp1f1(1, k + 1, -mpf(t)) / mp.factorial(k)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_decay_and_its_integrals_at_any_ratio_of_step_to_time_constant(way: Call, count: int) -> None:
    close = [1.0 + k * ULP for k in range(-3, 4)]
    for t in [
        0.0,
        1e-300,
        1e-9,
        0.1,
        0.3,
        0.5,
        0.7,
        0.9,
        0.999,
        *close,
        1.01,
        1.3,
        2.0,
        3.0,
        10.0,
        60.0,
        700.0,
    ]:
        found = way(special_functions.phis, t, count)
        assert len(found) == count + 1
        with mp.workdps(40):
            for k, value in enumerate(found):
                expected = phi(t, k)
                slack = (0.7, 0.7, 1.3, 3.0, 12.0, 60.0)[k] if t >= 1.0 else 2.6 if count == 1 else 1.4
                assert abs(mpf(float(value)) / expected - 1) < slack * ULP, (t, k)


def test_no_decay_is_exact(way: Call) -> None:
    assert [float(v) for v in way(special_functions.phis, 0.0, 3)] == [1.0, 1.0, 0.5, 1.0 / 6.0]


ARCS = [1e-300, 1e-12, 1e-3, 0.1, 0.3, 0.49, 0.4999999, 0.5, 0.5 + ULP, 0.51, 0.8, 1.5, 3.0, 3.2, 6.0]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_chord_over_arc_and_its_slope(way: Call, sign: float) -> None:
    for h in ARCS:
        with mp.workdps(700):
            x = mpf(sign * h)
            chord, slope = mp.sin(x) / x, (mp.sin(x) - x * mp.cos(x)) / x**2
        assert abs(mpf(float(way(sinc, sign * h))) - chord) < 1.5 * ULP * max(abs(chord), mpf("0.1")), h
        assert abs(mpf(float(way(bow, sign * h))) - slope) < (1.5 if h < 0.5 else 8) * ULP * abs(slope), h


def test_a_straight_line_is_exact(way: Call) -> None:
    assert way(sinc, 0.0) == 1.0 and way(bow, 0.0) == 0.0


def test_angles_are_brought_into_one_turn(way: Call) -> None:
    rng = np.random.default_rng(4)
    for a in [
        *rng.uniform(-40.0, 40.0, 200).tolist(),
        math.pi,
        -math.pi,
        3 * math.pi,
        -3 * math.pi,
        7.0,
        -7.0,
    ]:
        w = float(way(angles.wrap, a))
        assert -math.pi <= w < math.pi
        turns = round((a - w) / (2 * math.pi))
        assert abs(w + turns * 2 * math.pi - a) < 1e-14
    for a in (-math.pi, math.nextafter(math.pi, 0.0), 3.0, -3.0, 1e-300, -0.5, 0.1):
        assert float(way(angles.wrap, a)) == a
    assert way(angles.wrap, math.pi) == -math.pi
    assert way(angles.wrap, math.nextafter(-math.pi, -4.0)) < math.pi
    assert math.isnan(way(angles.wrap, math.nan))
    if way is symbols:
        return
    some = np.array([4.0, -4.0, math.nan, 1.0])
    expected = [4.0 - 2 * math.pi, 2 * math.pi - 4.0, math.nan, 1.0]
    np.testing.assert_allclose(way(angles.wrap, some), expected, rtol=4e-16)


def test_next_to_the_branch_cut_no_turn_is_lost(way: Call) -> None:
    """Where the rounding of a + pi picks the neighbouring turn, the selects bring it back."""
    for turns in range(-6, 7):
        for steps in range(-4, 5):
            a = turns * 2 * math.pi + math.pi
            for _ in range(abs(steps)):
                a = math.nextafter(a, math.copysign(math.inf, steps))
            w = float(way(angles.wrap, a))
            assert -math.pi <= w < math.pi, (turns, steps)
            assert min(abs(w - math.pi), abs(w + math.pi)) < 1e-13


def test_what_they_cost(way: Call) -> None:
    if way is symbols:
        assert cost(angles.wrap, 1.0) == 11
        assert cost(special_functions.phis, 0.5, 2) == 53
        assert [cost(f, 0.5) for f in (sinc, bow)] == [23, 27]
    else:
        assert -math.pi <= angles.wrap(4.0) < 0.0
