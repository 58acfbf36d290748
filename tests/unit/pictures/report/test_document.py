"""Columns of numbers: what comes back is what was stored, to the digits that are promised."""

import numpy as np
import pytest

from foglight.pictures.report.document import Document, packed
from unit.pictures.report.reading import numbers

RNG = np.random.default_rng(14)


def back(values: np.ndarray, exact: bool = False) -> np.ndarray:
    page = Document()
    number = page.column(values, exact)
    return numbers({"columns": page.columns}, number)


@pytest.mark.parametrize("middle", [0.0, 3.0, -5e6, 4e15])
def test_digits_are_those_of_the_variation_not_of_the_distance_from_zero(middle):
    """Metres on a map of the world: 1 cm is seen, though 4 bytes alone resolve 0.5 m there."""
    values = middle + RNG.uniform(-100.0, 100.0, 500)
    assert np.abs(back(values) - values).max() <= max(1e-5, 2.0 * np.spacing(abs(middle)))


def test_values_of_many_sizes_keep_their_relative_digits():
    values = 10.0 ** RNG.uniform(-20.0, 20.0, 500)
    np.testing.assert_allclose(back(values), values, rtol=1e-7)


def test_exact_values_and_those_beyond_single_precision_come_back_to_the_bit():
    values = RNG.standard_normal(50)
    assert back(values, exact=True).tolist() == values.tolist()
    assert back(np.array([1e300, -3e-5])).tolist() == [1e300, -3e-5]


def test_what_is_not_finite_is_missing():
    assert np.isnan(back(np.array([np.nan, np.inf, -np.inf]))).all()
    found = back(np.array([1.0, np.nan, 2.0, np.inf]))
    assert found[[0, 2]].tolist() == [1.0, 2.0] and np.isnan(found[[1, 3]]).all()


def test_four_bytes_a_value():
    kind, offset, data = packed(RNG.standard_normal(300), False)
    assert kind == "f4" and offset == 0.0 and len(data) == 1200


def test_a_sentence_finds_the_first_picture_of_its_subject():
    page = Document()
    first = page.block("lines", "a", ("state", "gap"), text="")
    second = page.block("lines", "b", ("state", "gap"))
    assert first["id"] != second["id"] and "text" not in first
    assert page.pictures[("state", "gap")] == first["id"]
