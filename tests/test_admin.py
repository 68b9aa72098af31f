"""Administration of a cluster of three embedded nodes, and of nodes that fail or disagree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, Script, start_raw_server
from fixtures.wire import info_answer
from triospike import (
    Client,
    CollectionKind,
    EnterpriseOnly,
    Host,
    IndexFound,
    IndexKind,
    InfoPolicy,
    InvalidNode,
    InvalidRequest,
    Key,
    UdfError,
    exp,
    open_client,
)
from triospike.errors import AerospikeError, CommandTimeout, ProtocolError
from triospike.operations import context


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client("embedded://?nodes=3&namespace=test&namespace=other") as client:
        yield client


async def fill(client: Client, set_name: str, count: int) -> None:
    for number in range(count):
        await client.put(Key("test", set_name, number), {"n": number, "l": [number], "m": {"k": number}})


# Indexes.


async def test_an_index_is_built_on_all_nodes_listed_and_dropped(client: Client) -> None:
    await fill(client, "s", 30)
    with trio.fail_after(20):
        await (await client.create_index("test", "s", "i", bin="n")).wait()
        (index,) = await client.indexes()
        assert (index.namespace, index.set_name, index.name, index.bin) == ("test", "s", "i", "n")
        assert (index.kind, index.collection) == (IndexKind.INTEGER, CollectionKind.DEFAULT)
        assert index.readable
        assert index.nodes == {node.name: True for node in client.nodes}
        statistics = await client.index_statistics("test", "i")
        assert (statistics.loaded, statistics.entries) == (1.0, 60)
        assert statistics.raw.keys() == {node.name for node in client.nodes}
        await (await client.drop_index("test", "i")).wait()
    assert await client.indexes() == []


async def test_an_index_can_be_on_what_is_inside_a_bin(client: Client) -> None:
    await fill(client, "s", 3)
    with trio.fail_after(20):
        for task in (
            await client.create_index("test", "s", "list", bin="l", collection=CollectionKind.LIST),
            await client.create_index(
                "test", "s", "keys", bin="m", kind=IndexKind.STRING, collection=CollectionKind.MAP_KEYS
            ),
            await client.create_index("test", "s", "values", bin="m", collection=CollectionKind.MAP_VALUES),
            await client.create_index("test", "s", "path", bin="m", context=[context.map_key("k")]),
            await client.create_index("test", "s", "made", expression=exp.bin_int("n") + 1),
            await client.create_index("test", None, "all", bin="n"),
            await client.create_set_index("test", "s", "set"),
        ):
            await task.wait()
    listed = {index.name: index for index in await client.indexes("test")}
    assert sorted(listed) == ["all", "keys", "list", "made", "path", "set", "values"]
    assert listed["keys"].collection is CollectionKind.MAP_KEYS
    assert listed["path"].context == (context.map_key("k"),)
    assert listed["made"].expression == (exp.bin_int("n") + 1).packed
    assert listed["all"].set_name is None
    assert listed["set"].is_set_index
    assert await client.indexes("other") == []


async def test_an_index_is_one_of_its_name(client: Client) -> None:
    for _ in range(2):
        await client.create_index("test", "s", "i", bin="n")
    with pytest.raises(IndexFound):
        await client.create_index("test", "s", "i", bin="m")


async def test_an_index_of_a_namespace_that_is_none_shows_when_it_is_waited_for(client: Client) -> None:
    task = await client.create_index("nowhere", "s", "i", bin="n")
    with pytest.raises(InvalidRequest, match="namespace not found"):
        await task.wait()
    with pytest.raises(InvalidRequest, match="namespace not found"):
        await client.indexes("nowhere")


# Modules.


async def test_a_module_is_registered_on_all_nodes_read_and_removed(client: Client, tmp_path: Path) -> None:
    source = "function one(record) return 1 end\n"
    path = tmp_path / "ones.lua"
    path.write_text(source)
    with trio.fail_after(20):
        await (await client.register_udf(path)).wait()
        (module,) = await client.udfs()
        assert (module.name, module.language, module.content) == ("ones.lua", "LUA", None)
        assert (await client.get_udf("ones")).source == source
        with pytest.raises(ValueError, match="was not asked for"):
            _ = module.source

        changed = source.replace("1", "2")
        task = await client.register_udf(changed, "ones")
        await task.wait()
        for node in client.nodes:
            assert task.module.hash in await client.info("udf-list", node=node)
        assert (await client.get_udf("ones.lua")).content == changed.encode()

        await (await client.remove_udf("ones")).wait()
    assert await client.udfs() == []
    with pytest.raises(UdfError, match="not found"):
        await client.get_udf("ones")


async def test_a_module_that_does_not_compile_is_refused_with_the_place(client: Client) -> None:
    with pytest.raises(UdfError, match=r"compile error: broken\.lua:2: .* near"):
        await client.register_udf("function one(\n return 1 end", "broken")
    assert await client.udfs() == []


async def test_a_module_is_a_file_or_has_a_name(client: Client, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name must be given with a module's source"):
        await client.register_udf(b"function one(r) return 1 end")
    with pytest.raises(TypeError, match="module must be a path, str or bytes, not int"):
        await client.register_udf(5)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        await client.register_udf(str(tmp_path / "nothing.lua"))
    with pytest.raises(ValueError, match="name must be a file name"):
        await client.register_udf("x", "a/b")


# Truncation.


async def test_a_set_is_truncated_and_others_are_not(client: Client) -> None:
    await fill(client, "s", 20)
    await fill(client, "t", 10)
    await client.truncate("test", "s")
    assert [await client.exists(Key("test", "s", number)) for number in range(20)] == [False] * 20
    assert [await client.exists(Key("test", "t", number)) for number in range(10)] == [True] * 10
    await client.truncate("test")
    assert not await client.exists(Key("test", "t", 1))


async def test_what_was_written_later_stays(client: Client) -> None:
    await fill(client, "s", 5)
    await client.truncate("test", "s", before=1_500_000_000)
    assert await client.exists(Key("test", "s", 1))
    with pytest.raises(InvalidRequest, match="future"):
        await client.truncate("test", "s", before=4_000_000_000)
    with pytest.raises(InvalidRequest):
        await client.truncate("test", "s", before=1)


# What nodes tell.


async def test_namespaces_and_sets_are_summed_up(client: Client) -> None:
    await fill(client, "s", 30)
    await client.put(Key("other", None, 1), {"a": 1})
    other, test = await client.namespaces()
    assert (other.name, other.records, other.objects) == ("other", 1, 2)
    assert (test.name, test.records, test.objects, test.replication_factor) == ("test", 30, 60, 2)
    assert sum(each.records or 0 for each in test.nodes.values()) == 30
    assert test.data_used_bytes == sum(each.data_used_bytes or 0 for each in test.nodes.values()) > 0
    assert (test.stop_writes, test.strong_consistency, test.migrations_remaining) == (False, False, 0)
    (found,) = await client.sets()
    assert (found.namespace, found.name, found.objects) == ("test", "s", 60)
    assert found.truncated_before is None
    assert await client.sets("other") == []
    assert await client.sets("nowhere") == []


async def test_one_node_can_be_asked_for_its_own(client: Client) -> None:
    await fill(client, "s", 30)
    counts = []
    for node in client.nodes:
        (namespace,) = [each for each in await client.namespaces(node=node) if each.name == "test"]
        assert list(namespace.nodes) == [node.name]
        assert namespace.nodes[node.name].raw["objects"] == str(namespace.objects)
        (of_set,) = await client.sets("test", node=node.name)
        assert of_set.objects == namespace.objects
        counts.append(namespace.objects)
    assert sum(count or 0 for count in counts) == 60
    with pytest.raises(InvalidNode, match="there is no node 'nobody'"):
        await client.sets(node="nobody")


async def test_nodes_tell_their_statistics(client: Client) -> None:
    nodes = await client.node_statistics()
    assert list(nodes) == [node.name for node in client.nodes]
    for name, node in nodes.items():
        assert (node.name, node.cluster_size, node.in_cluster) == (name, 3, True)
        assert node.build.count(".") == 3
        assert node.raw["cluster_size"] == "3"
    assert len({node.cluster_key for node in nodes.values()}) == 1


async def test_settings_are_read_and_changed_on_all_nodes_or_one(client: Client) -> None:
    await client.set_config("namespace", {"default-ttl": 50, "nsup-period": 7}, namespace="test")
    told = await client.get_config("namespace", "test")
    assert (told["default-ttl"], told["nsup-period"]) == ("50", "7")
    assert (await client.get_config("namespace", "other"))["default-ttl"] == "0"
    node = client.nodes[1].name
    await client.set_config("namespace", {"default-ttl": 60}, namespace="test", node=node)
    told = await client.get_config("namespace", "test")
    assert told.differing == {
        "default-ttl": {each.name: "60" if each.name == node else "50" for each in client.nodes}
    }
    assert "default-ttl" not in told.common
    with pytest.raises(KeyError, match="'default-ttl' is not one value on all nodes"):
        told["default-ttl"]
    with pytest.raises(KeyError, match="'no-such' is not one value"):
        told["no-such"]
    assert (await client.get_config("namespace", "test", node=node))["default-ttl"] == "60"


async def test_settings_that_there_are_not_are_refused(client: Client) -> None:
    with pytest.raises(InvalidRequest):
        await client.set_config("namespace", {"no-such": 1}, namespace="test")
    with pytest.raises(InvalidRequest):
        await client.get_config("nonsense")
    with pytest.raises(ValueError, match="settings must name at least one"):
        await client.set_config("service", {})


async def test_a_setting_that_can_not_be_said_keeps_all_from_being_sent(client: Client) -> None:
    with pytest.raises(ValueError, match="without semicolons"):
        await client.set_config("namespace", {"default-ttl": 50, "x": "1;2"}, namespace="test")
    assert (await client.get_config("namespace", "test"))["default-ttl"] == "0"


async def test_what_only_the_enterprise_edition_has_is_refused(client: Client) -> None:
    with pytest.raises(EnterpriseOnly):
        await client.racks()
    with pytest.raises(EnterpriseOnly):
        await client.set_xdr_filter("dc", "test", exp.bin_int("n") > 1)


async def test_a_job_that_is_none_is_not_aborted(client: Client) -> None:
    assert await client.jobs() == []
    assert await client.abort_job(12345) is False
    assert await client.abort_all_jobs() == 0


# Nodes that say what a test wants.


def saying(**answers: str) -> Script:
    """Answer each command by its beginning, with underscores for what names can't hold."""

    async def script(peer: Peer) -> None:
        while True:
            command = (await peer.request())[8:-1].decode()
            word = command.replace("-", "_").partition(":")[0].partition("/")[0]
            await peer.send(info_answer(f"{command}\t{answers[word]}\n"))

    return script


