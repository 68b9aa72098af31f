"""Addresses of servers, and how they are written."""

from __future__ import annotations

import pytest

from triospike.host import DEFAULT_PORT, Host, parse_hosts


def test_the_default_port_is_the_servers() -> None:
    assert DEFAULT_PORT == 3000


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("db", (Host("db", 3000),)),
        ("db:3100", (Host("db", 3100),)),
        ("h1:3000,h2", (Host("h1", 3000), Host("h2", 3000))),
        (" h1 , h2:4 ,", (Host("h1"), Host("h2", 4))),
        ("10.0.0.5:65535", (Host("10.0.0.5", 65535),)),
        ("db:1", (Host("db", 1),)),
        ("[::1]", (Host("::1"),)),
        ("[2001:db8::2]:3003", (Host("2001:db8::2", 3003),)),
        ("2001:db8::2", (Host("2001:db8::2"),)),
        ("db:cluster-a:4333", (Host("db", 4333, "cluster-a"),)),
        ("[::1]:name:4333", (Host("::1", 4333, "name"),)),
    ],
)
def test_addresses_are_read(text: str, hosts: tuple[Host, ...]) -> None:
    assert parse_hosts(text) == hosts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no host in ''"),
        (" , ", "no host in ' , '"),
        (":3000", "host name is missing in ':3000'"),
        ("db:", "port must be 1 to 65535 in 'db:'"),
        ("db:0", "port must be 1 to 65535 in 'db:0'"),
        ("db:65536", "port must be 1 to 65535 in 'db:65536'"),
        ("db:-1", "port must be 1 to 65535 in 'db:-1'"),
        ("db:http", "port must be 1 to 65535 in 'db:http'"),
        ("db:\u0663", "port must be 1 to 65535"),
        ("good,db:x", "port must be 1 to 65535 in 'db:x'"),
        ("[::1", r"not a host: '\[::1'"),
        ("[]:3000", r"not a host: '\[\]:3000'"),
        ("[::1]3000", r"not a host: '\[::1\]3000'"),
    ],
)
def test_what_is_no_address_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_hosts(text)


@pytest.mark.parametrize("text", ["db:3000", "10.0.0.5:3100", "[2001:db8::2]:3003"])
def test_an_address_reads_back_as_it_is_written(text: str) -> None:
    (host,) = parse_hosts(text)
    assert str(host) == text


def test_addresses_are_values() -> None:
    assert len({Host("db"), Host("db", 3000), Host("db", 3001), Host("db", 3000, "tls")}) == 3
    with pytest.raises(AttributeError):
        Host("db").port = 5  # type: ignore[misc]


@pytest.mark.parametrize("port", [0, -1, 65536, 70000])
def test_a_port_out_of_range_is_named(port: int) -> None:
    with pytest.raises(ValueError, match=f"port must be 1 to 65535, not {port}"):
        Host("db1", port)


@pytest.mark.parametrize("text", ["http://db1:3000", "db1:3000/test", "embedded:/x"])
def test_a_url_is_no_host(text: str) -> None:
    with pytest.raises(ValueError, match="not a URL"):
        parse_hosts(text)


def test_a_short_ipv6_address_needs_no_brackets() -> None:
    assert parse_hosts("::1") == (Host("::1"),)
