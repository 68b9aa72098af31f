"""Rows of answers: messages, gathered into frames of a size that servers send (protocol section 9.4)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from ..._wire.flags import FieldType, FrameType, Info1, Info3, OpType
from ..._wire.message import pack_field, pack_message, pack_op
from ..._wire.proto import pack_frame
from ...result_code import ResultCode
from ..storage.record import StoredRecord

__all__ = ["RowPacker", "Rows", "last_frame", "last_message", "unavailable"]

_CHUNK: Final = 1 << 20
"""Once there is more than this, it is sent."""

_HEADER = struct.Struct(">BBBBBBIIIHH")
_HEADER_SIZE: Final = 22
_DIGEST_HEAD = struct.pack(">IB", 21, FieldType.DIGEST)
_BVAL_HEAD = struct.pack(">IB", 9, FieldType.BIN_VALUES)
_BVAL = struct.Struct("<Q")
_MASK: Final = (1 << 64) - 1
_READ = int(OpType.READ)
_NO_BINS = int(Info1.GET_NO_BINS)


def unavailable(partition_id: int) -> bytes:
    """The message that tells that a partition is not served by this node."""
    return _HEADER.pack(
        _HEADER_SIZE, 0, 0, Info3.PARTITION_DONE, 0, ResultCode.UNAVAILABLE, partition_id, 0, 0, 0, 0
    )


def last_message(code: int) -> bytes:
    """The message that ends an answer."""
    return _HEADER.pack(_HEADER_SIZE, 0, 0, Info3.LAST, 0, code, 0, 0, 0, 0, 0)


def last_frame(code: int) -> bytes:
    """The same in a frame of its own."""
    return pack_message(0, 0, Info3.LAST, result_code=code)


class Rows:
    """Messages that wait to be sent."""

    __slots__ = ("_messages", "_size")

    def __init__(self) -> None:
        self._messages: list[bytes] = []
        self._size = 0

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def is_full(self) -> bool:
        """Whether it is time to send them."""
        return self._size > _CHUNK

    def add(self, message: bytes) -> None:
        """Add one behind the others."""
        self._messages.append(message)
        self._size += len(message)

    def take(self) -> bytes:
        """All of them in a frame; none wait any more."""
        body = b"".join(self._messages)
        self._messages.clear()
        self._size = 0
        return pack_frame(FrameType.MESSAGE, body)


class RowPacker:
    """Packs records of one namespace.

    Args:
        namespace: Its name.
        has_bvals: The rows tell by which value of the index they were found.
    """

    def __init__(self, namespace: str, *, has_bvals: bool) -> None:
        self._head = pack_field(FieldType.NAMESPACE, namespace.encode()) + _DIGEST_HEAD
        self._has_bvals = has_bvals
        self._sets: dict[bytes, bytes] = {b"": b""}

    def pack(self, digest: bytes, record: StoredRecord, bval: int, ops: Sequence[bytes] | None) -> bytes:
        """One row.

        Args:
            digest: The record's.
            record: The record.
            bval: The value by which it was found.
            ops: Packed bins; None for a row without them.
        """
        set_name = record.set_name
        set_field = self._sets.get(set_name)
        if set_field is None:
            set_field = self._sets[set_name] = pack_field(FieldType.SET, set_name)
        n_fields = 3 if set_name else 2
        fields = self._head + digest + set_field
        if record.user_key is not None:
            fields += pack_field(FieldType.KEY, record.user_key)
            n_fields += 1
        if self._has_bvals:
            fields += _BVAL_HEAD + _BVAL.pack(bval & _MASK)
            n_fields += 1
        info1, n_ops = (_NO_BINS, 0) if ops is None else (0, len(ops))
        header = _HEADER.pack(
            _HEADER_SIZE, info1, 0, 0, 0, 0, record.generation, record.void_time, 0, n_fields, n_ops
        )
        return header + fields + b"".join(ops) if ops else header + fields

    def pack_all(self, digest: bytes, record: StoredRecord, bval: int) -> bytes:
        """One row with all bins."""
        return self.pack(
            digest, record, bval, [pack_op(_READ, name, *value) for name, value in record.bins.items()]
        )
