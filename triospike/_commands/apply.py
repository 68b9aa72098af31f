"""Calling a Lua function on one record, in the server (protocol section 7.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .._wire import msgpack
from .._wire.flags import FieldType, Info2, Info3, Info4
from .._wire.message import decode_message, pack_field, pack_message
from .._wire.particle import decode_value
from .._wire.units import wire_ttl
from ..errors import ProtocolError, UdfError, error_for
from ..key import Key
from ..policy.apply import ApplyPolicy
from ..policy.enums import CommitLevel
from ..values import encode_text
from .base import Command, check_answer, check_arguments, extra_fields, server_timeout
from .header_flags import HeaderBits

__all__ = ["FAILURE", "SUCCESS", "ApplyCommand"]

SUCCESS: Final = b"SUCCESS"
FAILURE: Final = b"FAILURE"
"""Names of the one bin of an answer."""


class ApplyCommand(Command[Any]):
    """Applies a function; the result is what it returned.

    Args:
        key: The record.
        module: Name of the module, without ``.lua``.
        function: Name of the function.
        args: Its arguments behind the record.
        policy: How.

    Raises:
        TypeError: An argument has another type, or can't be sent; the message names it.
        ValueError: A name is empty, or an argument can't be sent.
    """

    __slots__ = ()

    is_write = True

    def __init__(self, key: Key, module: str, function: str, args: Sequence[Any], policy: ApplyPolicy) -> None:
        check_arguments(key, policy, ApplyPolicy)
        if isinstance(args, str | bytes) or not isinstance(args, Sequence):
            raise TypeError(f"args must be a sequence of arguments, not {type(args).__name__}")
        self.key = key
        self.policy = policy
        n_extra, extra = extra_fields(key, policy, policy.key)
        call = (
            pack_field(FieldType.UDF_FILENAME, _name(module, "module"))
            + pack_field(FieldType.UDF_FUNCTION, _name(function, "function"))
            + pack_field(FieldType.UDF_ARGLIST, msgpack.pack(list(args), "args"))
        )
        bits = _bits(policy)
        self.request = pack_message(
            0,
            bits.info2,
            bits.info3,
            info4=bits.info4,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=6 + n_extra,
            body=key.wire_fields + extra + call,
        )

    def parse(self, frame: bytes) -> Any:
        """What the function returned.

        Raises:
            UdfError: It failed, with its message.
            AerospikeError: The server refused the call, or could not store what the function did.
        """
        code = check_answer(frame)
        message, _ = decode_message(frame)
        bins = {op.name: op for op in message.ops}
        if code:
            failure = bins.get(FAILURE)
            raise error_for(code) if failure is None else UdfError(failure.value.decode("utf-8", "replace"))
        result = bins.get(SUCCESS)
        if result is None:
            raise ProtocolError("the answer to a function call has no result")
        return decode_value(result.particle_type, result.value)


def _name(name: object, where: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"{where} must be a str, not {type(name).__name__}")
    if not name:
        raise ValueError(f"{where} must not be empty")
    return encode_text(name, where)


def _bits(policy: ApplyPolicy) -> HeaderBits:
    cache = policy.cached()
    bits: HeaderBits | None = cache.get("apply_bits")
    if bits is None:
        bits = cache["apply_bits"] = HeaderBits(
            info2=Info2.WRITE | (Info2.DURABLE_DELETE if policy.durable_delete else 0),
            info3=Info3.COMMIT_LEVEL_MASTER if policy.commit_level is CommitLevel.MASTER else 0,
            info4=Info4.MRT_ON_LOCKING_ONLY if policy.on_locking_only else 0,
            record_ttl=wire_ttl(policy.ttl),
        )
    return bits
