"""How long records live that are written now (protocol section 2.6), and in which set a new one is."""

from __future__ import annotations

from ..._wire.flags import FieldType
from ...key import MAX_SET_BYTES
from ...result_code import ResultCode
from ..config import MAX_TTL
from ..refusal import Refusal
from ..request import Request
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord

__all__ = ["check_ttl", "new_set_name", "void_time_of"]

_USE_DEFAULT = 0
_NEVER_EXPIRE = 0xFFFFFFFF
_DONT_UPDATE = 0xFFFFFFFE


def new_set_name(request: Request) -> bytes:
    """The set that a new record is in.

    Raises:
        Refusal: There can be no such set.
    """
    set_name = request.fields.get(FieldType.SET, b"")
    if len(set_name) > MAX_SET_BYTES or 0 in set_name:
        raise Refusal(ResultCode.PARAMETER)
    return set_name


def check_ttl(namespace: Namespace, ttl: int, live: StoredRecord | None) -> None:
    """Refuse a time to live that is too long, or one at all where nothing expires.

    Args:
        namespace: Where the record is.
        ttl: As it was sent.
        live: The record, if there is one.
    """
    if ttl == _NEVER_EXPIRE or (ttl == _DONT_UPDATE and live is not None):
        return
    if ttl > MAX_TTL and ttl != _DONT_UPDATE:
        raise Refusal(ResultCode.PARAMETER)
    config = namespace.config
    if config.nsup_period or config.allow_ttl_without_nsup:
        return
    if config.default_ttl or ttl not in {_USE_DEFAULT, _DONT_UPDATE}:
        raise Refusal(ResultCode.FORBIDDEN)


def void_time_of(namespace: Namespace, ttl: int, live: StoredRecord | None) -> tuple[int, int]:
    """When a record is to expire, in seconds since 2010, and now, in milliseconds since 2010.

    Args:
        namespace: Where the record is.
        ttl: As it was sent.
        live: The record, if there is one.
    """
    now = namespace.now_ms()
    if ttl == _NEVER_EXPIRE:
        return 0, now
    if ttl == _DONT_UPDATE:
        if live is not None:
            return live.void_time, now
        ttl = _USE_DEFAULT
    ttl = ttl or namespace.config.default_ttl
    return (now // 1000 + ttl if ttl else 0), now
