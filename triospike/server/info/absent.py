"""Commands for what this server does not have: nothing to show, nothing to stop, or a plain refusal.

Asking for indexes, functions or jobs gets the true answer, that there are none. Making one is refused.
"""

from __future__ import annotations

from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS"]

_ENTERPRISE_ONLY = (
    *("alumni-tls-alt", "alumni-tls-std", "peers-tls-alt", "peers-tls-std", "service-tls-alt", "service-tls-std"),
    *("feature-key", "masking", "masking-show", "quiesce", "quiesce-undo", "revive", "roster", "roster-set"),
    *("xdr-dc-state", "xdr-get-filter", "xdr-set-filter"),
)
_OF_NO_EFFECT = (
    *("eviction-reset", "log-message", "recluster", "services-alumni-reset"),
    *("tip", "tip-clear", "udf-clear-cache"),
)
_EMPTY = ("health-outliers", "health-stats", "log", "logs", "mcast", "mesh", "physical-devices", "udf-list")


def _refuse_enterprise(node: NodeView, session: Session, params: Params) -> str:
    raise InfoError(ResultCode.ENTERPRISE_ONLY, "enterprise only")


def _list_indexes(node: NodeView, session: Session, params: Params) -> str:
    try:
        params.optional_namespace(node, "ns")
    except InfoError as error:
        return f"{error};{error}"  # a real server looks for indexes of two kinds, and complains twice
    return ""


def _legacy_indexes(node: NodeView, session: Session, params: Params) -> str:
    name, _, index = params.text.partition("/")
    if name and name not in node.namespaces:
        raise InfoError(ResultCode.NAMESPACE, "namespace not found on node")
    if index:
        raise InfoError(ResultCode.INDEX_NOT_FOUND, "no index")
    return ""


def _index_exists(node: NodeView, session: Session, params: Params) -> str:
    params.namespace(node, "ns")
    params.required("indexname")
    return "false"


def _index_statistics(node: NodeView, session: Session, params: Params) -> str:
    params.namespace(node, "ns")
    params.required("indexname")
    raise InfoError(ResultCode.INDEX_NOT_FOUND, "no index")


def _delete_index(node: NodeView, session: Session, params: Params) -> str:
    params.required("namespace", "ns")
    params.required("indexname")
    return "ok"


def _refuse_index(node: NodeView, session: Session, params: Params) -> str:
    raise InfoError(ResultCode.UNSUPPORTED_FEATURE, "this server has no secondary indexes")


def _get_udf(node: NodeView, session: Session, params: Params) -> str:
    return "error=invalid_filename" if params.optional("filename") is None else "error=not_found"


def _remove_udf(node: NodeView, session: Session, params: Params) -> str:
    return "error=invalid_filename" if params.optional("filename") is None else "ok"


def _refuse_udf(node: NodeView, session: Session, params: Params) -> str:
    raise InfoError(ResultCode.UNSUPPORTED_FEATURE, "this server runs no user-defined functions")


def _show_queries(node: NodeView, session: Session, params: Params) -> str:
    if params.optional("id") is not None or params.optional("trid") is not None:
        raise InfoError(ResultCode.NOT_FOUND, "job not found")
    return ""


def _abort_query(node: NodeView, session: Session, params: Params) -> str:
    task = params.required("id", "trid")
    if not task.isdecimal() or not int(task):
        raise InfoError(ResultCode.PARAMETER, f"bad id {task}")
    raise InfoError(ResultCode.NOT_FOUND, "id not active")


COMMANDS: dict[str, Command] = {
    **dict.fromkeys(_ENTERPRISE_ONLY, _refuse_enterprise),
    **{name: lambda node, session, params: "ok" for name in _OF_NO_EFFECT},
    **{name: lambda node, session, params: "" for name in _EMPTY},
    "sindex": _legacy_indexes,
    "sindex-list": _list_indexes,
    "sindex-exists": _index_exists,
    "sindex-stat": _index_statistics,
    "sindex-delete": _delete_index,
    "sindex-create": _refuse_index,
    "udf-get": _get_udf,
    "udf-remove": _remove_udf,
    "udf-put": _refuse_udf,
    "query-show": _show_queries,
    "query-abort": _abort_query,
    "query-abort-all": lambda node, session, params: "number-of-queries-killed:0",
}
"""Answers by command name."""
