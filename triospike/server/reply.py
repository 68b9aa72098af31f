"""Answers to single-record requests: one message in one frame (protocol section 7.4)."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.message import pack_message

__all__ = ["reply", "reply_with_ops"]


def reply(code: int, generation: int = 0, void_time: int = 0, *, info3: int = 0) -> bytes:
    """An answer without bins.

    Args:
        code: Result code.
        generation: The record's; servers send it with many errors too.
        void_time: The record's, in seconds since 2010.
        info3: `Info3.LAST` in answers to batches.
    """
    return pack_message(0, 0, info3, result_code=code, generation=generation, record_ttl=void_time)


def reply_with_ops(generation: int, void_time: int, ops: Sequence[bytes]) -> bytes:
    """An answer of success with packed operations."""
    return pack_message(0, 0, 0, generation=generation, record_ttl=void_time, n_ops=len(ops), body=b"".join(ops))
