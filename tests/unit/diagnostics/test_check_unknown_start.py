"""Models that a check makes of one that knows nothing of its start do not know it either."""

from dataclasses import replace

import numpy as np

import foglight as fog
from foglight.diagnostics.check.changes import _begun
from foglight.diagnostics.check.coloured_noise import coloured
from foglight.diagnostics.check.health import Code
from foglight.diagnostics.check.hypotheses.hypothesis import Hypothesis
from foglight.diagnostics.check.scale import without_start
from foglight.diagnostics.check.wider_start import wider_start

MODEL = fog.Model(
    fog.motion.constant_velocity(("gap",), accel=0.7),
    [fog.sensing.linear("radar", of="gap", std=0.4)],
    fog.Belief([3.0, -1.0], std=[np.inf, 0.5]),
)


def test_further_states_leave_the_start_as_it_is() -> None:
    start = wider_start(MODEL, [0.3, 2.0])
    np.testing.assert_array_equal(start.std, [np.inf, 0.5, 0.3, 2.0])
    np.testing.assert_array_equal(start.mean, [3.0, -1.0, 0.0, 0.0])
    assert np.isinf(wider_start(replace(MODEL, start=None), [1.0]).std[:2]).all()


def test_coloured_noise_leaves_it_unknown() -> None:
    extended = coloured(MODEL).start
    assert extended is not None and np.isinf(extended.std[0]) and extended.std[1:].tolist() == [0.5, 1.0]


def test_a_start_that_is_moved_stays_unknown() -> None:
    start = _begun(MODEL, 1, 2.0).start
    assert start is not None and start.std.tolist() == [np.inf, 0.5] and start.mean.tolist() == [3.0, 0.0]


def test_a_gain_without_the_start_scales_what_is_known_of_it() -> None:
    gain = Hypothesis(Code.GAIN, "radar", 2.0, "", "", "", lambda model, log: (model, log), {0: -np.log(2.0)})
    noises = without_start(MODEL, gain)
    log, _ = fog.simulate(MODEL.with_start(fog.Belief([3.0, -1.0], std=[1.0, 0.5])), 20, 0.1, seed=1)
    assert noises is not None
    start = noises.change(MODEL, log)[0].start
    assert start.std.tolist() == [np.inf, 0.5] and start.mean.tolist() == [1.5, -0.5]
