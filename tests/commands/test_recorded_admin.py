"""Recorded administrative calls of the official client, made with triospike: the same bytes, the same results.

A server says what the recorded one said, in the same order, to whatever it is asked; then requests are compared.
"""

from __future__ import annotations

from typing import Any

import pytest
import trio

from commands.neutral import to_python
from commands.official_admin import CALLS
from commands.recorded_results import official
from fixtures.lone_client import open_lone_client
from fixtures.raw_server import Peer, start_raw_server
from triospike import exp
from triospike._commands import admin_requests as requests
from triospike.admin import CollectionKind, IndexKind
from triospike.admin.indexes import parse_indexes
from triospike.admin.namespaces import parse_namespace, parse_sets
from triospike.admin.nodes import parse_node
from triospike.admin.pairs import parse_pairs
from triospike.client import Client
from triospike.errors import AerospikeError
from triospike.operations import context
from vectors.recorded import Vector, load

REFUSED = {
    "query:index/create/long-name": "name must be 1 to 63 bytes",
    "query:index/create/long-bin": "bin must be 1 to 15 bytes",
}
"""triospike sees by itself that these can't be."""
COVERED = {"udf": 9, "query": 44, "geo": 8}

_ADMIN = {
    f"{group}:{name}": vector
    for group in COVERED
    for name, vector in official(group).items()
    if vector.call["method"] in CALLS
}
_PARAMS = [pytest.param(vector, id=name) for name, vector in _ADMIN.items() if name not in REFUSED]


def _saying(vector: Vector) -> Any:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            exchange = vector.exchanges[len(peer.server.requests) - 1]
            await peer.send(*exchange.response)

    return script


async def _outcome(client: Client, vector: Vector) -> Any:
    try:
        with trio.fail_after(10):
            return await CALLS[vector.call["method"]](client, vector.call)
    except AerospikeError as error:
        return f"error {error.result_code}"


def _expected(vector: Vector) -> Any:
    if vector.error is not None:
        return f"error {vector.error['code']}"
    return to_python(vector.result) or ([] if vector.call["method"] == "udf_list" else None)


@pytest.mark.parametrize("vector", _PARAMS)
async def test_requests_and_results_are_the_recorded_ones(vector: Vector, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, _saying(vector))
    async with open_lone_client(server.host) as client:
        assert await _outcome(client, vector) == _expected(vector)
    assert [request.hex() for request in server.requests] == [
        exchange.request.hex() for exchange in vector.exchanges
    ]


@pytest.mark.parametrize("name", REFUSED)
async def test_what_can_not_be_is_refused_before_anything_is_sent(name: str, nursery: trio.Nursery) -> None:
    server = await start_raw_server(nursery, _saying(_ADMIN[name]))
    async with open_lone_client(server.host) as client:
        with pytest.raises(ValueError, match=REFUSED[name]):
            await _outcome(client, _ADMIN[name])
    assert not server.requests


@pytest.mark.parametrize("group", COVERED)
def test_number_of_covered_calls_does_not_shrink(group: str) -> None:
    assert len([name for name in _ADMIN if name.startswith(f"{group}:")]) == COVERED[group]


async def test_a_module_that_does_not_compile_is_refused_with_the_place(nursery: trio.Nursery) -> None:
    vector = _ADMIN["udf:put/syntax-error"]
    server = await start_raw_server(nursery, _saying(vector))
    async with open_lone_client(server.host) as client:
        with pytest.raises(AerospikeError, match=r"compile error: badmod\.lua:2: '\)' expected near 'return'"):
            await CALLS["udf_put"](client, vector.call)


# Answers to info commands made by hand.


def _answers(beginning: str) -> dict[str, str]:
    """Command to answer, for commands that begin so and were not refused."""
    found = {}
    for vector in load("info"):
        for exchange in vector.exchanges:
            for frame in exchange.response:
                command, _, answer = frame[8:].decode().removesuffix("\n").partition("\t")
                if command.startswith(beginning) and not answer.startswith("ERROR"):
                    found[command] = answer
    return found


def test_every_recorded_namespace_is_understood() -> None:
    answers = _answers("namespace/")
    assert parse_namespace("nope", answers.pop("namespace/nope")) is None
    for command, answer in answers.items():
        info = parse_namespace(command.partition("/")[2], answer)
        assert info is not None
        assert info.raw == dict(pair.split("=", 1) for pair in answer.split(";"))
        assert (info.records, info.replication_factor, info.stop_writes) == (0, 1, False)
        assert info.data_total_bytes == int(info.raw["data_total_bytes"])
        assert info.migrations_remaining == 0
        assert info.strong_consistency is False


def test_every_recorded_list_of_sets_is_understood() -> None:
    answers = _answers("sets")
    assert "sets/nope" in answers
    for command, answer in answers.items():
        assert len(parse_sets(answer)) == answer.count("ns="), command


def test_the_recorded_statistics_are_understood() -> None:
    (answer,) = _answers("statistics").values()
    node = parse_node("A7", "8.1.2.0", answer)
    assert (node.cluster_size, node.in_cluster, node.objects) == (1, True, int(node.raw["objects"]))
    assert node.cluster_key == node.raw["cluster_key"]
    assert node.uptime == int(node.raw["uptime"])


def test_every_recorded_list_of_settings_is_understood() -> None:
    answers = _answers("get-config:context=")
    assert len(answers) >= 4
    for answer in answers.values():
        assert parse_pairs(answer) == dict(pair.split("=", 1) for pair in answer.split(";") if pair)


def test_the_recorded_list_of_indexes_is_understood() -> None:
    answer = _answers("sindex-list:namespace=test;b64=true")["sindex-list:namespace=test;b64=true"]
    found = {index.name: index for index in parse_indexes(answer)}
    assert len(found) == answer.count("indexname=") == 14
    assert {index.namespace for index in found.values()} == {"test"}
    assert all(index.readable for index in found.values())
    assert found["vi_mk"].collection is CollectionKind.MAP_KEYS
    assert found["vi_mv"].kind is IndexKind.BLOB
    assert found["vi_c"].context == (context.map_key("k"),)
    assert found["vi_e2"].expression == exp.bin_int("n").packed
    assert (found["vi_e2"].bin, found["vi_ns"].set_name) == (None, None)
    assert found["vi_set"].is_set_index
    assert found["vi_set"].kind is None


BUILD = (8, 1, 2, 0)


@pytest.mark.parametrize(
    "command",
    [
        requests.truncate_command("bar", None, None),
        requests.truncate_command("bar", None, 1300000000),
        requests.truncate_command("test", "none", 4102444800),
        requests.list_indexes_command("test", BUILD),
        requests.index_statistics_command("test", "vi_n", BUILD),
        requests.sets_command(None),
        requests.sets_command("test"),
        requests.get_config_command("service", None, BUILD),
        requests.get_config_command("namespace", "test", BUILD),
        requests.get_config_command("namespace", "test", (8, 0)),
        requests.set_config_command("namespace", "default-ttl", 0, "bar", None, BUILD),
        requests.set_config_command("namespace", "default-ttl", 0, "bar", None, (8, 0)),
        requests.set_config_command("service", "query-max-done", 100, None, None, BUILD),
        requests.abort_job_command(1, BUILD),
        requests.abort_job_command(1, (8, 0)),
        "query-abort-all:",
        "query-show",
        "racks:",
        "udf-list",
    ],
)
def test_a_command_is_one_that_the_recorded_server_was_asked(command: str) -> None:
    asked = {
        exchange.request[8:].decode(errors="replace").removesuffix("\n")
        for vector in load("info")
        for exchange in vector.exchanges
    }
    assert command in asked
