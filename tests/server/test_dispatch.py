from __future__ import annotations

import struct

import pytest
from asking import READ_ALL, delete, field, frame, integer, op, read, send, write
from comparing import messages
from hypothesis import given, settings, strategies as st
from lone_node import LoneNode

from triospike.errors import ProtocolError
from triospike.key import Key
from triospike.server.config import NamespaceConfig
from triospike.server.dispatch import NO_ANSWER, Session, answer, request_size
from triospike.server.ports import NodeView
from vectors.recorded import load

KEY = Key("test", "demo", "user1")


class Proxying(LoneNode):
    """A node that owns nothing: another one does."""

    def __init__(self, owner: LoneNode) -> None:
        super().__init__()
        self.owner = owner
        self.asked: list[tuple[str, int, bool]] = []

    def owner_of(self, namespace: str, partition_id: int, *, write: bool) -> NodeView | None:
        self.asked.append((namespace, partition_id, write))
        return self.owner


def test_request_for_a_partition_of_another_node_is_carried_out_there() -> None:
    owner = LoneNode()
    node = Proxying(owner)
    assert write(node, KEY).code == 0
    assert read(node, KEY).bins == [("a", 1, "0000000000000001")]
    assert node.asked == [("test", 1539, True), ("test", 1539, False)]
    assert owner.namespaces["test"].count == 1
    assert node.namespaces["test"].count == 0
    assert owner.replicated == [KEY.digest]
    assert node.replicated == []


def test_write_and_delete_are_replicated_and_failures_are_not() -> None:
    node = LoneNode()
    write(node, KEY)
    assert send(node, KEY, op(2, "a", 1, integer(1)), info=(0, 0x05, 0), generation=9).code == 3
    delete(node, KEY)
    assert delete(node, KEY).code == 2
    assert node.replicated == [KEY.digest, KEY.digest]


def test_partition_without_an_owner_is_unavailable() -> None:
    node = LoneNode()
    node.is_available = False
    assert read(node, KEY).code == 11
    assert write(node, KEY).code == 11


def test_unknown_namespace_is_told() -> None:
    node = LoneNode(NamespaceConfig("other"))
    assert read(node, KEY).code == 20
    assert read(node, Key("té", "demo", 1)).code == 20


def test_server_to_server_frames_are_taken_without_a_word() -> None:
    assert answer(LoneNode(), Session(), b"\x02\x05\0\0\0\0\0\0") == NO_ANSWER


def test_frame_of_no_known_type_ends_the_connection() -> None:
    assert answer(LoneNode(), Session(), b"\x02\x06\0\0\0\0\0\0") is None


def test_module_without_a_function_is_invalid() -> None:
    assert send(LoneNode(), KEY, info=(0, 1, 0), fields=(field(30, b"module"),)).code == 4


def test_query_is_refused_without_the_last_bit() -> None:
    header = struct.Struct(">BBBBBBIIIHH")
    query = frame(header.pack(22, 3, 0, 4, 0, 0, 0, 0, 0, 1, 0) + field(0, b"test"))
    given = answer(LoneNode(), Session(), query)
    assert isinstance(given, bytes)
    (message,) = messages(given)
    assert (message["code"], message["info"]) == (16, [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("head", "size"),
    [("0203000000000016", 30), ("0002000000000010", 24), ("0201000008000000", 134217736), ("0205000000000000", 8)],
)
def test_size_of_a_request_is_told_by_its_header(head: str, size: int) -> None:
    assert request_size(bytes.fromhex(head)) == size


@pytest.mark.parametrize(
    "head",
    [
        "0303000000000016",
        "0003000000000016",
        "0200000000000000",
        "0206000000000000",
        "0203000008000001",
        "474554202f204854",
    ],
)
def test_header_that_begins_no_request_is_refused(head: str) -> None:
    with pytest.raises(ProtocolError):
        request_size(bytes.fromhex(head))


_REQUESTS = [
    exchange.request
    for group in ("single", "operate", "info")
    for vector in load(group)
    for exchange in vector.exchanges
    if len(exchange.request) < 400
]


@settings(deadline=None)
@given(
    request=st.sampled_from(_REQUESTS),
    changes=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=4),
    cut=st.integers(0, 30),
)
def test_any_bytes_behind_a_header_get_an_answer(
    request: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    body = bytearray(request[8:])
    for at, replacement in changes:
        start = at % (len(body) or 1)
        body[start : start + len(replacement)] = replacement
    broken = body[: len(body) - cut] if cut < len(body) else body
    given_frame = answer(LoneNode(), Session(), request[:2] + len(broken).to_bytes(6, "big") + bytes(broken))
    assert isinstance(given_frame, bytes)
    assert request_size(given_frame) == len(given_frame)


def test_reads_that_ask_for_nothing_are_invalid() -> None:
    node = LoneNode()
    write(node, KEY)
    assert send(node, KEY, info=(0x01, 0, 0)).code == 4
    assert send(node, KEY, info=(READ_ALL, 0, 0)).code == 0
