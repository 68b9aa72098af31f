"""Puts the records there before they are measured, and takes them away afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import trio

import triospike
from triospike import AerospikeError, ClientPolicy, Host, Key, WritePolicy

from .serving import Hosts
from .shapes import bins_of

__all__ = ["describe", "empty", "load", "set_name_of"]

_AT_ONCE = 64
_TIMEOUT = 30.0


def set_name_of(shape: str, keys: int, workload: str) -> str:
    """The set of a shape; ``operate`` changes records and has sets of its own."""
    return f"bench-{'op-' if workload == 'operate' else ''}{shape}-{keys}"


@asynccontextmanager
async def _client(hosts: Hosts) -> AsyncIterator[triospike.Client]:
    policy = ClientPolicy(
        async_max_conns_per_node=_AT_ONCE, write=WritePolicy(total_timeout=_TIMEOUT, socket_timeout=_TIMEOUT)
    )
    async with triospike.open_client(*(Host(name, port) for name, port in hosts), policy=policy) as client:
        yield client


async def load(hosts: Hosts, namespace: str, set_name: str, shape: str, keys: int) -> None:
    """Write all records of a set.

    Raises:
        AerospikeError: One could not be written.
    """
    bins = bins_of(shape)
    numbers = iter(range(keys))

    async def write_some(client: triospike.Client) -> None:
        for number in numbers:
            await client.put(Key(namespace, set_name, number), bins)

    async with _client(hosts) as client, trio.open_nursery() as nursery:
        for _ in range(_AT_ONCE):
            nursery.start_soon(write_some, client)


async def empty(hosts: Hosts, namespace: str, set_names: Iterable[str]) -> None:
    """Remove all records of sets; a server that refuses keeps them."""
    async with _client(hosts) as client:
        for set_name in set_names:
            with suppress(AerospikeError):
                await client.info(f"truncate:namespace={namespace};set={set_name};")


async def describe(hosts: Hosts) -> dict[str, Any]:
    """The server's version and number of nodes."""
    async with _client(hosts) as client:
        return {"build": await client.info("build"), "nodes": len(client.nodes)}
