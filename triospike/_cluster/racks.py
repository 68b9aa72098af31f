"""Racks: which one a node is on, for each namespace (protocol section 6.3)."""

from __future__ import annotations

from ..errors import ProtocolError

__all__ = ["parse_rack_ids"]

_MAX_DIGITS = 10


def parse_rack_ids(text: str) -> dict[str, int]:
    """Read the value of ``rack-ids``: namespace to the rack that the answering node is on.

    Raises:
        ProtocolError: The text is not of this grammar.
    """
    racks: dict[str, int] = {}
    for part in text.split(";"):
        if not part:
            continue
        namespace, _, rack = part.rpartition(":")
        digits = rack.removeprefix("-")
        if not (namespace and digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
            raise ProtocolError(f"malformed rack of a namespace: {part[:80]!r}")
        racks[namespace] = int(rack)
    return racks
