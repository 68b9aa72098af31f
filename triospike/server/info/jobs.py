"""Commands that tell of queries, and stop them (protocol section 6.8)."""

from __future__ import annotations

from typing import Final

from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS"]

_MAX_ID: Final = 24
_MOST: Final = (1 << 64) - 1


def _task_id(text: str) -> int:
    try:
        found = int(text, 8 if len(text) > 1 and text.startswith("0") and text.isdecimal() else 0)
    except ValueError:
        found = 0
    if not 0 < found <= _MOST:
        raise InfoError(ResultCode.PARAMETER, "bad id")
    return found


def _show(node: NodeView, session: Session, params: Params) -> str:
    sent = params.optional("id", limit=_MAX_ID) or params.optional("trid", limit=_MAX_ID)
    now = node.jobs.clock()
    if sent is None:
        return ";".join(job.text(now) for job in node.jobs)
    job = node.jobs.find(_task_id(sent))
    if job is None:
        raise InfoError(ResultCode.NOT_FOUND, "job not found")
    return job.text(now)


def _abort(node: NodeView, session: Session, params: Params) -> str:
    if not node.jobs.abort(_task_id(params.required("id", "trid", limit=_MAX_ID))):
        raise InfoError(ResultCode.NOT_FOUND, "id not active")
    return "ok"


COMMANDS: dict[str, Command] = {
    "query-show": _show,
    "query-abort": _abort,
    "query-abort-all": lambda node, session, params: f"number-of-queries-killed:{node.jobs.abort_all()}",
}
"""Answers by command name."""
