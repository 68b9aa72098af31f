"""A cluster that has its answers ready: ``python -m benchmarks.canned HOSTS``, until stdin ends.

HOSTS is a JSON list of the nodes of an embedded cluster. In front of each stands a socket here, and to a client
these are the cluster: they hand its first questions on, with their own addresses in the answers, and give the same
answers from then on. What a node has answered to the first record command, each later one gets at once, whatever
it asks for. So a client is measured that waits for nobody, on however many nodes one core can play. Needs epoll.

The first line on stdout tells the hosts.
"""

from __future__ import annotations

import json
import re
import select
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .processes import Process, python_module
from .serving import Hosts, serving
from .sockets import allow_many_sockets

__all__ = ["canned_cluster"]

_HEADER = 8
_INFO, _MESSAGE = 1, 3
_RECEIVE_SIZE = 256 << 10
_PATIENCE = 10.0
"""Seconds in which a node must have answered."""


@contextmanager
def canned_cluster(namespace: str, *, nodes: int, cpus: Iterable[int] = ()) -> Iterator[tuple[Hosts, Hosts]]:
    """Run a cluster of canned nodes for the length of a block.

    Args:
        namespace: Its only one.
        nodes: How many.
        cpus: Which CPUs it may run on; empty for all.

    Returns:
        The canned nodes, and those behind them, where records are to be put.

    Raises:
        RuntimeError: It does not come up.
    """
    with serving(namespace, nodes=nodes, cpus=cpus) as behind:
        process = Process(python_module("canned", json.dumps(behind)), cpus=cpus)
        try:
            answer = process.hear()
            if "failed" in answer:
                raise RuntimeError(f"no canned cluster: {answer['failed']}")
            yield tuple((name, port) for name, port in answer["hosts"]), behind
        finally:
            process.stop()


class _Node:
    """What stands in front of one node."""

    def __init__(self, behind: tuple[str, int], ports: dict[int, int]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self.listener.getsockname()[1]
        self._behind = behind
        self._ports = ports
        self._upstream: socket.socket | None = None
        self._infos: dict[bytes, bytes] = {}
        self._record = b""

    def answer(self, frame: bytes) -> bytes:
        """What a request is answered with."""
        if frame[1] == _MESSAGE:
            if not self._record:
                self._record = self._ask(frame)
            return self._record
        if frame not in self._infos:
            answer = self._ask(frame)
            text = re.sub(rb"(?<=:)\d+\b", self._own_port, answer[_HEADER:])
            self._infos[frame] = bytes((answer[0], _INFO)) + len(text).to_bytes(6, "big") + text
        return self._infos[frame]

    def _own_port(self, match: re.Match[bytes]) -> bytes:
        port = int(match[0])
        return str(self._ports.get(port, port)).encode()

    def _ask(self, frame: bytes) -> bytes:
        if self._upstream is None:
            self._upstream = socket.create_connection(self._behind, _PATIENCE)
        self._upstream.sendall(frame)
        header = self._upstream.recv(_HEADER, socket.MSG_WAITALL)
        return header + self._upstream.recv(int.from_bytes(header[2:], "big"), socket.MSG_WAITALL)


class _Client:
    """A connection to one of these nodes."""

    def __init__(self, node: _Node, connection: socket.socket) -> None:
        self._node = node
        self._connection = connection
        self._rest = b""
        self.fd = connection.fileno()

    def serve(self) -> bool:
        """Answer what has arrived; False if that is nothing any more."""
        try:
            data = self._rest + (received := self._connection.recv(_RECEIVE_SIZE))
            if not received:
                return False
            answers = []
            start = 0
            while len(data) - start >= _HEADER:
                end = start + _HEADER + int.from_bytes(data[start + 2 : start + _HEADER], "big")
                if end > len(data):
                    break
                answers.append(self._node.answer(data[start:end]))
                start = end
            self._rest = data[start:]
            self._connection.sendall(b"".join(answers))
        except OSError:
            return False
        return True

    def close(self) -> None:
        self._connection.close()


def _serve(nodes: list[_Node]) -> None:
    """Until stdin ends."""
    waits = select.epoll()
    listeners = {node.listener.fileno(): node for node in nodes}
    clients: dict[int, _Client] = {}
    for fd in (*listeners, sys.stdin.fileno()):
        waits.register(fd, select.EPOLLIN)
    while True:
        for fd, _ in waits.poll():
            if fd in clients:
                if not clients[fd].serve():
                    waits.unregister(fd)
                    clients.pop(fd).close()
            elif fd in listeners:
                connection, _ = listeners[fd].listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client = _Client(listeners[fd], connection)
                clients[client.fd] = client
                waits.register(client.fd, select.EPOLLIN)
            else:
                return


def _main(hosts: list[tuple[str, int]]) -> None:
    ports: dict[int, int] = {}
    nodes = [_Node((name, port), ports) for name, port in hosts]
    ports.update((behind, node.port) for (_, behind), node in zip(hosts, nodes, strict=True))
    sys.stdout.write(json.dumps({"hosts": [("127.0.0.1", node.port) for node in nodes]}) + "\n")
    sys.stdout.flush()
    _serve(nodes)


if __name__ == "__main__":
    allow_many_sockets()
    _main(json.loads(sys.argv[1]))
