from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from triospike.cli.histogram import Histogram

times = st.floats(min_value=0, max_value=4_000, allow_nan=False)


def filled(*seconds: float) -> Histogram:
    histogram = Histogram()
    for value in seconds:
        histogram.record(value)
    return histogram


def test_an_empty_histogram_answers_with_zeros() -> None:
    histogram = Histogram()
    assert (histogram.count, histogram.mean, histogram.maximum, histogram.percentile(99)) == (0, 0, 0, 0)
    assert list(histogram.ranges()) == []


def test_percentiles_of_whole_microseconds_below_64_are_exact_to_one() -> None:
    histogram = filled(*(number * 1e-6 + 1e-7 for number in range(50)))
    assert histogram.percentile(50) == pytest.approx(25e-6)
    assert histogram.percentile(90) == pytest.approx(45e-6)
    assert histogram.percentile(100) == histogram.maximum


def test_a_rare_slow_one_shows_in_the_high_percentiles_only() -> None:
    histogram = filled(*[0.001] * 990, *[0.1] * 10)
    assert histogram.percentile(50) == pytest.approx(0.001, rel=0.04)
    assert histogram.percentile(99) == pytest.approx(0.001, rel=0.04)
    assert histogram.percentile(99.9) == pytest.approx(0.1, rel=0.04)


@given(st.lists(times, min_size=1, max_size=200), st.floats(0, 100))
def test_a_percentile_is_never_below_the_true_one_nor_3_percent_above(values: list[float], percent: float) -> None:
    histogram = filled(*values)
    rank = max(0, -int(-len(values) * percent // 100) - 1)
    true = sorted(values)[rank]
    found = histogram.percentile(percent)
    assert found <= histogram.maximum
    assert true - 1.1e-6 <= found <= true * 1.032 + 1.1e-6


@given(st.lists(times, min_size=1, max_size=50), st.sampled_from([1, 2, 4, 32]))
def test_ranges_hold_every_sample_once_and_touch_each_other(values: list[float], per_doubling: int) -> None:
    ranges = list(filled(*values).ranges(per_doubling))
    assert sum(part.count for part in ranges) == len(values)
    assert ranges[0].count > 0
    assert ranges[-1].count > 0
    assert all(first.high == second.low for first, second in itertools.pairwise(ranges))


@given(st.lists(times, max_size=30), st.lists(times, max_size=30))
def test_adding_is_the_same_as_recording_both(first: list[float], second: list[float]) -> None:
    added, together = filled(*first), filled(*first, *second)
    added.add(filled(*second))
    assert list(added.ranges(32)) == list(together.ranges(32))
    assert (added.count, added.minimum, added.maximum) == (together.count, together.minimum, together.maximum)
    assert added.mean == pytest.approx(together.mean)


def test_what_is_out_of_range_counts_at_the_nearest_end() -> None:
    histogram = filled(-1.0, 10_000.0)
    assert histogram.count == 2
    assert histogram.minimum == 0
    assert histogram.percentile(100) <= 10_000


@pytest.mark.parametrize("percent", [-1.0, 100.1, float("nan")])
def test_a_percentile_out_of_range_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percent"):
        Histogram().percentile(percent)
