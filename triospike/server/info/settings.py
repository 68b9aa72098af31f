"""Commands that read and change settings: ``get-config`` and ``set-config``."""

from __future__ import annotations

from typing import Any

import attrs

from ...result_code import ResultCode
from ..config import NamespaceConfig, ServerConfig
from ..ports import NodeView
from ..session import Session
from .command import Command
from .names import NAMESPACE_CONFIG, NETWORK_CONFIG, SERVICE_CONFIG, join
from .params import InfoError, Params

__all__ = ["COMMANDS", "namespace_settings"]

_ADDRESSING = frozenset({"context", "namespace", "id", "set"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_CHANGEABLE_SERVICE = {
    "batch-index-threads": "batch_index_threads",
    "batch-max-requests": "batch_max_requests",
}
"""Settings of a node that can be changed while it is in use, and the fields that hold them."""
_CHANGEABLE = {
    "default-ttl": "default_ttl",
    "nsup-period": "nsup_period",
    "allow-ttl-without-nsup": "allow_ttl_without_nsup",
    "max-record-size": "max_record_size",
    "default-read-touch-ttl-pct": "default_read_touch_ttl_pct",
}
"""Settings of a namespace that can be changed while it is in use, and the fields that hold them."""


def namespace_settings(config: NamespaceConfig) -> dict[str, str]:
    """Settings of a namespace, by the names of the server's configuration file."""
    known: dict[str, object] = {name: getattr(config, field) for name, field in _CHANGEABLE.items()}
    known["replication-factor"] = config.replication_factor
    return NAMESPACE_CONFIG | {name: _text(value) for name, value in known.items()}


def _service_settings(node: NodeView) -> dict[str, str]:
    config = node.config
    known = {name: str(getattr(config, field)) for name, field in _CHANGEABLE_SERVICE.items()}
    known |= {
        "cluster-name": config.cluster_name,
        "node-id": node.node_id,
        "proto-fd-max": str(config.proto_fd_max),
    }
    return SERVICE_CONFIG | known


def _network_settings(node: NodeView) -> dict[str, str]:
    host, _, port = node.service_text("clear-std").partition(",")[0].rpartition(":")
    return NETWORK_CONFIG | {
        "service.port": port,
        "service.address": node.config.host,
        "service.access-port": port,
        "service.access-address": host.strip("[]"),
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _get_config(node: NodeView, session: Session, params: Params) -> str:
    if not params.text:
        return join(_service_settings(node) | _network_settings(node))
    context = params.required("context")
    if context == "namespace":
        return join(namespace_settings(params.namespace(node, "id").config))
    if context == "service":
        return join(_service_settings(node))
    if context == "network":
        return join(_network_settings(node))
    if context in {"security", "xdr"}:
        return ""
    raise InfoError(ResultCode.PARAMETER, "invalid context")


def _set_config(node: NodeView, session: Session, params: Params) -> str:
    context = params.required("context")
    settings = [key for key in params.keys if key not in _ADDRESSING]
    if context == "namespace":
        namespace = params.namespace(node, "id")
        namespace.config = _changed(namespace.config, settings, params)
        return "ok"
    if context not in {"service", "network"}:
        raise InfoError(ResultCode.PARAMETER, "invalid context")
    if not settings:
        raise _invalid()
    if context == "service":
        node.config = _changed_service(node, settings, params)
        return "ok"
    current = _network_settings(node)
    for name in settings:
        _refuse_change(current, name, params.required(name))
    return "ok"


def _changed_service(node: NodeView, settings: list[str], params: Params) -> ServerConfig:
    config = node.config
    current = _service_settings(node)
    for name in settings:
        value = params.required(name)
        field = _CHANGEABLE_SERVICE.get(name)
        if field is None:
            _refuse_change(current, name, value)
            continue
        try:
            changes: dict[str, Any] = {field: int(value)}
            config = attrs.evolve(config, **changes)
        except ValueError:
            raise _invalid() from None
    return config


def _changed(config: NamespaceConfig, settings: list[str], params: Params) -> NamespaceConfig:
    if not settings:
        raise _invalid()
    for name in settings:
        value = params.required(name)
        field = _CHANGEABLE.get(name)
        if field is None:
            _refuse_change(namespace_settings(config), name, value)
            continue
        try:
            changes: dict[str, Any] = {field: _parse(name, value)}
            config = attrs.evolve(config, **changes)
        except ValueError:
            raise _invalid() from None
    return config


def _parse(name: str, value: str) -> bool | int:
    if name == "allow-ttl-without-nsup":
        return ("false", "true").index(value) == 1
    if value and value[-1] in _SECONDS and name in {"default-ttl", "nsup-period"}:
        return int(value[:-1]) * _SECONDS[value[-1]]
    return int(value)


def _refuse_change(current: dict[str, str], name: str, value: str) -> None:
    """Refuse to change a setting that nothing here heeds; to set it to what it is does no harm."""
    if name not in current:
        raise _invalid()
    if current[name] != value:
        raise InfoError(ResultCode.UNSUPPORTED_FEATURE, f"this server can't change '{name}'")


def _invalid() -> InfoError:
    return InfoError(ResultCode.PARAMETER, "invalid set-config parameter")


COMMANDS: dict[str, Command] = {
    "get-config": _get_config,
    "config-get": _get_config,
    "set-config": _set_config,
    "config-set": _set_config,
}
"""Answers by command name."""
