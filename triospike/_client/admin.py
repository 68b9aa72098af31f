"""Indexes, modules, truncation, and what nodes tell of themselves."""

from __future__ import annotations

from .indexes import IndexCommands
from .modules import ModuleCommands
from .monitoring import MonitoringCommands

__all__ = ["AdminCommands"]


class AdminCommands(IndexCommands, ModuleCommands, MonitoringCommands):
    """Indexes, modules, truncation, and what nodes tell of themselves."""

    __slots__ = ()