async def hosts(nursery: trio.Nursery, *scripts: Script) -> list[Host]:
    return [(await start_raw_server(nursery, script)).host for script in scripts]


JOB = "trid=5:ns=test:set=s:rps=0:active-threads={threads}:status={status}:job-progress={progress}:run-time=1500"
MORE = ":time-since-done={since}:recs-throttled=0:recs-filtered-meta=1:recs-filtered-bins=2:recs-succeeded=10"
END = ":recs-failed=1:from=127.0.0.1+5000:job-type=background-ops"


async def test_a_job_is_one_though_several_nodes_work_on_it(nursery: trio.Nursery) -> None:
    row = JOB + MORE + END
    done = row.format(threads=0, status="done(ok)", progress="100.00", since=3000)
    active = row.format(threads=2, status="active(ok)", progress="50.00", since=0)
    other = done.replace("trid=5", "trid=18446744073709551615").replace(":set=s", ":sindex-name=i")
    servers = await hosts(nursery, saying(query_show=f"{done};{other}"), saying(query_show=active))
    async with open_lone_client(*servers) as client:
        job, ended = await client.jobs()
    assert (job.id, job.kind, job.status, job.active) == (5, "background-ops", "active(ok)", True)
    assert (job.progress, job.run_time, job.time_since_done) == (0.75, 1.5, 0.0)
    assert (job.succeeded, job.failed, job.filtered, job.threads) == (20, 2, 6, 2)
    assert job.nodes["A"].raw["from"] == "127.0.0.1+5000"
    assert (ended.id, ended.index, ended.set_name, ended.active) == (2**64 - 1, "i", None, False)


