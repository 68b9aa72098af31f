"""Answers that nobody should send: a result or an `AerospikeError`, never another exception."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from triospike import operations
from triospike._commands.base import Command
from triospike._commands.delete import DeleteCommand
from triospike._commands.exists import ExistsCommand
from triospike._commands.info import InfoCommand
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike._commands.write import AddCommand, AppendCommand, PrependCommand, PutCommand, TouchCommand
from triospike._wire import msgpack
from triospike._wire.message import decode_message, decode_messages
from triospike._wire.particle import decode_value
from triospike.errors import AerospikeError, ProtocolError
from triospike.key import Key
from triospike.policy import OperatePolicy, ReadPolicy, RemovePolicy, WritePolicy
from triospike.record import Record
from triospike.values import HLL, GeoJSON, OpaqueBlob
from wire.strategies import QUICK, THOROUGH, damaged, recorded_answers

_KEY = Key("test", "demo", "user1")
_RECORD_COMMANDS: list[Command[Any]] = [
    ReadCommand(_KEY, None, ReadPolicy()),
    OperateCommand(_KEY, [operations.read("a")], OperatePolicy()),
    ExistsCommand(_KEY, ReadPolicy()),
    DeleteCommand(_KEY, RemovePolicy()),
    PutCommand(_KEY, {"a": 1}, WritePolicy()),
    AddCommand(_KEY, {"a": 1}, WritePolicy()),
    AppendCommand(_KEY, {"a": "b"}, WritePolicy()),
    PrependCommand(_KEY, {"a": "b"}, WritePolicy()),
    TouchCommand(_KEY, WritePolicy()),
]
_HEADER = 30


def _check_value(value: Any) -> None:
    assert value is None or isinstance(
        value, bool | int | float | str | bytes | list | dict | tuple | GeoJSON | HLL | OpaqueBlob
    ), type(value)
    if isinstance(value, list | tuple):
        for item in value:
            _check_value(item)
    if isinstance(value, dict):
        for key, item in value.items():
            _check_value(key)
            _check_value(item)


def _outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """What reading gives: a value, or the error that it may raise."""
    try:
        return read(data)
    except AerospikeError as error:
        return error


def _check_record_commands(frame: bytes) -> None:
    for command in _RECORD_COMMANDS:
        outcome = _outcome(command.parse, frame)
        if isinstance(outcome, Record):
            _check_value(list(outcome.bins.values()))
        elif isinstance(outcome, AerospikeError) and not isinstance(outcome, ProtocolError):
            assert outcome.result_code == frame[13]
        else:
            assert outcome is None or isinstance(outcome, bool | ProtocolError)


def _check_info(frame: bytes) -> None:
    for command in _info_commands(frame):
        outcome = _outcome(command.parse, frame)
        assert isinstance(outcome, str) or str(outcome)


def _info_commands(frame: bytes) -> list[InfoCommand]:
    """One command, and the one that the answer is to, if there can be such a command."""
    name = frame[8:].decode("utf-8", "replace").partition("\t")[0]
    try:
        return [InfoCommand("node"), InfoCommand(name)]
    except ValueError:
        return [InfoCommand("node")]


def _check_unpacking(data: bytes) -> None:
    outcome = _outcome(msgpack.unpack, data)
    if isinstance(outcome, ProtocolError):
        assert f"{len(data)} bytes" in str(outcome)
    else:
        _check_value(outcome)


_RECORD_ANSWERS = recorded_answers("single", "operate")
_INFO_ANSWERS = recorded_answers("info")
_ANY_FRAME = st.binary(max_size=120).map(lambda body: b"\2\3" + len(body).to_bytes(6, "big") + body)


@given(damaged(_RECORD_ANSWERS))
@QUICK
def test_damaged_answers_to_commands_on_records(frame: bytes) -> None:
    _check_record_commands(frame)


@given(_ANY_FRAME)
@QUICK
def test_random_answers_to_commands_on_records(frame: bytes) -> None:
    _check_record_commands(frame)


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=80))
@QUICK
def test_random_bodies_behind_a_good_header(n_fields: int, n_ops: int, body: bytes) -> None:
    header = b"\x16" + bytes(17) + n_fields.to_bytes(2, "big") + n_ops.to_bytes(2, "big")
    frame = b"\2\3" + (len(header) + len(body)).to_bytes(6, "big") + header + body
    assert len(frame) == _HEADER + len(body)
    _check_record_commands(frame)


@given(damaged(_INFO_ANSWERS))
@QUICK
def test_damaged_answers_to_info_commands(frame: bytes) -> None:
    _check_info(frame)


@given(damaged(_RECORD_ANSWERS) | _ANY_FRAME)
@QUICK
def test_damaged_messages_are_decoded_or_refused(frame: bytes) -> None:
    outcome = _outcome(lambda data: list(decode_messages(data)), frame)
    assert isinstance(outcome, list) or "byte offset" in str(outcome)


@given(st.integers(0, 255), st.binary(max_size=60))
@QUICK
def test_random_particles_are_decoded_or_refused(particle_type: int, data: bytes) -> None:
    outcome = _outcome(lambda data: decode_value(particle_type, data), data)
    if isinstance(outcome, ProtocolError):
        assert str(particle_type) in str(outcome) or f"{len(data)} bytes" in str(outcome)
    else:
        _check_value(outcome)


# Heads of containers, extensions and long strings, so that the random bytes get somewhere.
_HEADS = st.sampled_from(
    [bytes.fromhex(head) for head in ("91", "93", "dc0002", "81", "82", "c70001", "d4ff", "d6ff", "a203", "c0")]
)


@given(st.lists(_HEADS | st.binary(max_size=3), max_size=12).map(b"".join))
@QUICK
def test_random_msgpack_is_unpacked_or_refused(data: bytes) -> None:
    _check_unpacking(data)


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(damaged(_RECORD_ANSWERS) | _ANY_FRAME, damaged(_INFO_ANSWERS), st.lists(_HEADS | st.binary(max_size=5)))
@THOROUGH
def test_many_damaged_answers(record: bytes, info: bytes, packed: list[bytes]) -> None:
    _check_record_commands(record)
    _check_info(info)
    _check_unpacking(b"".join(packed))


# Damage that random bytes rarely hit on.


def _answer(n_fields: int, n_ops: int, body: str) -> bytes:
    rest = bytes.fromhex(body)
    header = b"\x16" + bytes(17) + n_fields.to_bytes(2, "big") + n_ops.to_bytes(2, "big")
    return b"\2\3" + (22 + len(rest)).to_bytes(6, "big") + header + rest


@pytest.mark.parametrize(
    ("n_fields", "n_ops", "body", "message"),
    [
        (0, 1, "", "bin cut off at byte offset 30 of 30"),
        (0, 1, "0000000d010100", "bin cut off at byte offset 30 of 37"),
        (0, 1, "0000000d0101000161 00000000000000", "bin of 13 bytes does not fit at byte offset 30 of 46"),
        (0, 1, "00000004010100ff", "bin of 4 bytes does not fit at byte offset 30 of 38"),
        (0, 1, "0000000001010000", "bin of 0 bytes does not fit at byte offset 30 of 38"),
        (0, 1, "ffffffff01010000", "bin of 4294967295 bytes does not fit at byte offset 30 of 38"),
        (0, 2, "0000000501000001 61", "bin cut off at byte offset 39 of 39"),
        (0, 1, "0000000501000001 61 ff", "1 bytes too many at byte offset 39"),
        (0, 1, "0000000501000001 ff", "name of the bin at byte offset 30 is not UTF-8"),
        (0, 1, "0000000601630001 61 00", "unknown particle type 99"),
        (0, 0, "00", "1 bytes too many at byte offset 30"),
        (1, 0, "0000000161 00", "1 bytes too many at byte offset 35"),
        (1, 1, "00000004", "field cut off at byte offset 30"),
        (1, 1, "000003e804", "field of 1000 bytes does not fit at byte offset 30"),
        (2, 1, "0000000204 61 000003e8 04", "field of 1000 bytes does not fit at byte offset 36"),
    ],
)
def test_malformed_records_are_named_with_their_offset(n_fields: int, n_ops: int, body: str, message: str) -> None:
    for command in (_RECORD_COMMANDS[0], _RECORD_COMMANDS[1]):
        with pytest.raises(ProtocolError, match=message):
            command.parse(_answer(n_fields, n_ops, body))


@pytest.mark.parametrize("command", _RECORD_COMMANDS, ids=[type(each).__name__ for each in _RECORD_COMMANDS])
@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("0203000000000000", "expected a message, got a frame of type 3 and 8 bytes"),
        ("0203000000000015" + "00" * 21, "expected a message, got a frame of type 3 and 29 bytes"),
        ("0201000000000016" + "00" * 22, "expected a message, got a frame of type 1 and 30 bytes"),
        ("0204000000000016" + "00" * 22, "expected a message, got a frame of type 4 and 30 bytes"),
    ],
)
def test_what_is_no_message_is_refused_by_every_command(command: Command[Any], frame: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        command.parse(bytes.fromhex(frame))


def test_fields_of_an_answer_are_skipped_by_size() -> None:
    frame = _answer(2, 1, "00000008 03 01020304050607 00000001 2d 0000000d 01010001 61 0000000000000005")
    found = _RECORD_COMMANDS[0].parse(frame)
    assert found.bins == {"a": 5}


def test_nan_in_an_answer_is_a_value() -> None:
    found = _RECORD_COMMANDS[0].parse(_answer(0, 1, "0000000d 01020001 61 7ff8000000000000"))
    assert math.isnan(found.bins["a"])


def test_decoding_stops_at_the_first_malformed_message() -> None:
    with pytest.raises(ProtocolError):
        decode_message(bytes.fromhex("0203000000000003160000"))
