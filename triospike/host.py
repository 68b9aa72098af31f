"""Where a server listens, and how such places are written."""

from __future__ import annotations

import attrs

__all__ = ["DEFAULT_PORT", "Host", "parse_hosts"]

DEFAULT_PORT = 3000
MAX_PORT = 65535


@attrs.frozen
class Host:
    """One address of a server.

    Attributes:
        name: Host name or IP address, an IPv6 one without brackets.
        port: TCP port.
        tls_name: Name that the server's certificate must carry; empty without TLS.
    """

    name: str = attrs.field()
    port: int = attrs.field(default=DEFAULT_PORT)
    tls_name: str = ""

    @name.validator
    def _check_name(self, _: object, name: object) -> None:
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, not {type(name).__name__}")
        if not name or "/" in name:
            raise ValueError(f"not a host name: {name!r}")

    @port.validator
    def _check_port(self, _: object, port: object) -> None:
        if isinstance(port, bool) or not isinstance(port, int):
            raise TypeError(f"port must be an int, not {type(port).__name__}")
        if not 1 <= port <= MAX_PORT:
            raise ValueError(f"port must be 1 to {MAX_PORT}, not {port}")

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port}"


def parse_hosts(text: str) -> tuple[Host, ...]:
    """Read ``name[:port][,name[:port]...]``; an IPv6 address with a port stands in square brackets.

    Also read: ``name:tls_name:port``, as the C client's tools write it.

    Args:
        text: One or more addresses, separated by commas.

    Raises:
        ValueError: The text holds no address, or a part of it is not one; the message names the part.
    """
    hosts = tuple(_parse_host(part.strip()) for part in text.split(",") if part.strip())
    if not hosts:
        raise ValueError(f"no host in {text!r}")
    return hosts


def _parse_host(part: str) -> Host:
    if "/" in part:
        raise ValueError(f"a host is name:port, not a URL: {part!r}")
    if part.startswith("["):
        name, closed, rest = part[1:].partition("]")
        if not closed or not name or (rest and not rest.startswith(":")):
            raise ValueError(f"not a host: {part!r}")
        pieces = [name, *rest[1:].split(":")] if rest else [name]
    elif part.count(":") > 2 or "::" in part:  # an IPv6 address without a port
        pieces = [part]
    else:
        pieces = part.split(":")
    if not pieces[0]:
        raise ValueError(f"host name is missing in {part!r}")
    if len(pieces) == 1:
        return Host(pieces[0])
    tls_name = pieces[1] if len(pieces) == 3 else ""
    return Host(pieces[0], _parse_port(pieces[-1], part), tls_name)


def _parse_port(text: str, part: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PORT):
        raise ValueError(f"port must be 1 to {MAX_PORT} in {part!r}")
    return int(text)
