"""How a handler gives up on a request: the result code that the client gets."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """Raised while a request is checked or applied; nothing of it has been stored.

    Args:
        code: Result code of the answer.
    """

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
