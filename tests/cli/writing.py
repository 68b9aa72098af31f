"""Records for the tests of verbs that read many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

import triospike as ts
from triospike import Key, KeyPolicy, WritePolicy

__all__ = ["digests_of", "read_all", "write_all"]


def write_all(
    hosts: str, set_name: str, records: Mapping[Any, Mapping[str, Any]], *, send_key: bool = True
) -> None:
    """Write records: user key to bins."""
    policy = WritePolicy(key=KeyPolicy.SEND if send_key else KeyPolicy.DIGEST)

    async def main() -> None:
        async with ts.open_client(hosts) as client:
            for user_key, bins in records.items():
                await client.put(Key("test", set_name, user_key), bins, policy=policy)

    trio.run(main)


def read_all(hosts: str, set_name: str) -> dict[bytes, Any]:
    """The records of a set: digest to record."""

    async def main() -> dict[bytes, Any]:
        async with ts.open_client(hosts) as client, client.query(ts.Statement("test", set_name)) as records:
            return {record.key.digest: record async for record in records}

    return trio.run(main)


def digests_of(set_name: str, *user_keys: int | str | bytes) -> set[str]:
    """The digests of keys, in hexadecimal."""
    return {Key("test", set_name, user_key).digest.hex() for user_key in user_keys}
