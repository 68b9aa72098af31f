"""Which addresses are used for peers and seeds, and what is advised where none can be reached."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from triospike.errors import (
    PeersUnreachable,
)
from triospike.host import Host
from triospike.policy import ClientPolicy

from .joining import fails, join, names
from .scripted import ScriptedNetwork, ScriptedServer, cluster_of


async def test_a_peer_that_does_not_answer_is_left_out(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")
    servers[2].behaviour = "black hole"

    cluster = await join(ScriptedNetwork(*servers), "10.0.0.1")

    assert names(cluster) == ["A", "B"]
    health = cluster.health()
    assert health.unreachable == ("C at 10.0.0.3:3000 (no answer within 1 s)",)
    assert health.namespaces[0].without_owner == tuple(range(2, 4096, 3))
    assert not health.ok


async def test_a_peer_must_be_the_node_that_was_advertised(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")
    servers[2].answers["node"] = "X"

    cluster = await join(ScriptedNetwork(*servers), "10.0.0.1")

    assert names(cluster) == ["A", "B"]
    assert cluster.health().unreachable == ("C at 10.0.0.3:3000 (10.0.0.3:3000 is node X, not C)",)


async def test_peers_out_of_reach_are_named_and_force_single_node_or_ip_map_advised(
    autojump_clock: MockClock,
) -> None:
    servers = cluster_of("A", "B", "C")
    servers[1].behaviour = "refused"
    servers[2].behaviour = "black hole"

    error = await fails(ScriptedNetwork(*servers), "10.0.0.1")

    assert type(error) is PeersUnreachable
    assert str(error) == (
        "10.0.0.1:3000 answers, but none of its peers can be reached at the addresses that it advertises: "
        "B at 10.0.0.2:3000 (connection refused); C at 10.0.0.3:3000 (no answer within 1 s). "
        "Say where they can be reached from here with ClientPolicy.ip_map, as in "
        "ip_map={'10.0.0.2': 'reachable-name'}, or use the seeds alone, without their peers, with "
        "ClientPolicy.force_single_node=True"
    )
    assert trio.current_time() <= 2


async def test_alternate_addresses_are_advised_where_there_are_any(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    servers[0].answers["peers-clear-alt"] = "1,3000,[[B,,[203.0.113.2]]]"
    servers[1].behaviour = "refused"

    error = await fails(ScriptedNetwork(*servers), "10.0.0.1")

    assert "ClientPolicy.use_services_alternate=True" in str(error)
    assert "203.0.113.2:3000" in str(error)


async def test_standard_addresses_are_advised_where_the_alternate_ones_fail(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    servers[0].answers["peers-clear-alt"] = "1,3000,[[B,,[]]]"

    error = await fails(ScriptedNetwork(*servers), "10.0.0.1", policy=ClientPolicy(use_services_alternate=True))

    assert "B (no address is advertised)" in str(error)
    assert "ClientPolicy.use_services_alternate=False" in str(error)


async def test_alternate_addresses_are_used_when_the_policy_says_so(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    servers[0].answers["peers-clear-alt"] = "1,3000,[[B,,[203.0.113.2]]]"
    servers[1].host = Host("203.0.113.2")
    network = ScriptedNetwork(*servers)

    cluster = await join(network, "10.0.0.1", policy=ClientPolicy(use_services_alternate=True))

    assert {node.name: str(node.host) for node in cluster.nodes} == {
        "A": "10.0.0.1:3000",
        "B": "203.0.113.2:3000",
    }


async def test_ip_map_applies_to_every_advertised_address(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    advertised = "7,3000,[[B,,[172.17.0.2]]]"
    servers[0].answers.update({"peers-clear-std": advertised, "service-clear-std": "172.17.0.1:3000"})
    network = ScriptedNetwork(*servers)
    ip_map = {"172.17.0.1": "10.0.0.1", "172.17.0.2": "10.0.0.2"}

    cluster = await join(network, "10.0.0.1", policy=ClientPolicy(ip_map=ip_map))

    assert [str(node.host) for node in cluster.nodes] == ["10.0.0.1:3000", "10.0.0.2:3000"]
    assert servers[0].dials == 1


async def test_behind_a_load_balancer_the_node_is_used_at_its_own_address(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    balancer = ScriptedServer("A", Host("192.0.2.1"), peers=servers[1:], claims=servers[0].claims)
    balancer.answers["service-clear-std"] = "10.0.0.1:3000"
    network = ScriptedNetwork(balancer, *servers)

    cluster = await join(network, "192.0.2.1")

    assert sorted(str(node.host) for node in cluster.nodes) == ["10.0.0.1:3000", "10.0.0.2:3000"]
    assert balancer.open_connections() == 0


async def test_a_seed_is_used_where_it_answers_if_its_own_address_does_not(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    server.answers["service-clear-std"] = "172.17.0.2:3000"

    cluster = await join(ScriptedNetwork(server), "10.0.0.1")

    assert [str(node.host) for node in cluster.nodes] == ["10.0.0.1:3000"]


async def test_a_loopback_seed_is_not_asked_for_its_own_address(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    server.host = Host("127.0.0.1")

    await join(ScriptedNetwork(server), "127.0.0.1")

    assert "service-clear-std" not in server.asked


async def test_an_ip_map_that_holds_no_address_is_a_value_error(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(*cluster_of("A"))

    with pytest.raises(ValueError, match=r"ip_map\['a'\] is no address: port must be 1 to 65535"):
        await join(network, "10.0.0.1", policy=ClientPolicy(ip_map={"b": "c", "a": "b:x"}))


async def test_behind_addresses_without_any_hint_servers_are_to_advertise_some(
    autojump_clock: MockClock,
) -> None:
    servers = cluster_of("A", "B")
    servers[0].answers["peers-clear-std"] = "1,3000,[[B,,[]]]"

    error = await fails(ScriptedNetwork(*servers), "10.0.0.1")

    assert "Have the servers advertise addresses (access-address)" in str(error)
