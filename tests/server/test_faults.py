from __future__ import annotations

import pytest
import raw_client as raw
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from triospike.server.config import ServerConfig
from triospike.server.faults import CommandKind, Fault, FaultKind, FaultTable, command_kind
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server

DIGEST = raw.digest_of("s", "a")
BATCH = raw.frame(3, bytes((22, 0x08)) + bytes(16) + b"\0\x01\0\0" + raw.field(41, bytes(5)))
QUERY = raw.frame(3, bytes((22, 0x03)) + bytes(16) + b"\0\x01\0\0" + raw.field(0, b"test"))
UDF = raw.frame(
    3, bytes((22, 0, 0x01)) + bytes(15) + b"\0\x02\0\0" + raw.field(4, DIGEST) + raw.field(30, b"module")
)


@pytest.mark.parametrize(
    ("request_frame", "kind"),
    [
        (raw.info("node"), "info"),
        (raw.frame(2, bytes(16)), "admin"),
        (raw.get("a"), "read"),
        (raw.put("a", 1), "write"),
        (raw.delete("a"), "delete"),
        (raw.operate("a", 1), "operate"),
        (BATCH, "batch"),
        (QUERY, "query"),
        (UDF, "udf"),
        (raw.frame(3, b""), "read"),
        (raw.frame(3, b"\x16\x01"), "read"),
    ],
)
def test_kind_of_command_is_told_by_its_bits(request_frame: bytes, kind: str) -> None:
    assert command_kind(request_frame) is CommandKind(kind)


def hits(fault: Fault, request: bytes, times: int = 1, node: int = 0) -> int:
    table = FaultTable()
    handle = table.add(fault)
    for _ in range(times):
        table.judge(node, f"BB9{node}", request)
    return handle.hits


@pytest.mark.parametrize("request_frame", [raw.info("node"), raw.get("a"), raw.put("a", 1)])
def test_without_filters_every_command_is_hit(request_frame: bytes) -> None:
    assert hits(Fault("drop"), request_frame) == 1


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("write", [False, False, True, True, True]),
        ("read", [False, True, False, False, False]),
        ("delete", [False, False, False, True, False]),
        ("operate", [False, False, False, False, True]),
        ("info", [True, False, False, False, False]),
        ("data", [False, True, True, True, True]),
    ],
)
def test_filter_by_command(command: str, expected: list[bool]) -> None:
    requests = [raw.info("node"), raw.get("a"), raw.put("a", 1), raw.delete("a"), raw.operate("a", 1)]
    assert [bool(hits(Fault("drop", command=command), request)) for request in requests] == expected


def test_filter_by_predicate_sees_the_decoded_message_and_never_info() -> None:
    fault = Fault("drop", command=lambda message: message.ops[0].value.endswith(b"\x05"))
    assert hits(fault, raw.put("a", 5)) == 1
    assert hits(fault, raw.put("a", 6)) == 0
    assert hits(fault, raw.info("node")) == 0


def test_filter_by_namespace_set_and_digest() -> None:
    assert hits(Fault("drop", namespace="test"), raw.get("a")) == 1
    assert hits(Fault("drop", namespace="bar"), raw.get("a")) == 0
    assert hits(Fault("drop", set_name="s"), raw.get("a")) == 1
    assert hits(Fault("drop", set_name=""), raw.get("a")) == 0
    assert hits(Fault("drop", digest=DIGEST), raw.get("a")) == 1
    assert hits(Fault("drop", digest=DIGEST), raw.get("b")) == 0
    assert hits(Fault("drop", namespace="test"), raw.info("node")) == 0


def test_filter_by_node_index_or_id() -> None:
    assert hits(Fault("drop", node=1), raw.get("a"), node=1) == 1
    assert hits(Fault("drop", node="BB91"), raw.get("a"), node=1) == 1
    assert hits(Fault("drop", node=1), raw.get("a"), node=0) == 0


def test_skip_and_count_bound_the_hits() -> None:
    table = FaultTable()
    table.add(Fault("drop", skip=2, count=2))
    seen = [table.judge(0, "BB90", raw.get("a")).fault is not None for _ in range(6)]
    assert seen == [False, False, True, True, False, False]


