"""Batches on an embedded server: what each call does, and what its policies ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import triospike
from triospike import (
    BatchApply,
    BatchDelete,
    BatchError,
    BatchPolicy,
    BatchRead,
    BatchReadPolicy,
    BatchRemovePolicy,
    BatchWrite,
    BatchWritePolicy,
    BinTypeError,
    Client,
    FilteredOut,
    GenerationError,
    GenerationPolicy,
    Key,
    KeyPolicy,
    ReadPolicy,
    RecordExists,
    RecordExistsAction,
    RecordNotFound,
    ResultCode,
    UdfError,
    exp,
    operations as op,
)
from triospike.server import Server

KEYS = [Key("test", "batch", number) for number in range(20)]
MISSING = Key("test", "batch", "nobody")


@pytest.fixture
async def client(embedded: Server) -> AsyncIterator[Client]:
    async with triospike.open_client(*embedded.hosts) as client:
        for number, key in enumerate(KEYS):
            await client.put(key, {"n": number, "s": f"text {number}", "l": [number]})
        yield client


def bins(records: list[triospike.Record | None]) -> list[dict[str, Any] | None]:
    return [None if record is None else record.bins for record in records]


# Reading.


async def test_records_come_in_the_order_of_their_keys(client: Client) -> None:
    asked = [*reversed(KEYS), MISSING, KEYS[3]]
    records = await client.batch_get(asked)
    assert [record and record.key for record in records] == [*reversed(KEYS), None, KEYS[3]]
    assert bins(records)[0] == {"n": 19, "s": "text 19", "l": [19]}
    assert records[0] is not None
    assert (records[0].generation, records[0].ttl) == (1, None)


async def test_a_key_may_be_asked_for_twice(client: Client) -> None:
    records = await client.batch_get([KEYS[1], KEYS[1], KEYS[2], KEYS[1]], ["n"])
    assert bins(records) == [{"n": 1}, {"n": 1}, {"n": 2}, {"n": 1}]


@pytest.mark.parametrize("count", [1, 2])
async def test_bins_are_those_asked_for(client: Client, count: int) -> None:
    keys = KEYS[:count]
    assert bins(await client.batch_get(keys, ["n", "nothing"])) == [{"n": at} for at in range(count)]
    assert bins(await client.batch_get(keys, ("s",))) == [{"s": f"text {at}"} for at in range(count)]
    assert bins(await client.batch_get(keys, [])) == [{}] * count


@pytest.mark.parametrize("asked", [[KEYS[0]], [MISSING], [KEYS[0], MISSING, KEYS[1]]], ids=["one", "none", "some"])
async def test_batch_exists_tells_who_is_there(client: Client, asked: list[Key]) -> None:
    assert await client.batch_exists(asked) == [key is not MISSING for key in asked]


async def test_an_empty_batch_asks_nobody(client: Client, embedded: Server) -> None:
    before = embedded.counters.commands_read
    assert await client.batch_get([]) == []
    assert await client.batch_exists(()) == []
    assert await client.batch([]) == []
    assert await client.batch_operate([], [op.read("n")]) == []
    async with client.batch_stream([]) as results:
        assert [result async for result in results] == []
    assert embedded.counters.commands_read == before


@pytest.mark.parametrize("count", [1, 3])
async def test_filtered_records_are_left_out(client: Client, count: int) -> None:
    policy = BatchPolicy(filter_exp=exp.eq(exp.bin_int("n"), 1))
    expected = [{"n": 1} if at == 1 else None for at in range(count)]
    assert bins(await client.batch_get(KEYS[:count], ["n"], policy=policy)) == expected
    assert await client.batch_exists(KEYS[:count], policy=policy) == [at == 1 for at in range(count)]
    codes = [
        result.result_code for result in await client.batch_operate(KEYS[:count], [op.read("n")], policy=policy)
    ]
    assert codes == [0 if at == 1 else ResultCode.FILTERED_OUT for at in range(count)]


async def test_operations_that_read_have_results_in_their_order(client: Client) -> None:
    results = await client.batch_operate(KEYS[:2], [op.lists.size("l"), op.read("n"), op.lists.get("l", 0)])
    assert [result.record and result.record.bins for result in results] == [
        {"l": [1, at], "n": at} for at in range(2)
    ]
    assert results[1].record is not None
    assert results[1].record.results == (("l", 1), ("n", 1), ("l", 1))


async def test_many_sets_and_namespaces_share_a_batch(client: Client) -> None:
    other = [Key("test", f"set {at % 3}", at) for at in range(9)]
    for at, key in enumerate(other):
        await client.put(key, {"n": at})
    assert bins(await client.batch_get(other)) == [{"n": at} for at in range(9)]


# Writing.


@pytest.mark.parametrize("count", [1, 5])
async def test_batch_operate_writes_and_reads(client: Client, count: int) -> None:
    results = await client.batch_operate(KEYS[:count], [op.add("n", 100), op.read("n")])
    assert [result.record and result.record.bins["n"] for result in results] == [
        [None, 100 + at] for at in range(count)
    ]
    assert [result.record and result.record.generation for result in results] == [2] * count
    assert all(result.ok and result.error is None and not result.in_doubt for result in results)


@pytest.mark.parametrize("count", [1, 5])
async def test_batch_delete_says_what_was_there(client: Client, count: int) -> None:
    asked = [*KEYS[:count], *([MISSING] if count > 1 else [])]
    codes = [result.result_code for result in await client.batch_delete(asked)]
    assert codes == [0] * count + [2] * (len(asked) - count)
    assert await client.batch_exists(KEYS[: count + 1]) == [False] * count + [True]
    (again,) = await client.batch_delete(KEYS[:1])
    assert again.record is None
    assert isinstance(again.error, RecordNotFound)


async def test_a_failed_row_leaves_the_others(client: Client) -> None:
    await client.put(KEYS[1], {"n": "text"})
    results = await client.batch_operate(KEYS[:3], [op.add("n", 1)])
    assert [result.result_code for result in results] == [0, ResultCode.BIN_TYPE, 0]
    assert isinstance(results[1].error, BinTypeError)
    assert results[1].error.node == results[1].node
    assert (results[1].index, results[1].key) == (1, KEYS[1])


async def test_items_of_all_kinds_share_a_batch(client: Client) -> None:
    results = await client.batch(
        [
            BatchRead(KEYS[0]),
            BatchRead(KEYS[1], ["n"]),
            BatchRead(KEYS[2], []),
            BatchRead(KEYS[3], operations=[op.lists.size("l")]),
            BatchWrite(KEYS[4], {"n": 44, "s": None}),
            BatchWrite(KEYS[5], operations=[op.add("n", 1), op.read("n")]),
            BatchDelete(KEYS[6]),
            BatchDelete(MISSING),
            BatchRead(MISSING),
        ]
    )
    seen = [result.record and result.record.bins for result in results]
    assert seen[:4] == [{"n": 0, "s": "text 0", "l": [0]}, {"n": 1}, {}, {"l": 1}]
    assert seen[5:] == [{"n": [None, 6]}, None, None, None]
    assert [result.result_code for result in results] == [0] * 7 + [2, 2]
    after = await client.get(KEYS[4])
    assert after is not None
    assert after.bins == {"n": 44, "l": [4]}
    assert not await client.exists(KEYS[6])


@pytest.mark.parametrize("alone", [True, False])
async def test_rows_have_policies_of_their_own(client: Client, alone: bool) -> None:
    create = BatchWritePolicy(exists=RecordExistsAction.CREATE)
    second = BatchWritePolicy(gen=GenerationPolicy.EQ, generation=1)
    wrong = BatchRemovePolicy(gen=GenerationPolicy.EQ, generation=7)
    never = BatchReadPolicy(filter_exp=exp.val(False))
    items: list[triospike.BatchItem] = [
        BatchWrite(KEYS[0], {"n": 1}, policy=create),
        BatchWrite(KEYS[1], {"n": 11}, policy=second),
        BatchWrite(Key("test", "batch", "new"), {"n": 1}, policy=BatchWritePolicy(ttl=1000, key=KeyPolicy.SEND)),
        BatchDelete(KEYS[2], policy=wrong),
        BatchRead(KEYS[3], policy=never),
    ]
    if alone:
        results = [(await client.batch([item]))[0] for item in items]
    else:
        results = await client.batch(items)
    errors = [type(result.error) for result in results]
    assert errors == [RecordExists, type(None), type(None), GenerationError, FilteredOut]
    new = await client.get(Key("test", "batch", "new"), policy=ReadPolicy(key=KeyPolicy.SEND))
    assert new is not None
    assert new.ttl is not None
    assert 990 < new.ttl <= 1000


async def test_rows_filter_stands_above_the_batchs(client: Client) -> None:
    policy = BatchPolicy(filter_exp=exp.val(False))
    always = BatchReadPolicy(filter_exp=exp.val(True))
    results = await client.batch([BatchRead(KEYS[0], policy=always), BatchRead(KEYS[1])], policy=policy)
    assert [result.result_code for result in results] == [0, ResultCode.FILTERED_OUT]


async def test_default_policies_are_the_clients(client: Client) -> None:
    never = client.with_policy(
        batch=BatchPolicy(filter_exp=exp.val(False)),
        batch_write=BatchWritePolicy(exists=RecordExistsAction.CREATE, filter_exp=exp.val(True)),
        batch_remove=BatchRemovePolicy(gen=GenerationPolicy.EQ, generation=9, filter_exp=exp.val(True)),
    )
    assert await never.batch_get(KEYS[:2]) == [None, None]
    written = await never.batch([BatchWrite(key, {"n": 1}) for key in KEYS[:2]])
    deleted = await never.batch_delete(KEYS[:2])
    assert [result.result_code for result in written] == [ResultCode.RECORD_EXISTS] * 2
    assert [result.result_code for result in deleted] == [ResultCode.GENERATION] * 2
    assert len(bins(await client.batch_get(KEYS))) == 20


async def test_a_batch_that_is_refused_gives_all_rows_the_reason(client: Client) -> None:
    policy = BatchPolicy(filter_exp=bytes.fromhex("935102a16e"))  # an integer, where true or false is needed
    with pytest.raises(BatchError, match=r"3 of 3 rows failed, the first of them keys\[0\]: PARAMETER") as caught:
        await client.batch_get(KEYS[:3], policy=policy)
    assert [result.result_code for result in caught.value.results] == [ResultCode.PARAMETER] * 3
    assert caught.value.__cause__ is caught.value.results[0].error


async def test_unknown_modules_fail_row_by_row(client: Client) -> None:
    results = await client.batch([BatchApply(KEYS[0], "nothing", "here"), BatchRead(KEYS[1], ["n"])])
    assert not results[0].ok
    assert results[0].value is None
    assert results[1].record is not None


_LUA = """
function add(rec, name, amount)
    rec[name] = rec[name] + amount
    aerospike:update(rec)
    return rec[name]
