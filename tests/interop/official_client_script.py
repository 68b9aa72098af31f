"""Runs the official client against the cluster whose ports are given, and prints what it got as JSON.

It is a process of its own, because that client blocks its thread, and has threads of its own.
"""

from __future__ import annotations

import json
import sys

import aerospike
from official_client_groups import GROUPS, wait_for_nodes


def main() -> None:
    ports = [int(port) for port in sys.argv[1].split(",")]
    client = aerospike.client({"hosts": [("127.0.0.1", ports[0])]}).connect()
    try:
        got: dict[str, object] = {"nodes": wait_for_nodes(client, len(ports))}
        got |= {name: group(client) for name, group in GROUPS.items()}
    finally:
        client.close()
    print(json.dumps(got))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main()
