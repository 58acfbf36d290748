"""Thinned series: no spike and no gap is lost, and a line through them covers the same pixels."""

import numpy as np
import pytest

from foglight.pictures.decimation import decimated


def noisy(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.uniform(0.01, 2.0, rows)), np.cumsum(rng.normal(size=rows))


def test_short_series_are_whole() -> None:
    t, y = noisy(50)
    assert decimated(t, y, 50).tolist() == list(range(50))


def test_few_rows_are_kept_in_order_with_both_ends() -> None:
    t, y = noisy(100_000)
    at = decimated(t, y, 1000)
    assert 300 < len(at) <= 1000
    assert (np.diff(at) > 0).all() and at[0] == 0 and at[-1] == len(y) - 1


@pytest.mark.parametrize("row", [1, 777, 54_321, 99_998])
@pytest.mark.parametrize("height", [1e6, -1e6])
def test_no_spike_is_hidden(row: int, height: float) -> None:
    t, y = noisy(100_000)
    y[row] = height
    assert row in decimated(t, y, 400)


def test_every_piece_of_time_keeps_its_extremes() -> None:
    """The oracle goes through the pieces one by one."""
    t, y = noisy(5000)
    y[1200:1300] = np.nan
    at = decimated(t, y, 302)
    piece = np.minimum(((t - t[0]) / (t[-1] - t[0]) * 100).astype(int), 99)
    for k in np.unique(piece):
        rows = np.flatnonzero(piece == k)
        mine = at[piece[at] == k]
        known = rows[np.isfinite(y[rows])]
        if len(known):
            assert {y[known].min(), y[known].max()} <= set(y[mine].tolist())
        assert np.isnan(y[rows]).any() == np.isnan(y[mine]).any()


def test_a_line_covers_the_same_pixels() -> None:
    """In every column of pixels, the thinned line reaches as high and as low as the whole one, to one column."""
    t, y = noisy(200_000)
    at, columns = decimated(t, y, 4000), 600
    column = np.minimum(((t - t[0]) / (t[-1] - t[0]) * columns).astype(int), columns - 1)
    for k in range(1, columns - 1, 37):
        thinned = y[at][np.abs(column[at] - k) <= 1]
        whole = y[column == k]
        assert thinned.max() >= whole.max() and thinned.min() <= whole.min()


def test_gaps_stay_gaps() -> None:
    t, y = noisy(60_000)
    y[20_000:40_000] = np.nan
    at = decimated(t, y, 600)
    inside = (at >= 20_000) & (at < 40_000)
    assert inside.sum() > 20 and np.isnan(y[at[inside]]).all()


def test_a_spike_beside_an_infinite_value_is_kept() -> None:
    t, y = noisy(10_000)
    y[5000], y[5001] = np.inf, 1e9
    assert 5001 in decimated(t, y, 300)


def test_dates_and_times_that_stand_still() -> None:
    _, y = noisy(9000)
    y[123] = 1e9
    dates = np.datetime64("2026-01-01") + np.arange(9000).astype("timedelta64[m]")
    for t in (dates, np.zeros(9000), np.concatenate([np.arange(4500.0), np.arange(4500.0)])):
        at = decimated(t, y, 300)
        assert 123 in at and len(at) <= 300


def test_a_million_rows_are_quick() -> None:
    """In terms of sorting them once."""
    from time import process_time

    t, y = noisy(1_000_000)

    def least(action: object) -> float:
        times = []
        for _ in range(3):
            begin = process_time()
            action()  # type: ignore[operator]
            times.append(process_time() - begin)
        return min(times)

    assert least(lambda: decimated(t, y)) < 3.0 * least(lambda: np.sort(y))
