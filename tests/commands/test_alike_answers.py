"""Answers for single records that look alike, and those between them that do not."""

from __future__ import annotations

import copy
import pickle
import struct
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st

from commands.neutral import exact
from commands.plain_answers import answer, op, person
from triospike import Key, Record, clock
from triospike._commands.read import ReadCommand
from triospike.errors import AerospikeError, FilteredOut, ProtocolError
from triospike.policy import ReadPolicy
from wire.plain_reader import plain_bins
from wire.strategies import QUICK, damaged, recorded_answers

ENOUGH = 64
"""Answers after which those like them are read in one go, if ever."""


def new_set() -> ReadCommand:
    """A command for a set of which no answer has come yet."""
    return ReadCommand(Key("test", uuid4().hex, 1), None, ReadPolicy())


def used_to(*frames: bytes) -> ReadCommand:
    """A command for a set of which many such answers have come."""
    command = new_set()
    for _ in range(ENOUGH):
        for frame in frames:
            command.parse(frame)
    assert len(command.key._names.readers) == len({frame[29] for frame in frames})
    return command


def test_values_sizes_and_headers_differ_from_answer_to_answer() -> None:
    command = new_set()
    for number in range(ENOUGH):
        found = command.parse(person("é" * number, -number, number / 3, generation=number + 1))
        bins = {"name": "é" * number, "age": -number, "score": number / 3}
        assert found == Record(command.key, bins, number + 1, None)
        assert exact(found.bins) == exact(bins)


def test_ttl_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    command = used_to(person("x", 1))
    monkeypatch.setattr(clock, "wall_clock", lambda: 1_262_304_000 + 1000.9)
    found = command.parse(person("x", 1, void_time=1060))
    assert found is not None
    assert found.ttl == 60


def test_the_record_has_the_key_that_was_asked_for() -> None:
    names = used_to(person("x", 1)).key.set_name
    command = ReadCommand(Key("test", names, "other"), None, ReadPolicy())
    found = command.parse(person("y", 2))
    assert found is not None
    assert found.key is command.key


def test_a_record_that_looks_different_is_read_as_it_is() -> None:
    command = used_to(person("x", 1))
    number = op("age", 3, b"old")
    found = command.parse(answer(op("name", 3, b"y"), number, op("score", 2, struct.pack(">d", 1.0))))
    assert found is not None
    assert found.bins == {"name": "y", "age": "old", "score": 1.0}
    found = command.parse(answer(op("nama", 3, b"y")))
    assert found is not None
    assert found.bins == {"nama": "y"}
    found = command.parse(answer(op("a", 1, bytes(8)), op("a", 3, b"last"), op("b", 0, b"")))
    assert found is not None
    assert found.bins == {"a": "last", "b": None}


def test_what_a_set_has_learnt_stays_here_when_its_records_and_keys_are_sent_elsewhere() -> None:
    command = used_to(person("x", 1))
    found = command.parse(person("y", 2))
    scanned = Record((command.key._names, None, command.key.digest), {"name": "y"}, 1, None)
    for sent in (found, scanned):
        assert sent is not None
        for copied in (pickle.loads(pickle.dumps(sent)), copy.deepcopy(sent)):
            assert copied == sent
            assert copied.key == command.key


def test_records_with_so_many_bins_each_are_known_apart() -> None:
    short, long = answer(op("a", 3, b"x")), person("x", 1)
    command = used_to(short, long)
    for _ in range(3):
        for frame, bins in ((short, {"a": "x"}), (long, {"name": "x", "age": 1, "score": 0.5})):
            found = command.parse(frame)
            assert found is not None
            assert found.bins == bins


def test_refusals_and_missing_records_are_told_as_ever() -> None:
    command = used_to(person("x", 1))
    assert command.parse(answer(code=2)) is None
    with pytest.raises(FilteredOut):
        command.parse(answer(code=27))
    # Even one that brings the bins.
    with pytest.raises(AerospikeError, match="PARAMETER"):
        command.parse(answer(op("name", 3, b"x"), op("age", 1, bytes(8)), op("score", 2, bytes(8)), code=4))


def test_fields_of_an_answer_are_skipped() -> None:
    command = used_to(answer(op("a", 3, b"x")))
    found = command.parse(answer(op("a", 3, b"y"), fields=struct.pack(">IB", 3, 7) + b"zz"))
    assert found is not None
    assert found.bins == {"a": "y"}


@pytest.mark.parametrize("n_bins", [1, 63, 64, 65, 255, 256, 257, 300])
def test_records_of_any_number_of_bins(n_bins: int) -> None:
    command = new_set()
    for number in range(ENOUGH):
        bins = {f"bin{at}": number * at for at in range(n_bins)}
        found = command.parse(answer(*(op(name, 1, struct.pack(">q", value)) for name, value in bins.items())))
        assert found is not None
        assert found.bins == bins


def test_text_that_is_no_utf_8_is_read_as_ever() -> None:
    strange = answer(op("a", 3, b"\xff\xfe"))
    before = new_set().parse(strange)
    after = used_to(answer(op("a", 3, b"x"))).parse(strange)
    assert before is not None
    assert after is not None
    assert exact(before.bins) == exact(after.bins)


def test_a_hundred_different_looks_cost_a_few_readers() -> None:
    command = new_set()
    for number in range(1000):
        found = command.parse(answer(op(f"bin{number % 100}", 1, struct.pack(">q", number))))
        assert found is not None
        assert found.bins == {f"bin{number % 100}": number}
    assert len(command.key._names.readers) == 1


@given(st.data())
@QUICK
def test_damage_is_found_as_before(data: st.DataObject) -> None:
    frame = person("some text", 77)
    wrong = data.draw(damaged([frame]))
    outcomes: list[Any] = []
    for command in (new_set(), used_to(frame)):
        try:
            found = command.parse(wrong)
            outcomes.append(found and (exact(found.bins), found.generation, found.ttl))
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


def test_recorded_answers_are_read_alike_however_often_they_come() -> None:
    seen = 0
    for frame in recorded_answers("single"):
        is_record = len(frame) > 30 and not frame[13] and frame[26:28] == b"\0\0"
        if not is_record or b"\xff\xfe" in frame:  # text that is no UTF-8, see above
            continue
        seen += 1
        expected = exact(dict(plain_bins(frame)))
        command = new_set()
        for _ in range(9):
            found = command.parse(frame)
            assert found is not None
            assert exact(found.bins) == expected
    assert seen > 40
