"""The request of a batch to one node (protocol sections 8.1 to 8.3), and a row of it as a command of its own."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import attrs

from .._wire.flags import FieldType, Info1
from .._wire.message import pack_field, pack_message
from .._wire.units import milliseconds
from ..errors import error_for
from ..key import Key
from ..policy.batch import BatchPolicy
from ..result_code import facts_of
from .base import Command, check_answer, server_timeout
from .batch_answer import Answer, parse_alone
from .batch_row import REPEAT, Row, filter_field

__all__ = ["BatchRow", "Rows", "pack_batch"]

Rows = Sequence[Row] | Row
"""A row for each key, or one for all."""

_ALLOW_INLINE, _ALLOW_INLINE_SSD, _RESPOND_ALL_KEYS, _REPORT_ERROR_RECORD = 0x01, 0x02, 0x04, 0x08
_HEAD = struct.Struct(">I20s")
_REPEATED = struct.Struct(">I20sB")
_COUNT_AND_FLAGS = struct.Struct(">IB")


def pack_batch(
    indices: Sequence[int], keys: Sequence[Key], rows: Rows, policy: BatchPolicy, seconds: float
) -> bytes:
    """A request for some of a batch's rows.

    Args:
        indices: Which rows, by their index in the batch.
        keys: All keys of the batch.
        rows: All rows of the batch.
        policy: The batch's.
        seconds: The server's time limit; 0 leaves it to the server.
    """
    flags = _REPORT_ERROR_RECORD
    flags |= _ALLOW_INLINE if policy.allow_inline else 0
    flags |= _ALLOW_INLINE_SSD if policy.allow_inline_ssd else 0
    flags |= _RESPOND_ALL_KEYS if policy.respond_all_keys else 0
    packed = [_COUNT_AND_FLAGS.pack(len(indices), flags)]
    outer = filter_field(policy.filter_exp)
    if isinstance(rows, Row):
        if rows.filter:  # said once, for all
            outer, rows = rows.filter, attrs.evolve(rows, filter=b"")
        _pack_alike(packed, indices, keys, rows)
    else:
        _pack_mixed(packed, indices, keys, rows)
    return pack_message(
        Info1.BATCH,
        0,
        0,
        transaction_ttl=milliseconds(seconds),
        n_fields=2 if outer else 1,
        body=outer + pack_field(FieldType.BATCH_INDEX, b"".join(packed)),
    )


def _pack_alike(packed: list[bytes], indices: Sequence[int], keys: Sequence[Key], row: Row) -> None:
    """The same for every key: all but the first of a namespace and set say so in one byte."""
    add = packed.append
    repeated, head = _REPEATED.pack, _HEAD.pack
    names = None
    for index in indices:
        key = keys[index]
        if key._names is names:
            add(repeated(index, key._digest, REPEAT))
        else:
            add(head(index, key._digest))
            add(row.full(key))
            if not row.sends_key:  # the server refuses to repeat a row with a key
                names = key._names


def _pack_mixed(packed: list[bytes], indices: Sequence[int], keys: Sequence[Key], rows: Sequence[Row]) -> None:
    last: Row | None = None
    names = None
    for index in indices:
        key, row = keys[index], rows[index]
        packed.append(_HEAD.pack(index, key._digest))
        if row is last and not row.sends_key and key._names is names:
            packed.append(b"\x01")
        else:
            packed.append(row.full(key))
            last, names = row, key._names


class BatchRow(Command[Answer]):
    """The only row of a batch that goes to its node: a plain command, as the C client sends it.

    Args:
        key: The record.
        row: What is asked of it.
        policy: The batch's.
    """

    __slots__ = ("_row", "is_write")

    def __init__(self, key: Key, row: Row, policy: BatchPolicy) -> None:
        self.key = key
        self.policy = policy.for_rows(write=row.is_write)
        self.replica = policy.replica
        self.is_write = row.is_write
        self.sc_mode = None if row.is_write else policy.read_mode_sc
        self.request = row.pack_alone(key, filter_field(policy.filter_exp), server_timeout(policy))
        self._row = row

    def parse(self, frame: bytes) -> Answer:
        """What the row of a batch would have said; what may be tried again raises, as for any command."""
        code = check_answer(frame)
        if code and facts_of(code).retryable:
            raise error_for(code)
        return parse_alone(frame, self.key, self._row)
