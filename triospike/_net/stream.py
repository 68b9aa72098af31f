"""TCP: names become addresses, addresses become connected sockets."""

from __future__ import annotations

import errno
import os
import select
import socket as stdlib_socket
from collections.abc import Callable

import trio

from ..errors import ConnectionFailed
from ..host import Host

__all__ = ["connect_socket", "describe_os_error", "looker", "resolve"]


async def resolve(name: str, port: int) -> list[Host]:
    """Every address of a name, as hosts with numeric names.

    Args:
        name: Host name or IP address.
        port: TCP port to put into the hosts.

    Raises:
        ConnectionFailed: The name has no address; the message names it.
    """
    try:
        found = await trio.socket.getaddrinfo(name, port, type=stdlib_socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(f"{name!r} can't be resolved: {error}") from error
    addresses = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    return [Host(address, port) for address in addresses]


async def connect_socket(host: Host) -> stdlib_socket.socket:
    """A connected, non-blocking socket to the first address of host that accepts.

    Raises:
        ConnectionFailed: No address accepts; the message names the host and the reason.
    """
    failures: list[str] = []
    cause: OSError | None = None
    for address in await resolve(host.name, host.port):
        try:
            return await _connect_address(address)
        except OSError as error:
            failures.append(describe_os_error(error))
            cause = error
    raise ConnectionFailed(f"can't connect to {host}: {', '.join(dict.fromkeys(failures))}") from cause


async def _connect_address(address: Host) -> stdlib_socket.socket:
    family = stdlib_socket.AF_INET6 if ":" in address.name else stdlib_socket.AF_INET
    plain = stdlib_socket.socket(family, stdlib_socket.SOCK_STREAM)
    try:
        plain.setblocking(False)
        # A request is one segment and waits for its answer: Nagle's algorithm could only delay it.
        plain.setsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_NODELAY, 1)
        plain.setsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_KEEPALIVE, 1)
        problem = plain.connect_ex((address.name, address.port))
        if problem in {errno.EINPROGRESS, errno.EWOULDBLOCK}:
            await trio.lowlevel.wait_writable(plain)
            problem = plain.getsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_ERROR)
        else:
            await trio.lowlevel.checkpoint()
        if problem:
            raise OSError(problem, os.strerror(problem))
    except BaseException:
        plain.close()
        raise
    return plain


def describe_os_error(error: OSError) -> str:
    """The system's words for an error, or its class where it has none."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def looker(connected: stdlib_socket.socket) -> Callable[[float], list[tuple[int, int]]]:
    """A function that tells without waiting whether a socket is readable."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connected, select.POLLIN)
        return poll.poll

    def peek(_: float) -> list[tuple[int, int]]:
        try:
            connected.recv(1, stdlib_socket.MSG_PEEK)
        except BlockingIOError:
            return []
        except OSError as error:
            return [(connected.fileno(), error.errno or errno.EIO)]
        return [(connected.fileno(), 0)]

    return peek
