"""Recorded HyperLogLog operations of the official client, made with triospike: the same bytes and results."""

from __future__ import annotations

import pytest

from commands.each_recorded import for_each
from commands.official_calls import command_for
from commands.recorded_results import check_all_answers, expected, official, outcome
from triospike.operations import hll
from vectors.recorded import Vector

_OFFICIAL = official("hll")
_REFUSED = "set_union/not-hll"
_COVERED = [vector for name, vector in _OFFICIAL.items() if name != _REFUSED]


@for_each(_COVERED)
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request.hex() == exchange.request.hex()


@for_each(_COVERED)
def test_answer_gives_the_recorded_result(vector: Vector) -> None:
    assert outcome(vector) == expected(vector)


def test_number_of_covered_calls_does_not_shrink() -> None:
    assert len(_OFFICIAL) == 352
    assert len(_COVERED) == 351


def test_a_blob_is_no_sketch_and_raises_before_anything_is_sent() -> None:
    vector = _OFFICIAL[_REFUSED]
    assert vector.error == {"code": 4, "name": "InvalidRequest"}
    with pytest.raises(TypeError, match=r"sketches\[0\] must be an HLL, not bytes"):
        command_for(vector)


def test_every_answer_is_read_as_the_plain_reader_reads_it() -> None:
    assert check_all_answers("hll") == 366


def test_may_contain_which_only_expressions_have_elsewhere_packs_its_number_and_the_values() -> None:
    assert hll.may_contain("h", ["a", 1]).operand.hex() == "923892a2036101"