async def test_a_job_is_aborted_where_it_is_at_work(nursery: trio.Nursery) -> None:
    servers = await hosts(nursery, saying(query_abort="ERROR:2:id not active"), saying(query_abort="ok"))
    async with open_lone_client(*servers) as client:
        assert await client.abort_job(5) is True
        assert await client.abort_job(5, node="A") is False


async def test_aborted_jobs_are_counted_in_old_words_and_new(nursery: trio.Nursery) -> None:
    servers = await hosts(
        nursery,
        saying(query_abort_all="number-of-queries-killed:3"),
        saying(query_abort_all="OK - number of queries killed: 4"),
    )
    async with open_lone_client(*servers) as client:
        assert await client.abort_all_jobs() == 7


async def test_racks_are_told_by_namespace(nursery: trio.Nursery) -> None:
    (server,) = await hosts(nursery, saying(racks="ns=test:rack_1=A1,B2:rack_2=C3;ns=bar:rack_0=A1,B2,C3"))
    async with open_lone_client(server) as client:
        assert await client.racks() == {"test": {1: ("A1", "B2"), 2: ("C3",)}, "bar": {0: ("A1", "B2", "C3")}}


@pytest.mark.parametrize("text", ["test:rack_1=A1", "ns=test:shelf_1=A1", "ns=test:rack_x=A1"])
async def test_racks_that_are_none_are_no_answer(nursery: trio.Nursery, text: str) -> None:
    (server,) = await hosts(nursery, saying(racks=text))
    async with open_lone_client(server) as client:
        with pytest.raises(ProtocolError, match="rack"):
            await client.racks()


