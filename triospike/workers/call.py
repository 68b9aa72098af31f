"""One call of a function in a worker, as the parent sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import trio

from ..errors import AerospikeError, CommandCancelled
from .link import Frame, Kind
from .pickles import MainProgram, loads, unpack_error

__all__ = ["Call"]


class Call:
    """A call from its beginning until its outcome is known.

    Args:
        request: The frame that carries it.
        when_over: Called as soon as the outcome is known, unless the call was given up before.
    """

    def __init__(self, request: Frame, when_over: Callable[[Call], None] | None = None) -> None:
        self.request = request
        self.given_up = False
        self._when_over = when_over
        self._over = trio.Event()
        self._answer: Frame | None = None
        self._error: AerospikeError | None = None
        self._where = ""

    @property
    def is_over(self) -> bool:
        """The outcome is known."""
        return self._over.is_set()

    async def wait(self) -> None:
        """Wait for the outcome."""
        await self._over.wait()

    def answered(self, answer: Frame, where: str) -> None:
        """The worker has told what became of it."""
        self._answer = answer
        self._where = where
        self._set_over()

    def failed(self, error: AerospikeError) -> None:
        """The worker will not tell any more."""
        self._error = error
        self._set_over()

    def _set_over(self) -> None:
        self._over.set()
        if self._when_over is not None and not self.given_up:
            self._when_over(self)

    def result(self, main: MainProgram) -> Any:
        """What the function returned, or raises what it raised.

        Args:
            main: This process's main program.
        """
        if self._error is not None:
            raise self._error
        assert self._answer is not None
        match self._answer.kind:
            case Kind.VALUE:
                return loads(self._answer.body, main, in_worker=False)
            case Kind.ERROR:
                raise unpack_error(self._answer.body, main, self._where)
            case _:
                raise CommandCancelled("the call was cancelled")
