"""One kind of row of a batch, encoded once for all the records that it is asked of (protocol section 8.3).

What stands in the request between the digest and the next row depends on the record's namespace, set and user
key; everything else is packed here when the row is made, so that bad arguments raise before any I/O.
"""

from __future__ import annotations

import struct

import attrs

from .._wire.flags import FieldType
from .._wire.message import pack_field, pack_message
from ..key import Key
from ..packed import FilterLike, packed_filter_bytes
from .header_flags import HeaderBits

__all__ = ["REPEAT", "Row", "filter_field"]

REPEAT = 0x01
_INFO, _GENERATION, _TTL, _INFO4 = 0x02, 0x04, 0x08, 0x10
_COUNTS = struct.Struct(">HH")
_DIGEST_HEAD_SIZE = 5
_MOST_NAMES = 256
"""Namespaces and sets for which a row is kept packed."""


@attrs.frozen(slots=True, eq=False)
class Row:
    """What is asked of a record, ready for any record.

    Attributes:
        bits: Bits of the row in a batch.
        alone: Bits of the same in a request of its own, where they differ in a few places.
        is_write: It may change the record.
        operated: Its answer holds results of operations, of which several may be for one bin.
        deletes: Its answer holds no record.
        sends_key: The user key is sent.
        filter: The filter's field; empty where it has none of its own.
        function: The three fields of a function and its arguments; empty where there is none.
        n_ops: How many operations there are.
        ops: The operations.
        weight: About how many bytes it takes, without namespace, set and user key.
    """

    bits: HeaderBits
    alone: HeaderBits
    is_write: bool
    operated: bool = False
    deletes: bool = False
    sends_key: bool = False
    filter: bytes = b""
    function: bytes = b""
    n_ops: int = 0
    ops: bytes = b""
    weight: int = attrs.field(init=False)
    _full: dict[bytes, bytes] = attrs.field(factory=dict, init=False)

    @weight.default
    def _weigh(self) -> int:
        return len(self.filter) + len(self.function) + len(self.ops) + 40

    def full(self, key: Key) -> bytes:
        """What follows the digest of a record's row, from the flags to the last operation."""
        names = key._names.fields[:-_DIGEST_HEAD_SIZE]
        if self.sends_key and (particle := key.user_key_particle) is not None:
            return self._pack(names, pack_field(FieldType.KEY, particle))
        known = self._full.get(names)
        if known is None:
            if len(self._full) > _MOST_NAMES:
                self._full.clear()
            known = self._full[names] = self._pack(names, b"")
        return known

    def _pack(self, names: bytes, user_key: bytes) -> bytes:
        bits = self.bits
        flags = _INFO | _TTL
        head = bytes((bits.info1, bits.info2, bits.info3))
        if bits.info4:
            flags |= _INFO4
            head += bytes((bits.info4,))
        if self.is_write:
            flags |= _GENERATION
            head += bits.generation.to_bytes(2, "big")
        n_fields = 2 + bool(self.filter) + bool(user_key) + (3 if self.function else 0)
        return b"".join(
            (
                bytes((flags,)),
                head,
                bits.record_ttl.to_bytes(4, "big"),
                _COUNTS.pack(n_fields, self.n_ops),
                names,
                self.filter,
                user_key,
                self.function,
                self.ops,
            )
        )

    def pack_alone(self, key: Key, batch_filter: bytes, milliseconds: int) -> bytes:
        """A request for one record that is no batch.

        Args:
            key: The record.
            batch_filter: The filter's field of the batch, for rows that have none of their own.
            milliseconds: The server's time limit.
        """
        bits = self.alone
        user_key = b""
        if self.sends_key and (particle := key.user_key_particle) is not None:
            user_key = pack_field(FieldType.KEY, particle)
        row_filter = self.filter or batch_filter
        return pack_message(
            bits.info1,
            bits.info2,
            bits.info3,
            info4=bits.info4,
            generation=bits.generation,
            record_ttl=bits.record_ttl,
            transaction_ttl=milliseconds,
            n_fields=3 + bool(row_filter) + bool(user_key) + (3 if self.function else 0),
            n_ops=self.n_ops,
            body=b"".join((key.wire_fields, user_key, row_filter, self.function, self.ops)),
        )


def filter_field(expression: FilterLike | None) -> bytes:
    """The field of a filter, or nothing."""
    if expression is None:
        return b""
    return pack_field(FieldType.FILTER_EXP, packed_filter_bytes(expression, "filter_exp"))
