"""Whether there is a node at an address, and whether it is one of ours (protocol section 16.2)."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import attrs
import trio

from .._net.connection import Connection, open_connection
from .._net.info import info
from .._net.stream import resolve
from ..errors import AerospikeError, ClusterNameMismatch, ConnectionFailed, ProtocolError
from ..host import Host
from .peers_parser import parse_services
from .tend import UNKNOWN, read_generation, read_value

__all__ = [
    "MINIMUM_BUILD",
    "Build",
    "Identity",
    "Network",
    "Validated",
    "Validator",
    "parse_build",
    "read_identity",
]

Build: TypeAlias = tuple[int, ...]
"""A server's version, such as (8, 1, 2, 0)."""

MINIMUM_BUILD: Build = (4, 9, 0, 3)
_MAX_DIGITS = 9


@attrs.frozen
class Network:
    """How to reach servers; tests put their own in its place."""

    open_connection: Callable[[Host], Awaitable[Connection]] = open_connection
    info: Callable[[Connection, Sequence[str]], Awaitable[dict[str, str]]] = info
    resolve: Callable[[str, int], Awaitable[list[Host]]] = resolve


@attrs.frozen
class Identity:
    """Who answered.

    Attributes:
        name: The node's id.
        build: Version of its server.
        services: Where it says that it listens; empty unless asked for.
    """

    name: str
    build: Build
    services: tuple[Host, ...] = ()


@attrs.frozen
class Validated:
    """A node that may be used, with the connection on which it was asked."""

    host: Host
    identity: Identity
    connection: Connection


def parse_build(text: str) -> Build:
    """Read a server's version; what follows a hyphen is ignored.

    Raises:
        ProtocolError: The text is no version.
    """
    pieces = text.partition("-")[0].split(".")
    if not all(piece.isascii() and piece.isdigit() and len(piece) <= _MAX_DIGITS for piece in pieces):
        raise ProtocolError(f"not a server's version: {text[:80]!r}")
    return tuple(int(piece) for piece in pieces)


def read_identity(
    answer: Mapping[str, str], host: Host, *, cluster_name: str = "", services: str = ""
) -> Identity:
    """Judge the answer of a server.

    Args:
        answer: Its answer to ``node``, ``partition-generation``, ``build`` and what the other arguments ask for.
        host: Where it was asked, for messages.
        cluster_name: The name that its cluster must have; empty for any.
        services: The command that was asked for its services; empty for none.

    Raises:
        ClusterNameMismatch: It belongs to another cluster.
        ConnectionFailed: It is not ready, or too old.
        ProtocolError: The answer is malformed.
        SecurityError: It wants authentication.
    """
    name = read_value(answer, "node")
    if not name:
        raise ProtocolError(f"{host} has no node id")
    build = parse_build(read_value(answer, "build"))
    if build < MINIMUM_BUILD:
        shown, needed = (".".join(map(str, version)) for version in (build, MINIMUM_BUILD))
        raise ConnectionFailed(f"{host} runs server {shown}; at least {needed} is needed")
    if cluster_name:
        found = read_value(answer, "cluster-name")
        if found != cluster_name:
            raise ClusterNameMismatch(f"{host} belongs to cluster {found!r}, not to {cluster_name!r}")
    if read_generation(answer, "partition-generation") == UNKNOWN:
        raise ConnectionFailed(f"{host} is not ready yet: its partition-generation is -1")
    return Identity(name, build, parse_services(read_value(answer, services)) if services else ())


class Validator:
    """Connects to addresses and checks who answers.

    Args:
        network: How to reach servers.
        cluster_name: The name that the cluster must have; empty for any.
        timeout: Seconds for one address; 0 is no limit.
    """

    def __init__(self, network: Network, *, cluster_name: str, timeout: float) -> None:
        self._network = network
        self._cluster_name = cluster_name
        self._timeout = timeout or math.inf

    async def validate(self, host: Host, *, expected: str = "", services: str = "") -> Validated:
        """Connect to an address and ask who is there.

        Args:
            host: The address.
            expected: The node's id that must be there; empty for any.
            services: Info command for the node's own addresses; empty to not ask.

        Raises:
            AerospikeError: Nobody is there, or nobody that can be used; the message names the address.
        """
        connection: Connection | None = None
        with trio.move_on_after(self._timeout):
            connection = await self._network.open_connection(host)
            try:
                identity = await self._identify(connection, host, services)
                if expected and identity.name != expected:
                    raise ConnectionFailed(f"{host} is node {identity.name}, not {expected}")
            except BaseException:
                connection.close()
                raise
            return Validated(host, identity, connection)
        if connection is None:
            raise ConnectionFailed(f"can't connect to {host}: no answer within {self._timeout:g} s")
        raise ConnectionFailed(
            f"{host} accepts connections, but did not answer within {self._timeout:g} s; "
            "is it an Aerospike server, and does it expect TLS?"
        )

    async def first_of(
        self, hosts: Sequence[Host], *, expected: str
    ) -> tuple[Validated | None, dict[Host, Exception]]:
        """Try several addresses of one node side by side; the first that is good wins.

        Returns:
            The winner, or None, and what was wrong with the others.
        """
        good: list[Validated] = []
        bad: dict[Host, Exception] = {}

        async def attempt(host: Host) -> None:
            try:
                good.append(await self.validate(host, expected=expected))
            except (AerospikeError, OSError) as error:
                bad[host] = error
            else:
                nursery.cancel_scope.cancel()

        try:
            async with trio.open_nursery() as nursery:
                for host in hosts:
                    nursery.start_soon(attempt, host)
        except BaseException:
            for winner in good:
                winner.connection.close()
            raise
        for late in good[1:]:
            late.connection.close()
        return (good[0] if good else None), bad

    async def _identify(self, connection: Connection, host: Host, services: str) -> Identity:
        commands = ["node", "partition-generation", "build"]
        if self._cluster_name:
            commands.append("cluster-name")
        if services:
            commands.append(services)
        try:
            answer = await self._network.info(connection, commands)
        except ProtocolError as error:
            raise ProtocolError(f"{host} does not speak Aerospike's protocol: {error.message}") from error
        except ConnectionFailed as error:
            # A server that expects TLS says nothing when it sees clear text: it hangs up.
            raise ConnectionFailed(
                f"{error.message}, at the first request; does {host} expect TLS, or another protocol?"
            ) from error
        try:
            return read_identity(answer, host, cluster_name=self._cluster_name, services=services)
        except ProtocolError as error:
            raise ProtocolError(f"{host} gave a malformed answer: {error.message}") from error
