"""One record's request to its handler, on the node that serves the partition (protocol section 2)."""

from __future__ import annotations

from ..._wire.flags import FieldType, Info1, Info2, Info4
from ...result_code import ResultCode
from ..ports import NodeView
from ..reply import reply
from ..request import Request
from ..storage.namespace import Namespace, partition_of
from .delete import delete
from .read import read
from .udf import apply
from .write import write

__all__ = ["answer_for_record", "namespace_of"]

_ROLL = Info4.MRT_ROLL_FORWARD | Info4.MRT_ROLL_BACK


def namespace_of(node: NodeView, field: bytes | None) -> Namespace | None:
    """The namespace that a field names, or None; a server compares up to a terminator that no client sends."""
    if field is None:
        return None
    return node.namespaces.get(field.partition(b"\0")[0].decode("utf-8", "replace"))


def answer_for_record(node: NodeView, name: str, request: Request, digest: bytes) -> bytes:
    """The answer to a request for one record: a message of its own, or a row of a batch.

    Args:
        node: The node that received it.
        name: A namespace that the node has.
        request: What the client sent.
        digest: The record's 20 bytes.
    """
    is_write = request.info2 & Info2.WRITE != 0
    if not is_write and not request.info1 & Info1.READ:
        return reply(ResultCode.PARAMETER)
    owner = node.owner_of(name, partition_of(digest), write=is_write)
    if owner is None:
        return reply(ResultCode.UNAVAILABLE)
    namespace = owner.namespaces[name]
    if not is_write:
        if request.info4 & Info4.MRT_VERIFY_READ:
            return reply(ResultCode.ENTERPRISE_ONLY)
        return read(owner, namespace, request, digest)
    if request.info2 & Info2.DELETE:
        return delete(owner, namespace, request, digest)
    if FieldType.UDF_FILENAME in request.fields:
        return apply(owner, namespace, request, digest)
    if request.info4 & _ROLL:
        return reply(ResultCode.ENTERPRISE_ONLY)
    return write(owner, namespace, request, digest)
