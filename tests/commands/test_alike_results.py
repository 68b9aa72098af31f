"""Answers to operations that look alike, and those between them that do not."""

from __future__ import annotations

import struct
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from commands.neutral import exact
from commands.plain_answers import answer, op, person
from triospike import Key, Record, clock, open_client, operations
from triospike._commands.operate import OperateCommand
from triospike.errors import AerospikeError, FilteredOut, ProtocolError, RecordNotFound
from triospike.policy import OperatePolicy
from wire.strategies import QUICK, damaged

ENOUGH = 64
"""Answers after which those like them are read in one go, if ever."""


def new_set() -> OperateCommand:
    """A command for a set of which no answer has come yet."""
    return OperateCommand(Key("test", uuid4().hex, 1), [operations.read("a")], OperatePolicy())


def used_to(*frames: bytes) -> OperateCommand:
    """A command for a set of which many such answers have come."""
    command = new_set()
    for _ in range(ENOUGH):
        for frame in frames:
            command.parse(frame)
    assert len(command.key._names.result_readers) == len({frame[29] for frame in frames})
    return command


def number(name: str, value: int) -> bytes:
    return op(name, 1, struct.pack(">q", value))


def test_values_sizes_and_headers_differ_from_answer_to_answer() -> None:
    command = new_set()
    for at in range(ENOUGH):
        found = command.parse(person("é" * at, -at, at / 3, generation=at + 1))
        pairs = (("name", "é" * at), ("age", -at), ("score", at / 3))
        assert found == Record(command.key, dict(pairs), at + 1, None, pairs)
        assert exact(found.bins) == exact(dict(pairs))
        assert found.key is command.key


def test_several_results_for_one_bin_are_a_list_in_their_order() -> None:
    command = new_set()
    for at in range(ENOUGH):
        found = command.parse(answer(number("b", at), op("a", 3, b"x"), number("b", -at), op("b", 0, b"")))
        assert found.results == (("b", at), ("a", "x"), ("b", -at), ("b", None))
        assert found.bins == {"b": [at, -at, None], "a": "x"}
        assert list(found.bins) == ["b", "a"]


def test_a_list_of_results_belongs_to_one_record_alone() -> None:
    command = used_to(answer(number("b", 1), number("b", 2)))
    first, second = (command.parse(answer(number("b", 1), number("b", 2))) for _ in range(2))
    first.bins["b"].append(3)
    assert second.bins == {"b": [1, 2]}
    assert first.results == (("b", 1), ("b", 2))


def test_operations_with_as_many_results_that_look_different_are_read_as_they_are() -> None:
    command = used_to(answer(number("a", 1), number("b", 2)))
    for frame, results in (
        (answer(number("a", 1), number("a", 2)), (("a", 1), ("a", 2))),
        (answer(number("b", 1), number("a", 2)), (("b", 1), ("a", 2))),
        (answer(number("a", 1), op("b", 3, b"text")), (("a", 1), ("b", "text"))),
    ):
        assert command.parse(frame).results == results


def test_what_reads_of_a_set_look_like_is_nothing_to_its_operations() -> None:
    command = used_to(person("x", 1))
    assert not command.key._names.readers


def test_ttl_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    command = used_to(person("x", 1))
    monkeypatch.setattr(clock, "wall_clock", lambda: 1_262_304_000 + 1000.9)
    assert command.parse(person("x", 1, void_time=1060)).ttl == 60


def test_refusals_are_told_as_ever() -> None:
    command = used_to(person("x", 1))
    with pytest.raises(RecordNotFound):
        command.parse(answer(code=2))
    with pytest.raises(FilteredOut):
        command.parse(answer(code=27))
    # Even one that brings the bins.
    with pytest.raises(AerospikeError, match="PARAMETER"):
        command.parse(answer(op("name", 3, b"x"), op("age", 1, bytes(8)), op("score", 2, bytes(8)), code=4))


def test_an_answer_without_results_is_a_record_without_bins() -> None:
    command = used_to(person("x", 1))
    assert command.parse(answer(generation=3)) == Record(command.key, {}, 3, None)


@given(st.data())
@QUICK
def test_damage_is_found_as_before(data: st.DataObject) -> None:
    frame = answer(number("b", 1), op("a", 3, b"some text"), number("b", 2))
    wrong = data.draw(damaged([frame]))
    outcomes: list[Any] = []
    for command in (new_set(), used_to(frame)):
        try:
            found = command.parse(wrong)
            outcomes.append((exact(found.bins), exact(list(found.results)), found.generation, found.ttl))
        except AerospikeError as error:
            outcomes.append((type(error), str(error)))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("cut", [1, 7, 8, 20])
def test_an_answer_that_is_too_short_or_long_is_refused(cut: int) -> None:
    frame = person("some text", 77)
    command = used_to(frame)
    for wrong in (frame[:-cut], frame + bytes(cut)):
        with pytest.raises(ProtocolError, match="byte offset"):
            command.parse(wrong)


async def test_results_are_the_same_before_and_after_their_look_is_known() -> None:
    set_name = uuid4().hex
    steps = [operations.add("n", 1), operations.read("n"), operations.append("t", "x"), operations.read("t")]
    async with open_client("embedded://") as client:
        for at in range(1, ENOUGH):
            record = await client.operate(Key("test", set_name, 1), steps)
            assert record.results == (("n", at), ("t", "x" * at))
            assert record.generation == at
