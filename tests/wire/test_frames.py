"""Frames, cut out of a stream that arrives in any pieces."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from triospike._wire.flags import FrameType
from triospike._wire.proto import FrameBuffer, frame_size, frame_type, pack_frame
from triospike.errors import ProtocolError
from wire.cases_messages import MESSAGES, NOT_FOUND, STREAM
from wire.strategies import QUICK

_FRAMES = [frame for _, frame, _ in MESSAGES] + [
    bytes.fromhex("0203000000000000"),
    bytes.fromhex("0201000000000005 6e6f64650a"),
]


@pytest.mark.parametrize(
    ("kind", "body", "frame", "origin"),
    [
        (FrameType.INFO, b"node\nbuild\n", "02 01 00000000000b 6e6f64650a6275696c640a", "protocol 1, example"),
        (FrameType.MESSAGE, b"", "02 03 000000000000", "protocol 1: legal between messages"),
        (FrameType.ADMIN, bytes(16), "02 02 000000000010" + "00" * 16, "protocol 13.1, header"),
        (FrameType.INFO, b"\n" * 0x1_0203, "02 01 000000010203" + "0a" * 0x1_0203, "protocol 1, 48-bit size"),
    ],
)
def test_frame_is_a_header_and_its_body(kind: FrameType, body: bytes, frame: str, origin: str) -> None:
    expected = bytes.fromhex(frame)
    assert pack_frame(kind, body) == expected, origin
    assert (frame_type(expected), frame_size(expected)) == (kind, len(expected))


def _cut(pieces: list[bytes]) -> list[bytes]:
    buffer = FrameBuffer()
    frames = []
    for piece in pieces:
        frame = buffer.receive(piece)
        while frame is not None:
            frames.append(frame)
            frame = buffer.next_frame()
    assert len(buffer) == 0
    return frames


def _split(pieces: list[bytes]) -> list[bytes]:
    buffer = FrameBuffer()
    frames = []
    for piece in pieces:
        frames += buffer.split(piece)
        while buffer.rest and (frame := buffer.next_frame()) is not None:
            frames.append(frame)
    assert len(buffer) == 0
    return frames


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 22, 30, 31, 1000, len(STREAM)])
def test_pieces_of_any_one_size_give_the_same_frames(size: int) -> None:
    assert _cut([STREAM[at : at + size] for at in range(0, len(STREAM), size)]) == _FRAMES


@pytest.mark.parametrize("at", range(len(NOT_FOUND) + 1))
def test_every_split_of_one_frame_gives_the_frame(at: int) -> None:
    assert _cut([NOT_FOUND[:at], NOT_FOUND[at:]]) == [NOT_FOUND]


@given(st.sets(st.integers(0, len(STREAM))))
@QUICK
def test_any_pieces_give_the_same_frames(cuts: set[int]) -> None:
    borders = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(borders)]
    assert _cut(pieces) == _split(pieces) == _FRAMES


def test_a_frame_that_arrives_whole_is_not_copied() -> None:
    assert FrameBuffer().receive(NOT_FOUND) is NOT_FOUND
    assert FrameBuffer().split(NOT_FOUND)[0] is NOT_FOUND


@given(st.sampled_from([frame for _, frame, _ in MESSAGES]), st.integers(0, 2), st.binary(max_size=2))
@QUICK
def test_bytes_are_one_frame_where_taking_them_in_gives_that_and_no_more(
    frame: bytes, missing: int, behind: bytes
) -> None:
    data = frame[: len(frame) - missing] + behind
    assert FrameBuffer().is_frame(data) == (len(data) == len(frame))
    taken = FrameBuffer()
    assert (taken.receive(data) == data and not taken) == (len(data) == len(frame))


def test_one_message_is_a_frame_unless_another_has_begun() -> None:
    buffer = FrameBuffer()
    assert buffer.is_frame(NOT_FOUND)
    assert not buffer.is_frame(NOT_FOUND[:-1])
    assert not buffer.is_frame(NOT_FOUND + b"\x02")
    assert not FrameBuffer(max_body=len(NOT_FOUND) - 9).is_frame(NOT_FOUND)
    buffer.receive(NOT_FOUND[:10])
    assert not buffer.is_frame(NOT_FOUND)


def test_good_frames_come_before_the_garbage_behind_them() -> None:
    buffer = FrameBuffer()
    assert buffer.split(NOT_FOUND + NOT_FOUND + b"garbage!") == [NOT_FOUND, NOT_FOUND]
    with pytest.raises(ProtocolError, match="not an Aerospike frame"):
        buffer.next_frame()


def test_bytes_behind_a_frame_wait_for_their_rest() -> None:
    buffer = FrameBuffer()
    assert buffer.receive(NOT_FOUND + NOT_FOUND[:20]) == NOT_FOUND
    assert (len(buffer), buffer.next_frame()) == (20, None)
    assert buffer.receive(NOT_FOUND[20:]) == NOT_FOUND
    assert (len(buffer), buffer.next_frame()) == (0, None)


def test_a_size_that_is_only_announced_takes_no_memory() -> None:
    buffer = FrameBuffer()
    assert buffer.receive(bytes.fromhex("0203000008000000")) is None  # 128 MiB, the largest body
    assert len(buffer) == 8


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("0103000000000016", "not an Aerospike frame at byte offset 0: 01 03 00 00 00 00 00 16$"),
        ("0200000000000016", "not an Aerospike frame at byte offset 0"),
        ("0206000000000016", "not an Aerospike frame at byte offset 0"),
        ("0000000000000000", "not an Aerospike frame at byte offset 0"),
        ("0203000008000001", "frame of 134217729 bytes at byte offset 2 is over the limit of 134217728"),
        ("0203ffffffffffff", "frame of 281474976710655 bytes at byte offset 2 is over the limit"),
        (b"HTTP/1.1 400 Bad Request".hex(), "HTTP peer"),
        (b"SSH-2.0-OpenSSH_9".hex(), "not an Aerospike frame at byte offset 0: 53 53 48"),
        ("15030300020246", "TLS peer"),
    ],
)
@pytest.mark.parametrize("piecewise", [False, True])
def test_bytes_that_begin_no_frame_are_refused(data: str, message: str, piecewise: bool) -> None:
    received = bytes.fromhex(data).ljust(8, b"\0")
    with pytest.raises(ProtocolError, match=message):
        _cut([bytes([byte]) for byte in received] if piecewise else [received])
    with pytest.raises(ProtocolError, match=message):
        _split([bytes([byte]) for byte in received] if piecewise else [NOT_FOUND + received])


def test_garbage_behind_a_good_frame_is_refused_when_its_turn_comes() -> None:
    buffer = FrameBuffer()
    assert buffer.receive(NOT_FOUND + b"garbage!") == NOT_FOUND
    with pytest.raises(ProtocolError, match="not an Aerospike frame"):
        buffer.next_frame()


def test_a_lower_limit_holds_for_the_body_without_the_header() -> None:
    assert FrameBuffer(max_body=22).receive(NOT_FOUND) == NOT_FOUND
    with pytest.raises(ProtocolError, match="over the limit of 21"):
        FrameBuffer(max_body=21).receive(NOT_FOUND)


@given(st.lists(st.binary(max_size=30), max_size=5))
@QUICK
def test_any_bytes_give_frames_or_protocol_error(pieces: list[bytes]) -> None:
    buffer = FrameBuffer()
    for piece in pieces:
        try:
            frame = buffer.receive(piece)
        except ProtocolError:
            break
        assert frame is None or frame[0] == 2
