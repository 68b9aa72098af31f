"""Seconds to what travels, and back."""

from __future__ import annotations

import pytest

from triospike._wire.units import EPOCH_2010, milliseconds, ttl_from_void_time, wire_ttl


def test_void_times_count_from_2010() -> None:
    assert EPOCH_2010 == 1_262_304_000


@pytest.mark.parametrize(
    ("seconds", "wire"),
    [
        (0, 0),
        (0.0, 0),
        (-1.0, 0),
        (1, 1000),
        (1.0, 1000),
        (30.0, 30000),
        (0.0004, 1),  # never 0, which would mean the server's own default
        (1e-9, 1),
        (0.0016, 2),
        (2.9999, 3000),
        (1e12, 0xFFFFFFFF),
    ],
)
def test_seconds_become_milliseconds(seconds: float, wire: int) -> None:
    assert milliseconds(seconds) == wire


@pytest.mark.parametrize(
    ("ttl", "wire"),
    [
        # Protocol 2.6.
        (0, 0),
        (1, 1),
        (315_360_000, 315_360_000),
        (-1, 0xFFFFFFFF),
        (-2, 0xFFFFFFFE),
    ],
)
def test_ttl_of_a_policy_becomes_the_headers(ttl: int, wire: int) -> None:
    assert wire_ttl(ttl) == wire


@pytest.mark.parametrize(
    ("void_time", "now", "ttl"),
    [
        (0, 1_795_368_148.0, None),
        (533_065_148, 1_795_368_148.0, 1000),  # single get/read-touch/0, recorded at 2026-11-22T17:22:28Z
        (533_065_148, 1_795_368_148.9, 1000),
        (533_065_148, 1_795_369_147.0, 1),
        (533_065_148, 1_795_369_148.0, 1),  # expires now: 1, as in the C client
        (533_065_148, 1_900_000_000.0, 1),
        (1, 1_262_304_000.0, 1),
    ],
)
def test_void_time_becomes_the_seconds_left(void_time: int, now: float, ttl: int | None) -> None:
    assert ttl_from_void_time(void_time, now) == ttl
