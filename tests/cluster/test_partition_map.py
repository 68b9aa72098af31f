from __future__ import annotations

from collections.abc import Iterable

from triospike._cluster.partition_map import PartitionMap
from triospike._cluster.partition_parser import ReplicaMap

from .scripted import a_node, bitmap


def claim(*columns: Iterable[int], regime: int = 0, namespace: str = "test") -> ReplicaMap:
    return ReplicaMap(namespace, regime, tuple(bitmap(column) for column in columns))


async def test_merges_the_claims_of_all_nodes() -> None:
    a, b, c = a_node("A"), a_node("B"), a_node("C")
    found = PartitionMap()

    found.merge(a, [claim([0], [1], [2])])
    found.merge(b, [claim([1], [2], [0])])
    found.merge(c, [claim([2], [0], [1])])

    owners = found.owners["test"]
    assert owners[:3] == [(a, c, b), (b, a, c), (c, b, a)]
    assert owners[3:] == [(None, None, None)] * 4093
    assert found.nodes() == {a, b, c}


async def test_a_bit_that_is_absent_clears_nothing() -> None:
    a = a_node("A")
    found = PartitionMap()
    found.merge(a, [claim([0, 1])])

    found.merge(a, [claim([1])])

    assert found.owners["test"][0] == (a,)


async def test_who_loses_an_entry_is_named_so_that_it_is_read_again() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()

    assert found.merge(a, [claim([0, 1], [])]) == set()
    assert found.merge(b, [claim([2], [0, 1])]) == set()
    assert found.merge(b, [claim([1, 2], [0, 1])]) == {a}
    assert found.owners["test"][1] == (b, b)


async def test_a_claim_of_an_older_regime_is_ignored() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()
    found.merge(a, [claim([0, 1], regime=5)])

    assert found.merge(b, [claim([0, 2], regime=4)]) == set()

    assert found.owners["test"][:3] == [(a,), (a,), (b,)]
    assert found.tables["test"].regimes[:3] == [5, 5, 4]


async def test_a_claim_of_the_same_or_a_newer_regime_wins() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()
    found.merge(a, [claim([0, 1], regime=5)])

    found.merge(b, [claim([0], regime=5)])
    found.merge(b, [claim([1], regime=6)])

    assert found.owners["test"][:2] == [(b,), (b,)]


async def test_a_regime_makes_a_namespace_strongly_consistent() -> None:
    found = PartitionMap()

    found.merge(a_node("A"), [claim([0]), claim([0], regime=1, namespace="sc")])

    assert not found.tables["test"].strong_consistency
    assert found.tables["sc"].strong_consistency


async def test_replicas_stay_known_while_a_node_sends_a_map_of_masters_only() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()

    found.merge(a, [claim([0])])
    seen = []
    for node, columns in [(b, [[1], [0]]), (a, [[0]]), (a, [[0], []])]:
        found.merge(node, [claim(*columns)])
        seen.append(found.owners["test"][0])

    assert seen == [(a, b), (a, b), (a, b)]


async def test_a_map_without_bitmaps_makes_a_namespace_without_owners() -> None:
    found = PartitionMap()

    found.merge(a_node("A"), [claim()])

    assert found.owners["test"] == [(None,)] * 4096


async def test_commands_never_see_a_list_that_changes() -> None:
    found = PartitionMap()
    found.merge(a_node("A"), [claim([0])])
    before = found.owners["test"]
    copy = list(before)

    found.merge(a_node("B"), [claim([0])])

    assert before == copy
    assert found.owners["test"] is not before


async def test_the_generation_grows_only_with_a_change() -> None:
    a = a_node("A")
    found = PartitionMap()
    found.merge(a, [claim([0])])
    generation = found.generation

    found.merge(a, [claim([0])])
    assert found.generation == generation

    found.merge(a, [claim([1])])
    assert found.generation == generation + 1


async def test_partitions_of_inactive_and_unknown_masters_have_no_owner() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()
    found.merge(a, [claim(range(4, 4096), [0])])
    found.merge(b, [claim([1, 2], [])])

    assert found.tables["test"].without_owner() == (0, 3)
    b.leave()
    assert found.tables["test"].without_owner() == (0, 1, 2, 3)


async def test_partitions_are_grouped_by_their_masters_once_for_each_map() -> None:
    a, b = a_node("A"), a_node("B")
    found = PartitionMap()
    found.merge(a, [claim(range(0, 4096, 2), [])])
    table = found.tables["test"]
    assert table.masters() is None  # half of them have none

    found.merge(b, [claim(range(1, 4096, 2), range(0, 4096, 2))])
    groups = table.masters()
    assert groups is not None
    assert {node: sorted(group.members) for node, group in groups.items()} == {
        a: list(range(0, 4096, 2)),
        b: list(range(1, 4096, 2)),
    }
    assert groups[b].packed[:6] == bytes([1, 0, 3, 0, 5, 0])
    assert groups[b].packed[-2:] == bytes([0xFF, 0x0F])
    again = table.masters()
    assert again is not None
    assert again[a] is groups[a]

    found.merge(b, [claim([0], [])])
    groups = table.masters()
    assert groups is not None
    assert {0, 1} < groups[b].members
    assert 0 not in groups[a].members

    a.leave()
    assert table.masters() is None