end
function fail(rec) error("not today") end
"""


@pytest.mark.parametrize("count", [1, 4])
async def test_batch_apply_applies_a_function_to_each(client: Client, tmp_path: Path, count: int) -> None:
    pytest.importorskip("lupa")
    (tmp_path / "counting.lua").write_text(_LUA)
    await (await client.register_udf(tmp_path / "counting.lua")).wait()
    results = await client.batch_apply(KEYS[:count], "counting", "add", ["n", 10])
    assert [result.value for result in results] == [10 + at for at in range(count)]
    assert [record and record.bins["n"] for record in await client.batch_get(KEYS[:count])] == [
        10 + at for at in range(count)
    ]
    failed = await client.batch([BatchApply(key, "counting", "fail") for key in KEYS[:count]])
    assert {type(result.error) for result in failed} == {UdfError}
    assert all("not today" in str(result.error) and result.value is None for result in failed)


# Counting and splitting.


async def test_parts_are_counted_as_commands(client: Client) -> None:
    loop = client.event_loops[0]
    before = loop.statistics()
    await client.batch_get(KEYS)
    await client.batch_get(KEYS[:1])
    after = loop.statistics()
    assert (after.completed - before.completed, after.failed, after.in_process) == (2, 0, 0)


async def test_huge_batches_are_cut_into_parts(client: Client, embedded: Server) -> None:
    keys = [KEYS[at % 20] for at in range(12_001)]
    client = client.with_policy(batch=BatchPolicy(total_timeout=60))
    before = client.event_loops[0].statistics().completed
    records = await client.batch_get(keys, ["n"])
    assert [record and record.bins["n"] for record in records] == [at % 20 for at in range(12_001)]
    assert client.event_loops[0].statistics().completed - before == 3
    results = await client.batch([BatchRead(key, ["n"]) for key in keys[:6_000]])
    assert [result.record and result.record.bins["n"] for result in results] == [at % 20 for at in range(6_000)]


async def test_large_rows_are_cut_into_parts_by_their_size(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triospike._execution.batch_plan.MOST_BYTES", 10_000)
    before = client.event_loops[0].statistics().completed
    results = await client.batch([BatchWrite(key, {"s": "x" * 3_000}) for key in KEYS[:9]])
    assert all(result.ok for result in results)
    assert client.event_loops[0].statistics().completed - before == 3


async def test_a_row_that_fits_into_no_request_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triospike._execution.batch_plan.LARGEST_ROW", 10_000)
    with pytest.raises(ValueError, match=r"items\[1\] has 20\d\d\d bytes: that fits into no request"):
        await client.batch([BatchRead(KEYS[0]), BatchWrite(KEYS[1], {"s": "x" * 20_000})])
    with pytest.raises(ValueError, match="what is asked of each key has 20"):
        await client.batch_operate(KEYS[:2], [op.write("s", "x" * 20_000)])


async def test_a_namespace_that_the_cluster_lacks_is_named(client: Client, embedded: Server) -> None:
    nowhere = Key("nowhere", "s", 1)
    for count in (1, 2):
        keys = [*KEYS[:count], nowhere]
        with pytest.raises(
            ValueError, match=rf"keys\[{count}\]: unknown namespace 'nowhere'; the cluster has 'test'"
        ):
            await client.batch_get(keys)
    with pytest.raises(ValueError, match=r"items\[1\]\.key: unknown namespace"):
        async with client.batch_stream([BatchRead(KEYS[0]), BatchRead(nowhere)]):
            pytest.fail("nothing can come")
