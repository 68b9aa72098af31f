"""From the items of a batch to its rows: arguments are checked here, and policies become bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from .._wire import msgpack
from .._wire.flags import FieldType, Info1, Info2, Info3, Info4, OpType
from .._wire.message import MAX_OPS, pack_field, pack_op
from .._wire.particle import encode_value
from .._wire.units import wire_ttl
from ..batch import BatchApply, BatchDelete, BatchItem, BatchRead, BatchWrite
from ..key import Key
from ..operations.operation import Operation, Trait, check_bin_name
from ..policy.batch import (
    BatchApplyPolicy,
    BatchPolicies,
    BatchPolicy,
    BatchReadPolicy,
    BatchRemovePolicy,
    BatchWritePolicy,
)
from ..policy.enums import CommitLevel, KeyPolicy
from ..values import encode_text
from .batch_row import Row, filter_field
from .header_flags import HeaderBits, read_bits, remove_bits, write_bits

__all__ = ["apply_row", "check_keys", "delete_row", "operate_row", "read_row", "rows_of"]

T = TypeVar("T")


def check_keys(keys: object) -> Sequence[Key]:
    """See that the keys of a batch are keys.

    Raises:
        TypeError: One of them is not; the message names it by its index.
    """
    if isinstance(keys, str | bytes | Key) or not isinstance(keys, Sequence):
        raise TypeError(f"keys must be a sequence of Key, not {type(keys).__name__}")
    if set(map(type, keys)) != {Key}:  # else nothing can be wrong, and it need not be looked for
        for index, key in enumerate(keys):
            if not isinstance(key, Key):
                raise TypeError(f"keys[{index}] must be a Key, not {type(key).__name__}")
    return keys


# Rows, one function for each kind. `where` begins the names of arguments in messages.


def read_row(bins: Sequence[str] | None, policy: BatchReadPolicy | BatchPolicy, where: str = "") -> Row:
    """Reads bins: all where bins is None, only generation and ttl where it is empty."""
    if bins is not None:
        return _read_row(bins, policy, where)
    known: Row | None = policy.cached().get("read_row")  # what most batches are
    if known is None:
        known = policy.cached()["read_row"] = _read_row(bins, policy, where)
    return known


def _read_row(bins: Sequence[str] | None, policy: BatchReadPolicy | BatchPolicy, where: str) -> Row:
    base = read_bits(policy)
    if bins is None:
        info1, ops = Info1.READ | Info1.GET_ALL, []
    elif isinstance(bins, str | bytes) or not isinstance(bins, Sequence):
        raise TypeError(f"{where}bins must be a sequence of names, not one {type(bins).__name__}")
    elif bins:
        info1, ops = Info1.READ, [_read_op(name, f"{where}bins[{at}]") for at, name in enumerate(bins)]
    else:
        info1, ops = Info1.READ | Info1.GET_NO_BINS, []
    bits = attrs.evolve(base, info1=base.info1 | info1)
    return Row(bits, bits, False, filter=_own_filter(policy), n_ops=_counted(ops, where), ops=b"".join(ops))


def operate_row(
    operations: Sequence[Operation],
    policies: BatchPolicies,
    read: BatchReadPolicy | None = None,
    write: BatchWritePolicy | None = None,
    where: str = "",
) -> Row:
    """Carries out operations, which may read, write or both."""
    checked = _check_operations(operations, where)
    if any(operation.is_write for operation in checked):
        return _writing_row(checked, policies.for_write(write), policies.batch, where)
    policy: BatchReadPolicy | BatchPolicy = read or policies.batch
    base = read_bits(policy)
    info1 = base.info1 | Info1.READ | (Info1.GET_ALL if _reads_all(checked) else 0)
    bits = attrs.evolve(base, info1=info1)
    alone = bits
    if any(operation.traits & Trait.ANSWERS_EACH for operation in checked) and not info1 & Info1.GET_ALL:
        alone = attrs.evolve(bits, info2=Info2.RESPOND_ALL_OPS)
    n_ops, ops = _pack_operations(checked, where)
    return Row(bits, alone, False, operated=True, filter=_own_filter(policy), n_ops=n_ops, ops=ops)


def _writing_row(operations: Sequence[Operation], policy: BatchWritePolicy, batch: BatchPolicy, where: str) -> Row:
    n_ops, ops = _pack_operations(operations, where)
    reads = any(not operation.is_write for operation in operations)
    info1 = (Info1.READ if reads else 0) | (Info1.GET_ALL if _reads_all(operations) else 0)
    return _write_row(info1, n_ops, ops, policy, batch)


def _write_row(info1: int, n_ops: int, ops: bytes, policy: BatchWritePolicy, batch: BatchPolicy) -> Row:
    bits, alone, own_filter = _put_bits(policy) if not info1 else _write_bits(info1, policy, batch)
    return Row(
        bits,
        alone,
        True,
        operated=True,
        sends_key=policy.key is KeyPolicy.SEND,
        filter=own_filter,
        n_ops=n_ops,
        ops=ops,
    )


def _put_bits(policy: BatchWritePolicy) -> tuple[HeaderBits, HeaderBits, bytes]:
    """The same for all rows that only write, of which there are often thousands: worked out once."""
    known: tuple[HeaderBits, HeaderBits, bytes] | None = policy.cached().get("put_bits")
    if known is None:
        bits = write_bits(policy)
        bits = attrs.evolve(bits, info2=bits.info2 | Info2.RESPOND_ALL_OPS)
        known = policy.cached()["put_bits"] = bits, bits, filter_field(policy.filter_exp)
    return known


def _write_bits(info1: int, policy: BatchWritePolicy, batch: BatchPolicy) -> tuple[HeaderBits, HeaderBits, bytes]:
    """Bits in a batch, bits alone, and filter, of a row that also reads."""
    base, reading = write_bits(policy), read_bits(batch)
    info2 = base.info2 | (0 if info1 & Info1.GET_ALL else Info2.RESPOND_ALL_OPS)
    bits = attrs.evolve(base, info1=info1, info2=info2)
    # Alone, the batch's read modes apply too.
    alone = attrs.evolve(bits, info1=info1 | reading.info1, info3=bits.info3 | reading.info3)
    return bits, alone, filter_field(policy.filter_exp)


def put_row(bins: Mapping[str, Any], policy: BatchWritePolicy, batch: BatchPolicy, where: str) -> Row:
    """Writes bins."""
    if not isinstance(bins, Mapping):
        raise TypeError(f"{where}bins must be a mapping of names to values, not {type(bins).__name__}")
    if not bins:
        raise ValueError(f"{where}bins must not be empty: there is nothing to write")
    ops = []
    for name, value in bins.items():
        encoded = check_bin_name(name, f"a bin name in {where}bins")
        ops.append(pack_op(OpType.WRITE, encoded, *encode_value(value, f"{where}bins[{name!r}]")))
    return _write_row(0, _counted(ops, where), b"".join(ops), policy, batch)


def delete_row(policy: BatchRemovePolicy) -> Row:
    """Deletes the record."""
    base = remove_bits(policy)
    alone = attrs.evolve(base, info2=base.info2 | Info2.DELETE)
    return Row(
        attrs.evolve(alone, info2=alone.info2 | Info2.RESPOND_ALL_OPS),
        alone,
        True,
        deletes=True,
        sends_key=policy.key is KeyPolicy.SEND,
        filter=filter_field(policy.filter_exp),
    )


def apply_row(module: str, function: str, args: Sequence[Any], policy: BatchApplyPolicy, where: str = "") -> Row:
    """Applies a function."""
    bits = HeaderBits(
        info2=Info2.WRITE | (Info2.DURABLE_DELETE if policy.durable_delete else 0),
        info3=Info3.COMMIT_LEVEL_MASTER if policy.commit_level is CommitLevel.MASTER else 0,
        info4=Info4.MRT_ON_LOCKING_ONLY if policy.on_locking_only else 0,
        record_ttl=wire_ttl(policy.ttl),
    )
    if isinstance(args, str | bytes) or not isinstance(args, Sequence):
        raise TypeError(f"{where}args must be a sequence of arguments, not {type(args).__name__}")
    return Row(
        bits,
        bits,
        True,
        operated=True,
        sends_key=policy.key is KeyPolicy.SEND,
        filter=filter_field(policy.filter_exp),
        function=pack_field(FieldType.UDF_FILENAME, _name(module, f"{where}module"))
        + pack_field(FieldType.UDF_FUNCTION, _name(function, f"{where}function"))
        + pack_field(FieldType.UDF_ARGLIST, msgpack.pack(list(args), f"{where}args")),
    )


def _name(name: object, where: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"{where} must be a str, not {type(name).__name__}")
    if not name:
        raise ValueError(f"{where} must not be empty")
    return encode_text(name, where)


def _own_filter(policy: BatchReadPolicy | BatchPolicy) -> bytes:
    return b"" if isinstance(policy, BatchPolicy) else filter_field(policy.filter_exp)


def _read_op(name: object, where: str) -> bytes:
    return pack_op(OpType.READ, check_bin_name(name, where))


def _check_operations(operations: Sequence[Operation], where: str) -> Sequence[Operation]:
    if not isinstance(operations, Sequence):
        raise TypeError(f"{where}operations must be a sequence, not {type(operations).__name__}")
    if not operations:
        raise ValueError(f"{where}operations must not be empty")
    for at, operation in enumerate(operations):
        if not isinstance(operation, Operation):
            raise TypeError(
                f"{where}operations[{at}] must be made by triospike.operations, not {type(operation).__name__}"
            )
    return operations


def _reads_all(operations: Sequence[Operation]) -> bool:
    return any(operation.traits & Trait.READS_ALL for operation in operations)


def _pack_operations(operations: Sequence[Operation], where: str) -> tuple[int, bytes]:
    packed = [operation.packed for operation in operations]
    return _counted(packed, where), b"".join(packed)


def _counted(ops: Sequence[bytes], where: str) -> int:
    if len(ops) > MAX_OPS:
        raise ValueError(
            f"{where}: {len(ops)} bins or operations do not fit into one row: it has {MAX_OPS} at most"
        )
    return len(ops)


# Items.


def rows_of(items: Sequence[BatchItem], policies: BatchPolicies) -> tuple[list[Key], list[Row]]:
    """The keys and rows of items.

    Items that share their bins, operations or arguments, and their policy, share their row: then the request
    says so, as the C client's does for what has the same address.

    Raises:
        TypeError: An item is none, or a part of it has a wrong type; the message names it by its index.
        ValueError: A part of an item can't be right; the message names it by its index.
    """
    if not isinstance(items, Sequence):
        raise TypeError(f"items must be a sequence of batch items, not {type(items).__name__}")
    keys: list[Key] = []
    rows: list[Row] = []
    shared: dict[tuple[object, ...], Row] = {}
    for index, item in enumerate(items):
        make = _MAKERS.get(type(item))
        if make is None:
            raise TypeError(
                f"items[{index}] must be a BatchRead, BatchWrite, BatchDelete or BatchApply, "
                f"not {type(item).__name__}"
            )
        if not isinstance(item.key, Key):
            raise TypeError(f"items[{index}].key must be a Key, not {type(item.key).__name__}")
        same = _identity(item)
        row = shared.get(same)
        if row is None:
            row = shared[same] = make(item, policies, f"items[{index}].")
        keys.append(item.key)
        rows.append(row)
    return keys, rows


def _identity(item: BatchItem) -> tuple[object, ...]:
    """Equal for items that ask the same in the same objects; they live as long as the items do."""
    policy = id(item.policy)
    if isinstance(item, BatchRead | BatchWrite):
        return type(item), policy, id(item.bins), id(item.operations)
    if isinstance(item, BatchApply):
        return BatchApply, policy, id(item.module), id(item.function), id(item.args)
    return BatchDelete, policy


def _read_item(item: BatchRead, policies: BatchPolicies, where: str) -> Row:
    policy = _policy_of(item.policy, BatchReadPolicy, where)
    if item.operations is None:
        return read_row(item.bins, policy or policies.batch, where)
    if item.bins is not None:
        raise ValueError(f"{where}bins and operations can't both be given")
    row = operate_row(item.operations, policies, read=policy, where=where)
    if row.is_write:
        raise ValueError(f"{where}operations of a BatchRead must not write; a BatchWrite may read too")
    return row


def _write_item(item: BatchWrite, policies: BatchPolicies, where: str) -> Row:
    policy = policies.for_write(_policy_of(item.policy, BatchWritePolicy, where))
    if (item.operations is None) == (item.bins is None):
        raise ValueError(f"{where}bins or operations must be given, and not both")
    if item.bins is not None:
        return put_row(item.bins, policy, policies.batch, where)
    assert item.operations is not None
    row = operate_row(item.operations, policies, write=policy, where=where)
    if not row.is_write:
        raise ValueError(f"{where}operations of a BatchWrite must hold one that writes; a BatchRead only reads")
    return row


def _delete_item(item: BatchDelete, policies: BatchPolicies, where: str) -> Row:
    return delete_row(_policy_of(item.policy, BatchRemovePolicy, where) or policies.remove)


def _apply_item(item: BatchApply, policies: BatchPolicies, where: str) -> Row:
    policy = policies.for_apply(_policy_of(item.policy, BatchApplyPolicy, where))
    return apply_row(item.module, item.function, item.args, policy, where)


def _policy_of(policy: T | None, kind: type[T], where: str) -> T | None:
    if policy is not None and not isinstance(policy, kind):
        raise TypeError(f"{where}policy must be {kind.__name__}, not {type(policy).__name__}")
    return policy


_MAKERS: dict[type, Callable[[Any, BatchPolicies, str], Row]] = {
    BatchRead: _read_item,
    BatchWrite: _write_item,
    BatchDelete: _delete_item,
    BatchApply: _apply_item,
}
