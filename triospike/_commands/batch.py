"""The request of a batch to one node (protocol sections 8.1 to 8.3), and a row of it as a command of its own."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import repeat

import attrs

from .._wire.flags import FieldType, Info1
from .._wire.message import known_header, pack_field, pack_known, pack_message
from .._wire.units import milliseconds
from ..errors import error_for
from ..key import Key
from ..policy.batch import BatchPolicy
from ..policy.enums import ReadModeSC
from ..result_code import facts_of
from .base import Command, check_answer, request_within, server_timeout
from .batch_answer import Answer, parse_alone
from .batch_row import REPEAT, Row, filter_field

__all__ = ["BatchRow", "Rows", "pack_batch"]

Rows = Sequence[Row] | Row
"""A row for each key, or one for all."""

_ALLOW_INLINE, _ALLOW_INLINE_SSD, _RESPOND_ALL_KEYS, _REPORT_ERROR_RECORD = 0x01, 0x02, 0x04, 0x08
_COUNT_AND_FLAGS = struct.Struct(">IB")
_pack_index = struct.Struct(">I").pack
_REPEATS = bytes((REPEAT,))
# What stands between two digests where a row is like the one before: that, and the index of the next.
_pack_between = struct.Struct(">BI").pack
_BETWEEN = tuple([_pack_between(REPEAT, index) for index in range(1024)])


def pack_batch(
    indices: Sequence[int], keys: Sequence[Key], rows: Rows, policy: BatchPolicy, seconds: float | None = None
) -> bytes:
    """A request for some of a batch's rows.

    Args:
        indices: Which rows, by their index in the batch.
        keys: All keys of the batch.
        rows: All rows of the batch.
        policy: The batch's.
        seconds: The server's time limit; 0 leaves it to the server, None is the policy's ``total_timeout``.
    """
    known: _Beginning | None = policy.cached().get("batch")
    flags, outer, headers = known or _beginning(policy)
    packed = [_COUNT_AND_FLAGS.pack(len(indices), flags)]
    if isinstance(rows, Row):
        if rows.filter:  # said once, for all
            outer, rows = rows.filter, attrs.evolve(rows, filter=b"")
        these = keys if len(indices) == len(keys) else [keys[index] for index in indices]
        if len({key._names for key in these}) == 1 and not rows.sends_key:
            _pack_alike(packed, indices, these, rows)
        else:
            _pack_mixed(packed, indices, keys, repeat(rows, len(indices)))
    else:
        _pack_mixed(packed, indices, keys, [rows[index] for index in indices])
    body = outer + pack_field(FieldType.BATCH_INDEX, b"".join(packed))
    header = headers[bool(outer)]
    request = pack_known(header, 0, body) or _pack_message(policy, 1 + bool(outer), body)
    return request if seconds is None else request_within(request, seconds)


_Beginning = tuple[int, bytes, tuple[bytes, bytes]]


def _beginning(policy: BatchPolicy) -> _Beginning:
    """What all requests of a policy have in common: flags, filter, and the headers for no filter and for one."""
    flags = _REPORT_ERROR_RECORD
    flags |= _ALLOW_INLINE if policy.allow_inline else 0
    flags |= _ALLOW_INLINE_SSD if policy.allow_inline_ssd else 0
    flags |= _RESPOND_ALL_KEYS if policy.respond_all_keys else 0
    headers = known_header(_pack_message(policy, 1)), known_header(_pack_message(policy, 2))
    made = flags, filter_field(policy.filter_exp), headers
    policy.cached()["batch"] = made
    return made


def _pack_message(policy: BatchPolicy, n_fields: int, body: bytes = b"") -> bytes:
    limit = milliseconds(policy.total_timeout)
    return pack_message(Info1.BATCH, 0, 0, transaction_ttl=limit, n_fields=n_fields, body=body)


def _pack_alike(packed: list[bytes], indices: Sequence[int], keys: Sequence[Key], row: Row) -> None:
    """The same for keys of one set: all but the first say so in one byte. One pass in C for each part of a row."""
    try:
        between = [_BETWEEN[index] for index in indices]
    except IndexError:
        between = [_pack_between(REPEAT, index) for index in indices]
    parts = between + between
    parts[::2] = between
    parts[1::2] = [key._digest for key in keys]
    # Nothing stands before the first row, and it says in full what the others repeat.
    parts[0] = between[0][1:]
    first = row.full(keys[0])
    if len(between) == 1:
        parts.append(first)
    else:
        parts[2] = first + between[1][1:]
        parts.append(_REPEATS)
    packed += parts


def _pack_mixed(packed: list[bytes], indices: Sequence[int], keys: Sequence[Key], rows: Iterable[Row]) -> None:
    """Rows of all kinds: one that is like the one before, for a key of the same set, says so in one byte."""
    last: Row | None = None
    names = None
    for index, row in zip(indices, rows, strict=True):
        key = keys[index]
        packed.append(_pack_index(index))
        packed.append(key._digest)
        # The server refuses to repeat a row with a key.
        if row is last and key._names is names and not row.sends_key:
            packed.append(_REPEATS)
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

    policy: BatchPolicy

    def __init__(self, key: Key, row: Row, policy: BatchPolicy) -> None:
        self.key = key
        self.policy = policy.for_rows(write=row.is_write)
        self.is_write = row.is_write
        self.request = row.pack_alone(key, filter_field(policy.filter_exp), server_timeout(policy))
        self._row = row

    @property
    def sc_mode(self) -> ReadModeSC | None:
        """See `Command.sc_mode`."""
        return None if self.is_write else self.policy.read_mode_sc

    def parse(self, frame: bytes) -> Answer:
        """What the row of a batch would have said; what may be tried again raises, as for any command."""
        code = check_answer(frame)
        if code and facts_of(code).retryable:
            raise error_for(code)
        return parse_alone(frame, self.key, self._row)
