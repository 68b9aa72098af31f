from __future__ import annotations

from collections.abc import Sequence

import pytest

from triospike._cluster.node import Node
from triospike._cluster.replica import choose, effective_replica
from triospike.policy.enums import ReadModeSC, Replica

from . import scripted


def pick(
    replica: Replica,
    owners: Sequence[Node | None],
    index: int = 0,
    *,
    turn: int = 0,
    rack_ids: Sequence[int] = (0,),
    failed: Node | None = None,
) -> str | None:
    node = choose(replica, owners, index, turn=turn, namespace="test", rack_ids=rack_ids, failed=failed)
    return node.name if node is not None else None


async def trio_of_nodes() -> list[Node]:
    return [a_node(name) for name in "ABC"]


def a_node(name: str, rack: int | None = None) -> Node:
    return scripted.a_node(name, racks={} if rack is None else {"test": rack})


async def test_master_is_the_master_at_every_attempt() -> None:
    nodes = await trio_of_nodes()

    assert [pick(Replica.MASTER, nodes, index) for index in range(3)] == ["A", "A", "A"]


async def test_master_that_left_is_not_replaced() -> None:
    nodes = await trio_of_nodes()
    nodes[0].leave()

    assert pick(Replica.MASTER, nodes) is None
    assert pick(Replica.MASTER, [None, *nodes[1:]]) is None


async def test_sequence_goes_round() -> None:
    nodes = await trio_of_nodes()

    assert [pick(Replica.SEQUENCE, nodes, index) for index in range(5)] == ["A", "B", "C", "A", "B"]


async def test_sequence_skips_who_left_and_who_was_never_there() -> None:
    nodes: list[Node | None] = [*await trio_of_nodes()]
    assert nodes[0] is not None
    nodes[0].leave()
    nodes[1] = None

    assert [pick(Replica.SEQUENCE, nodes, index) for index in range(3)] == ["C", "C", "C"]


async def test_sequence_does_not_retry_where_a_skip_has_led_already() -> None:
    a, b, c = await trio_of_nodes()
    a.leave()
    first = choose(Replica.SEQUENCE, [a, b, c], 0, turn=0, namespace="test", rack_ids=(), failed=None)

    assert first is b
    assert pick(Replica.SEQUENCE, [a, b, c], 1, failed=b) == "C"


async def test_sequence_stays_with_the_master_while_the_index_does() -> None:
    a, b, c = await trio_of_nodes()

    assert pick(Replica.SEQUENCE, [a, b, c], 0, failed=a) == "A"


async def test_sequence_returns_to_the_only_one_that_is_left() -> None:
    a, b, c = await trio_of_nodes()
    b.leave()
    c.leave()

    assert pick(Replica.SEQUENCE, [a, b, c], 1, failed=a) == "A"


@pytest.mark.parametrize("replica", [Replica.ANY, Replica.MASTER_PROLES])
async def test_any_takes_the_replicas_in_turn(replica: Replica) -> None:
    nodes = await trio_of_nodes()

    assert [pick(replica, nodes, turn=turn) for turn in range(4)] == ["A", "B", "C", "A"]


async def test_any_does_not_go_back_to_the_node_that_failed() -> None:
    a, b, c = await trio_of_nodes()

    assert {pick(Replica.ANY, [a, b, c], 1, turn=turn, failed=a) for turn in range(6)} == {"B", "C"}


async def test_random_reaches_every_replica() -> None:
    nodes = await trio_of_nodes()

    assert {pick(Replica.RANDOM, nodes) for _ in range(200)} == {"A", "B", "C"}


async def test_nobody_active_gives_none() -> None:
    nodes = await trio_of_nodes()
    for node in nodes:
        node.leave()

    assert {pick(replica, nodes) for replica in Replica} == {None}


async def test_prefer_rack_takes_the_best_rack_that_has_a_replica() -> None:
    nodes = [a_node("A", 1), a_node("B", 2), a_node("C", 3)]

    assert pick(Replica.PREFER_RACK, nodes, rack_ids=(3,)) == "C"
    assert pick(Replica.PREFER_RACK, nodes, rack_ids=(9, 2)) == "B"
    assert pick(Replica.PREFER_RACK, nodes, rack_ids=(9,)) == "A"


async def test_prefer_rack_leaves_the_rack_when_its_node_failed_and_returns_as_a_last_resort() -> None:
    a, b, c = a_node("A", 1), a_node("B", 2), a_node("C", 2)

    assert pick(Replica.PREFER_RACK, [a, b, c], rack_ids=(1,), failed=a) == "B"
    assert pick(Replica.PREFER_RACK, [a, b, c], rack_ids=(2, 1), failed=b) == "C"
    b.leave()
    c.leave()
    assert pick(Replica.PREFER_RACK, [a, b, c], rack_ids=(1,), failed=a) == "A"


SESSION, LINEARIZE, ALLOW = ReadModeSC.SESSION, ReadModeSC.LINEARIZE, ReadModeSC.ALLOW_REPLICA


@pytest.mark.parametrize(
    ("replica", "write", "strong", "mode", "expected"),
    [
        (Replica.MASTER, True, False, None, Replica.MASTER),
        (Replica.SEQUENCE, True, False, None, Replica.SEQUENCE),
        (Replica.ANY, True, False, None, Replica.SEQUENCE),
        (Replica.PREFER_RACK, True, True, None, Replica.SEQUENCE),
        (Replica.RANDOM, True, False, None, Replica.SEQUENCE),
        (Replica.ANY, False, False, SESSION, Replica.ANY),
        (Replica.PREFER_RACK, False, False, LINEARIZE, Replica.PREFER_RACK),
        (Replica.SEQUENCE, False, True, SESSION, Replica.MASTER),
        (Replica.PREFER_RACK, False, True, LINEARIZE, Replica.SEQUENCE),
        (Replica.ANY, False, True, LINEARIZE, Replica.ANY),
        (Replica.PREFER_RACK, False, True, ALLOW, Replica.PREFER_RACK),
        (Replica.RANDOM, False, True, ReadModeSC.ALLOW_UNAVAILABLE, Replica.RANDOM),
    ],
)
def test_writes_and_strong_consistency_narrow_the_choice(
    replica: Replica, write: bool, strong: bool, mode: ReadModeSC | None, expected: Replica
) -> None:
    assert effective_replica(replica, write=write, strong_consistency=strong, sc_mode=mode) is expected
