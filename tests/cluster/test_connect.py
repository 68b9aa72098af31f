"""Finding a cluster from its seeds, on scripted servers and a clock that jumps."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from triospike.errors import (
    ClusterNameMismatch,
    ConnectionFailed,
    InvalidNode,
    ProtocolError,
    SecurityError,
)
from triospike.host import Host
from triospike.policy import ClientPolicy
from triospike.policy.enums import Replica

from .joining import fails, join, names
from .scripted import ScriptedNetwork, ScriptedServer, cluster_of


async def test_one_seed_leads_to_all_nodes_and_all_partitions(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")
    network = ScriptedNetwork(*servers)

    cluster = await join(network, "10.0.0.1")

    assert names(cluster) == ["A", "B", "C"]
    assert [node.host for node in cluster.nodes] == [server.host for server in servers]
    masters = [cluster.node_for("test", pid, Replica.SEQUENCE, 0, write=False).name for pid in range(6)]
    assert masters == ["A", "B", "C", "A", "B", "C"]
    retries = [cluster.node_for("test", pid, Replica.SEQUENCE, 1, write=False).name for pid in range(3)]
    assert retries == ["B", "C", "A"]
    assert [server.open_connections() for server in servers] == [1, 1, 1]
    assert cluster.health().ok
    cluster.close()
    assert network.open_connections() == 0


async def test_a_seed_that_hangs_does_not_hold_up_one_that_answers(autojump_clock: MockClock) -> None:
    hanging = ScriptedServer("H", Host("10.0.0.9"), "hangs")
    network = ScriptedNetwork(hanging, *cluster_of("A", "B"))

    cluster = await join(network, "10.0.0.9", "10.0.0.1")

    assert names(cluster) == ["A", "B"]
    assert trio.current_time() == 0
    assert hanging.open_connections() == 0


async def test_a_seed_without_peers_does_not_outrun_one_with_peers(autojump_clock: MockClock) -> None:
    orphan = cluster_of("O")[0]
    orphan.host = Host("10.0.0.9")
    slow = cluster_of("A", "B")
    network = ScriptedNetwork(orphan, *slow)
    network.names["slow"] = ["10.0.0.8", "10.0.0.1"]

    cluster = await join(network, "10.0.0.9", "slow")

    assert names(cluster) == ["A", "B"]
    assert orphan.open_connections() == 0


async def test_a_lone_server_is_a_cluster(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(*cluster_of("A"))

    cluster = await join(network, "10.0.0.1", "nowhere")

    assert names(cluster) == ["A"]
    assert cluster.health().ok


async def test_every_address_of_a_seed_is_tried(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(*cluster_of("A", "B"))
    network.names["db"] = ["10.9.9.9", "10.0.0.2"]

    assert names(await join(network, "db")) == ["A", "B"]


async def test_a_node_found_by_two_addresses_is_one_node(autojump_clock: MockClock) -> None:
    (server,) = cluster_of("A")
    twin = ScriptedServer("A", Host("::1"), claims=server.claims)
    network = ScriptedNetwork(server, twin)

    cluster = await join(network, "10.0.0.1", "::1")

    assert [node.host.name for node in cluster.nodes] == ["10.0.0.1"]
    assert network.open_connections() == 1


async def test_seeds_that_can_not_be_used_are_all_named_with_their_reasons(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(
        ScriptedServer("A", Host("10.0.0.2"), "hangs"),
        ScriptedServer("B", Host("10.0.0.3"), "HTTP/1.1 400"),
        ScriptedServer("C", Host("10.0.0.4"), "black hole"),
        ScriptedServer("D", Host("10.0.0.5"), answers={"partition-generation": "-1"}),
        ScriptedServer("E", Host("10.0.0.6"), answers={"build": "4.8.0.1"}),
    )

    error = await fails(network, "nowhere", *(f"10.0.0.{n}" for n in range(1, 7)))

    assert type(error) is ConnectionFailed
    for reason in [
        "nowhere:3000: 'nowhere' can't be resolved",
        "can't connect to 10.0.0.1:3000: connection refused",
        "10.0.0.2:3000 accepts connections, but did not answer within 1 s",
        "10.0.0.3:3000 does not speak Aerospike's protocol: not an Aerospike frame: HTTP/1.1 400",
        "can't connect to 10.0.0.4:3000: no answer within 1 s",
        "10.0.0.5:3000 is not ready yet",
        "10.0.0.6:3000 runs server 4.8.0.1; at least 4.9.0.3 is needed",
    ]:
        assert reason in str(error)
    assert len(error.sub_errors) == 7
    assert trio.current_time() <= 1


async def test_a_port_of_another_protocol_is_a_protocol_error_that_names_the_seed(
    autojump_clock: MockClock,
) -> None:
    network = ScriptedNetwork(ScriptedServer("B", Host("10.0.0.3"), "SSH-2.0"))

    error = await fails(network, "10.0.0.3")

    assert type(error) is ProtocolError
    assert "10.0.0.3:3000 does not speak" in str(error)


async def test_a_server_that_hangs_up_at_once_may_expect_tls(autojump_clock: MockClock) -> None:
    class HangsUp(ScriptedServer):
        def answer(self, command: str) -> str:
            raise ConnectionFailed(f"the connection to {self.host} broke: closed by the server")

    error = await fails(ScriptedNetwork(HangsUp("T", Host("10.0.0.3"))), "10.0.0.3")

    assert type(error) is ConnectionFailed
    assert "does 10.0.0.3:3000 expect TLS" in str(error)


async def test_a_server_that_wants_authentication_is_a_security_error(autojump_clock: MockClock) -> None:
    server = ScriptedServer("A", Host("10.0.0.1"), answers={"node": "ERROR:80:not authenticated"})

    error = await fails(ScriptedNetwork(server), "10.0.0.1")

    assert type(error) is SecurityError
    assert error.result_code == 80


@pytest.mark.parametrize(
    "answers",
    [{"node": ""}, {"build": "new"}, {"build": ""}, {"partition-generation": "x"}, {"replicas": "test:0,1,zzz"}],
)
async def test_a_malformed_answer_is_a_protocol_error(autojump_clock: MockClock, answers: dict[str, str]) -> None:
    (server,) = cluster_of("A")
    server.answers = answers

    error = await fails(ScriptedNetwork(server), "10.0.0.1")

    assert type(error) is ProtocolError
    assert "10.0.0.1:3000" in str(error)


async def test_a_foreign_cluster_is_refused_with_both_names(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(*cluster_of("A"))

    error = await fails(network, "10.0.0.1", "nowhere", policy=ClientPolicy(cluster_name="staging"))

    assert type(error) is ClusterNameMismatch
    assert "10.0.0.1:3000 belongs to cluster 'prod', not to 'staging'" in str(error)


async def test_the_right_cluster_name_is_accepted(autojump_clock: MockClock) -> None:
    network = ScriptedNetwork(*cluster_of("A", "B"))

    assert names(await join(network, "10.0.0.1", policy=ClientPolicy(cluster_name="prod"))) == ["A", "B"]


async def test_without_fail_if_not_connected_the_cluster_is_empty_and_says_why(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = await join(ScriptedNetwork(), "10.0.0.1", policy=ClientPolicy(fail_if_not_connected=False))

    assert cluster.nodes == ()
    assert "connection refused" in caplog.text
    with pytest.raises(InvalidNode, match=r"no node of the cluster can be reached: .*10\.0\.0\.1.*refused"):
        cluster.node_for("test", 0, Replica.SEQUENCE, 0, write=False)
    health = cluster.health()
    assert not health.ok
    assert "no node can be reached" in health.problems[0]


async def test_force_single_node_uses_the_seeds_and_never_asks_for_peers(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B", "C")

    cluster = await join(
        ScriptedNetwork(*servers), "10.0.0.1", "10.0.0.2", policy=ClientPolicy(force_single_node=True)
    )

    assert names(cluster) == ["A", "B"]
    assert not any("peers" in command for server in servers for command in server.asked)
    owners = [cluster.node_for("test", pid, Replica.MASTER, 0, write=True).name for pid in range(2)]
    assert owners == ["A", "B"]
    assert cluster.node_for("test", 2, Replica.MASTER, 0, write=True).name in {"A", "B"}


async def test_cancelling_connect_leaves_nothing_open(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    servers[1].behaviour = "hangs"
    network = ScriptedNetwork(*servers)

    with trio.move_on_after(0.5) as scope:
        await join(network, "10.0.0.1")

    assert scope.cancelled_caught
    assert network.open_connections() == 0


async def test_racks_are_read_when_the_policy_is_rack_aware(autojump_clock: MockClock) -> None:
    servers = cluster_of("A", "B")
    servers[0].answers["rack-ids"] = "test:1"
    servers[1].answers["rack-ids"] = "test:0"

    cluster = await join(ScriptedNetwork(*servers), "10.0.0.1", policy=ClientPolicy(rack_aware=True))

    assert {node.name: node.racks for node in cluster.nodes} == {"A": {"test": 1}, "B": {"test": 0}}
    found = [cluster.node_for("test", pid, Replica.PREFER_RACK, 0, write=False).name for pid in range(4)]
    assert found == ["B", "B", "B", "B"]


async def test_the_community_edition_has_no_racks(autojump_clock: MockClock) -> None:
    cluster = await join(ScriptedNetwork(*cluster_of("A")), "10.0.0.1", policy=ClientPolicy(rack_aware=True))

    assert cluster.nodes[0].racks == {}
    assert cluster.health().ok


async def test_a_cluster_without_a_partition_map_can_not_be_used(autojump_clock: MockClock) -> None:
    class NotReadyAfterAll(ScriptedServer):
        def answer(self, command: str) -> str:
            if command == "partition-generation" and command in self.asked[:-3]:
                return "-1"
            return super().answer(command)

    error = await fails(ScriptedNetwork(NotReadyAfterAll("A", Host("10.0.0.1"))), "10.0.0.1")

    assert type(error) is ConnectionFailed
    assert str(error) == "no node has sent its partition map"
