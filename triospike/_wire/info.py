"""Info requests and answers: lines of text in a frame (protocol section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import AerospikeError, ProtocolError, error_for
from .flags import FrameType
from .proto import FRAME_HEADER_SIZE, frame_type, pack_frame

__all__ = [
    "info_error",
    "pack_info_answer",
    "pack_info_request",
    "parse_info_answer",
    "parse_info_request",
]


def pack_info_request(commands: Iterable[str]) -> bytes:
    """The frame that asks these commands.

    Raises:
        ValueError: A command is empty, holds a line break, or is no ASCII text that a server could read.
    """
    lines = []
    for command in commands:
        if not command or "\n" in command:
            raise ValueError(f"info command must be one line that is not empty: {command!r}")
        lines.append(command + "\n")
    return pack_frame(FrameType.INFO, "".join(lines).encode())


def parse_info_answer(frame: bytes) -> dict[str, str]:
    """Command to value, in the order of the answer.

    Raises:
        ProtocolError: The frame is no info answer.
        SecurityError: The whole answer is one refusal, as an unauthenticated connection gets it.
    """
    if frame_type(frame) != FrameType.INFO:
        raise ProtocolError(f"expected an info answer, got a frame of type {frame_type(frame)}")
    text = frame[FRAME_HEADER_SIZE:].decode("utf-8", "replace")
    if text.startswith("ERROR:"):
        refusal = info_error(text.rstrip("\n"))
        if refusal is not None:
            raise refusal
    answer: dict[str, str] = {}
    for line in text.split("\n"):
        if line:
            name, _, value = line.partition("\t")
            answer[name] = value
    return answer


def info_error(value: str) -> AerospikeError | None:
    """The error that a command's value stands for, or None when it is an answer (protocol section 6.2)."""
    for prefix in ("ERROR", "FAIL"):
        if value == prefix or value.startswith(prefix + ":"):
            code, _, message = value[len(prefix) + 1 :].partition(":")
            if code.lstrip("-").isdigit() and int(code) != 0:
                return error_for(int(code), message)
            return error_for(1, message or code)
    if value.startswith("error="):
        return error_for(100, value)
    return None


def parse_info_request(frame: bytes) -> list[str]:
    """The commands of a request, as a server reads them: what no line break ends is not a command."""
    text = frame[FRAME_HEADER_SIZE:].decode("utf-8", "replace")
    return text.split("\n")[:-1]


def pack_info_answer(values: Mapping[str, str] | Iterable[tuple[str, str]]) -> bytes:
    """The frame that answers commands with values, in their order."""
    items = values.items() if isinstance(values, Mapping) else values
    return pack_frame(FrameType.INFO, "".join(f"{name}\t{value}\n" for name, value in items).encode())
