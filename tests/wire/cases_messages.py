"""Messages and their bytes: (message, whole frame, where the bytes come from)."""

from __future__ import annotations

from typing import Final

from triospike._wire.message import Message, WireOp

__all__ = ["MESSAGES", "NOT_FOUND", "STREAM"]

_TEST_DEMO: Final[list[tuple[int, bytes]]] = [(0, b"test"), (1, b"demo")]
_USER1: Final = (4, bytes.fromhex("03161f352c8ab85448952c896ecdaa122b3c4e71"))
_FIELDS = "0000000500746573740000000501 64656d6f 00000015 04 03161f352c8ab85448952c896ecdaa122b3c4e71"

NOT_FOUND: Final = bytes.fromhex("020300000000001616000000000200000000000000000000000000000000")

MESSAGES: Final[list[tuple[Message, bytes, str]]] = [
    (
        Message(
            info2=1,
            transaction_ttl=1000,
            fields=[*_TEST_DEMO, _USER1],
            ops=[WireOp(2, 1, b"a", b"\0\0\0\0\0\0\0\5")],
        ),
        bytes.fromhex(
            "02 03 000000000052 16 00 01 00 00 00 00000000 00000000 000003e8 0003 0001"
            + _FIELDS
            + "0000000d 02 01 00 01 61 0000000000000005"
        ),
        "protocol 4.5, put a=5",
    ),
    (
        Message(info1=3, transaction_ttl=1000, fields=[*_TEST_DEMO, _USER1]),
        bytes.fromhex("02 03 000000000041 16 03 00 00 00 00 00000000 00000000 000003e8 0003 0000" + _FIELDS),
        "protocol 4.5, get all bins",
    ),
    (
        Message(generation=1, ops=[WireOp(1, 1, b"a", b"\0\0\0\0\0\0\0\5")]),
        bytes.fromhex(
            "02 03 000000000027 16 00 00 00 00 00 00000001 00000000 00000000 0000 0001"
            "0000000d 01 01 00 01 61 0000000000000005"
        ),
        "protocol 4.5, response a=5",
    ),
    (Message(result_code=2), NOT_FOUND, "protocol 4.5, response not found"),
    (
        Message(
            info1=8,
            transaction_ttl=1000,
            fields=[
                (
                    41,
                    bytes.fromhex(
                        "00000002 0d"
                        "00000000 03161f352c8ab85448952c896ecdaa122b3c4e71 0a 03 00 00 00000000 0002 0000"
                        "00000005 00 74657374 00000005 01 64656d6f"
                        "00000001 f28268ea8c0b6ab72949989a0299ac27744d37b0 01"
                    ),
                )
            ],
        ),
        bytes.fromhex(
            "02 03 00000000006f 16 08 00 00 00 00 00000000 00000000 000003e8 0001 0000"
            "00000055 29 00000002 0d"
            "00000000 03161f352c8ab85448952c896ecdaa122b3c4e71 0a 03 00 00 00000000 0002 0000"
            "00000005 00 74657374 00000005 01 64656d6f"
            "00000001 f28268ea8c0b6ab72949989a0299ac27744d37b0 01"
        ),
        "protocol 8.3, two reads",
    ),
    (
        Message(
            info1=1,
            info3=4,
            record_ttl=0xFFFFFFFF,
            fields=[
                *_TEST_DEMO,
                (9, bytes.fromhex("00007530")),
                (7, bytes.fromhex("1122334455667788")),
                (11, bytes.fromhex("00000306")),
            ],
            ops=[WireOp(1, 0, b"a", b"")],
        ),
        bytes.fromhex(
            "02 03 00 00 00 00 00 50 16 01 00 04 00 00 00000000 ffffffff 00000000 0005 0001"
            "000000050074657374 000000050164656d6f 000000050900007530 00000009071122334455667788"
            "000000050b00000306 000000050100000161"
        ),
        "protocol 9.7, scan",
    ),
    (
        Message(info3=4, result_code=11, generation=0x603),
        bytes.fromhex("020300000000001616 00 00 04 00 0b 00000603 00000000 00000000 0000 0000"),
        "protocol 9.7, partition unavailable",
    ),
    (
        Message(info3=1),
        bytes.fromhex("02 03 000000000016 16 00 00 01 00 00 00000000 00000000 00000000 0000 0000"),
        "protocol 9.7, end of stream",
    ),
    (
        Message(1, 2, 4, 8, 16, 0x01020304, 0x05060708, 0x090A0B0C),
        bytes.fromhex("02 03 000000000016 16 01 02 04 08 10 01020304 05060708 090a0b0c 0000 0000"),
        "protocol 2, table of offsets",
    ),
]

STREAM: Final = b"".join(frame for _, frame, _ in MESSAGES) + bytes.fromhex(
    "0203000000000000 0201000000000005 6e6f64650a"
)
"""All of them one after the other, then an empty frame and an info request."""
