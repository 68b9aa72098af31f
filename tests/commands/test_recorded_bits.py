"""Recorded bit operations of the official client, made with triospike: the same bytes, the same results."""

from __future__ import annotations

import pytest

from commands.each_recorded import for_each
from commands.official_calls import command_for
from commands.recorded_results import check_all_answers, expected, official, outcome
from triospike.operations import BitOverflow, bits
from vectors.recorded import Vector

_OFFICIAL = official("bit")
_SENT_HERE = [
    f"{word}/{sign}-{action}/24-8--3" for word in ("add", "subtract") for sign in "us" for action in (0, 2, 4)
]
"""The official Python client takes no amount below zero; the C and Java clients do."""
_COVERED = [vector for name, vector in _OFFICIAL.items() if name not in _SENT_HERE]


@for_each(_COVERED)
def test_request_is_the_recorded_one(vector: Vector) -> None:
    (exchange,) = vector.exchanges
    assert command_for(vector).request.hex() == exchange.request.hex()


@for_each(_COVERED)
def test_answer_gives_the_recorded_result(vector: Vector) -> None:
    assert outcome(vector) == expected(vector)


def test_all_other_calls_are_listed() -> None:
    assert len(_OFFICIAL) == 551
    assert len(_COVERED) == 539
    assert {name for name, vector in _OFFICIAL.items() if not vector.exchanges} == set(_SENT_HERE)


@pytest.mark.parametrize("name", _SENT_HERE)
def test_amounts_below_zero_travel_as_they_are(name: str) -> None:
    # [10 or 11, offset 24, 8 bits, -3, no flags, sign and action]
    number = {"add": "0a", "subtract": "0b"}[name.partition("/")[0]]
    kind = int(name.split("/")[1][2]) | ("/s-" in name)
    assert f"96{number}1808fd00{kind:02x}" in command_for(_OFFICIAL[name]).request.hex()


def test_every_answer_is_read_as_the_plain_reader_reads_it() -> None:
    assert check_all_answers("bit") == 554


def test_signed_saturating_sum_has_both_flags() -> None:
    made = bits.add("b", -8, 8, 1, signed=True, overflow=BitOverflow.SATURATE)
    assert made.operand.hex() == "960af808010003"
