"""Functions that run in the server."""

from __future__ import annotations

from .base import Commands

__all__ = ["UdfCommands"]


class UdfCommands(Commands):
    """Functions that run in the server."""

    __slots__ = ()
