"""What a server remembers of one connection."""

from __future__ import annotations

import attrs

__all__ = ["Session"]


@attrs.define(slots=True)
class Session:
    """State of one connection.

    Attributes:
        peer: The client's address, ``host:port``.
        user_agent: What the client calls itself, once it has told.
    """

    peer: str = ""
    user_agent: str | None = None
