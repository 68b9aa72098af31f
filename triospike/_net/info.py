"""Info commands on a connection."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.info import pack_info_request, parse_info_answer
from .connection import Connection

__all__ = ["MAX_TEND_ANSWER", "info"]

MAX_TEND_ANSWER = 512 << 10
"""Longest answer accepted while tending, in bytes, as in the C client."""


async def info(
    connection: Connection, commands: Sequence[str], *, max_body: int = MAX_TEND_ANSWER
) -> dict[str, str]:
    """Ask a server; the caller bounds the time.

    Args:
        connection: An idle connection; it is closed when this fails or is cancelled.
        commands: Info commands, without line breaks.
        max_body: Longest answer to accept, in bytes.

    Returns:
        Command to value. Values may be errors: see `triospike._wire.info.info_error`.

    Raises:
        ConnectionFailed: The connection broke.
        ProtocolError: The peer does not speak this protocol.
        SecurityError: The server wants authentication.
    """
    frame = await connection.ask(pack_info_request(commands), max_body=max_body)
    try:
        return parse_info_answer(frame)
    except Exception:
        connection.close()
        raise
