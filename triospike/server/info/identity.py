"""Commands that tell what the server is, and who asks."""

from __future__ import annotations

import base64

from ...result_code import ResultCode
from ..ports import NodeView
from ..session import Session
from .command import Command
from .params import InfoError, Params

__all__ = ["COMMANDS"]

_EDITION = "Aerospike Community Edition"
_FEATURES = (
    "batch-any;batch-index;blob-bits;cdt-index;cdt-list;cdt-map;cluster-stable;float;geo;sindex-exists;peers;"
    "pipelining;pquery;pscans;query-show;relaxed-sc;replicas;replicas-all;replicas-master;replicas-max;"
    "truncate-namespace;udf"
)
_LONGEST_USER_AGENT = 87
"""Characters of base64 that a real server has room for."""


def _version(node: NodeView, session: Session, params: Params) -> str:
    return f"{_EDITION} build {node.config.build}"


def _release(node: NodeView, session: Session, params: Params) -> str:
    return f"edition={_EDITION};version={node.config.build};os=python;arch=any;sha=none"


def _set_user_agent(node: NodeView, session: Session, params: Params) -> str:
    if session.user_agent is not None:
        raise InfoError(ResultCode.PARAMETER, "already set")
    value = params.required("value", limit=_LONGEST_USER_AGENT)
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        raise InfoError(ResultCode.PARAMETER, "'value' invalid base64") from None
    session.user_agent = decoded.decode("utf-8", "replace")
    return "ok"


COMMANDS: dict[str, Command] = {
    "build": lambda node, session, params: node.config.build,
    "edition": lambda node, session, params: _EDITION,
    "version": _version,
    "release": _release,
    # A client of today goes by the build, one of yesterday by these; both ask before they use something.
    "features": lambda node, session, params: _FEATURES,
    "compatibility-id": lambda node, session, params: "15",
    "connection": lambda node, session, params: "admin=false",
    "user-agent-set": _set_user_agent,
    # Sessions do not know of each other.
    "user-agents": lambda node, session, params: "",
    "best-practices": lambda node, session, params: "failed_best_practices=none",
}
"""Answers by command name."""
