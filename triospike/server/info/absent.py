"""Commands for what this server does not have: nothing to show, nothing to stop, or a plain refusal."""

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
    *("tip", "tip-clear"),
)
_EMPTY = ("health-outliers", "health-stats", "log", "logs", "mcast", "mesh", "physical-devices")


def _refuse_enterprise(node: NodeView, session: Session, params: Params) -> str:
    raise InfoError(ResultCode.ENTERPRISE_ONLY, "enterprise only")


COMMANDS: dict[str, Command] = {
    **dict.fromkeys(_ENTERPRISE_ONLY, _refuse_enterprise),
    **{name: lambda node, session, params: "ok" for name in _OF_NO_EFFECT},
    **{name: lambda node, session, params: "" for name in _EMPTY},
}
"""Answers by command name."""
