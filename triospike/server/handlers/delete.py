"""Deleting one record (protocol section 7)."""

from __future__ import annotations

from ..._wire.flags import Info2
from ...result_code import ResultCode
from ..ports import NodeView
from ..refusal import Refusal
from ..reply import reply
from ..request import Request
from ..storage.namespace import Namespace
from .checks import check_filter, check_generation, check_set_if_sent, check_stored_key

__all__ = ["delete"]


def delete(node: NodeView, namespace: Namespace, request: Request, digest: bytes) -> bytes:
    """The answer to a delete; it never tells a generation.

    Args:
        node: The node that masters the record's partition.
        namespace: That node's copy of the namespace.
        request: What the client sent.
        digest: The record's 20 bytes.
    """
    try:
        _check(namespace, request, digest)
    except Refusal as refusal:
        return reply(refusal.code)
    namespace.remove(digest)
    node.replicate(namespace.name, digest)
    return reply(ResultCode.OK)


def _check(namespace: Namespace, request: Request, digest: bytes) -> None:
    if request.info2 & Info2.DURABLE_DELETE:
        raise Refusal(ResultCode.ENTERPRISE_ONLY)
    record = namespace.stored(digest)
    if record is None:
        raise Refusal(ResultCode.NOT_FOUND)
    check_set_if_sent(request, record)
    check_generation(request, record.generation)
    check_filter(namespace, request, record, digest)
    check_stored_key(request, record)
