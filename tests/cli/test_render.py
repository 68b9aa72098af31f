from __future__ import annotations

import pytest

from triospike.cli.render import bar, duration, number, plural, sparkline


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 µs"),
        (183e-6, "183 µs"),
        (0.00125, "1.25 ms"),
        (0.0123, "12.3 ms"),
        (0.25, "250 ms"),
        (2.0, "2.00 s"),
        (75.0, "75.0 s"),
    ],
)
def test_a_duration_has_a_fitting_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts_are_readable() -> None:
    assert number(50_000.4) == "50,000"
    assert plural(1, "node") == "1 node"
    assert plural(3, "node") == "3 nodes"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 10, "    "), (10, 10, "████"), (5, 10, "██  "), (1, 1000, "▏   "), (99, 10, "████"), (3, 0, "▏   ")],
)
def test_a_bar_has_its_width_and_shows_the_smallest_part(part: float, whole: float, shown: str) -> None:
    assert bar(part, whole, 4) == shown


def test_a_sparkline_shows_the_last_values_against_the_highest() -> None:
    assert sparkline([9, 0, 4, 8], 3) == "▁▄█"
    assert sparkline([0, 0], 4) == "  ▁▁"
    assert sparkline([], 2) == "  "
