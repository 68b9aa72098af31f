"""What can't be right in a batch raises before anything is sent, and the message names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from triospike import (
    BatchApply,
    BatchDelete,
    BatchItem,
    BatchRead,
    BatchReadPolicy,
    BatchRemovePolicy,
    BatchWrite,
    BatchWritePolicy,
    Key,
    Ttl,
    operations as op,
)
from triospike._commands.batch import pack_batch
from triospike._commands.batch_rows import apply_row, check_keys, operate_row, read_row, rows_of
from triospike.policy import BatchApplyPolicy, BatchPolicy
from triospike.policy.batch import BatchPolicies

KEY = Key("test", "s", 1)
POLICIES = BatchPolicies(BatchPolicy(), BatchWritePolicy(ttl=77), BatchRemovePolicy(), BatchApplyPolicy())


@pytest.mark.parametrize(
    ("item", "error", "message"),
    [
        ("key", TypeError, r"items\[1\] must be a BatchRead, BatchWrite, BatchDelete or BatchApply, not str"),
        (KEY, TypeError, r"items\[1\] must be a BatchRead, BatchWrite, BatchDelete or BatchApply, not Key"),
        (BatchRead("key"), TypeError, r"items\[1\]\.key must be a Key, not str"),  # type: ignore[arg-type]
        (BatchRead(KEY, "name"), TypeError, r"items\[1\]\.bins must be a sequence of names, not one str"),
        (BatchRead(KEY, ["a", ""]), ValueError, r"items\[1\]\.bins\[1\] must be 1 to 15 bytes"),
        (BatchRead(KEY, [1]), TypeError, r"items\[1\]\.bins\[0\] must be a str, not int"),  # type: ignore[list-item]
        (BatchRead(KEY, ["a"], operations=[op.read("a")]), ValueError, "bins and operations can't both be given"),
        (BatchRead(KEY, operations=[]), ValueError, r"items\[1\]\.operations must not be empty"),
        (
            BatchRead(KEY, operations=[op.touch()]),
            ValueError,
            r"items\[1\]\.operations of a BatchRead must not write",
        ),
        (BatchRead(KEY, policy=BatchWritePolicy()), TypeError, "policy must be BatchReadPolicy"),  # type: ignore[arg-type]
        (BatchWrite(KEY), ValueError, r"items\[1\]\.bins or operations must be given"),
        (BatchWrite(KEY, {"a": 1}, operations=[op.touch()]), ValueError, "must be given, and not both"),
        (BatchWrite(KEY, {}), ValueError, r"items\[1\]\.bins must not be empty"),
        (BatchWrite(KEY, ["a"]), TypeError, r"items\[1\]\.bins must be a mapping"),  # type: ignore[arg-type]
        (BatchWrite(KEY, {"a" * 16: 1}), ValueError, r"a bin name in items\[1\]\.bins must be 1 to 15 bytes"),
        (BatchWrite(KEY, {"a": 2**63}), ValueError, r"items\[1\]\.bins\['a'\] does not fit in 64 bits"),
        (BatchWrite(KEY, {"a": [1, {"b": object()}]}), TypeError, r"items\[1\]\.bins\['a'\]"),
        (
            BatchWrite(KEY, operations=[op.read("a")]),
            ValueError,
            r"items\[1\]\.operations of a BatchWrite must hold",
        ),
        (
            BatchWrite(KEY, operations=[op.touch(), "touch"]),  # type: ignore[list-item]
            TypeError,
            r"items\[1\]\.operations\[1\] must be made by triospike\.operations, not str",
        ),
        (BatchWrite(KEY, operations=op.touch()), TypeError, "operations must be a sequence"),  # type: ignore[arg-type]
        (BatchDelete(KEY, policy=BatchReadPolicy()), TypeError, "policy must be BatchRemovePolicy"),  # type: ignore[arg-type]
        (BatchApply(KEY, "", "f"), ValueError, r"items\[1\]\.module must not be empty"),
        (BatchApply(KEY, "m", 7), TypeError, r"items\[1\]\.function must be a str, not int"),  # type: ignore[arg-type]
        (
            BatchApply(KEY, "m", "f", "abc"),
            TypeError,
            r"items\[1\]\.args must be a sequence of arguments, not str",
        ),
        (BatchApply(KEY, "m", "f", [1, object()]), TypeError, r"items\[1\]\.args"),
    ],
)
def test_items_that_cant_be_right_are_named(item: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rows_of([BatchRead(KEY), item], POLICIES)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (KEY, "keys must be a sequence of Key, not Key"),
        ("abc", "keys must be a sequence of Key, not str"),
        ({KEY}, "keys must be a sequence of Key, not set"),
        ((key for key in [KEY]), "keys must be a sequence of Key, not generator"),
        ([KEY, None], r"keys\[1\] must be a Key, not NoneType"),
        ([KEY, KEY, ("test", "s", 1)], r"keys\[2\] must be a Key, not tuple"),
    ],
)
def test_keys_that_are_none_are_named(keys: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_keys(keys)


def test_subclasses_of_keys_are_keys() -> None:
    class MyKey(Key):
        __slots__ = ()

    keys = [KEY, MyKey("test", "s", 2)]
    assert check_keys(keys) is keys


@pytest.mark.parametrize("items", ["abc", 7, {BatchRead(KEY)}, iter([BatchRead(KEY)])])
def test_items_must_be_a_sequence(items: Any) -> None:
    with pytest.raises(TypeError, match=r"items must be a sequence of batch items|items\[0\] must be a BatchRead"):
        rows_of(items, POLICIES)


def test_arguments_of_calls_on_keys_are_named() -> None:
    with pytest.raises(TypeError, match=r"^bins must be a sequence of names, not one str"):
        read_row("name", BatchPolicy())
    with pytest.raises(ValueError, match=r"^bins\[0\] must be 1 to 15 bytes"):
        read_row(["a" * 16], BatchPolicy())
    with pytest.raises(ValueError, match=r"^operations must not be empty"):
        operate_row([], POLICIES)
    with pytest.raises(TypeError, match=r"^operations\[0\] must be made by triospike\.operations"):
        operate_row(["read"], POLICIES)  # type: ignore[list-item]  # the point of the test
    with pytest.raises(ValueError, match=r"^function must not be empty"):
        apply_row("m", "", (), BatchApplyPolicy())


def test_very_many_operations_fit_into_no_row() -> None:
    with pytest.raises(ValueError, match="32769 bins or operations do not fit into one row"):
        operate_row([op.read("a")] * 32_769, POLICIES)


# Rows that say the same.


def _sizes(items: list[Any]) -> int:
    keys, rows = rows_of(items, POLICIES)
    return len(pack_batch(range(len(keys)), keys, rows, BatchPolicy(), 1.0))


def test_items_that_share_their_parts_share_their_row() -> None:
    keys = [Key("test", "s", at) for at in range(10)]
    operations, policy, bins = [op.add("n", 1)], BatchWritePolicy(), {"n": 1}
    alone = [_sizes([make(key) for key in keys]) for make in _ALONE]
    shared = [
        _sizes([BatchWrite(key, operations=operations, policy=policy) for key in keys]),
        _sizes([BatchWrite(key, bins) for key in keys]),
        _sizes([BatchRead(key, ("n",)) for key in keys]),
    ]
    assert all(small < large - 9 * 20 for small, large in zip(shared, alone, strict=True))


_ALONE: list[Callable[[Key], BatchItem]] = [
    lambda key: BatchWrite(key, operations=[op.add("n", 1)], policy=BatchWritePolicy()),
    lambda key: BatchWrite(key, {"n": 1}),
    lambda key: BatchRead(key, ["n"]),
]


@pytest.mark.parametrize(
    "indices",
    [range(2), range(1, 3), range(0, 50, 7), range(1000, 1050), range(2000, 3000, 500), [5]],
    ids=["all", "the last", "some", "over a limit", "beyond it", "one"],
)
def test_rows_of_one_set_are_their_index_and_digest_and_a_byte(indices: Sequence[int]) -> None:
    keys = [Key("test", "s", at) for at in range(max(indices) + 1)]
    request = pack_batch(indices, keys, read_row(None, BatchPolicy()), BatchPolicy())
    # Protocol section 8.3: the field's head is behind 30 bytes of headers, its number of rows and flags in it.
    assert request[35:39] == len(indices).to_bytes(4, "big")
    first, *others = [index.to_bytes(4, "big") + keys[index].digest for index in indices]
    assert request[40:64] == first
    names = bytes.fromhex("00000005 00 74657374 00000002 01 73")
    said = 64 + 12  # flags, three of info, ttl and two counts
    assert request[said : said + len(names)] == names
    assert request[said + len(names) :] == b"".join(row + b"\x01" for row in others)


def test_a_batch_with_another_time_limit_is_the_same_but_for_that() -> None:
    keys = [Key("test", "s", at) for at in range(3)]
    row, policy = read_row(["a"], BatchPolicy()), BatchPolicy(total_timeout=2.0, filter_exp=b"\x93\x01\x02\x03")
    first, later = (pack_batch(range(3), keys, row, policy, *limit) for limit in ((), (0.25,)))
    assert (first[22:26], later[22:26]) == ((2000).to_bytes(4, "big"), (250).to_bytes(4, "big"))
    assert (later[:22], later[26:]) == (first[:22], first[26:])


def test_client_default_ttl_of_an_item_is_the_clients() -> None:
    asked = BatchWrite(KEY, {"n": 1}, policy=BatchWritePolicy(ttl=Ttl.CLIENT_DEFAULT))
    _, (row,) = rows_of([asked], POLICIES)
    assert row.bits.record_ttl == 77
