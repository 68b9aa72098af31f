"""The parent's side of worker processes: start them, ask for rounds, end them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .job import Job
from .peers import PEERS, Peer

__all__ = ["PEER_PATIENCE", "Process", "Worker", "python_module"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PEER_PATIENCE = 120.0
"""Seconds beyond those of a round in which a process must answer: all peers connect at once."""

_LAST_WORDS = 600


def python_module(module: str, *arguments: str, python: str = sys.executable) -> list[str]:
    """The command that runs a module of this package."""
    return [python, "-m", f"{__package__}.{module}", *arguments]


class Process:
    """A process of this package that is spoken to in lines, with the parent's own priority.

    Args:
        command: What to run; see `python_module`.
        environment: Variables on top of those of this process.
        cpus: Which CPUs it may run on; empty for all.

    Raises:
        OSError: There is no such program.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cpus: Iterable[int] = (),
    ) -> None:
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
        self._words = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  closed in `stop`
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                text=True,
                encoding="utf-8",
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": path, **(environment or {})},
            )
        except OSError:
            self._words.close()
            raise
        if allowed := set(cpus):
            os.sched_setaffinity(self._process.pid, allowed)

    def say(self, line: str) -> None:
        """Send a line; a process that has ended does not hear it."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def hear(self, patience: float = PEER_PATIENCE) -> dict[str, Any]:
        """Wait for a line; a process that says nothing is ended.

        Args:
            patience: Seconds to wait.

        Returns:
            What it said, or ``failed`` with the reason.
        """
        assert self._process.stdout is not None
        silent = threading.Event()

        def give_up() -> None:
            silent.set()
            self._process.kill()

        watchdog = threading.Timer(patience, give_up)
        watchdog.start()
        try:
            answer = self._process.stdout.readline()
        finally:
            watchdog.cancel()
        if silent.is_set():
            return {"failed": f"it did not answer within {patience:g} s"}
        if not answer:
            self._process.kill()
            return {"failed": f"the process ended with {self._process.wait()}: {self.last_words()}"}
        facts: dict[str, Any] = json.loads(answer)
        return facts

    def last_words(self) -> str:
        """The end of what the process wrote to stderr."""
        self._words.seek(0)
        return self._words.read()[-_LAST_WORDS:].strip()

    def stop(self, patience: float = 10.0) -> None:
        """End it: it is asked to, and killed if it does not."""
        self.say("")
        try:
            self._process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        finally:
            self._words.close()


class Worker:
    """A peer at one case, in a process of its own, which begins to connect at once; see `connected`.

    Args:
        job: What it is to do.
        interpreter: What runs it, where that is not this Python or the peer's program.
        cpus: Which CPUs it may run on; empty for all.

    Attributes:
        facts: What it said of itself; ``absent``, ``cannot`` or ``failed`` when it can't be measured.
        rounds: What it measured.
        spent: Seconds that those rounds took in all: more than was asked for, where one command takes longer.
    """

    def __init__(self, job: Job, interpreter: str = "", cpus: Iterable[int] = ()) -> None:
        self.rounds: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}
        self.spent = 0.0
        peer = PEERS[job.peer]
        command = _command(peer, interpreter)
        self._process: Process | None = None
        try:
            self._process = Process(command, environment=peer.environment, cpus=cpus)
        except OSError as error:
            self.facts["absent"] = f"{command[0]} cannot be run: {error.strerror}"
        else:
            self._process.say(job.to_json())

    @property
    def is_usable(self) -> bool:
        """Rounds can be asked for."""
        return not self.facts.keys() & {"absent", "cannot", "failed"}

    def connected(self) -> None:
        """Wait until it is ready for rounds, or known not to be."""
        for _ in ("imported", "ready"):
            if self._process is not None and self.is_usable:
                self.facts |= self._process.hear()

    def warm_up(self, seconds: float) -> None:
        """Run a round whose figures nobody keeps."""
        self._ask(seconds)

    def round(self, seconds: float) -> None:
        """Run a round and keep its figures; nothing happens where there can be none."""
        began = time.perf_counter()
        answer = self._ask(seconds)
        if self.is_usable:
            self.rounds.append(answer)
            self.spent += time.perf_counter() - began

    def _ask(self, seconds: float) -> dict[str, Any]:
        if self._process is None or not self.is_usable:
            return {}
        self._process.say(repr(seconds))
        answer = self._process.hear(seconds + PEER_PATIENCE)
        if "failed" in answer:
            self.facts |= answer
        return answer

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.stop()


def _command(peer: Peer, interpreter: str) -> list[str]:
    """How a peer's process is started: by this Python, unless it has a program of its own."""
    if not peer.program:
        return python_module("worker", python=interpreter or sys.executable)
    program, *arguments, file = peer.program
    return [interpreter or program, *arguments, str(HERE / file)]
