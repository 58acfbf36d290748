"""Whatever one thing is wrong with a sound problem, it is refused with the error it deserves, and no other."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import foglight as fog
from fuzz.broken import FAULTS, FUNCTIONS, Fault, Sound
from fuzz.problems import Sizes, seeds, sizes

EXAMPLES = 8
MANY = 500


def refused(fault: Fault, given: Sizes, seed: int) -> None:
    """Anything but the expected error, a warning included, comes out."""
    with pytest.raises(fault.error) as caught:
        fault.do(Sound.of(given, seed))
    assert str(caught.value)
    assert fault in FUNCTIONS or caught.value.field


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(given=sizes(), seed=seeds)
def test_one_fault_earns_its_error(fault: Fault, given: Sizes, seed: int) -> None:
    refused(fault, given, seed)


@pytest.mark.campaign
@pytest.mark.parametrize("fault", FAULTS, ids=str)
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
@given(given=sizes(), seed=seeds)
def test_one_fault_earns_its_error_many_times(fault: Fault, given: Sizes, seed: int) -> None:
    refused(fault, given, seed)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(given=sizes(), seed=seeds)
def test_without_a_fault_nothing_is_refused(given: Sizes, seed: int) -> None:
    sound = Sound.of(given, seed)
    runs = [
        fog.run(sound.linear(), sound.log()),
        fog.run(sound.built(), fog.Log.regular(sound.readings(), dt=1.0)),
    ]
    assert np.isfinite([run.loglik for run in runs]).all()
    assert len(FAULTS) > 60
