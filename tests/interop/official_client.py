"""The official client, in a process of its own, as the tests see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import trio

from triospike.server import Server

__all__ = ["OfficialSession", "run_official_client"]

_HERE = Path(__file__).parent
_TIMEOUT = 60


def _command(script: str, server: Server) -> list[str]:
    ports = ",".join(str(host.port) for host in server.hosts)
    return [sys.executable, "-W", "ignore", str(_HERE / script), ports]


async def run_official_client(server: Server) -> dict[str, Any]:
    """Let a client do all that it can do with a server, and return what it found."""
    with trio.fail_after(_TIMEOUT):
        done = await trio.run_process(
            _command("official_client_script.py", server), capture_stdout=True, capture_stderr=True, check=False
        )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


class OfficialSession:
    """A client that is asked for one thing after the other."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, nursery: trio.Nursery, server: Server) -> OfficialSession:
        """Start it; it ends with the nursery."""

        async def run(*, task_status: trio.TaskStatus[trio.Process]) -> None:
            command = _command("official_client_session.py", server)
            await trio.run_process(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, check=False, task_status=task_status
            )

        return cls(await nursery.start(run))

    async def ask(self, call: str, *arguments: object) -> Any:
        """What a call of the session returns."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = b""
        with trio.fail_after(_TIMEOUT):
            await self._process.stdin.send_all(json.dumps([call, *arguments]).encode() + b"\n")
            while not line.endswith(b"\n"):
                received = await self._process.stdout.receive_some()
                assert received, "the client has ended"
                line += received
        return json.loads(line)

    async def close(self) -> None:
        """End it, and wait for that."""
        assert self._process.stdin is not None
        await self._process.stdin.aclose()
        with trio.fail_after(_TIMEOUT):
            await self._process.wait()
