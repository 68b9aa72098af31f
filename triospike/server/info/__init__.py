"""The info protocol: commands in lines of text, answers in lines of text (protocol section 6)."""

from __future__ import annotations

import re

from ..._wire.flags import FrameType
from ..._wire.proto import FRAME_HEADER_SIZE, pack_frame
from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from . import absent, cluster, data, identity, indexes, jobs, settings, udf
from .command import Command
from .params import InfoError, Params

__all__ = ["answer_info"]

_COMMANDS: dict[str, Command] = {
    **absent.COMMANDS,
    **cluster.COMMANDS,
    **data.COMMANDS,
    **identity.COMMANDS,
    **indexes.COMMANDS,
    **jobs.COMMANDS,
    **settings.COMMANDS,
    **udf.COMMANDS,
}
_SEPARATOR = re.compile("[/:;]")


def answer_info(node: NodeView, session: Session, frame: bytes) -> bytes:
    """The answer to all commands of a frame that end with a line break; others are not commands.

    Args:
        node: The node that is asked.
        session: State of the connection.
        frame: The whole request.
    """
    lines = []
    for line in frame[FRAME_HEADER_SIZE:].split(b"\n")[:-1]:
        # A server reads texts that end with a zero byte. It does not mind what encoding they have.
        command = line.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        lines.append(f"{command}\t{_answer_command(node, session, command)}\n")
    return pack_frame(FrameType.INFO, "".join(lines).encode("utf-8", "surrogateescape"))


def _answer_command(node: NodeView, session: Session, command: str) -> str:
    name, *rest = _SEPARATOR.split(command, maxsplit=1)
    answer = _COMMANDS.get(name)
    try:
        if answer is None:
            raise InfoError(ResultCode.PARAMETER, "unrecognized command")
        return answer(node, session, Params(rest[0] if rest else ""))
    except InfoError as error:
        return str(error)
