"""Commands that register, show and remove modules (protocol section 6.7)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from ..._lua.engine import LuaMissing
from ..._lua.state import ModuleProblem, check_module
from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from ..udf.modules import ModuleFile
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS"]

_LONGEST_NAME: Final = 127
_LONGEST_TYPE: Final = 15
_LONGEST_LENGTH: Final = 10
_MOST_CONTENT: Final = 1 << 20


def _file_name(params: Params) -> str | None:
    name = params.raw("filename")
    return name if name and len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME else None


def _list(node: NodeView, session: Session, params: Params) -> str:
    return "".join(f"filename={file.name},hash={file.hash},type=LUA;" for file in node.modules)


def _get(node: NodeView, session: Session, params: Params) -> str:
    name = _file_name(params)
    if name is None:
        return "error=invalid_filename"
    file = node.modules.get(name)
    if file is None:
        return "error=not_found"
    if not file.content:
        return "error=empty"
    return f"type=LUA;content={base64.b64encode(file.content).decode()};"


def _remove(node: NodeView, session: Session, params: Params) -> str:
    name = _file_name(params)
    if name is None:
        return "error=invalid_filename"
    node.modules.remove(name)
    return "ok"


def _put(node: NodeView, session: Session, params: Params) -> str:
    name = _file_name(params)
    if name is None or not _has_extension(name):
        return "error=invalid_filename"
    length = params.raw("content-len")
    if length is None or len(length) > _LONGEST_LENGTH:
        return "error=invalid_content_len"
    kind = params.raw("udf-type")
    if kind is not None and (len(kind) > _LONGEST_TYPE or kind != "LUA"):
        return "error=invalid_udf_type"
    if not length.isdecimal() or int(length) % 4:
        return "error=invalid_content_len"
    content64 = params.raw("content")
    if content64 is None or len(content64) != int(length):
        return "error=invalid_content"
    if int(length) // 4 * 3 > _MOST_CONTENT:
        return "error=invalid_udf_content_len,>1M"
    try:
        content = base64.b64decode(content64, validate=True)
    except (binascii.Error, ValueError):
        return "error=invalid_base64_content"
    return _register(node, ModuleFile(name, content64, content))


def _has_extension(name: str) -> bool:
    stem, _, extension = name.partition(".")
    return bool(stem and extension)


def _register(node: NodeView, file: ModuleFile) -> str:
    try:
        problem = None if file.name.endswith(".so") else check_module(file.content, file.name, node.modules)
    except LuaMissing as missing:
        raise InfoError(ResultCode.UNSUPPORTED_FEATURE, str(missing)) from None
    if problem is not None:
        return _problem_text(problem)
    node.modules.put(file)
    return "ok"


def _problem_text(problem: ModuleProblem) -> str:
    message = base64.b64encode(problem.message.encode()).decode()
    return f"error=compile_error;file={problem.file};line={problem.line};message={message}"


def _clear_cache(node: NodeView, session: Session, params: Params) -> str:
    node.modules.clear_cache()
    return "ok"


COMMANDS: dict[str, Command] = {
    "udf-clear-cache": _clear_cache,
    "udf-get": _get,
    "udf-list": _list,
    "udf-put": _put,
    "udf-remove": _remove,
}
"""Answers by command name."""
