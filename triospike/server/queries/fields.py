"""Fields of queries, taken apart and checked (protocol section 9.2)."""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

from ..._wire.flags import FieldType
from ...key import MAX_SET_BYTES, N_PARTITIONS
from ...result_code import ResultCode
from ..indexes.paths import is_path, is_shortest
from ..refusal import Refusal
from ..request import Request
from ..storage.namespace import partition_of

__all__ = ["Resume", "index_context", "number", "partitions", "query_set", "socket_timeout"]

Resume: TypeAlias = tuple[int, bytes]
"""The value of the index and the digest of the record behind which a partition is resumed."""

_DIGEST_SIZE: Final = 20
_DEFAULT_TIMEOUT_MS: Final = 10_000


def _refuse() -> Refusal:
    return Refusal(ResultCode.PARAMETER)


def query_set(request: Request) -> bytes:
    """The set that is asked for; empty for the whole namespace."""
    name = request.fields.get(FieldType.SET, b"")
    if len(name) > MAX_SET_BYTES:
        raise _refuse()
    return name.partition(b"\0")[0]


def number(request: Request, kind: FieldType, size: int) -> int | None:
    """A number of so many bytes; None if it was not sent.

    Raises:
        Refusal: It has another size.
    """
    value = request.fields.get(kind)
    if value is None:
        return None
    if len(value) != size:
        raise _refuse()
    return int.from_bytes(value, "big")


def socket_timeout(request: Request) -> int:
    """Milliseconds for which the client may read nothing; 0 is no limit."""
    sent = number(request, FieldType.SOCKET_TIMEOUT, 4)
    return _DEFAULT_TIMEOUT_MS if sent is None else sent


def partitions(request: Request) -> dict[int, Resume | None] | None:
    """The partitions that are asked for, in order, and where each is resumed; None if the request names none.

    Raises:
        Refusal: There are none or too many in a list, one is named twice, or there is no such partition.
    """
    fields = request.fields
    ids = fields.get(FieldType.PARTITION_IDS)
    digests = fields.get(FieldType.DIGESTS)
    found: dict[int, Resume | None] = {}
    if ids is None and digests is None:
        return None
    if ids is not None:
        n_ids = _count(ids, 2)
        for partition_id in struct.unpack_from(f"<{n_ids}H", ids):
            _add(found, partition_id, None)
    if digests is not None:
        bvals = _bvals(request, _count(digests, _DIGEST_SIZE))
        for at, bval in enumerate(bvals):
            digest = digests[at * _DIGEST_SIZE : (at + 1) * _DIGEST_SIZE]
            _add(found, partition_of(digest), (bval, digest))
    elif FieldType.BIN_VALUES in fields:
        raise _refuse()
    return dict(sorted(found.items()))


def _add(found: dict[int, Resume | None], partition_id: int, resume: Resume | None) -> None:
    if partition_id >= N_PARTITIONS or partition_id in found:
        raise _refuse()
    found[partition_id] = resume


def _count(array: bytes, size: int) -> int:
    count = len(array) // size
    if not 0 < count <= N_PARTITIONS:
        raise _refuse()
    return count


def _bvals(request: Request, count: int) -> tuple[int, ...]:
    """The values of the index to resume at; a scan has none."""
    if FieldType.INDEX_RANGE not in request.fields:
        return (0,) * count
    array = request.fields.get(FieldType.BIN_VALUES)
    if array is None or len(array) // 8 != count:
        raise _refuse()
    return struct.unpack_from(f"<{count}q", array)


def index_context(request: Request) -> bytes | None:
    """The path of the index that is asked for; None without one.

    Raises:
        Refusal: It is no path, is not packed as short as can be, or something else tells the index already.
    """
    fields = request.fields
    sent = fields.get(FieldType.INDEX_CONTEXT)
    if sent is None:
        return None
    if not sent or FieldType.INDEX_NAME in fields or FieldType.INDEX_EXPRESSION in fields:
        raise _refuse()
    if not is_shortest(sent) or not is_path(sent):
        raise _refuse()
    return sent
