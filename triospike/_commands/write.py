"""put, add, append and prepend: one operation of one kind per bin; touch: one operation on none."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, ClassVar

from .._wire.flags import OpType
from .._wire.message import (
    FIRST_FIELD,
    MESSAGE,
    RESULT_CODE_OFFSET,
    known_header,
    pack_message,
    pack_op,
    pack_op_head,
)
from .._wire.particle import encode_value, pack_float64, pack_int64
from ..key import Key
from ..operations.operation import check_bin_name
from ..policy.write import WritePolicy
from .alike_writes import Look, learn, pack_alike
from .base import Command, beginnings, check_arguments, expect_success, extra_fields, server_timeout
from .header_flags import write_bits

__all__ = ["AddCommand", "AppendCommand", "PrependCommand", "PutCommand", "TouchCommand"]


# Names of bins to their bytes, once they have been checked.
_bin_names: dict[str, bytes] = {}
_MOST_NAMES = 4096


class _WriteCommand(Command[None]):
    __slots__ = ()

    is_write = True
    policy: WritePolicy

    def _pack(self, n_ops: int, ops: bytes, n_extra: int, extra: bytes) -> None:
        """The request, with fields besides the usual; and what others of the policy to the set begin with."""
        key, policy = self.key, self.policy
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
            body=b"".join((key.wire_fields, extra, ops)),
        )
        beginnings(policy)[_place(key, n_extra)] = known_header(self.request)

    def parse(self, frame: bytes) -> None:
        """Nothing: the write was carried out."""
        if len(frame) < FIRST_FIELD or frame[1] != MESSAGE or frame[RESULT_CODE_OFFSET]:
            expect_success(frame)  # says what is wrong


class _BinsCommand(_WriteCommand):
    """A write that does the same to each of several bins."""

    __slots__ = ()

    _op = OpType.WRITE
    _allowed: ClassVar[tuple[type, ...]] = ()

    def __init__(self, key: Key, bins: Mapping[str, Any], policy: WritePolicy) -> None:
        if type(key) is not Key or type(policy) is not WritePolicy:
            check_arguments(key, policy, WritePolicy)
        self.key = key
        self.policy = policy
        names = key._names
        header = policy._cache.get(names.fields)  # the same for most writes of a policy to a set
        if header is not None and type(bins) is dict:
            # Most writes of these bins look like the last one.
            pack = names.writers.get((self._op, *bins))
            if pack is not None:
                request = pack(header, key._digest, *bins.values())
                if request is not None:
                    self.request = request
                    return
        self._pack_bins(bins)

    def _pack_bins(self, bins: Mapping[str, Any]) -> None:
        """The request of a write that has more fields, or looks different from the last one."""
        key, policy = self.key, self.policy
        n_extra, extra = extra_fields(key, policy, policy.key)
        header = policy._cache.get(_place(key, n_extra))
        look: Look | None = None
        if type(bins) is dict:
            look = (self._op, *bins, *map(type, bins.values()))
            if header is not None:
                request = pack_alike(key, look, header, bins.values(), extra)
                if request is not None:
                    self.request = request
                    return
        ops = self._ops(bins)
        self._pack(len(ops), b"".join(ops), n_extra, extra)
        if look is not None:
            learn(key._names, look, len(ops))

    def _ops(self, bins: Mapping[str, Any]) -> list[bytes]:
        if not isinstance(bins, Mapping):
            raise TypeError(f"bins must be a mapping of names to values, not {type(bins).__name__}")
        if not bins:
            raise ValueError("bins must not be empty: there is nothing to write")
        kind = self._op
        ops = []
        for name, value in bins.items():
            encoded = _bin_names.get(name) if type(name) is str else None
            if encoded is None:
                encoded = _encode_name(name)
            if self._allowed:
                self._check_allowed(name, value)
            of = type(value)
            try:
                if of is str:
                    particle, data = 3, value.encode()
                elif of is int:
                    particle, data = 1, pack_int64(value)
                elif of is float:
                    particle, data = 2, pack_float64(value)
                elif of is bytes:
                    particle, data = 4, value
                else:
                    particle, data = encode_value(value, f"bins[{name!r}]")
            except (UnicodeEncodeError, struct.error):
                particle, data = encode_value(value, f"bins[{name!r}]")  # says what is wrong
            size = len(encoded)
            ops.append(pack_op_head(size + len(data) + 4, kind, particle, 0, size) + encoded + data)
        return ops

    def _check_allowed(self, name: str, value: Any) -> None:
        if not isinstance(value, self._allowed) or isinstance(value, bool):
            names = " or ".join(kind.__name__ for kind in self._allowed)
            raise TypeError(f"bins[{name!r}] must be {names}, not {type(value).__name__}")


def _place(key: Key, n_extra: int) -> object:
    """Where a policy keeps the header of writes to a set: apart from those of operate, which may share it."""
    fields = key._names.fields
    return ("write", fields, n_extra) if n_extra else fields


def _encode_name(name: object) -> bytes:
    encoded = check_bin_name(name, "a bin name in bins")
    if type(name) is str:
        if len(_bin_names) >= _MOST_NAMES:
            _bin_names.clear()
        _bin_names[name] = encoded
    return encoded


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
        check_arguments(key, policy, WritePolicy)
        self.key = key
        self.policy = policy
        self._pack(1, pack_op(OpType.TOUCH, b""), *extra_fields(key, policy, policy.key))
