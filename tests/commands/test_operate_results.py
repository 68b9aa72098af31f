"""Several answers of one `operate`: none is lost, and none is taken for another."""

from __future__ import annotations

from triospike import Key, open_client, operations as op


async def test_one_list_and_several_values_look_alike_in_bins_and_not_in_results() -> None:
    key = Key("test", "results", 1)
    async with open_client("embedded://") as client:
        one_list = await client.operate(key, [op.write("a", [1, 2]), op.read("a")])
        two_values = await client.operate(key, [op.write("a", 1), op.read("a"), op.write("a", 2), op.read("a")])

    assert one_list.bins == two_values.bins == {"a": [1, 2]}
    assert one_list.results == (("a", [1, 2]),)
    assert two_values.results == (("a", 1), ("a", 2))


async def test_results_keep_the_order_of_operations_on_different_bins() -> None:
    key = Key("test", "results", 2)
    async with open_client("embedded://") as client:
        await client.put(key, {"a": 1, "b": 2})
        record = await client.operate(key, [op.read("b"), op.read("a"), op.read("b")])

    assert record.results == (("b", 2), ("a", 1), ("b", 2))
    assert record.bins == {"b": [2, 2], "a": 1}
