"""Latencies in buckets of about 3% width: constant memory, whatever the number of samples.

As in HdrHistogram, whole microseconds are counted. Below 64 each has a bucket of its own; from there on every
doubling is divided into 32 equal buckets.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

__all__ = ["Histogram", "Range"]

_SUB_BITS = 5
_SUB = 1 << _SUB_BITS
_LINEAR = 2 * _SUB
_MAX_MICROSECONDS = 1 << 32
_BUCKETS = (32 - _SUB_BITS + 1) * _SUB
_MICRO = 1e-6


@attrs.frozen
class Range:
    """Samples between two times.

    Attributes:
        low: Seconds, included.
        high: Seconds, not included.
        count: Number of samples.
    """

    low: float
    high: float
    count: int


class Histogram:
    """Counts times; answers with percentiles.

    Attributes:
        count: Number of samples.
        minimum: The shortest in seconds; 0 without samples.
        maximum: The longest in seconds; 0 without samples.
    """

    __slots__ = ("_buckets", "_total", "count", "maximum", "minimum")

    def __init__(self) -> None:
        self._buckets = [0] * _BUCKETS
        self._total = 0.0
        self.count = 0
        self.minimum = 0.0
        self.maximum = 0.0

    def record(self, seconds: float) -> None:
        """Count one sample; a negative one counts as 0, one over 71 minutes as 71 minutes."""
        seconds = max(0.0, seconds)
        self._buckets[_index(int(seconds / _MICRO))] += 1
        if not self.count or seconds < self.minimum:
            self.minimum = seconds
        if seconds > self.maximum:
            self.maximum = seconds
        self.count += 1
        self._total += seconds

    def add(self, other: Histogram) -> None:
        """Count all samples of another histogram too."""
        if not other.count:
            return
        self.minimum = min(self.minimum, other.minimum) if self.count else other.minimum
        self.maximum = max(self.maximum, other.maximum)
        self.count += other.count
        self._total += other._total
        for index, count in enumerate(other._buckets):
            self._buckets[index] += count

    @property
    def mean(self) -> float:
        """The mean in seconds; 0 without samples."""
        return self._total / self.count if self.count else 0.0

    def percentile(self, percent: float) -> float:
        """A time that this share of the samples does not exceed, in seconds; 0 without samples.

        It is the upper end of a bucket, so at most 3% (below 64 µs: 1 µs) too high, and never above the maximum.

        Args:
            percent: From 0 to 100.

        Raises:
            ValueError: percent is out of range.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"percent must be from 0 to 100, not {percent!r}")
        wanted = self.count * percent / 100
        seen = 0
        for index, count in enumerate(self._buckets):
            seen += count
            if count and seen >= wanted:
                return max(self.minimum, min(self.maximum, _low(index + 1) * _MICRO))
        return self.maximum

    def ranges(self, per_doubling: int = 2) -> Iterator[Range]:
        """The samples in coarser ranges, from the shortest to the longest, empty ones between them included.

        Args:
            per_doubling: Ranges for each doubling of the time: 1, 2, 4, 8, 16 or 32.
        """
        if not self.count:
            return
        step = _SUB // per_doubling
        used = [index for index, count in enumerate(self._buckets) if count]
        for first in range(used[0] // step * step, used[-1] + 1, step):
            count = sum(self._buckets[first : first + step])
            yield Range(_low(first) * _MICRO, _low(first + step) * _MICRO, count)


def _index(microseconds: int) -> int:
    """The bucket of a time."""
    if microseconds < _LINEAR:
        return microseconds
    microseconds = min(microseconds, _MAX_MICROSECONDS - 1)
    shift = microseconds.bit_length() - _SUB_BITS - 1
    return shift * _SUB + (microseconds >> shift)


def _low(index: int) -> int:
    """The first microsecond of a bucket."""
    if index < _LINEAR:
        return index
    shift = index // _SUB - 1
    return (index - shift * _SUB) << shift
