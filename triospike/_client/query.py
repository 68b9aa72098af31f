"""Scans and queries."""

from __future__ import annotations

from .base import Commands

__all__ = ["QueryCommands"]


class QueryCommands(Commands):
    """Scans and queries."""

    __slots__ = ()
