"""What one round is measured by: time, CPU, latencies, memory, errors."""

from __future__ import annotations

import gc
import math
import os
import sys
import time
from array import array
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["PERCENTILES", "Tally", "percentiles", "resident"]

PERCENTILES = (50.0, 99.0, 99.9)
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_PEAK_OF_RESIDENT = "5"
_STEPS = 512
_ZERO = (0.0, -1100)
"""Mantissa and exponent of 0, below those of every other number."""


def resident(what: str = "VmRSS") -> int:
    """Bytes of memory of this process: resident now, or with ``VmHWM`` at the peak.

    Where there is no /proc it is the peak since the process began, which is too much rather than too little.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def percentiles(seconds: array[float]) -> dict[str, float]:
    """`PERCENTILES` of latencies, each at most 0.2% too low; 0 without any.

    They are counted in bins of a width that grows with the value, since a sorted copy of them would be the
    largest thing in the process.

    Args:
        seconds: The latencies, in any order.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for value in seconds:
        mantissa, exponent = math.frexp(value) if value else _ZERO
        counts[exponent, int(mantissa * _STEPS)] += 1
    wanted = [(f"p{percent:g}", percent / 100 * len(seconds)) for percent in PERCENTILES]
    found = dict.fromkeys((name for name, _ in wanted), 0.0)
    seen = 0
    for exponent, step in sorted(counts):
        before, seen = seen, seen + counts[exponent, step]
        for name, rank in wanted:
            if before < rank <= seen:
                found[name] = math.ldexp(step / _STEPS, exponent)
    return found


class Tally:
    """One round. Tasks add to it while it runs.

    Attributes:
        latencies: Seconds of each command that succeeded.
        units: Records or commands that succeeded.
        errors: What failed: name of the class to how often.
        until: When no further command is to be begun.
    """

    def __init__(self, seconds: float) -> None:
        self.latencies = array("d")
        self.units = 0
        self.errors: Counter[str] = Counter()
        gc.collect()
        with suppress(OSError):  # not Linux: the peak is that of the process
            _CLEAR.write_text(_PEAK_OF_RESIDENT, encoding="ascii")
        self._cpu = time.process_time()
        self._began = time.perf_counter()
        self.until = self._began + seconds

    def result(self, baseline: int, beside: dict[str, float] | None) -> dict[str, Any]:
        """What came of it; to be called as soon as the last command has ended.

        Args:
            baseline: Resident memory before the client was opened, in bytes.
            beside: What the competing work measured, its ``cpu`` seconds among it.
        """
        seconds = time.perf_counter() - self._began
        cpu = time.process_time() - self._cpu
        peak = resident("VmHWM") - baseline - len(self.latencies) * self.latencies.itemsize
        return {
            "seconds": seconds,
            "commands": len(self.latencies),
            "units": self.units,
            "cpu": cpu - (beside["cpu"] if beside else 0.0),
            "peak": max(peak, 0),
            "errors": dict(self.errors),
            "beside": beside,
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
            **percentiles(self.latencies),
        }
