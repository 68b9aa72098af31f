"""Addresses as servers advertise them: the peers of a node, and its own services (protocol section 6.4)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ..errors import ProtocolError
from ..host import DEFAULT_PORT, Host, parse_hosts

__all__ = ["Peer", "PeersReply", "check_ip_map", "parse_peers", "parse_services", "translate"]

_MAX_DIGITS = 20
_MAX_PEERS = 1024  # clusters are far smaller; more would be as many connections to open
_MAX_HOSTS = 64


@attrs.frozen
class Peer:
    """Another node of the cluster, as one node advertises it.

    Attributes:
        name: The node's id.
        tls_name: Name in its certificate; empty without TLS.
        hosts: Its addresses. Empty when it has none of the kind that was asked for.
    """

    name: str
    tls_name: str
    hosts: tuple[Host, ...]


@attrs.frozen
class PeersReply:
    """A node's list of its peers; the node itself is not in it.

    Attributes:
        generation: Grows whenever the list changes.
        peers: All other nodes of the cluster.
    """

    generation: int
    peers: tuple[Peer, ...]


def parse_peers(text: str) -> PeersReply:
    """Read the value of ``peers-clear-std`` and its kin.

    Raises:
        ProtocolError: The text is not of this grammar; the message says where.
    """
    reader = _Reader(text)
    generation = reader.number()
    reader.expect(",")
    port = reader.number() if reader.peek() != "," else DEFAULT_PORT
    reader.expect(",[")
    peers: list[Peer] = []
    while reader.peek() != "]":
        if peers:
            reader.expect(",")
        if len(peers) == _MAX_PEERS:
            raise reader.error(f"more than {_MAX_PEERS} peers")
        peers.append(_peer(reader, port))
    reader.expect("]")
    reader.expect_end()
    return PeersReply(generation, tuple(peers))


def _peer(reader: _Reader, port: int) -> Peer:
    reader.expect("[")
    name = reader.word()
    reader.expect(",")
    tls_name = reader.until(",[]")
    reader.expect(",")
    hosts: list[Host] = []
    if reader.peek() == "[":
        reader.expect("[")
        while reader.peek() != "]":
            if hosts:
                reader.expect(",")
            if len(hosts) == _MAX_HOSTS:
                raise reader.error(f"more than {_MAX_HOSTS} addresses of one node")
            hosts.append(_host(reader, port, tls_name))
        reader.expect("]")
    reader.expect("]")
    return Peer(name, tls_name, tuple(hosts))


def parse_services(text: str) -> tuple[Host, ...]:
    """Read the value of ``service-clear-std`` and its kin: where the answering node itself listens.

    Raises:
        ProtocolError: The text is not of this grammar.
    """
    reader = _Reader(text)
    hosts: list[Host] = []
    while not reader.at_end():
        if hosts:
            reader.expect(",")
        hosts.append(_host(reader, DEFAULT_PORT, ""))
    return tuple(hosts)


def _host(reader: _Reader, port: int, tls_name: str) -> Host:
    if reader.peek() == "[":
        reader.expect("[")
        name = reader.word("[]")  # an IPv6 address, full of colons
        reader.expect("]")
    else:
        name = reader.word(",:[]")
    if reader.peek() == ":":
        reader.expect(":")
        port = reader.number()
    try:
        return Host(name, port, tls_name)
    except ValueError as error:
        raise reader.error(str(error)) from None


class _Reader:
    """A text that is read from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def error(self, reason: str) -> ProtocolError:
        shown = self._text if len(self._text) <= 80 else self._text[:77] + "..."
        return ProtocolError(f"malformed addresses, {reason} at offset {self._at}: {shown!r}")

    def at_end(self) -> bool:
        return self._at == len(self._text)

    def expect_end(self) -> None:
        if not self.at_end():
            raise self.error("more than expected")

    def peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def expect(self, token: str) -> None:
        if not self._text.startswith(token, self._at):
            raise self.error(f"{token!r} is missing")
        self._at += len(token)

    def until(self, ends: str) -> str:
        """What comes before the next of the ends, which may be nothing."""
        start = self._at
        text = self._text
        while self._at < len(text) and text[self._at] not in ends:
            self._at += 1
        return text[start : self._at]

    def word(self, ends: str = ",[]") -> str:
        """A name: not empty, and made of what may stand in a name."""
        word = self.until(ends)
        if not word or not word.isascii() or not word.isprintable() or " " in word:
            raise self.error("a name is missing or malformed")
        return word

    def number(self) -> int:
        digits = self.until(",:[]")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
            raise self.error("a number is missing or malformed")
        return int(digits)


def translate(host: Host, ip_map: Mapping[str, str]) -> Host:
    """Where to connect for an advertised address.

    Args:
        host: The advertised address.
        ip_map: From ``name`` or ``name:port`` to the same. A value without a port keeps the advertised one.

    Raises:
        ValueError: A value of the map is no address.
    """
    instead = ip_map.get(str(host)) or ip_map.get(host.name)
    if instead is None:
        return host
    if instead.count(":") > 1 and not instead.startswith("["):
        return attrs.evolve(host, name=instead)  # an IPv6 address without a port
    found = parse_hosts(instead)[0]
    has_port = instead not in {found.name, f"[{found.name}]"}
    return Host(found.name, found.port if has_port else host.port, host.tls_name)


def check_ip_map(ip_map: Mapping[str, str]) -> None:
    """Try every entry.

    Raises:
        ValueError: A value of the map is no address; the message names it.
    """
    for name in ip_map:
        try:
            translate(Host(name), {name: ip_map[name]})
        except ValueError as error:
            raise ValueError(f"ClientPolicy.ip_map[{name!r}] is no address: {error}") from error
