"""What a task that is parked for an answer is woken with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TypeVar

from outcome import Outcome

__all__ = ["Arrived"]

T = TypeVar("T")


class Arrived(Outcome[bytes]):
    """An answer, for one task. As `outcome.Value`, which sees to it that it is used once, in four times the time.

    Args:
        frame: The whole answer; it may be changed until the task is made ready, and is forgotten once it has it.
    """

    __slots__ = ("frame",)

    def __init__(self, frame: bytes = b"") -> None:
        self.frame = frame

    def __repr__(self) -> str:
        return f"<Arrived: {len(self.frame)} bytes>"

    def unwrap(self) -> bytes:
        """See `Outcome.unwrap`."""
        frame, self.frame = self.frame, b""
        return frame

    def send(self, gen: Generator[T, bytes, object]) -> T:
        """See `Outcome.send`."""
        return gen.send(self.unwrap())

    async def asend(self, agen: AsyncGenerator[T, bytes]) -> T:
        """See `Outcome.asend`."""
        return await agen.asend(self.unwrap())
