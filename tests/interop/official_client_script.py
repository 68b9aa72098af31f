"""Runs the official client against the cluster whose ports are given, and prints what it got as JSON.

It is a process of its own, because that client blocks its thread, and has threads of its own.
"""

from __future__ import annotations

import json
import sys
import time

import aerospike
from aerospike import exception
from aerospike_helpers.operations import operations


def attempt(call: object, *arguments: object) -> object:
    """What a call returns, or the code of its error."""
    try:
        return call(*arguments)  # type: ignore[operator]
    except exception.AerospikeError as error:
        return f"error {error.code}"


def single_record_commands(client: aerospike.Client) -> dict[str, object]:
    key = ("test", "demo", "user1")
    got: dict[str, object] = {}
    got["get missing"] = attempt(client.get, key)
    got["put"] = attempt(client.put, key, {"name": "Ada", "age": 36, "scores": [1, 2.5], "tags": {"x": "y"}})
    got["get"] = client.get(key)[2]
    got["select"] = client.select(key, ["age"])[2]
    got["exists"] = client.exists(key)[1]["gen"]
    got["exists missing"] = client.exists(("test", "demo", "nobody"))[1]
    client.append(key, "name", " Lovelace")
    client.prepend(key, "name", "Countess ")
    client.increment(key, "age", 4)
    client.touch(key)
    got["changed"] = client.get(key)[2]
    got["generation"] = client.get(key)[1]["gen"]
    ops = [operations.increment("age", 1), operations.read("age"), operations.append("name", "!")]
    got["operate"] = client.operate(key, ops)[2]
    got["increment a string"] = attempt(client.increment, key, "name", 1)
    client.remove_bin(key, ["tags"])
    got["bins left"] = sorted(client.get(key)[2])
    got["remove"] = attempt(client.remove, key)
    got["remove missing"] = attempt(client.remove, key)
    got["unknown namespace"] = attempt(client.put, ("nope", "demo", 1), {"a": 1})
    return got


def wait_for_nodes(client: aerospike.Client, count: int) -> list[tuple[str, int]]:
    deadline = time.monotonic() + 10
    while len(client.get_nodes()) != count and time.monotonic() < deadline:
        time.sleep(0.05)
    return sorted(client.get_nodes())


def many_records(client: aerospike.Client) -> int:
    """Write records of many partitions; return how many read back right."""
    for index in range(500):
        client.put(("test", "many", index), {"i": index})
    return sum(client.get(("test", "many", index))[2] == {"i": index} for index in range(500))


def main() -> None:
    ports = [int(port) for port in sys.argv[1].split(",")]
    client = aerospike.client({"hosts": [("127.0.0.1", ports[0])]}).connect()
    try:
        got = {
            "nodes": wait_for_nodes(client, len(ports)),
            "commands": single_record_commands(client),
            "many": many_records(client),
            "info": sorted(error or answer for error, answer in client.info_all("namespaces").values()),
            "connected": client.is_connected(),
        }
    finally:
        client.close()
    print(json.dumps(got))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main()
