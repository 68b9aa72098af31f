"""Indexes, modules, truncation, and what nodes tell of themselves."""

from __future__ import annotations

from .info import InfoCommands

__all__ = ["AdminCommands"]


class AdminCommands(InfoCommands):
    """Indexes, modules, truncation, and what nodes tell of themselves."""

    __slots__ = ()
