"""What the server knows of a record without reading its bins. Filters of these alone are quick."""

from __future__ import annotations

from .._wire.opcodes import ExpOp
from ..operations._packing import check_int, pack_int
from .kinds import BoolExp, IntExp, StringExp
from .nodes import form, written

__all__ = [
    "device_size",
    "digest_modulo",
    "is_tombstone",
    "last_update",
    "memory_size",
    "record_size",
    "set_name",
    "since_update",
    "ttl",
    "void_time",
]


@written
def set_name() -> StringExp:
    """The record's set (C: ``as_exp_set_name``); an empty string if it is in none."""
    return StringExp(form(ExpOp.SET_NAME))


@written
def record_size() -> IntExp:
    """The record's size in bytes, on the device or in memory (C: ``as_exp_record_size``; server 7.0)."""
    return IntExp(form(ExpOp.RECORD_SIZE))


@written
def device_size() -> IntExp:
    """The record's size on the device, in bytes (C: ``as_exp_device_size``); from server 7.0 see `record_size`."""
    return IntExp(form(ExpOp.DEVICE_SIZE))


@written
def memory_size() -> IntExp:
    """The record's size in memory, in bytes (C: ``as_exp_memory_size``); from server 7.0 see `record_size`."""
    return IntExp(form(ExpOp.MEMORY_SIZE))


@written
def last_update() -> IntExp:
    """When the record was last written, in nanoseconds since 1970 (C: ``as_exp_last_update``)."""
    return IntExp(form(ExpOp.LAST_UPDATE))


@written
def since_update() -> IntExp:
    """How long ago the record was last written, in milliseconds (C: ``as_exp_since_update``)."""
    return IntExp(form(ExpOp.SINCE_UPDATE))


@written
def void_time() -> IntExp:
    """When the record expires, in nanoseconds since 1970 (C: ``as_exp_void_time``); -1 for never."""
    return IntExp(form(ExpOp.VOID_TIME))


@written
def ttl() -> IntExp:
    """In how many seconds the record expires (C: ``as_exp_ttl``); -1 for never."""
    return IntExp(form(ExpOp.TTL))


@written
def is_tombstone() -> BoolExp:
    """Whether the record was deleted durably and its tombstone remains (C: ``as_exp_is_tombstone``)."""
    return BoolExp(form(ExpOp.IS_TOMBSTONE))


@written
def digest_modulo(modulus: int) -> IntExp:
    """The remainder of the digest by a number (C: ``as_exp_digest_modulo``): a sample of the records.

    Args:
        modulus: The number; the server refuses 0.

    Raises:
        TypeError: It is no int. An expression can't stand here.
        ValueError: It does not fit in 64 bits.
    """
    return IntExp(form(ExpOp.DIGEST_MODULO, pack_int(check_int(modulus, "modulus"))))
