"""Points in time as info commands have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from triospike.clock import unix_nanoseconds


@pytest.mark.parametrize(
    ("moment", "nanoseconds"),
    [
        (1300000000, 1_300_000_000_000_000_000),
        (1.5, 1_500_000_000),
        (1e-9, 1),
        (datetime(2011, 3, 13, 7, 6, 40, tzinfo=UTC), 1_300_000_000_000_000_000),
        (datetime(2011, 3, 13, 7, 6, 40, 123456, tzinfo=UTC), 1_300_000_000_123_456_000),
        (datetime(2011, 3, 13, 9, 6, 40, tzinfo=timezone(timedelta(hours=2))), 1_300_000_000_000_000_000),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 253_402_300_799_999_999_000),
    ],
)
def test_a_moment_is_exact_to_the_microsecond(moment: Any, nanoseconds: int) -> None:
    assert unix_nanoseconds(moment, "before") == nanoseconds


@pytest.mark.parametrize(
    ("moment", "error", "why"),
    [
        (datetime(2011, 3, 13), ValueError, "before must be a datetime with a time zone"),
        (datetime(1969, 1, 1, tzinfo=UTC), ValueError, "before must be after the beginning of 1970"),
        (0, ValueError, "before must be after the beginning of 1970"),
        (-1.0, ValueError, "before must be after"),
        (float("inf"), ValueError, "before must be a finite number"),
        (float("nan"), ValueError, "before must be a finite number"),
        ("2011", TypeError, "before must be a datetime or Unix seconds, not str"),
        (True, TypeError, "not bool"),
    ],
)
def test_what_is_no_moment_is_refused(moment: Any, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        unix_nanoseconds(moment, "before")