def test_probability_repeats_with_its_seed() -> None:
    first = hits(Fault("drop", probability=0.3, seed=7), raw.get("a"), times=1000)
    assert first == hits(Fault("drop", probability=0.3, seed=7), raw.get("a"), times=1000)
    assert 230 < first < 370
    assert hits(Fault("drop", probability=0), raw.get("a"), times=100) == 0


def test_delays_add_up_and_the_first_other_fault_wins() -> None:
    table = FaultTable()
    table.add(Fault("delay", seconds=0.25))
    first = table.add(Fault("close_after"))
    second = table.add(Fault("drop"))
    table.add(Fault("delay", seconds=0.5))
    verdict = table.judge(0, "BB90", raw.get("a"))
    assert verdict.delay == 0.75
    assert verdict.fault is first.fault
    assert (first.hits, second.hits) == (1, 0)


def test_a_removed_fault_is_over() -> None:
    table = FaultTable()
    handle = table.add(Fault("drop"))
    assert repr(table) == "<FaultTable: drop>"
    assert len(table) == 1
    handle.remove()
    handle.remove()
    assert table.judge(0, "BB90", raw.get("a")).fault is None
    assert repr(table) == "<FaultTable: no faults>"


def test_a_handle_is_a_context_manager_and_clear_ends_all() -> None:
    table = FaultTable()
    with table.add(Fault("drop")) as handle:
        assert list(table) == [handle]
    assert list(table) == []
    table.add(Fault("delay", seconds=1))
    table.clear()
    assert len(table) == 0


def test_refuse_is_for_connections_only() -> None:
    table = FaultTable()
    handle = table.add(Fault("refuse", node=1, count=1))
    assert table.judge(1, "BB91", raw.get("a")).fault is None
    assert [table.refuses(0, "BB90"), table.refuses(1, "BB91"), table.refuses(1, "BB91")] == [False, True, False]
    assert repr(handle) == "<FaultHandle refuse: 1 hits>"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "explode"}, "explode"),
        ({"kind": "delay", "seconds": -1}, "seconds"),
        ({"kind": "drop", "probability": 1.5}, "probability"),
        ({"kind": "drop", "command": "wirte"}, "wirte"),
        ({"kind": "result_code", "code": 256}, "code"),
        ({"kind": "garble", "part": "tail"}, "part"),
        ({"kind": "drop", "count": -1}, "count"),
    ],
)
def test_a_wrong_fault_is_refused_by_name(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**arguments)  # type: ignore[arg-type]


def test_sizes_have_defaults_by_kind() -> None:
    assert Fault(FaultKind.TRUNCATE).answer_size == 12
    assert Fault(FaultKind.ENDLESS).answer_size == 134217728
    assert Fault(FaultKind.TRUNCATE, size=0).answer_size == 0


# --- over sockets --------------------------------------------------------------------------------------------


@pytest.fixture
async def server(nursery: trio.Nursery) -> Server:
    started = await nursery.start(serve_aerospike, ServerConfig(nodes=2))
    assert isinstance(started, Server)
    return started


async def value_of(server: Server, key: str) -> int | None:
    """What is stored, asked without faults."""
    server.faults.clear()
    async with raw.connect(server.hosts[0].port) as client:
        answer = await client.ask(raw.get(key))
        return None if raw.result(answer) == 2 else raw.number(answer)


async def test_delay_answers_late(server: Server, clock: MockClock) -> None:
    server.faults.add(Fault("delay", seconds=2.5, command="write"))
    async with raw.connect(server.hosts[0].port) as client:
        began = trio.current_time()
        assert raw.result(await client.ask(raw.get("a"))) == 2
        assert trio.current_time() == began
        assert raw.result(await client.ask(raw.put("a", 1))) == 0
        assert trio.current_time() - began == pytest.approx(2.5, abs=0.01)
    assert await value_of(server, "a") == 1


async def test_answers_before_a_delayed_one_are_sent_at_once(server: Server, clock: MockClock) -> None:
    server.faults.add(Fault("delay", seconds=60, skip=1))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(raw.get("a") + raw.get("b"))
        with trio.fail_after(1):
            assert raw.result(await client.answer()) == 2
        assert raw.result(await client.answer()) == 2


