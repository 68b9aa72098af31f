"""What a program meets when the peer is not what it should be: one typed error, in time, that names the culprit.

Each case also checks that nothing stays open. The peers are scripts on real sockets; the clock jumps.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable

import attrs
import pytest
import trio
from trio.testing import MockClock

from fixtures.raw_server import Peer, RawServer, silent, start_raw_server
from fixtures.wire import answer, frame, info_answer
from triospike import (
    AerospikeError,
    ClientPolicy,
    ClusterNameMismatch,
    CommandTimeout,
    ConnectionFailed,
    Host,
    Key,
    PeersUnreachable,
    ProtocolError,
    ReadPolicy,
    WritePolicy,
    open_client,
)
from triospike.server import Fault, Server, ServerConfig, serve_aerospike

KEY = Key("test", "bad", 1)
CONN_TIMEOUT = 1.0
MOST_SECONDS = 2 * CONN_TIMEOUT + 0.1
POLICY = ClientPolicy(conn_timeout=CONN_TIMEOUT)
ENDLESS = 48 << 20


async def refusal(*hosts: Host | str, policy: ClientPolicy = POLICY) -> AerospikeError:
    """The error of an `open_client` that must fail, and must do so in time."""
    start = trio.current_time()
    with pytest.raises(AerospikeError) as caught:
        async with open_client(*hosts, policy=policy):
            pass
    assert trio.current_time() - start <= MOST_SECONDS
    assert not caught.value.in_doubt
    return caught.value


async def all_closed(*servers: RawServer) -> bool:
    """Wait until every connection has ended on the servers' side; False if that does not happen."""
    with trio.move_on_after(30):
        while any(server.open for server in servers):  # noqa: ASYNC110  # sockets have no event to wait for
            await trio.sleep(0.05)
    return not any(server.open for server in servers)


# Peers of other kinds.


async def http_server(peer: Peer) -> None:
    """Answers what it does not understand, and hangs up."""
    await peer.receive()
    await peer.send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


async def ssh_server(peer: Peer) -> None:
    """Speaks first."""
    await peer.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    await peer.closed()


