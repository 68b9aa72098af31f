"""Tasks of the servers: looked at until every node is done, whoever joins, leaves or fails in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise

import pytest
import trio
from trio.testing import MockClock

from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, Script, start_raw_server
from fixtures.wire import info_answer
from triospike import (
    AerospikeError,
    Client,
    ClientClosed,
    CommandTimeout,
    ConnectionFailed,
    Host,
    IndexDropTask,
    IndexFound,
    IndexNotFound,
    IndexTask,
    InfoPolicy,
    InvalidRequest,
    Task,
    UdfError,
    UdfModule,
    UdfRemovalTask,
    UdfTask,
)
from triospike._cluster.cluster import Cluster
from triospike._cluster.node import Node
from triospike._cluster.node_validator import Identity, Validated
from triospike._execution.core import ClientCore
from triospike._net.connection import Connection
from triospike.task import FIRST_POLL, LONGEST_POLL, PATIENCE

NOWHERE = [Host("127.0.0.1", port) for port in (1, 2, 3)]
Answer = float | AerospikeError


class Told(Task):
    """A task whose nodes say what a test tells them to: the last word again and again."""

    def __init__(self, core: ClientCore, **told: list[Answer]) -> None:
        super().__init__(core, InfoPolicy())
        self.told = told
        self.times: list[float] = []
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda name: None

    async def _look(self, node: Node) -> float:
        await trio.lowlevel.checkpoint()
        self.before(node.name)
        self.asked.append(node.name)
        self.times.append(trio.current_time())
        words = self.told[node.name]
        word = words.pop(0) if len(words) > 1 else words[0]
        if isinstance(word, AerospikeError):
            raise word
        return word


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_lone_client(*NOWHERE) as client:
        yield client


def join(cluster: Cluster, name: str) -> None:
    host = Host("127.0.0.1", 4)
    cluster.join(Validated(host, Identity(name, (8, 1)), Connection(host)))


async def test_progress_is_told_node_by_node(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[0.25], C=[CommandTimeout("late")])
    progress = await task.progress()
    assert dict(progress.nodes) == {"A": 1.0, "B": 0.25, "C": None}
    assert list(progress.errors) == ["C"]
    assert progress.fraction == pytest.approx(1.25 / 3)
    assert not progress.done
    assert not await task.is_done()


async def test_waiting_ends_when_the_last_node_is_done(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[0.0, 0.5, 1.0], C=[0.0, 1.0])
    await task.wait()
    assert task.asked.count("B") == 3
    assert await task.is_done()


async def test_what_is_done_is_seen_without_a_pause(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[1.0], C=[1.0])
    begin = trio.current_time()
    await task.wait()
    assert trio.current_time() == begin
    assert sorted(task.asked) == ["A", "B", "C"]


async def test_pauses_grow_up_to_a_second(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[1.0], C=[0.0])
    with trio.move_on_after(20):
        await task.wait()
    times = sorted(set(task.times))
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[0] == pytest.approx(FIRST_POLL)
    assert pauses[1] == pytest.approx(FIRST_POLL * 1.5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(LONGEST_POLL)
    assert len(times) < 35


async def test_the_caller_may_set_the_pauses(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[1.0], C=[0.0, 0.0, 1.0])
    begin = trio.current_time()
    await task.wait(poll=5, longest_poll=1)
    assert trio.current_time() - begin == pytest.approx(10)


@pytest.mark.parametrize("bad", [0, -1, float("inf"), float("nan")])
async def test_a_pause_that_is_none_is_refused(autojump_clock: MockClock, client: Client, bad: float) -> None:
    task = Told(client._core, A=[0.0], B=[0.0], C=[0.0])
    with pytest.raises(ValueError, match="poll must be a finite number of seconds above zero"):
        await task.wait(poll=bad)
    assert not task.asked
    with pytest.raises(TypeError, match="longest_poll must be a number of seconds, not str"):
        await task.wait(longest_poll="1")  # type: ignore[arg-type]


async def test_a_node_that_can_not_be_asked_is_asked_again(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[1.0], B=[ConnectionFailed(), CommandTimeout(), 1.0], C=[1.0])
    await task.wait()
    assert task.asked.count("B") == 3


async def test_an_error_that_a_node_answers_with_ends_the_waiting(
    autojump_clock: MockClock, client: Client
) -> None:
    task = Told(client._core, A=[1.0], B=[0.5, InvalidRequest("no such thing")], C=[1.0])
    with pytest.raises(InvalidRequest, match="no such thing"):
        await task.wait()


async def test_a_node_that_joins_has_to_do_its_share(autojump_clock: MockClock, client: Client) -> None:
    cluster = client._core.cluster
    task = Told(client._core, A=[1.0], B=[1.0], C=[1.0], D=[0.5, 1.0])
    joining = iter([lambda: join(cluster, "D")])
    task.before = lambda name: next(joining, lambda: None)()
    progress = await task.progress()
    assert progress.nodes["D"] is None
    assert not progress.errors
    assert not progress.done
    await task.wait()
    assert task.asked.count("D") == 2


async def test_a_node_that_leaves_is_waited_for_no_more(autojump_clock: MockClock, client: Client) -> None:
    cluster = client._core.cluster
    gone = cluster.node_named("C")
    task = Told(client._core, A=[1.0], B=[1.0], C=[ConnectionFailed()])
    looks: Iterator[int] = iter(range(100))

    def leave(name: str) -> None:
        if name == "C" and next(looks) == 2:
            cluster.remove(gone, "test")

    task.before = leave
    await task.wait()
    assert task.asked.count("C") == 3


async def test_an_error_of_a_node_that_has_left_does_not_count(autojump_clock: MockClock, client: Client) -> None:
    cluster = client._core.cluster
    task = Told(client._core, A=[1.0], B=[1.0], C=[InvalidRequest("shutting down")])
    task.before = lambda name: cluster.remove(cluster.node_named("C"), "test") if name == "C" else None
    await task.wait()


async def test_a_cluster_without_nodes_has_done_nothing(autojump_clock: MockClock, client: Client) -> None:
    cluster = client._core.cluster
    task = Told(client._core, A=[1.0])
    for node in cluster.nodes:
        cluster.remove(node, "test")
    progress = await task.progress()
    assert (progress.done, progress.fraction) == (False, 0.0)


async def test_the_end_of_the_client_ends_the_waiting() -> None:
    async with open_lone_client(*NOWHERE) as client:
        task = Told(client._core, A=[0.0], B=[0.0], C=[0.0])
        task.before = lambda name: setattr(client._core, "usable", False)
        with pytest.raises(ClientClosed):
            await task.wait()
    with pytest.raises(ClientClosed):
        await task.progress()


async def test_the_caller_s_scope_ends_the_waiting(autojump_clock: MockClock, client: Client) -> None:
    task = Told(client._core, A=[0.0], B=[0.0], C=[0.0])
    with pytest.raises(trio.TooSlowError), trio.fail_after(3):
        await task.wait()


async def test_an_index_that_a_node_does_not_know_for_long_is_none(
    autojump_clock: MockClock, client: Client
) -> None:
    class Forgotten(IndexTask):
        async def _ask(self, node: Node, command: str) -> str:
            await trio.lowlevel.checkpoint()
            if node.name == "B":
                raise IndexNotFound("no index")
            return "load_pct=100"

    task = Forgotten(client._core, InfoPolicy(), "test", "i")
    begin = trio.current_time()
    with pytest.raises(IndexNotFound):
        await task.wait()
    assert PATIENCE < trio.current_time() - begin < PATIENCE + 2


# What nodes say.


def saying(*answers: str) -> Script:
    """Answer each request with the next of these, and then always with the last."""
    left = list(answers)

    async def script(peer: Peer) -> None:
        while True:
            command = (await peer.request())[8:-1].decode()
            word = left.pop(0) if len(left) > 1 else left[0]
            await peer.send(info_answer(f"{command}\t{word}\n"))

    return script


async def open_servers(nursery: trio.Nursery, *scripts: Script) -> list[Host]:
    return [(await start_raw_server(nursery, script)).host for script in scripts]


async def test_an_index_is_done_when_all_nodes_have_loaded_it(nursery: trio.Nursery, clock: MockClock) -> None:
    hosts = await open_servers(
        nursery,
        saying("ok", "ERROR:201:no index", "load_pct=100"),  # the node that the creation goes to
        saying("ok", "entries=1;load_pct=40;load_time=1", "entries=1;load_pct=100;load_time=1"),
        saying("ok", "FAIL:201:NO INDEX", "load_pct=0", "load_pct=99", "load_pct=100"),
    )
    async with open_lone_client(*hosts) as client:
        for node in client.nodes:
            assert await client.info("sindex-create:…", node=node) == "ok"
        task = IndexTask(client._core, InfoPolicy(), "test", "i")
        assert dict((await task.progress()).nodes) == {"A": 0.0, "B": 0.4, "C": 0.0}
        await task.wait()
        assert await task.is_done()


async def test_an_index_is_dropped_when_no_node_knows_it(nursery: trio.Nursery, clock: MockClock) -> None:
    known, gone = "load_pct=100", "ERROR:201:no index"
    hosts = await open_servers(nursery, saying(gone), saying(known, gone), saying(known, known, gone))
    async with open_lone_client(*hosts) as client:
        task = IndexDropTask(client._core, InfoPolicy(), "test", "i")
        assert dict((await task.progress()).nodes) == {"A": 1.0, "B": 0.0, "C": 0.0}
        await task.wait()
        assert (await task.progress()).fraction == 1


async def test_an_index_of_another_definition_is_an_error_of_its_creation(nursery: trio.Nursery) -> None:
    hosts = await open_servers(nursery, saying("ERROR:200:'indexname' already exists with different definition"))
    async with open_lone_client(*hosts) as client:
        with pytest.raises(IndexFound, match="different definition") as caught:
            await client.create_index("test", "s", "i", bin="n")
    assert caught.value.node == "A"


async def test_a_new_version_of_a_module_is_waited_for_though_the_old_one_is_there(
    nursery: trio.Nursery, clock: MockClock
) -> None:
    new = "type=LUA;content=bmV3;"
    old = "type=LUA;content=b2xk;"

    def listing(digest: str) -> str:
        return f"filename=x.lua,hash=1,type=LUA;filename=m.lua,hash={digest},type=LUA;"

    # sha1 of {"content64": "bmV3", "type": "LUA", "name": "m.lua"}
    known = "35a9d268d1a4b17b21aef170adc071da29ccf8bf"
    hosts = await open_servers(
        nursery,
        saying("ok", "", listing("9999"), old, listing(known)),
        saying(listing("7777"), new, listing("7777"), new, listing("7777"), new, listing("7777"), new),
        saying(listing(known)),
    )
    async with open_lone_client(*hosts) as client:
        client._core.cluster._turn = 2  # the next is A's turn
        task = await client.register_udf(b"new", "m")
        assert isinstance(task, UdfTask)
        assert (task.module.name, task.module.hash) == ("m.lua", known)
        assert dict((await task.progress()).nodes) == {"A": 0.0, "B": 1.0, "C": 1.0}
        assert dict((await task.progress()).nodes) == {"A": 0.0, "B": 1.0, "C": 1.0}
        await task.wait()


async def test_a_module_is_removed_when_no_node_lists_it(nursery: trio.Nursery, clock: MockClock) -> None:
    listed = "filename=m.lua,hash=1,type=LUA;"
    hosts = await open_servers(nursery, saying(""), saying(listed, ""), saying(listed, listed, ""))
    async with open_lone_client(*hosts) as client:
        removal = UdfRemovalTask(client._core, InfoPolicy(), UdfModule("m.lua"))
        assert (await removal.progress()).fraction == pytest.approx(1 / 3)
        await removal.wait()


async def test_a_module_that_is_not_there_is_an_error_to_read(nursery: trio.Nursery) -> None:
    hosts = await open_servers(nursery, saying("error=not_found"))
    async with open_lone_client(*hosts) as client:
        with pytest.raises(UdfError, match="not found"):
            await client.get_udf("m")
