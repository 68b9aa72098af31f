"""How info commands are sent."""

from __future__ import annotations

import attrs

from ._validators import count, seconds

__all__ = ["InfoPolicy"]


@attrs.frozen(kw_only=True, slots=True)
class InfoPolicy:
    """Policy of `info` (C: ``as_policy_info``).

    Attributes:
        timeout: The whole command, in seconds; 0 is no limit. Default: 1.
        max_response_bytes: Longest answer that is accepted. Default: 16 MiB.
    """

    timeout: float = attrs.field(default=1.0, validator=seconds)
    max_response_bytes: int = attrs.field(default=16 << 20, validator=count(1, 128 << 20))
