"""One exchange with a server that follows a script."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio

from fixtures.raw_server import RawServer, Script
from triospike._net.carrier import Carrier
from triospike._net.connection import Connection

__all__ = ["REQUEST", "Dial", "exchange"]

REQUEST = b"\x02\x03\x00\x00\x00\x00\x00\x04ping"

Dial: TypeAlias = Callable[[Script], Awaitable[tuple[Connection, RawServer]]]


async def exchange(
    connection: Carrier,
    request: bytes = REQUEST,
    *,
    total: float = math.inf,
    silence: float = math.inf,
) -> bytes:
    """One exchange with its times in seconds from now."""
    return await connection.exchange(request, trio.current_time() + total, silence, trio.current_time())
