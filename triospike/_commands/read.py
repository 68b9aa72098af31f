"""get, and get of the header alone."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.flags import Info1, OpType
from .._wire.message import FIRST_FIELD, N_OPS_OFFSET, pack_message, pack_op
from ..key import DIGEST_BYTES, Key
from ..operations.operation import check_bin_name
from ..policy.enums import KeyPolicy, ReadModeSC
from ..policy.read import ReadPolicy
from ..record import Record
from .base import Command, beginnings, check_arguments, extra_fields, server_timeout
from .header_flags import read_bits
from .record_parser import parse_record

__all__ = ["ReadCommand"]


class ReadCommand(Command[Record | None]):
    """Read a record: all bins, some bins, or none of them.

    Args:
        key: The record.
        bins: Names of the bins to read; None reads all, an empty sequence only the header.
        policy: How to read.
    """

    __slots__ = ()

    is_write = False
    policy: ReadPolicy

    def __init__(self, key: Key, bins: Sequence[str] | None, policy: ReadPolicy) -> None:
        if type(key) is not Key or type(policy) is not ReadPolicy:
            check_arguments(key, policy, ReadPolicy)
        self.key = key
        self.policy = policy
        if bins is None:
            # What most gets are: the same for every key of a set, up to the digest.
            start = policy._cache.get(key._names.fields)
            if start is not None:
                self.request = start + key._digest
                return
        self._encode(key, bins, policy)

    def _encode(self, key: Key, bins: Sequence[str] | None, policy: ReadPolicy) -> None:
        n_ops, ops = 0, b""
        if bins is None:
            info1 = Info1.READ | Info1.GET_ALL
        elif not bins:
            info1 = Info1.READ | Info1.GET_NO_BINS
        else:
            if isinstance(bins, str):
                raise TypeError("bins must be a sequence of names, not one str")
            info1, n_ops = Info1.READ, len(bins)
            ops = b"".join([pack_op(OpType.READ, check_bin_name(name, "a bin name in bins")) for name in bins])
        n_extra, extra = extra_fields(key, policy, policy.key)
        bits = read_bits(policy)
        self.request = pack_message(
            info1 | bits.info1,
            0,
            bits.info3,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            n_ops=n_ops,
            body=b"".join((key.wire_fields, extra, ops)),
        )
        if bins is None and policy.key is KeyPolicy.DIGEST and policy.filter_exp is None:
            beginnings(policy)[key._names.fields] = self.request[:-DIGEST_BYTES]

    @property
    def sc_mode(self) -> ReadModeSC | None:
        """See `Command.sc_mode`."""
        return self.policy.read_mode_sc

    def parse(self, frame: bytes) -> Record | None:
        """The record, or None when it does not exist."""
        key = self.key
        if len(frame) >= FIRST_FIELD:
            reader = key._names.readers.get(frame[N_OPS_OFFSET])
            if reader is not None:
                record: Record | None = reader(frame, len(frame), key)
                if record is not None:
                    return record
        return parse_record(frame, key)