async def tls_server(peer: Peer) -> None:
    """OpenSSL itself: it needs no certificate to find that clear text is no handshake."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    stream = trio.SSLStream(peer._stream, context, server_side=True)
    with pytest.raises(trio.BrokenResourceError):
        await stream.do_handshake()


async def hangs_up(peer: Peer) -> None:
    """Closes when it is asked something."""
    await peer.receive()


async def hangs_up_at_once(peer: Peer) -> None:
    """Accepts and resets, as a server over its `proto-fd-max` does."""
    peer.reset()


async def never_ends(peer: Peer) -> None:
    """A header that announces half of what is allowed, and then a byte now and then."""
    await peer.receive()
    await peer.send(b"\x02\x01" + (200_000).to_bytes(6, "big"))
    while True:
        await peer.send(b"n", pause=0.05)


async def floods(peer: Peer) -> None:
    """A header that announces too much, and the bytes to go with it."""
    await peer.receive()
    await peer.send(b"\x02\x01" + ENDLESS.to_bytes(6, "big"))
    while True:
        await peer.send(bytes(65536))


def answers(*parts: bytes) -> Callable[[Peer], Awaitable[None]]:
    """Answers the first request so, and then waits."""

    async def script(peer: Peer) -> None:
        await peer.receive()
        await peer.send(*parts)
        await peer.closed()

    return script


GOOD = "node\tBB9\npartition-generation\t1\nbuild\t8.1.2.0\nservice-clear-std\t\n"

STRANGERS: dict[str, tuple[Callable[[Peer], Awaitable[None]], type[AerospikeError], str]] = {
    "a web server": (http_server, ProtocolError, "does not speak Aerospike's protocol"),
    "an ssh server": (ssh_server, ProtocolError, "does not speak Aerospike's protocol"),
    "a TLS server": (tls_server, AerospikeError, "TLS|does not speak"),
    "silence": (silent, ConnectionFailed, "did not answer within 1 s.*TLS"),
    "a hang-up": (hangs_up, ConnectionFailed, "expect TLS"),
    "a reset": (hangs_up_at_once, ConnectionFailed, "broke|reset|refused"),
    "bytes without end": (never_ends, ConnectionFailed, "did not answer within 1 s"),
    "a flood": (floods, ProtocolError, str(ENDLESS)),
    "another version": (answers(b"\x07\x01" + bytes(6)), ProtocolError, "version|7"),
    "another type of frame": (answers(frame(9, b"")), ProtocolError, "type|9"),
    "a message for info": (answers(answer(0)), ProtocolError, "info|type|frame"),
    "no text": (answers(frame(1, b"\xff\xfe\xfd")), ProtocolError, "malformed|UTF|text|decode|answer"),
    "no answer to what was asked": (answers(info_answer("something\telse\n")), ProtocolError, "node"),
    "no node id": (answers(info_answer(GOOD.replace("BB9", ""))), ProtocolError, "node"),
    "no version": (answers(info_answer(GOOD.replace("8.1.2.0", "eight"))), ProtocolError, "eight"),
    "an old version": (answers(info_answer(GOOD.replace("8.1.2.0", "3.9.1"))), ConnectionFailed, "3.9.1"),
    "no generation": (answers(info_answer(GOOD.replace("\t1\n", "\tx\n"))), ProtocolError, "partition-generation"),
    "more than was asked": (answers(info_answer(GOOD) + b"\x02\x01"), ProtocolError, "more than it was asked"),
    "an answer cut off": (answers(frame(1, GOOD.encode())[:20]), ConnectionFailed, "did not answer within 1 s"),
}


@pytest.mark.parametrize("what", STRANGERS)
async def test_a_seed_that_is_no_aerospike_server(what: str, nursery: trio.Nursery, clock: MockClock) -> None:
    script, cls, reason = STRANGERS[what]
    server = await start_raw_server(nursery, script)

    error = await refusal(server.host)

    assert isinstance(error, cls)
    assert str(server.host) in str(error)
    with pytest.raises(AerospikeError, match=reason):
        raise error
    assert await all_closed(server)


async def test_a_seed_where_nobody_listens(nursery: trio.Nursery, clock: MockClock) -> None:
    server = await start_raw_server(nursery, silent)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host = Host("127.0.0.1", listener.socket.getsockname()[1])
    await listener.aclose()

    error = await refusal(host)

    assert isinstance(error, ConnectionFailed)
    assert f"can't connect to {host}: connection refused" in str(error)
    assert not server.peers


async def test_a_name_that_does_not_exist() -> None:
    # Names are looked up in a thread, which the clock that jumps knows nothing of: this one waits for real.
    error = await refusal("no-such-host.invalid:3000")
    assert isinstance(error, ConnectionFailed)
    assert "no-such-host.invalid" in str(error)


async def test_the_error_of_several_seeds_names_each(nursery: trio.Nursery, clock: MockClock) -> None:
    servers = [await start_raw_server(nursery, script) for script in (http_server, silent, hangs_up)]

    error = await refusal(*(server.host for server in servers))

    assert type(error) is ConnectionFailed
    assert all(str(server.host) in str(error) for server in servers)
    assert {type(one) for one in error.sub_errors} == {ProtocolError, ConnectionFailed}
    assert await all_closed(*servers)


async def test_one_good_seed_is_enough(nursery: trio.Nursery, embedded: Server, clock: MockClock) -> None:
    bad = await start_raw_server(nursery, silent)
    async with open_client(bad.host, *embedded.hosts, policy=POLICY) as client:
        await client.put(KEY, {"a": 1})
        assert client.health().ok
    assert await all_closed(bad)
    assert await nothing_open(embedded)


async def test_a_seed_of_another_cluster(nursery: trio.Nursery, clock: MockClock) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(cluster_name="theirs"))

    error = await refusal(*server.hosts, policy=ClientPolicy(cluster_name="ours"))

    assert isinstance(error, ClusterNameMismatch)
    assert f"{server.hosts[0]} belongs to cluster 'theirs', not to 'ours'" in str(error)
    assert await nothing_open(server)


async def test_peers_at_addresses_that_lead_nowhere(nursery: trio.Nursery, clock: MockClock) -> None:
    config = ServerConfig(nodes=3, access_host="127.0.0.2")
    server: Server = await nursery.start(serve_aerospike, config)
    seed = Host("127.0.0.1", server.nodes[0].port)

    error = await refusal(seed)

    assert isinstance(error, PeersUnreachable)
    assert "127.0.0.2" in str(error)
    assert "ip_map" in str(error)
    assert await nothing_open(server)


# A server that was good when it was found, and breaks in the middle of commands.


async def nothing_open(server: Server, but: int = 0) -> bool:
    """Wait until the server has no more than so many connections."""
    with trio.move_on_after(30):
        while server.counters.connections_open > but:  # noqa: ASYNC110  # counters have no event to wait for
            await trio.sleep(0.05)
    return server.counters.connections_open == but


BROKEN: dict[str, tuple[Fault, type[AerospikeError], str]] = {
    "a damaged header": (Fault("garble", command="read", part="header"), ProtocolError, "version|header|frame"),
    "a damaged body": (Fault("garble", command="read", part="body"), ProtocolError, ".+"),
    "a header cut off": (Fault("truncate", command="read", size=5), ConnectionFailed, "closed by the server"),
    "a body cut off": (Fault("truncate", command="read", size=12), ConnectionFailed, "closed by the server"),
    "no answer": (Fault("drop", command="read"), CommandTimeout, "total_timeout of 0.3 s ended"),
    "a late answer": (Fault("delay", command="read", seconds=5), CommandTimeout, "total_timeout of 0.3 s ended"),
    "too large an answer": (Fault("endless", command="read", size=1 << 40), ProtocolError, str(1 << 40)),
    "a hang-up": (Fault("close_before", command="read"), ConnectionFailed, "closed by the server"),
    "an unknown result code": (Fault("result_code", code=251, command="read"), AerospikeError, "251"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_read_that_breaks(what: str, embedded: Server, clock: MockClock) -> None:
    fault, cls, reason = BROKEN[what]
    policy = ReadPolicy(total_timeout=0.3, max_retries=0, timeout_delay=0)
    async with open_client(*embedded.hosts) as client:
        await client.put(KEY, {"a": 1})
        with embedded.faults.add(fault):
            start = trio.current_time()
            with pytest.raises(cls, match=reason) as caught:
                await client.get(KEY, policy=policy)
            assert trio.current_time() - start <= 0.4
        error = caught.value
        assert isinstance(error, AerospikeError)
        assert not error.in_doubt  # nothing was written
        assert error.node == client.nodes[0].name

        record = await client.get(KEY)
        assert record is not None
        assert record.bins == {"a": 1}
        pool = client.nodes[0].pool.statistics()
        assert (pool.in_use, pool.draining, pool.waiting) == (0, 0, 0)
        assert await nothing_open(embedded, but=pool.open + 1)  # the other one tends
    assert await nothing_open(embedded)


# A result code is an answer; and nothing in the body of a write's answer would tell that it is damaged.
@pytest.mark.parametrize("what", sorted(BROKEN.keys() - {"an unknown result code", "a damaged body"}))
async def test_a_write_that_breaks_is_in_doubt(what: str, embedded: Server, clock: MockClock) -> None:
    fault, cls, _ = BROKEN[what]
    policy = WritePolicy(total_timeout=0.3, timeout_delay=0)
    async with open_client(*embedded.hosts) as client:
        with embedded.faults.add(attrs.evolve(fault, command="write")), pytest.raises(cls) as caught:
            await client.put(KEY, {"a": 1}, policy=policy)
        error = caught.value
        assert isinstance(error, AerospikeError)
        assert error.in_doubt
    assert await nothing_open(embedded)


async def test_an_answer_without_end_ends_with_the_command(embedded: Server, clock: MockClock) -> None:
    clock.rate = 10  # so that the time ends before the answer, which has 100 MB
    policy = ReadPolicy(total_timeout=0.3, max_retries=0, timeout_delay=0)
    async with open_client(*embedded.hosts) as client:
        endless = Fault("endless", command="read", size=100 << 20)
        with embedded.faults.add(endless), pytest.raises(CommandTimeout, match="total_timeout") as caught:
            await client.get(KEY, policy=policy)
        assert caught.value.node == client.nodes[0].name
        assert await client.get(KEY) is None
    assert await nothing_open(embedded)
