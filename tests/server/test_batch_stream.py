"""Large batches are carried out while they are answered."""

from __future__ import annotations

import struct

import raw_client as raw
import trio
from asking import op, read, write
from batching import batch, key, parse, put, repeat, row
from lone_node import LoneNode
from replaying import frames_of
from trio.testing import wait_all_tasks_blocked

from triospike.server.config import ServerConfig
from triospike.server.dispatch import Session, answer
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server
from triospike.server.stream import Stream

LARGE = 10_000


def writes(count: int) -> bytes:
    return batch(put(0, 0, 7), *(repeat(index, index) for index in range(1, count)))


def written(node: LoneNode) -> int:
    return node.namespaces["test"].count


def test_batch_of_up_to_128_rows_is_answered_at_once() -> None:
    assert isinstance(answer(LoneNode(), Session(), writes(128)), bytes)
    assert isinstance(answer(LoneNode(), Session(), writes(129)), Stream)


def test_others_get_their_turn_after_every_128_rows() -> None:
    node = LoneNode()
    stream = answer(node, Session(), writes(LARGE))
    assert isinstance(stream, Stream)
    frames = b""
    before = pauses = 0
    for step in stream.steps:
        assert written(node) - before <= 128
        if isinstance(step, bytes):
            frames += step
        else:
            before = written(node)
            pauses += step == 0
    assert pauses == LARGE // 128
    assert [found.index for found in parse(frames_of(frames)).rows] == list(range(LARGE))


def test_rows_are_carried_out_only_as_the_answer_is_taken() -> None:
    node = LoneNode()
    write(node, key(0), op(2, "a", 4, bytes(100_000)))
    reads = row(0, 0), *(repeat(index, 0) for index in range(1, 299))
    stream = answer(node, Session(), batch(*reads, put(299, "end", 1)))
    assert isinstance(stream, Stream)
    first = next(stream.steps)
    assert isinstance(first, bytes)
    assert len(first) < 101_000
    assert read(node, key("end")).code == 2
    rest = stream.gathered()
    assert read(node, key("end")).code == 0
    assert len(parse(frames_of(first + rest)).rows) == 300


def test_client_that_stops_reading_is_waited_for_as_long_as_its_time_limit() -> None:
    request = bytearray(writes(LARGE))
    for timeout, patience in ((1500, 1.5), (0, 30.0)):
        struct.pack_into(">I", request, 8 + 14, timeout)
        stream = answer(LoneNode(), Session(), bytes(request))
        assert isinstance(stream, Stream)
        assert stream.patience == patience


async def start(nursery: trio.Nursery) -> Server:
    server = await nursery.start(serve_aerospike, ServerConfig())
    assert isinstance(server, Server)
    return server


async def test_command_that_comes_during_a_large_batch_is_answered_before_its_end(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    port = server.nodes[0].port
    async with raw.connect(port) as many, raw.connect(port) as one:
        await many.send(writes(LARGE))
        await one.send(raw.message(3, 0, key(LARGE - 1).digest, set_name="demo"))
        assert raw.result(await one.answer()) == 2, "the batch has not got so far"
        frames = [await many.answer()]
        while len(frames[-1]) > 30:
            frames.append(await many.answer())
        assert len(parse(frames).rows) == LARGE
        assert raw.result(await one.ask(raw.message(3, 0, key(LARGE - 1).digest, set_name="demo"))) == 0


async def test_client_that_goes_away_during_a_large_batch_leaves_nothing_behind(nursery: trio.Nursery) -> None:
    server = await start(nursery)
    async with raw.connect(server.nodes[0].port) as client:
        await client.ask(raw.put("large", 1))
        reads = [row(index, index) for index in range(LARGE)]
        await client.send(batch(*reads))
        await client.receive(1000)
    await wait_all_tasks_blocked(0.05)
    counters = server.nodes[0].counters
    assert (counters.connections_open, counters.commands_at_work) == (0, 0)
