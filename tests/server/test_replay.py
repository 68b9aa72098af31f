"""The embedded server answers recorded requests as the real server of version 8.1.2 did."""

from __future__ import annotations

import attrs
import pytest
from lone_node import LoneNode
from replaying import Outcome, replay

from triospike.server.config import NamespaceConfig
from vectors.later import LATER, ids
from vectors.recorded import Vector, load

_ALL = {
    "single": 670,
    "operate": 118,
    "info": 221,
    "security": 26,
    "hostile": 214,
    "bit": 566,
    "hll": 366,
    "list": 1503,
    "map": 2728,
    "cdt_ctx": 388,
    "expressions": 2055,
    "geo": 136,
    "batch": 145,
    "query": 291,
    "udf": 87,
}
GROUPS = list(_ALL)


def _recorded_server() -> LoneNode:
    return LoneNode(NamespaceConfig("test"), NamespaceConfig("bar", nsup_period=0))


def _replay(group: str) -> Outcome:
    return replay(_recorded_server(), load(group))


@pytest.mark.parametrize("group", GROUPS)
def test_recorded_requests_get_the_recorded_answers(group: str) -> None:
    outcome = _replay(group)
    later = ids(group)
    different = {vector: text for vector, text in outcome.differences.items() if vector not in later}
    assert different == {}
    assert sorted(later & outcome.equal) == [], "answered as recorded now: take them off the list"
    assert sorted(later - outcome.equal - outcome.differences.keys()) == [], "there are no such vectors"
    assert len(outcome.equal) + len(outcome.differences) >= _ALL[group] - 1


def test_later_lists_are_sorted_and_name_each_vector_once() -> None:
    for group, reasons in LATER.items():
        named = [vector for vectors in reasons.values() for vector in vectors]
        assert len(named) == len(set(named)), group
        for reason, vectors in reasons.items():
            assert list(vectors) == sorted(vectors), f"{group}: {reason}"


def _falsified(vector: Vector, at: int) -> Vector:
    """The vector with one byte of its first recorded answer changed."""
    exchange = vector.exchanges[0]
    frame = bytearray(exchange.response[0])
    frame[at] ^= 1
    wrong = attrs.evolve(exchange, response=(bytes(frame), *exchange.response[1:]))
    return attrs.evolve(vector, exchanges=(wrong, *vector.exchanges[1:]))


@pytest.mark.parametrize("at", [13, 17, -1], ids=["result code", "generation", "last byte of the bin"])
def test_replay_reports_an_answer_that_differs_in_one_byte(at: int) -> None:
    vectors = [vector for vector in load("single") if vector.id.endswith("particle/int/one")]
    assert [vector.id for vector in vectors] == ["put/particle/int/one", "get/particle/int/one"]
    assert replay(_recorded_server(), vectors).differences == {}
    falsified = [vectors[0], _falsified(vectors[1], at)]
    assert list(replay(_recorded_server(), falsified).differences) == ["get/particle/int/one"]


def test_replay_reports_info_text_that_differs() -> None:
    (vector,) = (vector for vector in load("info") if vector.id == "cmd/partitions")
    assert list(replay(_recorded_server(), [_falsified(vector, -2)]).differences) == ["cmd/partitions"]


def test_replay_reports_a_connection_that_ends_otherwise() -> None:
    (vector,) = (vector for vector in load("hostile") if vector.id == "proto/version-3")
    assert vector.hostile is not None
    kept_open = attrs.evolve(vector, hostile=attrs.evolve(vector.hostile, end="open"))
    assert list(replay(_recorded_server(), [kept_open]).differences) == ["proto/version-3"]


def test_replay_lets_time_pass_where_it_passed_in_the_recording() -> None:
    node = _recorded_server()
    before = node.calendar.now
    replay(node, load("single"))
    assert node.calendar.now == pytest.approx(before + 2.3)
