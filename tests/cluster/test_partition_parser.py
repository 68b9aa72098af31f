from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given, strategies as st

from triospike._cluster.partition_parser import parse_replicas, partitions_of
from triospike.errors import ProtocolError

# As a Community Edition server 8.1.2 of one node sends it: all bits of 512 bytes are set.
ALL = "/" * 682 + "8="
NONE = "A" * 683 + "="


def test_reads_what_a_lone_server_sends() -> None:
    test, bar = parse_replicas(f"test:0,1,{ALL};bar:0,1,{ALL}")

    assert (test.namespace, test.regime, bar.namespace) == ("test", 0, "bar")
    assert partitions_of(test.bitmaps[0]) == list(range(4096))


def test_reads_regime_and_every_replica() -> None:
    (found,) = parse_replicas(f"sc:17,3,{NONE},{ALL},{NONE};")

    assert found.regime == 17
    assert [len(partitions_of(bitmap)) for bitmap in found.bitmaps] == [0, 4096, 0]


@pytest.mark.parametrize(
    ("at", "byte", "partitions"),
    [
        (0, 0x80, [0]),
        (0, 0x01, [7]),
        (1, 0x80, [8]),
        (192, 0x10, [1539]),
        (511, 0x01, [4095]),
        (2, 0x81, [16, 23]),
    ],
)
def test_the_highest_bit_of_a_byte_is_its_first_partition(at: int, byte: int, partitions: list[int]) -> None:
    bitmap = bytearray(512)
    bitmap[at] = byte

    (found,) = parse_replicas(f"test:0,1,{base64.b64encode(bitmap).decode()}")

    assert partitions_of(found.bitmaps[0]) == partitions


def test_no_text_is_no_namespace() -> None:
    assert parse_replicas("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "test",
        ":0,1," + ALL,
        "test:",
        "test:0",
        "test:x,1," + ALL,
        "test:0,x," + ALL,
        "test:-1,1," + ALL,
        "test:0,2," + ALL,
        "test:0,0," + ALL,
        "test:0,1,",
        "test:0,1,AAAA",
        "test:0,1,*" + ALL[1:],
        "test:0,1," + ALL[:-1],
        "test:0,1,é" + ALL[1:],
        "test:0,1," + ALL + "AAAA",
        "test:" + "9" * 5000 + ",1," + ALL,
    ],
)
def test_refuses_what_is_no_replica_map(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_replicas(text)


@given(st.text(alphabet="test:;,01/8=A") | st.text())
def test_any_text_gives_maps_or_a_protocol_error(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        parse_replicas(text)
