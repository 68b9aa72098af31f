"""How the command line shows things: consoles, numbers, bars. Colours appear on terminals only."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console

from ..limits.facts import plural

__all__ = ["bar", "console", "duration", "note", "number", "plural", "share", "sparkline"]

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"


def console(*, stderr: bool = False) -> Console:
    """A console on the present stdout or stderr."""
    return Console(file=sys.stderr if stderr else sys.stdout, highlight=False)


def note(text: str, style: str = "dim") -> None:
    """Say something beside the result: one line on stderr."""
    console(stderr=True).print(text, style=style, markup=False, soft_wrap=True)


def number(value: float) -> str:
    """A count with thousands separated: 50,000."""
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """A time with a fitting unit and three digits: 183 µs, 1.25 ms, 2.00 s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            value = seconds / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    return f"{seconds * 1e6:.0f} µs"


def share(part: float, whole: float) -> float:
    """A part as a fraction from 0 to 1; 0 of an empty whole."""
    return min(1.0, max(0.0, part / whole)) if whole else 0.0


def bar(part: float, whole: float, width: int) -> str:
    """A bar of block characters, width cells wide; anything over nothing shows at least a sliver."""
    eighths = round(share(part, whole) * width * 8)
    if part > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def sparkline(values: Sequence[float], width: int) -> str:
    """The last values as a line of small columns, the highest of them full."""
    shown = values[-width:]
    top = max(shown, default=0) or 1
    return "".join(_LEVELS[min(7, int(value / top * 7.999))] for value in shown).rjust(width)
