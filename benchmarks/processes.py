"""The parent's side of worker processes: start them, ask for rounds, end them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .job import Job
from .peers import PEERS

__all__ = ["PEER_PATIENCE", "Process", "Worker"]

ROOT = Path(__file__).resolve().parent.parent
PEER_PATIENCE = 60.0
"""Seconds beyond those of a round in which a process must answer."""

_LAST_WORDS = 600


class Process:
    """A Python process of this package that is spoken to in lines, with the parent's own priority.

    Args:
        module: What to run.
        arguments: For it.
        python: The interpreter.
        environment: Variables on top of those of this process.
        cpus: Which CPUs it may run on; empty for all.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
        cpus: Iterable[int] = (),
    ) -> None:
        path = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
        self._words = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  closed in `stop`
        self._process = subprocess.Popen(
            [python, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        )
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
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.start()
        try:
            answer = self._process.stdout.readline()
        finally:
            watchdog.cancel()
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
        python: The interpreter.
        cpus: Which CPUs it may run on; empty for all.

    Attributes:
        facts: What it said of itself; ``absent``, ``cannot`` or ``failed`` when it can't be measured.
        rounds: What it measured.
    """

    def __init__(self, job: Job, python: str = sys.executable, cpus: Iterable[int] = ()) -> None:
        self._process = Process(
            f"{__package__}.worker", python=python, environment=PEERS[job.peer].environment, cpus=cpus
        )
        self.rounds: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}
        self._process.say(job.to_json())

    @property
    def is_usable(self) -> bool:
        """Rounds can be asked for."""
        return not self.facts.keys() & {"absent", "cannot", "failed"}

    def connected(self) -> None:
        """Wait until it is ready for rounds, or known not to be."""
        self.facts |= self._process.hear()
        if self.is_usable:
            self.facts |= self._process.hear()

    def warm_up(self, seconds: float) -> None:
        """Run a round whose figures nobody keeps."""
        self._ask(seconds)

    def round(self, seconds: float) -> None:
        """Run a round and keep its figures; nothing happens where there can be none."""
        answer = self._ask(seconds)
        if self.is_usable:
            self.rounds.append(answer)

    def _ask(self, seconds: float) -> dict[str, Any]:
        if not self.is_usable:
            return {}
        self._process.say(repr(seconds))
        answer = self._process.hear(seconds + PEER_PATIENCE)
        if "failed" in answer:
            self.facts |= answer
        return answer

    def stop(self) -> None:
        """End the process."""
        self._process.stop()
