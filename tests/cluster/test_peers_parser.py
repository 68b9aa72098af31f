from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

from triospike._cluster.peers_parser import Peer, PeersReply, parse_peers, parse_services, translate
from triospike.errors import ProtocolError
from triospike.host import Host

# The first row was recorded from a Community Edition server 8.1.2; the others are those of protocol section 6.4.
PEERS = [
    ("0,3000,[]", PeersReply(0, ())),
    (
        "6,3000,[[BB9050011AC4202,,[172.17.0.5]],[BB9070011AC4202,,[[2001::2]:3003]]]",
        PeersReply(
            6,
            (
                Peer("BB9050011AC4202", "", (Host("172.17.0.5", 3000),)),
                Peer("BB9070011AC4202", "", (Host("2001::2", 3003),)),
            ),
        ),
    ),
    (
        "2,4333,[[BB9050011AC4202,tls-cluster-1,[10.0.0.5,10.0.0.6:4334]]]",
        PeersReply(
            2,
            (
                Peer(
                    "BB9050011AC4202",
                    "tls-cluster-1",
                    (Host("10.0.0.5", 4333, "tls-cluster-1"), Host("10.0.0.6", 4334, "tls-cluster-1")),
                ),
            ),
        ),
    ),
    ("3,,[[A7,,[db.example]]]", PeersReply(3, (Peer("A7", "", (Host("db.example", 3000),)),))),
    ("3,3000,[[A7,,[[::1]]]]", PeersReply(3, (Peer("A7", "", (Host("::1", 3000),)),))),
    ("3,3000,[[A7,,]]", PeersReply(3, (Peer("A7", "", ()),))),
    ("3,3000,[[A7,,[]]]", PeersReply(3, (Peer("A7", "", ()),))),
]


@pytest.mark.parametrize(("text", "reply"), PEERS)
def test_reads_every_form_of_a_list_of_peers(text: str, reply: PeersReply) -> None:
    assert parse_peers(text) == reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x,3000,[]",
        "1",
        "1,3000",
        "1,3000,",
        "1,3000,[",
        "1,3000,[]]",
        "1,3000,[[]]",
        "1,3000,[[A7]]",
        "1,3000,[[,,[h]]]",
        "1,3000,[[A7,,[h:0]]]",
        "1,3000,[[A7,,[h:70000]]]",
        "1,3000,[[A7,,[h:port]]]",
        "1,0,[[A7,,[h]]]",
        "1,3000,[[A7,,[:3000]]]",
        "1,3000,[[A7,,[a b]]]",
        "1,3000,[[A7,,[h\0]]]",
        "1,3000,[[A7,,[[::1]]]",
        "1,3000,[[A7,,[h]][B,,[h]]]",
        "1,3000,[[A7,,[h]],]",
        "-1,3000,[]",
        "9" * 5000 + ",3000,[]",
        "1,3000,[" + ",".join(f"[A{n},,[h]]" for n in range(1025)) + "]",
        "1,3000,[[A7,,[" + ",".join(f"h{n}" for n in range(65)) + "]]]",
    ],
)
def test_refuses_what_is_no_list_of_peers(text: str) -> None:
    with pytest.raises(ProtocolError, match="malformed addresses"):
        parse_peers(text)


def test_says_where_a_list_of_peers_is_malformed() -> None:
    with pytest.raises(ProtocolError, match=r"port must be 1 to 65535, not 70000 at offset 21: '1,3000,\[\[A7,,"):
        parse_peers("1,3000,[[A7,,[h:70000]]]")


@given(st.text(alphabet="0123,:[]ah.\0é ") | st.text())
def test_any_text_gives_peers_or_a_protocol_error(text: str) -> None:
    for parse in (parse_peers, parse_services):
        with contextlib.suppress(ProtocolError):
            parse(text)


def test_reads_the_services_of_a_node() -> None:
    assert parse_services("127.0.0.1:5010") == (Host("127.0.0.1", 5010),)
    assert parse_services("10.0.0.1:3000,[::1]:3001,db") == (
        Host("10.0.0.1", 3000),
        Host("::1", 3001),
        Host("db", 3000),
    )


def test_a_node_without_services_of_the_kind_gives_none() -> None:
    assert parse_services("") == ()


@pytest.mark.parametrize(
    ("host", "ip_map", "target"),
    [
        (Host("172.17.0.5"), {}, Host("172.17.0.5")),
        (Host("172.17.0.5", 3100), {"172.17.0.5": "localhost"}, Host("localhost", 3100)),
        (Host("172.17.0.5", 3100), {"172.17.0.5": "localhost:4000"}, Host("localhost", 4000)),
        (Host("172.17.0.5", 3100), {"172.17.0.5": "::1"}, Host("::1", 3100)),
        (Host("172.17.0.5", 3100), {"172.17.0.5": "[::1]:4000"}, Host("::1", 4000)),
        (Host("a", 1), {"a": "b", "a:1": "c:2"}, Host("c", 2)),
        (Host("a", 3), {"a": "b", "a:1": "c:2"}, Host("b", 3)),
        (Host("a", 3, "cert"), {"a": "b"}, Host("b", 3, "cert")),
    ],
)
def test_ip_map_says_where_to_connect_instead(host: Host, ip_map: dict[str, str], target: Host) -> None:
    assert translate(host, ip_map) == target
