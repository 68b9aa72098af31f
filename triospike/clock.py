"""The wall clock, in the one place that may read it.

Everything else takes Trio's clock, or a clock that is handed in: a record's expiry is the only thing that the
protocol measures against the calendar.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias

__all__ = ["Moment", "WallClock", "unix_nanoseconds", "wall_clock"]

WallClock: TypeAlias = Callable[[], float]
"""Returns Unix seconds."""

wall_clock: WallClock = time.time

Moment: TypeAlias = datetime | float
"""A point in time: a datetime that knows its time zone, or Unix seconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unix_nanoseconds(moment: Moment, argument: str) -> int:
    """A point in time as the protocol has it in info commands: nanoseconds since 1970, rounded down.

    Args:
        moment: A datetime that knows its time zone, or Unix seconds.
        argument: What it is, for messages.

    Raises:
        TypeError: It is neither.
        ValueError: The datetime has no time zone, or the time is no finite number above zero.
    """
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise ValueError(f"{argument} must be a datetime with a time zone, not {moment!r}")
        nanoseconds = (moment - _EPOCH) // timedelta(microseconds=1) * 1000
    elif isinstance(moment, bool) or not isinstance(moment, int | float):
        raise TypeError(f"{argument} must be a datetime or Unix seconds, not {type(moment).__name__}")
    elif not math.isfinite(moment):
        raise ValueError(f"{argument} must be a finite number of seconds, not {moment!r}")
    else:
        nanoseconds = math.floor(Fraction(moment) * 1_000_000_000)
    if nanoseconds <= 0:
        raise ValueError(f"{argument} must be after the beginning of 1970, not {moment!r}")
    return nanoseconds
