"""Info requests and answers: lines of text in a frame (protocol section 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..errors import AerospikeError, ProtocolError, error_for
from ..values import encode_text
from .flags import FrameType
from .proto import FRAME_HEADER_SIZE, frame_type, pack_frame

__all__ = [
    "info_error",
    "pack_info_answer",
    "pack_info_request",
    "parse_info_answer",
    "parse_info_request",
]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CODE = re.compile(r"[1-9][0-9]{0,4}")  # a server's codes are positive; 0 and what is no number mean 1


def pack_info_request(commands: Iterable[str]) -> bytes:
    """The frame that asks these commands.

    Raises:
        ValueError: A command is empty, or holds a line break, a tab or another control character: the server
            would read another command, or answer it under another name.
    """
    lines = []
    for command in commands:
        if not command or _CONTROL.search(command):
            raise ValueError(f"info command must be one line of text that is not empty: {command!r}")
        lines.append(encode_text(command, "info command") + b"\n")
    return pack_frame(FrameType.INFO, b"".join(lines))


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
            text = value[len(prefix) + 1 :]
            code, _, message = text.partition(":")
            if _CODE.fullmatch(code):
                return error_for(int(code), message)
            return error_for(1, text.lstrip(":"))
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
