"""The one place where seconds become what travels on the wire, and back."""

from __future__ import annotations

__all__ = ["EPOCH_2010", "milliseconds", "ttl_from_void_time", "wire_ttl"]

EPOCH_2010 = 1_262_304_000
"""2010-01-01T00:00:00Z in Unix seconds, from which void-times count (protocol section 2.6)."""

_UINT32 = 0xFFFFFFFF


def milliseconds(seconds: float) -> int:
    """Whole milliseconds for the wire: at least 1 for a time that is not 0, at most what fits in 32 bits."""
    if seconds <= 0:
        return 0
    return min(max(round(seconds * 1000), 1), _UINT32)


def wire_ttl(ttl: int) -> int:
    """A ttl of a policy, in seconds or one of the special negative values, as the header's 32 bits."""
    return ttl & _UINT32


def ttl_from_void_time(void_time: int, unix_now: float) -> int | None:
    """Seconds left until void_time (seconds since 2010), None for 0, which is never; 1 when just expired.

    The C client's rule (``cf_server_void_time_to_ttl``).
    """
    if void_time == 0:
        return None
    return max(void_time - int(unix_now - EPOCH_2010), 1)
