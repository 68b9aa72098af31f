"""A command bound to a client: checked and encoded, to be run or submitted later, once or often."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

from .._commands.base import Command
from .core import ClientCore

__all__ = ["Prepared"]

T = TypeVar("T")


@attrs.frozen(slots=True, repr=False)
class Prepared(Generic[T]):
    """A command that waits to be run. Made by ``client.prepare``; its arguments are checked already.

    Attributes:
        core: The client it belongs to.
        command: What to do.
    """

    core: ClientCore
    command: Command[T]

    def __repr__(self) -> str:
        return f"<Prepared {self.command!r}>"
