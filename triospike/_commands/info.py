"""info commands of a user: what to ask, and which answers are errors."""

from __future__ import annotations

from .._wire.info import info_error, pack_info_request, parse_info_answer
from ..errors import ProtocolError

__all__ = ["InfoCommand"]


class InfoCommand:
    """One info command.

    Args:
        command: Its text, one line, as the server's reference has it: ``namespaces``, ``sets/test``.

    Raises:
        TypeError: The command is not a str.
        ValueError: The command is empty or more than one line.
    """

    __slots__ = ("command", "request")

    def __init__(self, command: str) -> None:
        if not isinstance(command, str):
            raise TypeError(f"command must be a str, not {type(command).__name__}")
        self.command = command
        self.request = pack_info_request([command])

    def parse(self, frame: bytes) -> str:
        """The command's value.

        Raises:
            AerospikeError: The server answered with an error.
            ProtocolError: The answer is not to this command.
        """
        answer = parse_info_answer(frame)
        if self.command not in answer:
            raise ProtocolError(f"the server did not answer the info command {self.command!r}")
        value = answer[self.command]
        error = info_error(value)
        if error is not None:
            raise error
        return value
