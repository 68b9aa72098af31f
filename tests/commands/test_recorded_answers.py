"""Every answer that was recorded, whatever asked for it, is read as a plain reader reads it, or refused."""

from __future__ import annotations

import re
import struct

import pytest

from commands.neutral import exact
from triospike._commands.info import InfoCommand
from triospike._commands.record_parser import parse_bins
from triospike.errors import AerospikeError, ProtocolError
from triospike.values import OpaqueBlob
from vectors.recorded import Vector, load
from wire.plain_reader import plain_bins

_NOT_TEXT = bytes.fromhex("0000000701030001 75 fffe")  # the bin that raw/put-invalid-utf8 leaves: u=fffe
_ANSWERED = {"single": 653, "operate": 116, "info": 211}


def _answers(group: str) -> list[tuple[Vector, bytes, bytes]]:
    return [
        (vector, exchange.request, frame)
        for vector in load(group)
        for exchange in vector.exchanges
        for frame in exchange.response
    ]


@pytest.mark.parametrize("group", ["single", "operate"])
def test_bins_of_every_answer_are_those_of_the_plain_reader(group: str) -> None:
    answers = _answers(group)
    assert len(answers) == _ANSWERED[group]
    for vector, _, frame in answers:
        n_fields, n_ops = struct.unpack_from(">HH", frame, 8 + 18)
        if frame.endswith(_NOT_TEXT):
            (*_, (_, value)) = parse_bins(frame, n_fields, n_ops)
            assert value == OpaqueBlob(3, _NOT_TEXT[-2:])
        else:
            found = [(name, exact(value)) for name, value in parse_bins(frame, n_fields, n_ops)]
            assert found == [(name, exact(value)) for name, value in plain_bins(frame)], vector.id


def test_every_recorded_info_command_is_asked_and_answered() -> None:
    seen = 0
    for vector, request, frame in _answers("info"):
        command, _, more = request[8:].decode().partition("\n")
        if more or not command or re.search(r"[\x00-\x1f]", command) or not request.endswith(b"\n"):
            continue  # several commands, or a line that triospike does not send
        seen += 1
        name, _, value = frame[8:].decode().removesuffix("\n").partition("\t")
        assert name == command
        asked = InfoCommand(command)
        assert asked.request == request, vector.id
        _check_value(asked, frame, value)
    assert seen == _ANSWERED["info"]


def _check_value(asked: InfoCommand, frame: bytes, value: str) -> None:
    failed = re.match(r"ERROR:(\d+):(.*)", value)
    if failed is None and not value.startswith("error="):
        assert asked.parse(frame) == value
        return
    with pytest.raises(AerospikeError) as caught:
        asked.parse(frame)
    assert caught.value.result_code == (100 if failed is None else int(failed[1]))
    assert (value if failed is None else failed[2]) in str(caught.value)


def test_refusals_of_security_messages_are_no_answers_to_commands() -> None:
    answers = _answers("security")
    assert len(answers) == 24
    for _, _, frame in answers:
        with pytest.raises(ProtocolError, match="expected an info answer, got a frame of type 2"):
            InfoCommand("node").parse(frame)
