"""Arguments that can't be right: one clear error that names the culprit, before a byte is sent."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import triospike
from triospike import (
    AerospikeError,
    Client,
    ClientPolicy,
    EventPolicy,
    GenerationPolicy,
    GeoJSON,
    Host,
    InfoPolicy,
    Key,
    LimitsWarning,
    OperatePolicy,
    ReadPolicy,
    ResultCode,
    WritePolicy,
    open_client,
    open_event_loops,
    operations as op,
)
from triospike.policy import Ttl
from triospike.server import NamespaceConfig, Server, ServerConfig

KEY = Key("test", "bad", 1)
LONG = "sixteen_bytes_ab"
TOO_BIG, TOO_SMALL = 2**63, -(2**63) - 1

Call = Callable[[Client], Awaitable[Any]]

REFUSED: dict[str, tuple[Call, type[Exception], str]] = {
    "a bin name of 16 bytes": (lambda c: c.put(KEY, {LONG: 1}), ValueError, LONG),
    "a bin name of 8 letters and 16 bytes": (lambda c: c.put(KEY, {"é" * 8: 1}), ValueError, "15 bytes"),
    "an empty bin name": (lambda c: c.put(KEY, {"": 1}), ValueError, "bin name"),
    "a bin name that is a number": (lambda c: c.put(KEY, {1: 1}), TypeError, "bin name.* int"),  # type: ignore[dict-item]
    "a bin to read of 16 bytes": (lambda c: c.get(KEY, [LONG]), ValueError, LONG),
    "bins to read in one string": (lambda c: c.get(KEY, "ab"), TypeError, "bins"),
    "an operation on a bin of 16 bytes": (lambda c: c.operate(KEY, [op.read(LONG)]), ValueError, LONG),
    "no bins": (lambda c: c.put(KEY, {}), ValueError, "bins"),
    "bins in a list": (lambda c: c.put(KEY, [("a", 1)]), TypeError, "bins.* list"),  # type: ignore[arg-type]
    "an int over 64 bits": (lambda c: c.put(KEY, {"a": TOO_BIG}), ValueError, r"bins\['a'\].*64 bits"),
    "an int under 64 bits": (lambda c: c.put(KEY, {"a": TOO_SMALL}), ValueError, r"bins\['a'\].*64 bits"),
    "such an int in a list": (lambda c: c.put(KEY, {"a": [0, TOO_SMALL]}), ValueError, r"bins\['a'\]\[1\]"),
    "such an int in a map": (lambda c: c.put(KEY, {"a": {"k": 2**64}}), ValueError, r"bins\['a'\]\['k'\]"),
    "such an int added": (lambda c: c.add(KEY, {"a": TOO_BIG}), ValueError, r"bins\['a'\]"),
    "an object": (lambda c: c.put(KEY, {"a": object()}), TypeError, r"bins\['a'\].*object"),
    "a set": (lambda c: c.put(KEY, {"a": {1}}), TypeError, r"bins\['a'\].*set"),
    "a complex in a list": (lambda c: c.put(KEY, {"a": [[1j]]}), TypeError, r"bins\['a'\]\[0\]\[0\].*complex"),
    "a map key of None": (lambda c: c.put(KEY, {"a": {None: 1}}), TypeError, r"None.*bins\['a'\]"),
    "a value of an operation": (lambda c: c.operate(KEY, [op.write("a", 1j)]), TypeError, "a.*complex"),
    "text that is no UTF-8": (lambda c: c.put(KEY, {"a": "\ud800"}), ValueError, r"bins\['a'\]"),
    "text added": (lambda c: c.add(KEY, {"a": "1"}), TypeError, r"bins\['a'\]"),  # type: ignore[dict-item]
    "a number appended": (lambda c: c.append(KEY, {"a": 1}), TypeError, r"bins\['a'\]"),  # type: ignore[dict-item]
    "no operations": (lambda c: c.operate(KEY, []), ValueError, "operations"),
    "an operation in words": (lambda c: c.operate(KEY, ["read"]), TypeError, "operations"),  # type: ignore[list-item]
    "an unknown namespace": (lambda c: c.get(Key("nope", "s", 1)), ValueError, "'nope'.*'test'"),
    "an unknown namespace to write": (lambda c: c.put(Key("nope", "s", 1), {"a": 1}), ValueError, "'nope'"),
    "a key in words": (lambda c: c.get("users/ada"), TypeError, "key must be a Key, not str"),  # type: ignore[arg-type]
    "a policy of another kind": (
        lambda c: c.get(KEY, policy=WritePolicy()),  # type: ignore[arg-type]
        TypeError,
        "policy must be ReadPolicy, not WritePolicy",
    ),
    "a policy in words": (
        lambda c: c.put(KEY, {"a": 1}, policy="fast"),  # type: ignore[arg-type]
        TypeError,
        "policy must be WritePolicy, not str",
    ),
    "an info policy in a number": (
        lambda c: c.info("build", policy=3),  # type: ignore[arg-type]
        TypeError,
        "policy must be InfoPolicy, not int",
    ),
    "more bins than a request carries": (
        lambda c: c.put(KEY, {f"b{number}": 1 for number in range(40_000)}),
        ValueError,
        "40000 bins",
    ),
    "more bytes than a request carries": (
        lambda c: c.put(KEY, {"a": bytes(130 << 20)}),
        ValueError,
        "do not fit into one request",
    ),
    "an event loop that is none": (lambda c: c.on(3).get(KEY), TypeError, "event_loop"),  # type: ignore[arg-type]
    "an info command of two lines": (lambda c: c.info("build\nnode"), ValueError, "one line"),
    "no info command": (lambda c: c.info(""), ValueError, "info command"),
    "a node that there is not": (lambda c: c.info("build", node="BB0"), triospike.InvalidNode, "'BB0'.*BB9"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_command_that_can_not_be_right(what: str, embedded: Server) -> None:
    call, cls, culprit = REFUSED[what]
    async with open_client(*embedded.hosts) as client:
        with pytest.raises(cls, match=culprit):
            await call(client)
        sent = embedded.counters.commands_read + embedded.counters.commands_write
        assert sent == 0
        assert client.nodes[0].pool.statistics().open == 0
        [loop] = client.event_loops.statistics()
        assert loop.in_process == 0


async def test_a_command_that_can_not_be_right_is_refused_when_it_is_prepared(embedded: Server) -> None:
    async with open_client(*embedded.hosts) as client:
        with pytest.raises(ValueError, match=LONG):
            client.prepare.put(KEY, {LONG: 1})
        with pytest.raises(TypeError, match="complex"):
            client.prepare.put(KEY, {"a": 1j})


async def test_an_unknown_namespace_is_told_by_the_handle_of_a_submitted_command(embedded: Server) -> None:
    async with open_client(*embedded.hosts) as client:
        handle = client.submit(client.prepare.get(Key("nope", "s", 1)))
        with pytest.raises(ValueError, match="'nope'"):
            await handle.result()


async def test_what_only_the_server_can_judge_is_an_error_of_the_server(embedded: Server) -> None:
    async with open_client(*embedded.hosts) as client:
        cases: list[tuple[dict[str, Any], ResultCode]] = [
            ({"a": bytes(2 << 20)}, ResultCode.RECORD_TOO_BIG),
            ({"a": GeoJSON("nowhere")}, ResultCode.GEO_INVALID_GEOJSON),
        ]
        for bins, code in cases:
            with pytest.raises(AerospikeError) as caught:
                await client.put(KEY, bins)
            assert caught.value.result_code == code
            assert not caught.value.in_doubt
        assert await client.get(KEY) is None


Make = Callable[[], object]

KEYS: dict[str, tuple[Make, type[Exception], str]] = {
    "no user key": (lambda: Key("test", "s", None), TypeError, "user_key"),  # type: ignore[arg-type]
    "a float": (lambda: Key("test", "s", 1.5), TypeError, "user_key.*float"),  # type: ignore[arg-type]
    "a bool": (lambda: Key("test", "s", True), TypeError, "user_key.*bool"),
    "an int over 64 bits": (lambda: Key("test", "s", TOO_BIG), ValueError, "user_key.*64 bits"),
    "a set of 64 bytes": (lambda: Key("test", "s" * 64, 1), ValueError, "set_name.*63"),
    "no namespace": (lambda: Key("", "s", 1), ValueError, "namespace"),
    "a namespace of 32 bytes": (lambda: Key("n" * 32, "s", 1), ValueError, "namespace.*31"),
    "a namespace of bytes": (lambda: Key(b"test", "s", 1), TypeError, "namespace.*bytes"),  # type: ignore[arg-type]
    "a short digest": (lambda: Key.from_digest("test", "s", b"x"), ValueError, "digest.*20"),
}

POLICIES: dict[str, tuple[Make, type[Exception], str]] = {
    "fewer than no commands": (
        lambda: EventPolicy(max_commands_in_process=-1),
        ValueError,
        "max_commands_in_process",
    ),
    "a queue in words": (lambda: EventPolicy(max_commands_in_queue="5"), TypeError, "max_commands_in_queue"),  # type: ignore[arg-type]
    "an unknown choice": (lambda: EventPolicy(when_queue_full="block"), ValueError, "when_queue_full.*'wait'"),  # type: ignore[arg-type]
    "no connections": (lambda: ClientPolicy(async_max_conns_per_node=0), ValueError, "async_max_conns_per_node"),
    "a negative minimum": (lambda: ClientPolicy(async_min_conns_per_node=-1), ValueError, "async_min_conns"),
    "tending without pause": (lambda: ClientPolicy(tend_interval=0), ValueError, "tend_interval.*0.05"),
    "more than a day": (lambda: ClientPolicy(max_socket_idle=86_401), ValueError, "max_socket_idle"),
    "no window": (lambda: ClientPolicy(error_rate_window=0), ValueError, "error_rate_window"),
    "no racks": (lambda: ClientPolicy(rack_ids=()), ValueError, "rack_ids"),
    "a time before it began": (lambda: ReadPolicy(total_timeout=-1), ValueError, "total_timeout"),
    "a time without end": (lambda: ReadPolicy(socket_timeout=math.inf), ValueError, "socket_timeout"),
    "a time that is none": (lambda: ReadPolicy(connect_timeout=math.nan), ValueError, "connect_timeout"),
    "fewer than no retries": (lambda: WritePolicy(max_retries=-1), ValueError, "max_retries"),
    "a part over the whole": (
        lambda: ReadPolicy(read_touch_ttl_percent=101),
        ValueError,
        "read_touch_ttl_percent",
    ),
    "a ttl without meaning": (lambda: WritePolicy(ttl=-4), ValueError, "ttl"),
    "a ttl over ten years": (lambda: WritePolicy(ttl=315_360_001), ValueError, "ttl"),
    "a ttl of half seconds": (lambda: WritePolicy(ttl=1.5), TypeError, "ttl"),  # type: ignore[arg-type]
    "a generation over 32 bits": (lambda: WritePolicy(generation=2**32), ValueError, "generation"),
    "a generation in words": (lambda: OperatePolicy(gen="EQ"), ValueError, "gen "),  # type: ignore[arg-type]
    "an info answer of no bytes": (lambda: InfoPolicy(max_response_bytes=0), ValueError, "max_response_bytes"),
    "an embedded server of no nodes": (lambda: ServerConfig(nodes=0), ValueError, "nodes"),
    "an embedded server on port -1": (lambda: ServerConfig(port=-1), ValueError, "port"),
    "a namespace with a separator": (lambda: NamespaceConfig("a;b"), ValueError, "a;b"),
}


@pytest.mark.parametrize("what", KEYS)
def test_a_key_that_can_not_be_right(what: str) -> None:
    make, cls, culprit = KEYS[what]
    with pytest.raises(cls, match=culprit):
        make()


@pytest.mark.parametrize("what", POLICIES)
def test_a_policy_out_of_range(what: str) -> None:
    make, cls, culprit = POLICIES[what]
    with pytest.raises(cls, match=culprit):
        make()


@pytest.mark.parametrize("n", [0, -1])
async def test_event_loops_that_can_not_be(n: int) -> None:
    with pytest.raises(ValueError, match="n must be at least 1"):
        async with open_event_loops(n):
            pass


@pytest.mark.parametrize(
    ("hosts", "culprit"),
    [
        ((), "name at least one"),
        (("",), "no host"),
        ((":3000",), "':3000'"),
        (("db1:0",), "'db1:0'"),
        (("db1:65536",), "'db1:65536'"),
        (("db1:three",), "'db1:three'"),
        (("db1:3000,db2:",), "'db2:'"),
        (("[::1",), r"'\[::1'"),
        (("embedded://db1",), "no address"),
        (("embedded://?nodes=x",), "nodes.*x"),
        (("embedded://?nodes=0",), "nodes"),
        (("embedded://?port=3000",), "port"),
        (("embedded://", "db1:3000"), "embedded://"),
    ],
)
async def test_hosts_that_are_none(hosts: tuple[str, ...], culprit: str) -> None:
    with pytest.raises(ValueError, match=culprit):
        async with open_client(*hosts):
            pass


@pytest.mark.parametrize("host", [3000, b"db1:3000", None, ["db1:3000"]])
async def test_hosts_of_another_type(host: Any) -> None:
    with pytest.raises(TypeError, match=f"hosts.*{type(host).__name__}"):
        async with open_client(host):
            pass


async def test_the_default_ttl_can_not_be_the_default_ttl() -> None:
    policy = ClientPolicy(write=WritePolicy(ttl=Ttl.CLIENT_DEFAULT))
    with pytest.raises(ValueError, match=r"ClientPolicy\.write\.ttl"):
        async with open_client(Host("127.0.0.1", 1), policy=policy):
            pass


async def test_limits_that_contradict_each_other_are_told_at_start(embedded: Server) -> None:
    policy = ClientPolicy(async_max_conns_per_node=500)
    async with open_event_loops(2, EventPolicy(max_commands_in_process=10)) as loops:
        with pytest.warns(LimitsWarning, match=r"async_max_conns_per_node 500 .* 10 × 2 event loops = 20 "):
            async with open_client(*embedded.hosts, policy=policy, event_loops=loops) as client:
                await client.put(KEY, {"a": 1}, policy=WritePolicy(gen=GenerationPolicy.IGNORE))
