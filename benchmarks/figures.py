"""From rounds to figures: medians, spreads, and ratios taken round by round."""

from __future__ import annotations

from statistics import median
from typing import Any

__all__ = ["BASE", "per_second", "ratio", "summary"]

BASE = "triospike"
"""Whom the others are compared with."""

Round = dict[str, Any]


def per_second(one: Round) -> float:
    """Records or commands per second of a round."""
    return float(one["units"] / one["seconds"])


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "low": min(values), "high": max(values)}


def summary(rounds: list[Round]) -> dict[str, Any]:
    """The figures of a peer at one case.

    Args:
        rounds: At least one, and none without a success.

    Returns:
        ``per_second`` with its spread, and medians: ``cpu`` seconds per record or command, latencies in seconds,
        the ``peak`` of memory in bytes, the sum of ``errors``, and what work beside it met, if there was any.
    """
    figures: dict[str, Any] = {
        "per_second": _spread([per_second(one) for one in rounds]),
        "cpu": _spread([one["cpu"] / one["units"] for one in rounds]),
        "cpu_share": median(one["cpu"] / one["seconds"] for one in rounds),
        **{name: median(one[name] for one in rounds) for name in ("p50", "p99", "p99.9")},
        "peak": max(one["peak"] for one in rounds),
        "errors": sum(sum(one["errors"].values()) for one in rounds),
    }
    neighbours = [one["beside"] for one in rounds if one["beside"]]
    if neighbours:
        figures["beside"] = {name: median(one[name] for one in neighbours) for name in neighbours[0]}
    return figures


def ratio(rounds: list[Round], base: list[Round]) -> dict[str, float] | None:
    """How many times as much a peer does as another in the same round: median, lowest and highest.

    Args:
        rounds: Of the peer.
        base: Of the other, in the same order.

    Returns:
        None where there is nothing to compare with.
    """
    pairs = [(per_second(one), per_second(other)) for one, other in zip(rounds, base, strict=False)]
    ratios = [one / other for one, other in pairs if other]
    return _spread(ratios) if ratios else None