async def test_drop_never_answers_on_that_connection_again(server: Server, clock: MockClock) -> None:
    handle = server.faults.add(Fault("drop", count=1))
    async with raw.connect(server.hosts[0].port) as client, raw.connect(server.hosts[0].port) as other:
        await client.send(raw.put("a", 1))
        await wait_all_tasks_blocked()
        await client.send(raw.get("a"))
        with trio.move_on_after(60) as scope:
            await client.answer()
        assert scope.cancelled_caught
        assert handle.hits == 1
        assert raw.result(await other.ask(raw.get("a"))) == 2
    assert await value_of(server, "a") is None


@pytest.mark.parametrize(("kind", "stored"), [("close_before", None), ("close_after", 1)])
async def test_close_with_and_without_executing(server: Server, kind: str, stored: int | None) -> None:
    server.faults.add(Fault(FaultKind(kind)))
    async with raw.connect(server.hosts[0].port) as client:
        assert await client.ask(raw.put("a", 1)) == b""
    assert await value_of(server, "a") == stored


async def test_truncate_sends_the_beginning_of_the_answer(server: Server) -> None:
    server.faults.add(Fault("truncate", size=9))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(raw.put("a", 1))
        assert await client.receive(100) == bytes.fromhex("0203000000000016 16")
    assert await value_of(server, "a") == 1


async def test_garbled_header_is_no_frame(server: Server) -> None:
    server.faults.add(Fault("garble", part="header"))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(raw.put("a", 1))
        assert await client.receive(8) == bytes.fromhex("fdfcffffffffffe9")


async def test_garbled_body_keeps_size_and_result_code_and_has_fields_that_do_not_fit(server: Server) -> None:
    server.faults.add(Fault("garble", part="body"))
    async with raw.connect(server.hosts[0].port) as client:
        answer = await client.ask(raw.put("a", 1))
        assert answer == bytes.fromhex("0203000000000016 16 00 00 00 00 00 fffffffe ffffffff ffffffff ffff ffff")
        info = await client.ask(raw.info("node"))
        assert info[8:] == bytes(byte ^ 0xFF for byte in b"node\tBB9010000000000\n")


async def test_refuse_closes_new_connections_and_leaves_the_others(server: Server) -> None:
    async with raw.connect(server.hosts[0].port) as before:
        await before.ask(raw.get("a"))
        with server.faults.add(Fault("refuse", node=0)) as handle:
            async with raw.connect(server.hosts[0].port) as refused, raw.connect(server.hosts[1].port) as other:
                assert await refused.answer() == b""
                assert await other.ask(raw.get("a"))
            assert await before.ask(raw.get("a"))
            assert (handle.hits, server.nodes[0].counters.connections_refused) == (1, 1)
        async with raw.connect(server.hosts[0].port) as again:
            assert await again.ask(raw.get("a"))


async def test_result_code_answers_without_executing(server: Server) -> None:
    server.faults.add(Fault("result_code", code=18))
    async with raw.connect(server.hosts[0].port) as client:
        assert await client.ask(raw.put("a", 1)) == bytes.fromhex(
            "0203000000000016 16 00 00 00 00 12 00000000 00000000 00000000 0000 0000"
        )
        assert (await client.ask(BATCH))[11:14] == bytes.fromhex("01 00 12")
        assert (await client.ask_info("node")).startswith("ERROR:18:")
    assert await value_of(server, "a") is None


async def test_endless_announces_a_size_and_never_ends(server: Server) -> None:
    server.faults.add(Fault("endless", size=1000))
    async with raw.connect(server.hosts[0].port) as client:
        await client.send(raw.get("a"))
        assert await client.receive(8) == bytes.fromhex("02030000000003e8")
        assert len(await client.receive(1 << 20)) == 1 << 20
    server.faults.clear()
    for _ in range(3):
        await wait_all_tasks_blocked()
    assert server.counters.connections_open == 0


async def test_faults_of_one_node_leave_the_other_alone(server: Server) -> None:
    server.faults.add(Fault("close_before", node=server.nodes[1].node_id))
    async with raw.connect(server.hosts[0].port) as first, raw.connect(server.hosts[1].port) as second:
        assert raw.result(await first.ask(raw.get("a"))) == 2
        assert await second.ask(raw.get("a")) == b""
