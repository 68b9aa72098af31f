"""The limits of one event loop."""

from __future__ import annotations

from typing import Literal

import attrs

from ._validators import count, member

__all__ = ["EventPolicy"]


@attrs.frozen(kw_only=True, slots=True)
class EventPolicy:
    """Limits of each event loop (C: ``as_policy_event``). They hold per event loop, not per client.

    Attributes:
        max_commands_in_process: Commands of one loop that hold a connection or run at once; the rest wait,
            first in, first out. 0 is no limit, and the queue is not used. Unlike in the C client any limit
            from 1 on is allowed. Default: 0.
        max_commands_in_queue: Commands that may wait. 0 is no bound. Default: 0.
        when_queue_full: What a command meets that finds the queue full: "raise" `QueueFull` at once, as the
            C client does, or "wait", within its total timeout, until there is room. Default: "raise".
    """

    max_commands_in_process: int = attrs.field(default=0, validator=count(0))
    max_commands_in_queue: int = attrs.field(default=0, validator=count(0))
    when_queue_full: Literal["raise", "wait"] = attrs.field(default="raise", validator=member(("raise", "wait")))
