"""Aggregations on an embedded cluster: what comes out, how they fail, and that nothing is left of them."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from triospike import (
    AerospikeError,
    Client,
    CommandTimeout,
    Filter,
    IndexKind,
    Key,
    QueryPolicy,
    Statement,
    UdfError,
    exp,
    open_client,
)
from triospike._lua import engine
from triospike._lua.engine import LuaMissing
from triospike.server import Server, ServerConfig, serve_aerospike

pytestmark = pytest.mark.skipif(not engine.is_available(), reason="needs lupa")

SOURCE = textwrap.dedent("""
    local function number(rec) return rec.n end
    local function add(a, b) return a + b end
    function total(s) return s : map(number) : reduce(add) end
    function above(s, limit) return s : map(number) : filter(function(n) return n > limit end) end
    function fails(s) return s : map(function(rec) error("no good") end) end
    function fails_here(s) return s : map(number) : reduce(function(a, b) error("not here", 0) end) end
    function endless_here(s) return s : map(number) : reduce(add) : map(function(n) while true do end end) end
    function wide(s) return s : map(function(rec) return string.rep("x", 50000) end) end
""")
RECORDS = 200
ALL = Statement("test", "numbers")


@asynccontextmanager
async def cluster(nodes: int = 3) -> AsyncIterator[tuple[Client, Server]]:
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=nodes))
        async with open_client(*server.hosts) as client:
            await (await client.register_udf(SOURCE, "sums.lua")).wait()
            for number in range(RECORDS):
                await client.put(Key("test", "numbers", number), {"n": number})
            yield client, server
        nursery.cancel_scope.cancel()


async def values(client: Client, function: str, *args: object, statement: Statement = ALL) -> list[object]:
    async with client.aggregate(statement, "sums", function, args) as found:
        return [value async for value in found]


async def test_all_nodes_are_asked_and_their_values_reduced_to_one() -> None:
    async with cluster() as (client, _):
        assert await values(client, "total") == [sum(range(RECORDS))]


async def test_values_that_are_not_reduced_come_as_they_are() -> None:
    async with cluster() as (client, _):
        found = await values(client, "above", 195)
        assert sorted(map(str, found)) == ["196", "197", "198", "199"]


async def test_index_finds_what_is_aggregated() -> None:
    async with cluster() as (client, _):
        await (await client.create_index("test", "numbers", "by_n", bin="n", kind=IndexKind.INTEGER)).wait()
        some = Statement("test", "numbers", filter=Filter.between("n", 10, 12))
        assert await values(client, "total", statement=some) == [33]


async def test_set_without_records_gives_nothing() -> None:
    async with cluster() as (client, _):
        assert await values(client, "total", statement=Statement("test", "nowhere")) == []


async def test_program_may_bring_the_module_itself(tmp_path: Path) -> None:
    (tmp_path / "sums.lua").write_text("require('more') " + SOURCE, encoding="utf-8")
    (tmp_path / "more.lua").write_text("local x = 1", encoding="utf-8")
    async with cluster(1) as (client, _):
        for source in (SOURCE, SOURCE.encode(), tmp_path, tmp_path / "sums.lua"):
            async with client.aggregate(ALL, "sums", "total", source=source) as found:
                assert [value async for value in found] == [19900]


async def test_modules_that_a_module_requires_come_from_the_cluster_too() -> None:
    async with cluster(1) as (client, _):
        await (await client.register_udf("function twice(a, b) return 2 * (a + b) end", "helper.lua")).wait()
        source = "require('helper') function f(s) return s : map(function(r) return 1 end) : reduce(twice) end"
        await (await client.register_udf(source, "needy.lua")).wait()
        async with client.aggregate(ALL, "needy", "f") as found:
            assert len([value async for value in found]) == 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("fails", "UDF: Execution Error 2 : usr/udf/lua/sums.lua:6: no good"),
        ("fails_here", "not here"),
        ("endless_here", "UDF Execution Timeout"),
        ("nosuch", "function not found"),
    ],
)
async def test_function_that_fails_raises(function: str, message: str) -> None:
    async with cluster() as (client, server):
        with pytest.raises(UdfError) as caught:
            await values(client, function)
        assert message in caught.value.message
        assert await values(client, "total") == [19900]
        assert all(not len(node.jobs) for node in server.nodes)


async def test_module_that_is_not_there_raises() -> None:
    async with cluster(1) as (client, _):
        with pytest.raises(UdfError, match="module 'nope' not found"):
            async with client.aggregate(ALL, "nope", "f"):
                pass
        with pytest.raises(UdfError, match="module 'nope' not found"):
            async with client.aggregate(ALL, "nope", "f", source=Path("no/such/directory/nope.lua")):
                pass


async def test_unknown_namespace_raises() -> None:
    async with cluster(1) as (client, _):
        with pytest.raises(ValueError, match="nowhere"):
            await values(client, "total", statement=Statement("nowhere"))


async def test_early_exit_ends_the_work_of_the_servers() -> None:
    async with cluster() as (client, server):
        async with client.aggregate(ALL, "sums", "wide") as found:
            async for _ in found:
                break
        with trio.fail_after(5):
            while any(len(node.jobs) for node in server.nodes):
                await wait_all_tasks_blocked()
        assert await values(client, "total") == [19900]


async def test_after_the_block_there_are_no_more_values() -> None:
    async with cluster(1) as (client, _):
        async with client.aggregate(ALL, "sums", "wide") as found:
            pass
        with pytest.raises(AerospikeError, match="block was left"):
            await anext(found)


async def test_time_limit_ends_it() -> None:
    async with cluster(1) as (client, server):
        await server.pause_node(0)
        with pytest.raises(CommandTimeout):
            async with client.aggregate(
                ALL, "sums", "total", source=SOURCE, policy=QueryPolicy(total_timeout=0.2)
            ) as found:
                [value async for value in found]
        await server.resume_node(0)


async def test_other_tasks_run_while_values_are_reduced() -> None:
    async with cluster(1) as (client, _):
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await trio.lowlevel.checkpoint()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(count)
            assert len(await values(client, "wide")) == RECORDS
            nursery.cancel_scope.cancel()
        assert turns > RECORDS


async def test_bad_arguments_raise_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with cluster(1) as (client, _):
        with pytest.raises(TypeError, match="statement must be a Statement"):
            client.aggregate("test", "sums", "total")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="source must be a text or a path"):
            client.aggregate(ALL, "sums", "total", source=5)  # type: ignore[arg-type]
        for policy in (QueryPolicy(max_records=5), QueryPolicy(filter_exp=exp.val(True))):
            with pytest.raises(ValueError, match="can't be used for an aggregation"):
                client.aggregate(ALL, "sums", "total", policy=policy)
        monkeypatch.setattr(engine, "_lupa", lambda: None)
        with pytest.raises(LuaMissing, match=r"install triospike\[lua\]"):
            client.aggregate(ALL, "sums", "total")
