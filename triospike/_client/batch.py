"""Calls on many records at once."""

from __future__ import annotations

from .base import Commands

__all__ = ["BatchCommands"]


class BatchCommands(Commands):
    """Calls on many records at once."""

    __slots__ = ()
