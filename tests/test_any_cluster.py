"""The commands as any server must answer them: on embedded clusters, and on a real one where one is named.

``TRIOSPIKE_TEST_HOSTS=db1:3000`` names it, ``TRIOSPIKE_TEST_NAMESPACE`` a namespace that may be written to.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from triospike import (
    BinTypeError,
    Client,
    GenerationError,
    GenerationPolicy,
    GeoJSON,
    Key,
    KeyOrderedMap,
    RecordExists,
    RecordExistsAction,
    RecordNotFound,
    WritePolicy,
    open_client,
    operations as op,
)

NAMESPACE = os.environ.get("TRIOSPIKE_TEST_NAMESPACE", "test")
EMBEDDED = [f"embedded://?nodes=1&namespace={NAMESPACE}", f"embedded://?nodes=3&namespace={NAMESPACE}"]
REAL = [hosts for hosts in [os.environ.get("TRIOSPIKE_TEST_HOSTS")] if hosts]

VALUES = [
    0,
    -(2**63),
    2**63 - 1,
    1.5,
    float("inf"),
    "",
    "Grüße, 世界",
    b"",
    bytes(range(256)),
    True,
    False,
    [],
    [1, "two", b"three", 4.0, None, True, [[]]],
    {},
    {"a": 1, 2: "b", b"c": {"d": [None]}},
    KeyOrderedMap({"b": 1, "a": 2}),
    GeoJSON('{"type": "Point", "coordinates": [13.4, 52.5]}'),
]


@pytest.fixture(params=EMBEDDED + REAL)
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with open_client(request.param) as client:
        yield client


@pytest.fixture
async def key(client: Client, request: pytest.FixtureRequest) -> Key:
    """A key of this test alone, without a record."""
    key = Key(NAMESPACE, "triospike-test", request.node.name)
    await client.delete(key)
    return key


async def test_a_record_is_written_read_and_deleted(client: Client, key: Key) -> None:
    assert await client.get(key) is None
    assert not await client.exists(key)
    await client.put(key, {"a": 1, "b": "two", "c": 3.0})
    assert await client.exists(key)
    record = await client.get(key, ["a", "b", "nothing"])
    assert record is not None
    assert (record.bins, record.generation) == ({"a": 1, "b": "two"}, 1)
    header = await client.get_header(key)
    assert header is not None
    assert (header.bins, header.generation) == ({}, 1)
    assert await client.delete(key)
    assert not await client.delete(key)


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_a_value_comes_back_as_it_went(client: Client, key: Key, value: object) -> None:
    await client.put(key, {"value": value})
    record = await client.get(key)
    assert record is not None
    assert record.bins["value"] == value
    assert type(record.bins["value"]) in {type(value), dict}


@pytest.mark.parametrize("user_key", [0, -1, 2**63 - 1, "", "text", b"", b"\x00\xff"], ids=repr)
async def test_keys_of_every_type_name_records_of_their_own(client: Client, user_key: int | str | bytes) -> None:
    key = Key(NAMESPACE, "triospike-test", user_key)
    await client.put(key, {"kind": type(user_key).__name__})
    record = await client.get(key)
    assert record is not None
    assert record.bins == {"kind": type(user_key).__name__}
    assert await client.delete(key)


async def test_none_removes_a_bin(client: Client, key: Key) -> None:
    await client.put(key, {"a": 1, "b": 2})
    await client.put(key, {"b": None})
    record = await client.get(key)
    assert record is not None
    assert record.bins == {"a": 1}


async def test_numbers_are_added_and_texts_extended(client: Client, key: Key) -> None:
    await client.add(key, {"n": 5, "f": 0.5})
    await client.add(key, {"n": -7, "f": 0.25})
    await client.append(key, {"t": "b", "x": b"\x02"})
    await client.prepend(key, {"t": "a", "x": b"\x01"})
    record = await client.get(key)
    assert record is not None
    assert record.bins == {"n": -2, "f": 0.75, "t": "ab", "x": b"\x01\x02"}
    with pytest.raises(BinTypeError):
        await client.add(key, {"t": 1})


async def test_counting_past_the_largest_integer_goes_on_at_the_smallest(client: Client, key: Key) -> None:
    largest, smallest = 2**63 - 1, -(2**63)
    await client.put(key, {"m": {"a": largest}, "l": [largest], "i": largest})
    for delta, expected in ((1, smallest), (-1, largest)):
        add_to_all = [op.maps.increment("m", "a", delta), op.lists.increment("l", 0, delta), op.add("i", delta)]
        await client.operate(key, add_to_all)
        record = await client.get(key)
        assert record is not None
        assert record.bins == {"m": {"a": expected}, "l": [expected], "i": expected}


async def test_operations_are_carried_out_in_order(client: Client, key: Key) -> None:
    operations = [op.write("n", 1), op.read("n"), op.add("n", 41), op.read("n"), op.append("t", "x"), op.read("t")]
    record = await client.operate(key, operations)
    assert record.bins == {"n": [1, 42], "t": "x"}
    record = await client.operate(key, [op.touch(), op.read_all()])
    assert record.bins == {"n": 42, "t": "x"}
    assert record.generation == 2
    await client.operate(key, [op.delete()])
    assert await client.get(key) is None


async def test_what_must_not_exist_and_what_must(client: Client, key: Key) -> None:
    update = WritePolicy(exists=RecordExistsAction.UPDATE)
    create = WritePolicy(exists=RecordExistsAction.CREATE)
    replace = WritePolicy(exists=RecordExistsAction.REPLACE)
    with pytest.raises(RecordNotFound):
        await client.put(key, {"a": 1}, policy=update)
    with pytest.raises(RecordNotFound):
        await client.touch(key)
    await client.put(key, {"a": 1}, policy=create)
    with pytest.raises(RecordExists) as caught:
        await client.put(key, {"a": 2}, policy=create)
    assert not caught.value.in_doubt
    await client.put(key, {"b": 3}, policy=replace)
    record = await client.get(key)
    assert record is not None
    assert record.bins == {"b": 3}


async def test_a_write_of_an_older_generation_is_refused(client: Client, key: Key) -> None:
    await client.put(key, {"a": 1})
    expected = WritePolicy(gen=GenerationPolicy.EQ, generation=1)
    await client.put(key, {"a": 2}, policy=expected)
    with pytest.raises(GenerationError):
        await client.put(key, {"a": 3}, policy=expected)
    record = await client.get(key)
    assert record is not None
    assert (record.bins, record.generation) == ({"a": 2}, 2)


async def test_submitted_commands_all_run(client: Client, key: Key) -> None:
    keys = [Key(NAMESPACE, "triospike-test", f"submitted-{number}") for number in range(200)]
    for handle in [client.submit(client.prepare.put(one, {"n": n})) for n, one in enumerate(keys)]:
        await handle.result()
    reads = [client.submit(client.prepare.get(one)) for one in keys]
    records = [await handle.result() for handle in reads]
    assert [record.bins["n"] for record in records if record is not None] == list(range(200))
    assert all([await client.delete(one) for one in keys])


async def test_every_node_answers_info(client: Client) -> None:
    builds = await client.info_all("build")
    assert builds.keys() == {node.name for node in client.nodes}
    assert all(isinstance(build, str) and build.count(".") >= 2 for build in builds.values())
    assert NAMESPACE in (await client.info("namespaces")).split(";")
    assert client.health().ok
