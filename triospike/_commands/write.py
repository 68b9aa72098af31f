"""put, add, append and prepend: one operation of one kind per bin; touch: one operation on none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .._wire.flags import OpType
from .._wire.message import pack_message, pack_op
from .._wire.particle import encode_value
from ..key import Key
from ..operations.operation import check_bin_name
from ..policy.write import WritePolicy
from .base import Command, check_arguments, expect_success, extra_fields, server_timeout
from .header_flags import write_bits

__all__ = ["AddCommand", "AppendCommand", "PrependCommand", "PutCommand", "TouchCommand"]


class _WriteCommand(Command[None]):
    __slots__ = ()

    is_write = True

    def _encode(self, key: Key, policy: WritePolicy, n_ops: int, ops: bytes) -> None:
        check_arguments(key, policy, WritePolicy)
        self.key = key
        self.policy = policy
        self.replica = policy.replica
        self.sc_mode = None
        n_extra, extra = extra_fields(key, policy, policy.key)
        bits = write_bits(policy)
        self.request = pack_message(
            0,
            bits.info2,
            bits.info3,
            info4=bits.info4,
            generation=bits.generation,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            n_ops=n_ops,
            body=key.wire_fields + extra + ops,
        )

    def parse(self, frame: bytes) -> None:
        """Nothing: the write was carried out."""
        expect_success(frame)


class _BinsCommand(_WriteCommand):
    """A write that does the same to each of several bins."""

    __slots__ = ()

    _op = OpType.WRITE
    _allowed: ClassVar[tuple[type, ...]] = ()

    def __init__(self, key: Key, bins: Mapping[str, Any], policy: WritePolicy) -> None:
        if not isinstance(bins, Mapping):
            raise TypeError(f"bins must be a mapping of names to values, not {type(bins).__name__}")
        if not bins:
            raise ValueError("bins must not be empty: there is nothing to write")
        ops = []
        for name, value in bins.items():
            where = f"bins[{name!r}]"
            encoded = check_bin_name(name, "a bin name in bins")
            if self._allowed and (not isinstance(value, self._allowed) or isinstance(value, bool)):
                names = " or ".join(kind.__name__ for kind in self._allowed)
                raise TypeError(f"{where} must be {names}, not {type(value).__name__}")
            ops.append(pack_op(self._op, encoded, *encode_value(value, where)))
        self._encode(key, policy, len(ops), b"".join(ops))


class PutCommand(_BinsCommand):
    """Write bins; a value of None removes its bin."""

    __slots__ = ()


class AddCommand(_BinsCommand):
    """Add numbers to bins; a missing bin takes the number."""

    __slots__ = ()

    _op = OpType.INCR
    _allowed: ClassVar[tuple[type, ...]] = (int, float)


class AppendCommand(_BinsCommand):
    """Append to string or blob bins; a missing bin takes the value."""

    __slots__ = ()

    _op = OpType.APPEND
    _allowed: ClassVar[tuple[type, ...]] = (str, bytes, bytearray, memoryview)


class PrependCommand(_BinsCommand):
    """Prepend to string or blob bins; a missing bin takes the value."""

    __slots__ = ()

    _op = OpType.PREPEND
    _allowed: ClassVar[tuple[type, ...]] = (str, bytes, bytearray, memoryview)


class TouchCommand(_WriteCommand):
    """Renew a record's expiry and raise its generation."""

    __slots__ = ()

    def __init__(self, key: Key, policy: WritePolicy) -> None:
        self._encode(key, policy, 1, pack_op(OpType.TOUCH, b""))
