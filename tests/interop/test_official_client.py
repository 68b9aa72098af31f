"""The official client against the embedded server: neither knows of the other."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import trio

from triospike.server.config import ServerConfig
from triospike.server.serve import serve_aerospike
from triospike.server.server import Server

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        importlib.util.find_spec("aerospike") is None,
        reason="needs the official client: pip install 'triospike[interop]'",
    ),
]

SCRIPT = Path(__file__).parent / "official_client_script.py"

COMMANDS: dict[str, object] = {
    "get missing": "error 2",
    "put": 0,
    "get": {"name": "Ada", "age": 36, "scores": [1, 2.5], "tags": {"x": "y"}},
    "select": {"age": 36},
    "exists": 1,
    "exists missing": None,
    "changed": {"name": "Countess Ada Lovelace", "age": 40, "scores": [1, 2.5], "tags": {"x": "y"}},
    "generation": 5,
    "operate": {"age": 41},
    "increment a string": "error 12",
    "bins left": ["age", "name", "scores"],
    "remove": 0,
    "remove missing": "error 2",
    "unknown namespace": "error 20",
}


async def run_official_client(server: Server) -> dict[str, Any]:
    """Run the script in a process of its own, and return what it found."""
    ports = ",".join(str(host.port) for host in server.hosts)
    with trio.fail_after(60):
        done = await trio.run_process(
            [sys.executable, str(SCRIPT), ports], capture_stdout=True, capture_stderr=True, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("nodes", [1, 3])
async def test_official_client_gets_the_right_answers(nursery: trio.Nursery, nodes: int) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=nodes))
    found = await run_official_client(server)
    assert found["commands"] == COMMANDS
    assert found["many"] == 500
    assert found["connected"] is True
    assert found["info"] == ["test\n"] * nodes  # that client keeps the line end
    assert found["nodes"] == sorted(["127.0.0.1", host.port] for host in server.hosts)


async def test_official_client_finds_the_records_after_a_node_went_down(nursery: trio.Nursery) -> None:
    server: Server = await nursery.start(serve_aerospike, ServerConfig(nodes=3))
    await run_official_client(server)
    await server.stop_node(0)
    await server.wait_stable()
    found = await run_official_client(server)
    assert found["many"] == 500
    assert len(found["nodes"]) == 2
    assert [node.records for node in server.statistics().nodes[1:]] == [500, 500]
