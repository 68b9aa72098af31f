"""Checks that several kinds of single-record requests share (protocol section 7.3)."""

from __future__ import annotations

from ..._wire.flags import FieldType, Info2, ParticleType
from ...result_code import ResultCode
from ..evaluate.expression import build_filter
from ..refusal import Refusal
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord
from .scenes import scene_of

__all__ = [
    "MAX_OPS",
    "check_bin_name",
    "check_filter",
    "check_generation",
    "check_set_if_sent",
    "check_stored_key",
    "refuse_transaction",
    "sent_key",
]

MAX_OPS = 32768
_MAX_BIN_NAME = 15
_INTEGER_KEY_SIZE = 9


def check_bin_name(name: bytes) -> None:
    """Refuse a bin name that no bin may have."""
    if len(name) > _MAX_BIN_NAME or 0 in name:
        raise Refusal(ResultCode.BIN_NAME)


def check_generation(request: Request, generation: int) -> None:
    """Refuse a write that expects another generation; 0 stands for a record that does not exist."""
    info2 = request.info2
    if info2 & Info2.GENERATION:
        if request.generation != generation:
            raise Refusal(ResultCode.GENERATION)
    elif info2 & Info2.GENERATION_GT and request.generation <= generation:
        raise Refusal(ResultCode.GENERATION)


def check_set_if_sent(request: Request, record: StoredRecord) -> None:
    """Refuse a read or delete that names another set than the record's; it may as well name none."""
    sent = request.fields.get(FieldType.SET)
    if sent and sent != record.set_name:
        raise Refusal(ResultCode.PARAMETER)


def check_filter(namespace: Namespace, request: Request, record: StoredRecord, digest: bytes) -> None:
    """Refuse a request whose filter expression is false or unknown for the record."""
    sent = request.fields.get(FieldType.FILTER_EXP)
    if sent is not None and build_filter(sent).evaluate(scene_of(namespace, record, digest)) is not True:
        raise Refusal(ResultCode.FILTERED_OUT)


def check_stored_key(request: Request, record: StoredRecord) -> None:
    """Refuse a request whose user key is not the one that was stored with the record."""
    sent = request.fields.get(FieldType.KEY)
    if sent is not None and record.user_key is not None and sent != record.user_key:
        raise Refusal(ResultCode.KEY_MISMATCH)


def sent_key(request: Request) -> bytes | None:
    """The user key that came with a write, to be stored with the record."""
    sent = request.fields.get(FieldType.KEY)
    if sent is None:
        return None
    if not sent or (sent[0] == ParticleType.INTEGER and len(sent) != _INTEGER_KEY_SIZE):
        raise Refusal(ResultCode.UNSUPPORTED_FEATURE)
    return sent


def refuse_transaction(request: Request) -> None:
    """Refuse a request inside a transaction: they belong to the Enterprise Edition."""
    if FieldType.MRT_ID in request.fields:
        raise Refusal(ResultCode.ENTERPRISE_ONLY)
