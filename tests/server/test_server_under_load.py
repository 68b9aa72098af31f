from __future__ import annotations

import random

import raw_client as raw
import trio

from triospike.server.config import ServerConfig
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server

WRITERS = 8


class Writer:
    """Writes rising numbers to one key after another, through whatever node is live."""

    def __init__(self, server: Server, index: int) -> None:
        self.server = server
        self.keys = [f"w{index}-{number}" for number in range(20)]
        self.acknowledged: dict[str, int] = {}
        self.sent = 0
        self._random = random.Random(index)

    async def run(self) -> None:
        while True:
            port = self._random.choice(self.server.hosts).port
            try:
                async with raw.connect(port) as client:
                    await self._write_to(client)
            except (OSError, trio.BrokenResourceError):
                await trio.lowlevel.checkpoint()

    async def _write_to(self, client: raw.RawClient) -> None:
        while True:
            self.sent += 1
            number, key = self.sent, self._random.choice(self.keys)
            answer = await client.ask(raw.put(key, number))
            if not answer:
                return
            assert raw.result(answer) == 0
            self.acknowledged[key] = number


async def test_nothing_acknowledged_is_lost_while_nodes_are_killed_under_load(nursery: trio.Nursery) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=3))
    writers = [Writer(server, index) for index in range(WRITERS)]
    async with trio.open_nursery() as load:
        for writer in writers:
            load.start_soon(writer.run)
        for index in (0, 1, 2, 0):
            await trio.sleep(0.02)
            await server.stop_node(index)
            await trio.sleep(0.02)
            await server.wait_stable()
            await server.start_node(index)
            await server.wait_stable()
        load.cancel_scope.cancel()
    async with raw.connect(server.hosts[0].port) as client:
        for writer in writers:
            assert writer.acknowledged
            for key, number in writer.acknowledged.items():
                assert raw.number(await client.ask(raw.get(key))) >= number
    assert server.counters.connections_peak <= 2 * WRITERS


async def test_a_storm_of_clients_that_go_away_leaves_nothing_behind(nursery: trio.Nursery) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=2))
    dice = random.Random(1)

    async def client() -> None:
        with trio.CancelScope() as scope:
            async with raw.connect(dice.choice(server.hosts).port) as connection:
                for index in range(dice.randrange(20)):
                    await connection.send(raw.put("a", index) * dice.randrange(1, 5))
                    if dice.random() < 0.3:
                        scope.cancel()
                    await connection.answer()

    async with trio.open_nursery() as clients:
        for _ in range(200):
            clients.start_soon(client)
    with trio.fail_after(5):
        while server.counters.connections_open:
            await trio.lowlevel.checkpoint()
    values = server.counters.values()
    assert (values.commands_at_work, values.data_connections_open) == (0, 0)
    assert 0 < values.connections_peak <= 200
