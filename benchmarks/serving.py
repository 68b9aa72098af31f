"""An embedded cluster in a process of its own: ``python -m benchmarks.serving SETTINGS``, until stdin ends.

SETTINGS is a JSON object of arguments for `ServerConfig`. The first line on stdout tells the hosts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import trio

from triospike.server import NamespaceConfig, ServerConfig, serve_aerospike

from .processes import Process, python_module
from .sockets import allow_many_sockets

__all__ = ["Hosts", "serving"]

Hosts = tuple[tuple[str, int], ...]


@contextmanager
def serving(
    namespace: str, *, nodes: int = 1, service_time: float = 0.0, cpus: Iterable[int] = ()
) -> Iterator[Hosts]:
    """Run a cluster for the length of a block.

    Args:
        namespace: Its only one.
        nodes: How many.
        service_time: Seconds that each command takes.
        cpus: Which CPUs it may run on; empty for all.

    Raises:
        RuntimeError: It does not come up.
    """
    settings = {"namespace": namespace, "nodes": nodes, "service_time": service_time}
    process = Process(python_module("serving", json.dumps(settings)), cpus=cpus)
    try:
        answer = process.hear()
        if "failed" in answer:
            raise RuntimeError(f"no embedded server: {answer['failed']}")
        yield tuple((name, port) for name, port in answer["hosts"])
    finally:
        process.stop()


async def _serve(namespace: str, **settings: Any) -> None:
    config = ServerConfig(namespaces=(NamespaceConfig(namespace),), **settings)
    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_aerospike, config)
        sys.stdout.write(json.dumps({"hosts": [(host.name, host.port) for host in server.hosts]}) + "\n")
        sys.stdout.flush()
        await trio.to_thread.run_sync(sys.stdin.readline)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    allow_many_sockets()
    trio.run(lambda: _serve(**json.loads(sys.argv[1])))
