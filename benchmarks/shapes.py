"""What the records look like."""

from __future__ import annotations

from typing import Any

__all__ = ["SCAN_RECORDS", "SHAPES", "bins_of", "usual_keys"]

SCAN_RECORDS = 20_000
"""Of a set that is scanned: the slowest peer, at a quarter of a millisecond for each, needs some seconds."""

SHAPES: dict[str, str] = {
    "small": "one bin of 20 characters",
    "three": "three small bins",
    "ten": "ten small bins",
    "big": "one bin of 10 KB",
    "map": "a map of 1,000 entries",
}

_LARGE = {"big", "map"}


def bins_of(shape: str) -> dict[str, Any]:
    """The bins of every record of a shape.

    Args:
        shape: One of `SHAPES`.
    """
    match shape:
        case "small":
            return {"data": "x" * 20}
        case "three":
            return {"name": "Ada Lovelace", "age": 36, "score": 0.5}
        case "ten":
            return {
                **{f"count{number}": 1000 * number for number in range(4)},
                **{f"name{number}": f"the value of name {number}" for number in range(3)},
                **{f"share{number}": number / 4 for number in range(2)},
                "token": bytes(range(16)),
            }
        case "big":
            return {"data": bytes(range(256)) * 40}
        case "map":
            return {"data": {f"key{number:04}": number for number in range(1000)}}
        case _:
            raise ValueError(f"no shape {shape!r}: there are {', '.join(SHAPES)}")


def usual_keys(shape: str) -> int:
    """How many records there are, so that a server holds all shapes in some hundred megabytes.

    Args:
        shape: One of `SHAPES`.
    """
    return 1_000 if shape in _LARGE else 10_000
