"""The official client against the embedded server: neither knows of the other.

What is expected is what a real server answered to the same calls.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import Any

import pytest
import trio
from official_client import OfficialSession, run_official_client

from triospike.clock import wall_clock
from triospike.server import NamespaceConfig, Server, ServerConfig, serve_aerospike

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        importlib.util.find_spec("aerospike") is None,
        reason="needs the official client: pip install 'triospike[interop]'",
    ),
]

NAMESPACES = (NamespaceConfig("test"), NamespaceConfig("bar", nsup_period=0))
NEVER = 0xFFFFFFFF

EXPECTED: dict[str, dict[str, object]] = {
    "commands": {
        "get missing": "error 2",
        "put": 0,
        "get": {"name": "Ada", "age": 36, "scores": [1, 2.5], "tags": {"x": "y"}},
        "select": {"age": 36},
        "select missing": {},
        "exists": 1,
        "exists missing": None,
        "changed": {"name": "Countess Ada Lovelace", "age": 40, "scores": [1, 2.5], "tags": {"x": "y"}},
        "generation": 5,
        "operate": {"age": 41},
        "increment a string": "error 12",
        "bins left": ["age", "name", "scores"],
        "remove": 0,
        "remove missing": "error 2",
        "unknown namespace": "error 20",
    },
    "changes_of_nothing": {
        "append": [0, {"bin": "b"}],
        "prepend": [0, {"bin": "a"}],
        "increment": [0, {"bin": 3}],
        "touch": "error 2",
        "remove the last bin": "error 2",
    },
    "operate": {
        "in order": [["f", 3.75], ["s", "<middle>"]],
        "touch and read": 2,
        "append null": "error 4",
        "fails as a whole": "error 12",
        "delete and write": {},
        "left": {"y": 1},
        "read of no record": "error 2",
    },
    "values": {
        "array": "b'ab'",
        "bool": "True",
        "bytes": "b'\\x00\\xff'",
        "empty": "''",
        "float": "-0.5",
        "largest": "9223372036854775807",
        "list": "[1, 'two', 3.5, None, [b'x', {'y': False}]]",
        "map": "{'a': [2, {}], 'b': 1}",
        "place": '\'{"type": "Point", "coordinates": [13.4, 52.5]}\'',
        "smallest": "-9223372036854775808",
        "text": "'grüße 🎉'",
        "bins after a null": 10,
        "name of 16 bytes": "error 21",
        "too big": "error 13",
    },
    "policies": {
        "create": 0,
        "create again": "error 5",
        "update": 0,
        "update missing": "error 2",
        "updated": {"a": 1, "b": 2},
        "replace": 0,
        "replace missing": "error 2",
        "replaced": {"c": 3},
        "create or replace": 0,
        "generation equal": 0,
        "generation not equal": "error 3",
        "generation newer": 0,
        "generation not newer": "error 3",
        "left": {"d": 7},
        "commit by the master": 0,
        "read from any": {"d": 9},
        "durable delete": "error 25",
        "remove another generation": "error 3",
        "remove": 0,
    },
    "lifetimes": {
        "given": 1000,
        "kept": 1000,
        "none": NEVER,
        "default": NEVER,
        "touched": 500,
        "touched by operate": 200,
        "too long": "error 4",
        "where nothing expires": "error 22",
    },
    "truncate": {"truncate": 0, "gone": 0, "stays": 20, "unknown namespace": 0},
    "many": {"right": 500},
    "batch": {
        "write": [[0, {"n": None, "l": None}]] * 3,
        "read": [*[[0, {"n": 1, "l": [3, 1, 2]}]] * 3, [2, None]],
        "read a bin": [*[[0, {"n": 1}]] * 3, [2, None]],
        "exists": [0, 0, 0, 2],
        "operate": [[0, {"n": 5, "l": 3}], [0, {"n": 5, "l": 3}], [0, {"n": 4, "l": None}]],
        "filtered": [[27, None], [0, {"n": 5}], [0, {"n": 5}], [0, {"n": 4}]],
        "mixed": [[0, {"n": 1}], [12, None], [5, None], [0, {}], [2, None], [0, {"n": 4}]],
        "remove": [0, 0, 2, 0],
        "write many": {"0": 1000},
        "read many": {"0": 2000},
        "bytes": 2_000_000,
        "remove many": {"0": 1000},
        "read none": {"2": 1000},
    },
}

STORED_KEYS = {
    "text": ("4eb9c342b043afaf3c953bbfc9270191df4b57bf", b"\x03k\xc3\xa4the"),
    "number": ("00ada828b1657fa644cde84ae5809dda1c17b1ad", b"\x01\0\0\0\0\0\0\0*"),
    "bytes": ("c3274c30ccf7c7dd8f463067a10ebe9a1c4a43ca", b"\x04\x01\x02"),
}
"""Digest of each key, and how it is stored: its particle type, and its bytes."""


async def start(nursery: trio.Nursery, nodes: int) -> Server:
    started = await nursery.start(serve_aerospike, ServerConfig(nodes=nodes, namespaces=NAMESPACES))
    assert isinstance(started, Server)
    return started


@pytest.mark.parametrize("nodes", [1, 3])
async def test_official_client_gets_the_answers_of_a_real_server(nursery: trio.Nursery, nodes: int) -> None:
    server = await start(nursery, nodes)
    found = await run_official_client(server)
    assert found["nodes"] == sorted(["127.0.0.1", host.port] for host in server.hosts)
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    check_info(server, found["info"])
    check_keys(server, found["keys"])


def check_info(server: Server, found: dict[str, Any]) -> None:
    names = [node.name for node in server.nodes]
    assert found == {
        "names": names,
        "all": {name: [None, "8.1.2.0\n"] for name in names},  # that client keeps the line end
        "each": [f"node\t{name}\n" for name in names],
        "any": "namespaces\ttest;bar\n",
        "no such command": "error 4",
        "connected": True,
    }


def check_keys(server: Server, found: dict[str, Any]) -> None:
    assert found.pop("no set") == [0, {"n": 1}]
    for name, (digest, user_key) in STORED_KEYS.items():
        assert found[name] == {"put": 0, "digest": digest, "by digest": {"n": 1}, "sent": {"n": 1}}
        copies = [node.namespaces["test"].get(bytes.fromhex(digest)) for node in server.nodes]
        stored = [copy.user_key for copy in copies if copy is not None]
        assert stored == [user_key] * min(len(server.nodes), 2)


async def test_official_client_finds_the_records_after_a_node_went_down(nursery: trio.Nursery) -> None:
    server = await start(nursery, 3)
    await run_official_client(server)
    await server.stop_node(0)
    await server.wait_stable()
    session = await OfficialSession.start(nursery, server)
    assert await session.ask("nodes", 2) == sorted(host.port for host in server.hosts)
    assert await session.ask("right", 0, 500) == 500
    await session.close()


async def test_official_client_loses_nothing_while_a_node_stops_and_returns(nursery: trio.Nursery) -> None:
    server = await start(nursery, 3)
    ports = [host.port for host in server.hosts]
    session = await OfficialSession.start(nursery, server)
    assert await session.ask("nodes", 3) == sorted(ports)
    async with trio.open_nursery() as stopping:
        stopping.start_soon(server.stop_node, 1)
        assert await session.ask("write", 0, 1000) == 1000
    assert await session.ask("nodes", 2) == sorted([ports[0], ports[2]])
    assert await session.ask("right", 0, 1000) == 1000
    async with trio.open_nursery() as starting:
        starting.start_soon(server.start_node, 1)
        assert await session.ask("write", 1000, 2000) == 1000
    assert await session.ask("nodes", 3) == sorted(ports)
    await server.wait_stable()
    commands_before = server.node(1).counters.commands_total
    assert await session.ask("right", 0, 2000) == 2000
    assert server.node(1).counters.commands_total > commands_before
    await session.close()


async def test_official_client_finds_a_record_gone_when_its_time_is_over(nursery: trio.Nursery) -> None:
    ahead = 0
    server: Server = await nursery.start(
        partial(serve_aerospike, ServerConfig(), wall_clock=lambda: wall_clock() + ahead)
    )
    session = await OfficialSession.start(nursery, server)
    assert await session.ask("put", "short", 100) == 0
    assert await session.ask("put", "long", 1000) == 0
    assert await session.ask("put", "short", 100) == 0
    assert await session.ask("generation", "short") == 2
    ahead = 102
    assert await session.ask("generation", "short") is None
    assert await session.ask("generation", "long") == 1
    assert await session.ask("put", "short", 100) == 0
    assert await session.ask("generation", "short") == 1
    await session.close()
