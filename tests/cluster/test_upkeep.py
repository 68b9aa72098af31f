"""What a tend does beyond nodes and partitions: early tends, error windows, pools, racks."""

from __future__ import annotations

import attrs
import pytest
import trio
from trio.testing import MockClock

from triospike.errors import ConnectionFailed
from triospike.policy import ClientPolicy

from .scripted import ScriptedNetwork, cluster_of, meet
from .tending import names, next_tends, tended


async def test_something_that_broke_brings_the_next_tend_forward(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[1].stop()
        meet(servers[0])

        cluster.node_named("B").pool.on_broken()
        await trio.sleep(0.2)

        assert names(cluster) == ["A"]


async def test_a_window_of_errors_ends_with_regular_tends_only(autojump_clock: MockClock) -> None:
    async with tended(
        ScriptedNetwork(*cluster_of("A")), policy=ClientPolicy(error_rate_window=2, max_error_rate=5)
    ) as cluster:
        (node,) = cluster.nodes
        for _ in range(6):
            node.count_error()
        for _ in range(5):
            cluster.hasten()
            await trio.sleep(0.15)
        assert not node.is_open()
        assert not cluster.health().ok

        await next_tends(2)
        assert node.is_open()
        assert node.statistics().max_errors_in_window == 2


@attrs.define
class CountingPool:
    fills: int = 0
    trims: int = 0


async def test_pools_are_filled_in_every_tend_and_trimmed_in_every_thirtieth(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = CountingPool()

    async def fill(self: object) -> None:
        calls.fills += 1
        await trio.lowlevel.checkpoint()

    def trim(self: object) -> None:
        calls.trims += 1

    monkeypatch.setattr("triospike._net.pool.Pool.fill", fill)
    monkeypatch.setattr("triospike._net.pool.Pool.trim", trim)
    async with tended(ScriptedNetwork(*cluster_of("A")), policy=ClientPolicy(async_min_conns_per_node=2)):
        assert (calls.fills, calls.trims) == (1, 0)
        await next_tends(29)
        assert (calls.fills, calls.trims) == (30, 0)
        await next_tends(1)
        assert (calls.fills, calls.trims) == (31, 1)


async def test_connections_that_can_not_be_opened_ahead_do_not_fail_the_node(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill(self: object) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr("triospike._net.pool.Pool.fill", fill)
    async with tended(
        ScriptedNetwork(*cluster_of("A")), policy=ClientPolicy(async_min_conns_per_node=2)
    ) as cluster:
        await next_tends(3)

        assert cluster.nodes[0].tending.failures == 0
        assert cluster.tends >= 3


async def test_connections_that_are_refused_ahead_are_a_problem_of_health(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fill(self: object) -> None:
        await trio.lowlevel.checkpoint()
        raise ConnectionFailed("the server is full")

    monkeypatch.setattr("triospike._net.pool.Pool.fill", fill)
    policy = ClientPolicy(async_min_conns_per_node=2)
    async with tended(ScriptedNetwork(*cluster_of("A")), policy=policy) as cluster:
        await next_tends()

        assert cluster.health().problems == ("node A at 10.0.0.1:3000: the server is full",)


async def test_a_node_that_fails_the_tend_but_answers_as_a_seed_is_revived(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    async with tended(ScriptedNetwork(server)) as cluster:
        (node,) = cluster.nodes
        server.stop()
        server.behaviour = "up"
        server.refusals = 1

        await next_tends()

        assert cluster.nodes == (node,)
        assert node.tending.failures == 0
        assert cluster.health().ok


async def test_racks_that_change_are_followed(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    server.answers["rack-ids"] = "test:1"
    async with tended(ScriptedNetwork(server), policy=ClientPolicy(rack_aware=True)) as cluster:
        server.answers["rack-ids"] = "test:2"
        await next_tends()
        assert cluster.nodes[0].racks == {"test": 1}

        server.answers["rebalance-generation"] = "2"
        await next_tends()
        assert cluster.nodes[0].racks == {"test": 2}
