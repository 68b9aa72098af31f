"""Leave for as many sockets as the system gives: 500 commands in flight of every peer take some thousands."""

from __future__ import annotations

import resource
from contextlib import suppress

__all__ = ["allow_many_sockets"]


def allow_many_sockets() -> None:
    """Raise this process's limit of open files to what it may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
