"""One official client that lives on while the cluster whose ports are given changes.

Every line of its input is a JSON array, a call and its arguments; every line of its output is what the call
returned. It ends with its input.
"""

from __future__ import annotations

import json
import sys

import aerospike
from aerospike import exception
from official_client_groups import attempt, wait_for_nodes

POLICY = {"max_retries": 50, "sleep_between_retries": 50, "socket_timeout": 500, "total_timeout": 10_000}


class Calls:
    """What may be asked."""

    def __init__(self, client: aerospike.Client) -> None:
        self._client = client

    def nodes(self, count: int) -> list[int]:
        """Ports of the nodes that the client knows, once there are that many."""
        return [port for _, port in wait_for_nodes(self._client, count)]

    def write(self, start: int, stop: int) -> int:
        """Write records; return how many writes succeeded."""
        return sum(self._write(index) for index in range(start, stop))

    def _write(self, index: int) -> bool:
        return attempt(self._client.put, ("test", "many", index), {"i": index}, {}, POLICY) == 0

    def right(self, start: int, stop: int) -> int:
        """How many of these records read back right."""
        return sum(self._is_right(index) for index in range(start, stop))

    def _is_right(self, index: int) -> bool:
        try:
            return bool(self._client.get(("test", "many", index), POLICY)[2] == {"i": index})
        except exception.AerospikeError:
            return False

    def put(self, user_key: str, ttl: int) -> object:
        return attempt(self._client.put, ("test", "demo", user_key), {"a": 1}, {"ttl": ttl})

    def generation(self, user_key: str) -> int | None:
        """Generation of a record, None if there is none."""
        meta = self._client.exists(("test", "demo", user_key))[1]
        return None if meta is None else int(meta["gen"])


def main() -> None:
    hosts = [("127.0.0.1", int(port)) for port in sys.argv[1].split(",")]
    client = aerospike.client({"hosts": hosts, "tend_interval": 250}).connect()
    try:
        calls = Calls(client)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            print(json.dumps(getattr(calls, name)(*arguments)), flush=True)  # noqa: T201 - this is its answer
    finally:
        client.close()


if __name__ == "__main__":
    main()
