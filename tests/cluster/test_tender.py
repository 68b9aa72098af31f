"""Tending on scripted servers and a clock that jumps."""

from __future__ import annotations

import pytest
from trio.testing import MockClock

from triospike._cluster.tender import connect
from triospike.host import Host
from triospike.policy import ClientPolicy

from .scripted import ScriptedNetwork, ScriptedServer, cluster_of, meet
from .tending import masters, names, next_tends, tended


async def test_a_node_that_joins_the_cluster_joins_the_client(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    network = ScriptedNetwork(*servers)
    async with tended(network) as cluster:
        new = ScriptedServer("C", Host("10.0.0.3"))
        network.add(new)
        meet(*servers, new)

        await next_tends()

        assert names(cluster) == ["A", "B", "C"]
        assert masters(cluster) == "ABCA"
        assert cluster.health().ok


async def test_a_node_that_leaves_the_cluster_leaves_the_client(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        gone = cluster.node_named("C")
        servers[2].stop()
        meet(*servers[:2])

        await next_tends()

        assert names(cluster) == ["A", "B"]
        assert not gone.active
        assert gone.pool.closed
        assert masters(cluster) == "ABAB"


async def test_a_node_that_fails_stays_while_others_know_it(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    servers = cluster_of("A", "B", "C")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[2].stop()

        await next_tends(10)

        assert names(cluster) == ["A", "B", "C"]
        (problem,) = cluster.health().problems
        assert problem == (
            "node C at 10.0.0.3:3000 failed 10 tends in a row: can't connect to 10.0.0.3:3000: connection refused"
        )
        assert caplog.text.count("failed a tend") == 1

        servers[2].behaviour = "up"
        await next_tends()
        assert cluster.health().ok


async def test_one_node_that_hangs_does_not_keep_the_others_from_being_tended(
    autojump_clock: MockClock,
) -> None:
    servers = cluster_of("A", "B", "C")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[2].behaviour = "hangs"
        servers[0].claims["test"] = [range(0, 4096, 2), []]
        servers[0].partition_generation += 1
        servers[1].claims["test"] = [range(1, 4096, 2), []]
        servers[1].partition_generation += 1

        await next_tends(2)

        assert names(cluster) == ["A", "B", "C"]
        assert masters(cluster) == "ABAB"
        assert cluster.node_named("A").tending.failures == 0
        assert "did not answer within 1 s" in str(cluster.node_named("C").tending.last_error)


async def test_an_unchanged_cluster_costs_one_question_for_each_node_and_tend(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)):
        await next_tends(1)
        for server in servers:
            server.asked.clear()

        await next_tends(3)

        for server in servers:
            assert server.asked == ["node", "peers-generation", "partition-generation"] * 3
            assert server.dials == 1


async def test_the_user_agent_is_told_once_for_each_connection(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    async with tended(ScriptedNetwork(server)):
        await next_tends(3)

    (told,) = [command for command in server.asked if command.startswith("user-agent-set:value=")]
    assert told.startswith("user-agent-set:value=MSxweXRob24tdHJpb3NwaWtlL")


async def test_older_servers_are_not_told_the_user_agent(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    server.answers["build"] = "8.0.0.9"
    async with tended(ScriptedNetwork(server)):
        await next_tends(3)

    assert not any("user-agent" in command for command in server.asked)


async def test_partitions_that_move_are_followed(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[0].claims["test"] = [range(1, 4096, 2), []]
        servers[0].partition_generation += 1
        servers[1].claims["test"] = [range(0, 4096, 2), []]
        servers[1].partition_generation += 1

        await next_tends()

        assert masters(cluster) == "BABA"


async def test_a_node_that_lost_its_cluster_does_not_take_over_the_map(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        meet(servers[2])

        await next_tends(2)

        assert masters(cluster) == "ABCA"
        assert names(cluster) == ["A", "B", "C"]


async def test_a_node_that_is_not_ready_keeps_its_map_until_it_is(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[1].partition_generation = -1
        servers[1].claims["test"] = [[], []]
        await next_tends()
        assert masters(cluster) == "ABAB"

        servers[1].partition_generation = 50
        servers[1].claims["test"] = [range(4096), []]
        await next_tends()
        assert masters(cluster) == "BBBB"


async def test_a_quick_restart_is_noticed_and_everything_read_again(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        node = cluster.node_named("B")
        for _ in range(150):
            node.count_error()
        assert not node.is_open()
        servers[1].stop()
        servers[1].behaviour = "up"
        servers[1].peers_generation = 0
        servers[1].asked.clear()

        await next_tends()

        assert cluster.node_named("B") is node
        assert node.tending.failures == 0
        assert node.is_open()
        assert "replicas" in servers[1].asked
        assert "peers-clear-std" in servers[1].asked


async def test_an_address_that_became_another_node_is_given_up(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        old = cluster.node_named("B")
        servers[1].name = "Z"
        meet(*servers)

        await next_tends()

        assert not old.active
        assert names(cluster) == ["A", "Z"]
        assert masters(cluster) == "AZAZ"


async def test_a_failing_node_that_is_advertised_elsewhere_is_replaced(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    network = ScriptedNetwork(*servers)
    async with tended(network) as cluster:
        old = cluster.node_named("B")
        servers[1].stop()
        moved = ScriptedServer("B", Host("10.0.0.20"))
        network.add(moved)
        meet(servers[0], moved)

        await next_tends()

        assert not old.active
        assert str(cluster.node_named("B").host) == "10.0.0.20:3000"
        assert masters(cluster) == "ABAB"


async def test_when_every_node_is_lost_the_seeds_are_resolved_again(autojump_clock: MockClock) -> None:
    old = cluster_of("A", "B")
    network = ScriptedNetwork(*old)
    network.names["db"] = ["10.0.0.1", "10.0.0.2"]
    async with tended(network, "db") as cluster:
        for server in old:
            server.stop()
        await next_tends(2)
        assert not cluster.health().ok
        assert "refused" in str(cluster.last_error)

        new = [ScriptedServer("C", Host("10.0.7.1")), ScriptedServer("D", Host("10.0.7.2"))]
        for server in new:
            network.add(server)
        meet(*new)
        network.names["db"] = ["10.0.7.1"]
        await next_tends(2)

        assert names(cluster) == ["C", "D"]
        assert masters(cluster) == "CDCD"
        assert cluster.last_error is None


async def test_a_lone_node_is_given_up_after_five_tends_and_found_again(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    async with tended(ScriptedNetwork(server)) as cluster:
        server.stop()
        await next_tends(4)
        assert names(cluster) == ["A"]
        await next_tends(1)
        assert names(cluster) == []

        server.behaviour = "up"
        await next_tends(1)
        assert names(cluster) == ["A"]
        assert cluster.health().ok


async def test_a_cluster_that_was_not_there_at_first_is_found_later(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork()
    async with tended(network, policy=ClientPolicy(fail_if_not_connected=False)) as cluster:
        await next_tends(3)
        for server in cluster_of("A", "B"):
            network.add(server)

        await next_tends()

        assert names(cluster) == ["A", "B"]


async def test_a_seed_that_is_missing_is_tried_in_every_tend_when_seeds_are_all_there_is(
    autojump_clock: MockClock,
) -> None:
    servers = cluster_of("A", "B")
    servers[1].behaviour = "refused"
    seeds = [Host("10.0.0.1"), Host("10.0.0.2")]
    network = ScriptedNetwork(*servers)
    cluster = await connect(seeds, ClientPolicy(force_single_node=True), limit=10, network=network.network)
    assert names(cluster) == ["A"]

    servers[1].behaviour = "up"
    await cluster.tend_once(True)
    assert names(cluster) == ["A", "B"]
    dials = servers[0].dials
    await cluster.tend_once(True)
    assert servers[0].dials == dials

    servers[1].stop()
    await cluster.tend_once(True)
    assert names(cluster) == ["A"]
    cluster.close()
    assert network.open_connections() == 0


async def test_a_malformed_answer_is_recorded_and_tending_goes_on(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    async with tended(ScriptedNetwork(*servers)) as cluster:
        servers[1].answers["peers-generation"] = "many"
        await next_tends(2)
        assert "peers-generation is no integer" in cluster.health().problems[0]

        del servers[1].answers["peers-generation"]
        await next_tends()
        assert cluster.health().ok


async def test_a_bug_ends_the_task(autojump_clock: MockClock) -> None:
    class Buggy(ScriptedServer):
        def answer(self, command: str) -> str:
            if command == "peers-generation":
                raise ZeroDivisionError
            return super().answer(command)

    server = Buggy("A", Host("10.0.0.1"))
    meet(server)
    network = ScriptedNetwork(server)
    with pytest.raises(ExceptionGroup) as caught:
        async with tended(network):
            await next_tends(3)
    assert caught.group_contains(ZeroDivisionError)
