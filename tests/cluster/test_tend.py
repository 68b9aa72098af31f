from __future__ import annotations

import pytest

from triospike._cluster.peers_parser import Peer
from triospike._cluster.tend import (
    Changes,
    Generations,
    NodeFacts,
    PeersPlan,
    compare,
    leavers,
    may_read_map,
    plan_peers,
    read_generation,
    read_value,
)
from triospike.errors import ProtocolError, SecurityError
from triospike.host import Host


def facts(name: str, host: str = "10.0.0.1", *, failures: int = 0, **more: bool) -> NodeFacts:
    return NodeFacts(name, (host, 3000), failures=failures, **more)


def peer(name: str, *hosts: str) -> Peer:
    return Peer(name, "", tuple(Host(host) for host in hosts))


NOTHING = Changes(peers=False, partitions=False, racks=False, restarted=False)


@pytest.mark.parametrize(
    ("seen", "now", "changes"),
    [
        (Generations(1, 2, 3), Generations(1, 2, 3), NOTHING),
        (Generations(1, 2, 3), Generations(2, 2, 3), Changes(True, False, False, False)),
        (Generations(1, 2, 3), Generations(1, 7, 3), Changes(False, True, False, False)),
        (Generations(1, 2, 3), Generations(1, 2, 4), Changes(False, False, True, False)),
        (Generations(), Generations(0, 0, 0), Changes(True, True, True, False)),
        (Generations(5, 2, 3), Generations(1, 2, 3), Changes(True, False, False, True)),
        (Generations(1, 2, 3), Generations(1, 1, 3), Changes(False, True, False, False)),
    ],
)
def test_a_generation_that_differs_is_a_change(seen: Generations, now: Generations, changes: Changes) -> None:
    assert compare(seen, now) == changes


def test_a_node_that_is_not_ready_has_no_map_to_read() -> None:
    assert compare(Generations(1, 2, 3), Generations(1, -1, 3)) == NOTHING


def test_reads_generations_as_signed_integers() -> None:
    assert read_generation({"partition-generation": "-1"}, "partition-generation") == -1
    assert read_generation({"peers-generation": "18446744073709551615"}, "peers-generation") == 2**64 - 1


@pytest.mark.parametrize("value", ["", "x", "1.5", "--1", "1" * 5000])
def test_a_generation_that_is_no_integer_is_a_protocol_error(value: str) -> None:
    with pytest.raises(ProtocolError, match="partition-generation is no integer"):
        read_generation({"partition-generation": value}, "partition-generation")


def test_a_value_that_is_missing_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="lacks a value for 'node'"):
        read_value({}, "node")


def test_a_value_that_is_an_error_raises_it() -> None:
    with pytest.raises(SecurityError):
        read_value({"node": "ERROR:80:not authenticated"}, "node")


def test_a_listed_node_that_answers_is_a_friend_whatever_its_address() -> None:
    plan = plan_peers([[peer("A", "10.9.9.9")]], {"A": facts("A")})

    assert plan.friends == {"A"}
    assert plan.wanted == ()


def test_an_unknown_node_is_wanted_once_with_all_of_its_addresses() -> None:
    plan = plan_peers([[peer("B", "10.0.0.2")], [peer("B", "10.0.0.2", "10.1.0.2")]], {"A": facts("A")})

    assert plan.friends == frozenset()
    assert plan.wanted == (peer("B", "10.0.0.2", "10.1.0.2"),)


def test_a_failing_node_that_is_listed_where_it_was_is_a_friend() -> None:
    plan = plan_peers([[peer("B", "10.0.0.2")]], {"B": facts("B", "10.0.0.2", failures=1)})

    assert plan.friends == {"B"}


def test_a_failing_node_that_is_listed_elsewhere_is_wanted_there() -> None:
    plan = plan_peers([[peer("B", "10.0.0.9")]], {"B": facts("B", "10.0.0.2", failures=1)})

    assert plan.friends == frozenset()
    assert plan.wanted == (peer("B", "10.0.0.9"),)


def test_a_failing_node_that_one_list_has_where_it_was_is_not_looked_for_elsewhere() -> None:
    lists = [[peer("B", "10.0.0.9")], [peer("B", "10.0.0.2")]]

    plan = plan_peers(lists, {"B": facts("B", "10.0.0.2", failures=1)})

    assert plan == PeersPlan(frozenset({"B"}), ())


A = facts("A")
FAILS_ONCE = facts("B", failures=1)
FAILS_FOUR_TIMES = facts("B", failures=4)
FAILS_FIVE_TIMES = facts("B", failures=5)
OWNS_NOTHING = facts("B", owns_partitions=False)


@pytest.mark.parametrize(
    ("nodes", "friends", "answered", "gone"),
    [
        pytest.param([A, facts("B")], {"A", "B"}, 2, [], id="all is well"),
        pytest.param([A, facts("B", active=False)], {"B"}, 1, ["B"], id="inactive"),
        pytest.param([A, FAILS_ONCE], {"A"}, 1, ["B"], id="fails and nobody knows it"),
        pytest.param([A, FAILS_FIVE_TIMES], {"A", "B"}, 1, [], id="fails, but another node knows it"),
        pytest.param([A, OWNS_NOTHING], {"A"}, 2, ["B"], id="answers, owns nothing and nobody knows it"),
        pytest.param([A, OWNS_NOTHING], {"B"}, 2, [], id="owns nothing yet"),
        pytest.param([A, facts("B")], {"A"}, 2, [], id="answers and owns, though nobody knows it"),
        pytest.param([FAILS_FOUR_TIMES], set(), 0, [], id="alone and not yet given up"),
        pytest.param([FAILS_FIVE_TIMES], set(), 0, ["B"], id="alone and given up"),
        pytest.param([facts("A", failures=1), FAILS_FIVE_TIMES], set(), 0, ["B"], id="nobody answers"),
        pytest.param([facts("A", owns_partitions=False)], set(), 1, [], id="alone"),
    ],
)
def test_who_leaves(nodes: list[NodeFacts], friends: set[str], answered: int, gone: list[str]) -> None:
    assert [name for name, _ in leavers(nodes, frozenset(friends), answered)] == gone


def test_with_seeds_only_a_node_needs_no_friends() -> None:
    assert leavers([A, OWNS_NOTHING], frozenset(), 2, seeds_only=True) == []
    assert [name for name, _ in leavers([A, FAILS_ONCE], frozenset(), 1, seeds_only=True)] == ["B"]


@pytest.mark.parametrize(
    ("peers", "answered", "seeds_only", "trusted"),
    [(2, 3, False, True), (0, 1, False, True), (0, 2, False, False), (0, 2, True, True)],
)
def test_the_map_of_a_node_that_lost_its_cluster_is_not_read(
    peers: int, answered: int, seeds_only: bool, trusted: bool
) -> None:
    assert may_read_map(peers, answered, seeds_only=seeds_only) is trusted
