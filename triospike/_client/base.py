"""What the families of calls have in common: the client's core, its default policies, its event loop."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .._commands.base import Command
    from .._execution.core import ClientCore
    from .._execution.event_loop import EventLoop
    from ..defaults import DefaultPolicies

__all__ = ["Commands"]

T = TypeVar("T")


class Commands:
    """A family of calls. One client is all of them.

    Args:
        core: The shared heart of the client and its views.
        defaults: Policies where a call names none.
        loop: Where the commands run; None takes each loop in its turn, or the only one.
    """

    __slots__ = ("_core", "_defaults", "_loop")

    def __init__(self, core: ClientCore, defaults: DefaultPolicies, loop: EventLoop | None = None) -> None:
        self._core = core
        self._defaults = defaults
        self._loop = loop or (core.event_loops[0] if len(core.event_loops) == 1 else None)

    def _pick(self) -> EventLoop:
        """The event loop for the next command."""
        return self._loop or self._core.event_loops.next()

    def _run(self, command: Command[T]) -> Coroutine[Any, Any, T]:
        # What runs it is awaited by the call itself: one coroutine less for each command that runs or waits.
        return (self._loop or self._core.event_loops.next()).run(self._core, command)