async def test_an_index_is_readable_where_all_nodes_have_built_it(nursery: trio.Nursery) -> None:
    row = "ns=test:indexname=i:set=null:bin=b:type=numeric:indextype=default:context=null:exp=null:state="
    servers = await hosts(nursery, saying(sindex_list=row + "RW"), saying(sindex_list=row + "WO"))
    async with open_lone_client(*servers) as client:
        (index,) = await client.indexes()
        assert (index.readable, index.nodes) == (False, {"A": True, "B": False})
        (index,) = await client.indexes(node="A")
        assert (index.readable, index.set_name) == (True, None)


@pytest.mark.parametrize("row", ["indexname=i", "ns=a:indexname=i:type=odd", "ns=a:indexname=i:type=blob:exp=?"])
async def test_indexes_that_are_none_are_no_answer(nursery: trio.Nursery, row: str) -> None:
    (server,) = await hosts(nursery, saying(sindex_list=row))
    async with open_lone_client(server) as client:
        with pytest.raises(ProtocolError, match="malformed index in a list"):
            await client.indexes()


async def test_a_sum_without_a_node_is_an_error_of_that_node(nursery: trio.Nursery) -> None:
    async def silent(peer: Peer) -> None:
        await peer.closed()

    servers = await hosts(nursery, saying(sets=""), silent, saying(sets="ERROR:4:no such thing"))
    async with open_lone_client(*servers) as client:
        with pytest.raises(CommandTimeout) as caught:
            await client.sets(policy=InfoPolicy(timeout=0.05))
        assert caught.value.node == "B"
        (other,) = caught.value.sub_errors
        assert isinstance(other, InvalidRequest)
        assert other.node == "C"
        assert await client.sets(node="A") == []


async def test_administration_needs_a_node_and_an_open_client(client: Client) -> None:
    async with open_lone_client(Host("127.0.0.1", 1)) as lone:
        for node in lone.nodes:
            lone._core.cluster.remove(node, "test")
        for question in (lone.namespaces(), lone.jobs(), lone.udfs(), lone.drop_index("test", "i")):
            with pytest.raises(InvalidNode):
                await question
    with pytest.raises(AerospikeError, match="the client is closed"):
        await lone.namespaces()
