"""The status bits of a row are flags, whatever their integer type."""

import numpy as np
import pytest

import foglight as fog


@pytest.mark.parametrize("kind", [int, np.int64, np.uint16])
def test_integers_of_arrays_are_flags(kind: type) -> None:
    both = fog.Status(kind(36))
    assert both is fog.Status.MISSING | fog.Status.REPEATED and both.name == "MISSING|REPEATED"
    assert fog.Status(kind(0)) is fog.Status(0)


@pytest.mark.parametrize("value", [1.5, "USED", None])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a valid Status"):
        fog.Status(value)
