"""Messages in both directions, from tables and from the recorded traffic."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from triospike._wire.flags import FieldType
from triospike._wire.message import Message, WireOp, decode_message, decode_messages, pack_message
from triospike.errors import ProtocolError
from vectors.recorded import load
from wire.cases_messages import MESSAGES, NOT_FOUND
from wire.strategies import QUICK

_GROUPS = ["single", "operate"]


@pytest.mark.parametrize(("message", "frame", "origin"), MESSAGES, ids=[origin for _, _, origin in MESSAGES])
def test_message_is_packed_as_described(message: Message, frame: bytes, origin: str) -> None:
    assert message.pack().hex(" ") == frame.hex(" "), origin


@pytest.mark.parametrize(("message", "frame", "origin"), MESSAGES, ids=[origin for _, _, origin in MESSAGES])
def test_message_is_decoded_as_described(message: Message, frame: bytes, origin: str) -> None:
    assert decode_message(frame) == (message, len(frame)), origin
    assert list(decode_messages(frame)) == [message]


def test_numbers_of_the_header_stand_at_their_offsets() -> None:
    frame = pack_message(1, 2, 3, info4=4, result_code=5, generation=6, record_ttl=7, transaction_ttl=8, body=b"")
    assert frame.hex(" ", 2) == "0203 0000 0000 0016 1601 0203 0405 0000 0006 0000 0007 0000 0008 0000 0000"


def test_several_messages_in_one_frame_are_decoded_in_order() -> None:
    frames = [frame for _, frame, _ in MESSAGES]
    body = b"".join(frame[8:] for frame in frames)
    frame = b"\2\3" + len(body).to_bytes(6, "big") + body
    assert list(decode_messages(frame)) == [message for message, _, _ in MESSAGES]


def test_a_frame_may_hold_no_message_at_all() -> None:
    assert list(decode_messages(bytes.fromhex("0203000000000000"))) == []


def test_lookup_of_a_field_finds_the_first() -> None:
    message = Message(fields=[(1, b"s"), (0, b"first"), (0, b"second")])
    assert message.field(FieldType.NAMESPACE) == b"first"
    assert message.field(FieldType.KEY) is None


@pytest.mark.parametrize("group", _GROUPS)
def test_every_recorded_frame_is_rebuilt_from_what_was_decoded(group: str) -> None:
    for vector in load(group):
        for exchange in vector.exchanges:
            for frame in [exchange.request, *exchange.response]:
                if vector.id not in _NOT_REBUILT:
                    assert [message.pack() for message in decode_messages(frame)] == [frame], vector.id


_NOT_REBUILT = {
    # Frames of type 4.
    "compress/put",
    "raw/compressed-frame",
    # The header's own size is not looked at, neither are an operation's flags.
    "raw/header-size-0",
    "raw/header-size-99",
    "raw/op-flag-lut",
    # Counts that do not fit the body.
    "raw/ops-count-mismatch-less",
    "raw/ops-count-mismatch-more",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({26: 1}, "field cut off at byte offset 30"),
        ({27: 1}, "field cut off at byte offset 30"),
        ({28: 1}, "operation cut off at byte offset 30"),
        ({29: 1}, "operation cut off at byte offset 30"),
    ],
)
def test_counts_beyond_the_frame_are_malformed(change: dict[int, int], message: str) -> None:
    frame = bytearray(NOT_FOUND)
    for at, value in change.items():
        frame[at] = value
    with pytest.raises(ProtocolError, match=message):
        decode_message(bytes(frame))


@pytest.mark.parametrize(
    ("n_fields", "n_ops", "body", "message"),
    [
        (1, 0, "00000000", "field cut off at byte offset 30"),
        (1, 0, "0000000004", "field of 0 bytes does not fit at byte offset 30"),
        (1, 0, "0000000304aa", "field of 3 bytes does not fit at byte offset 30"),
        (1, 0, "ffffffff04", "field of 4294967295 bytes does not fit at byte offset 30"),
        (2, 0, "000000020461 00000009 04", "field of 9 bytes does not fit at byte offset 36"),
        (0, 1, "00000004010000", "operation cut off at byte offset 30"),
        (0, 1, "0000000301000000", "operation of 3 bytes does not fit at byte offset 30"),
        (0, 1, "0000000401000001", "operation of 4 bytes does not fit at byte offset 30"),
        (0, 1, "0000000501000000", "operation of 5 bytes does not fit at byte offset 30"),
        (1, 1, "0000000204610000000401000001", "operation of 4 bytes does not fit at byte offset 36"),
    ],
)
def test_sizes_that_do_not_fit_are_named_with_their_offset(
    n_fields: int, n_ops: int, body: str, message: str
) -> None:
    frame = pack_message(0, 0, 0, n_fields=n_fields, n_ops=n_ops, body=bytes.fromhex(body))
    with pytest.raises(ProtocolError, match=message):
        decode_message(frame)


@pytest.mark.parametrize("size", range(8, 30))
def test_cut_header_is_named_with_its_size(size: int) -> None:
    with pytest.raises(ProtocolError, match=f"message header cut off: {size - 8} of 22 bytes at byte offset 8"):
        decode_message(NOT_FOUND[:size])


_U8 = st.integers(0, 0xFF)
_U32 = st.integers(0, 0xFFFFFFFF)
_SOME_BYTES = st.binary(max_size=20)


@given(
    st.builds(
        Message,
        *[_U8] * 5,
        *[_U32] * 3,
        st.lists(st.tuples(_U8, _SOME_BYTES), max_size=5),
        st.lists(st.builds(WireOp, _U8, _U8, _SOME_BYTES, _SOME_BYTES), max_size=5),
    )
)
@QUICK
def test_any_message_survives_the_way_there_and_back(message: Message) -> None:
    frame = message.pack()
    assert frame[:2] == b"\2\3"
    assert int.from_bytes(frame[2:8], "big") == len(frame) - 8
    assert decode_message(frame) == (message, len(frame))
