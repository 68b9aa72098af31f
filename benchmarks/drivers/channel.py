"""The worker's side of its talk with the parent: lines of JSON."""

from __future__ import annotations

import json
import os
import sys

from ..job import Job

__all__ = ["Channel"]


class Channel:
    """Takes jobs and rounds from stdin, and answers on what was stdout; prints of libraries go to stderr."""

    def __init__(self) -> None:
        self.baseline = 0
        """Bytes of memory once everything was imported."""
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def job(self) -> Job:
        """What this process is to do; the first line."""
        return Job.from_json(sys.stdin.readline())

    def say(self, **facts: object) -> None:
        """Tell the parent."""
        self._answers.write(json.dumps(facts) + "\n")
        self._answers.flush()

    def next_round(self) -> float | None:
        """Wait for the next round: its seconds, or None when there are no more. Blocks."""
        line = sys.stdin.readline().strip()
        return float(line) if line else None
