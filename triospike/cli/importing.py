"""Lines of a file become records in a cluster: in order, many at once, with a mark below which all are done."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any, BinaryIO

import attrs
import click
import trio

import triospike

from ..clock import wall_clock
from ..errors import AerospikeError, GenerationError, RecordExists
from ..policy import GenerationPolicy, KeyPolicy, RecordExistsAction, Ttl, WritePolicy
from .portable import Imported, record_from_line
from .render import note, plural
from .resuming import Progressed, StateFile

__all__ = ["OUTCOMES", "Pump", "Work"]

OUTCOMES = ("written", "skipped", "expired", "passed over", "failed")
"""What becomes of lines; those without anything in them do not count."""

SAVE_INTERVAL = 1.0
"""Seconds between two notes of how far it is."""
NAMED_FAILURES = 10
"""Lines that failed and are told one by one."""
PORTION = 1 << 18
"""Bytes of lines that are read at once."""
LONGEST_TTL = 315_360_000

_EXISTS = {
    "replace": RecordExistsAction.CREATE_OR_REPLACE,
    "newer": RecordExistsAction.CREATE_OR_REPLACE,
    "merge": RecordExistsAction.IGNORE,
    "skip": RecordExistsAction.CREATE,
}


@attrs.define(kw_only=True)
class Work:
    """An import.

    Attributes:
        namespace: Where the records go.
        set_name: Their set; None for what each line says.
        if_exists: What happens to records that are there: "replace", "merge", "skip" or "newer".
        ttl: Of all records; None for what each line says.
        keep_going: Go on after lines that fail.
        event_loops: Of the client.
        in_process: Writes in process of each loop.
        line: Lines that are done, all before them too.
        offset: Bytes of them.
        size: Bytes of the file; 0 if nobody knows.
        counts: What became of how many of them; see `OUTCOMES`.
    """

    namespace: str
    set_name: str | None
    if_exists: str
    ttl: int | None
    keep_going: bool
    event_loops: int
    in_process: int
    line: int = 0
    offset: int = 0
    size: int = 0
    counts: Counter[str] = attrs.field(factory=Counter)
    _latest: tuple[tuple[Any, ...], WritePolicy | None] = ((), None)

    def job(self) -> dict[str, Any]:
        """What must be the same when it goes on."""
        return {"namespace": self.namespace, "set": self.set_name, "if-exists": self.if_exists, "ttl": self.ttl}

    def take_up(self, noted: Progressed) -> None:
        """Go on where an earlier run was."""
        self.line, self.offset = noted.records, noted.offset
        self.counts.update(noted.more["counts"])

    def progressed(self) -> Progressed:
        """What the next run has to know."""
        return Progressed(self.offset, self.line, {"counts": dict(self.counts)})

    def policy(self, found: Imported, timeout: float) -> WritePolicy | None:
        """How to write a record; None if it has expired."""
        ttl = self.ttl
        if ttl is None:
            left = None if found.expires is None else found.expires - wall_clock()
            if left is not None and left < 1:
                return None
            ttl = Ttl.NEVER_EXPIRE if left is None else min(int(left), LONGEST_TTL)
        sent = KeyPolicy.DIGEST if found.key.user_key is None else KeyPolicy.SEND
        return self._policy(timeout, int(ttl), sent, found.generation if self.if_exists == "newer" else None)

    def _policy(self, timeout: float, ttl: int, sent: KeyPolicy, generation: int | None) -> WritePolicy:
        """The policy for these; most lines need the same as the line before."""
        known, policy = self._latest
        if policy is not None and known == (timeout, ttl, sent, generation):
            return policy
        fields: dict[str, Any] = {"exists": _EXISTS[self.if_exists]}
        if generation is not None:
            fields |= {"gen": GenerationPolicy.GT, "generation": generation}
        policy = WritePolicy(total_timeout=timeout, ttl=ttl, key=sent, **fields)
        self._latest = (timeout, ttl, sent, generation), policy
        return policy


@attrs.frozen
class Pending:
    """A line under way.

    Attributes:
        line: Its number.
        end: Bytes up to its end.
        handle: The write; None where there is none to wait for.
        outcome: What became of it where there is none.
        error: Why there is none.
    """

    line: int
    end: int
    handle: triospike.Submitted[None] | None = None
    outcome: str = "failed"
    error: ValueError | TypeError | None = None


class Pump:
    """Submits lines in their order and waits for them in the same order, so that few are under way at once.

    Args:
        client: Where they go.
        timeout: Seconds for each write.
        work: What to do; it is kept up to date.
        state: Where notes are made; None for nowhere.
    """

    def __init__(self, client: triospike.Client, timeout: float, work: Work, state: StateFile | None) -> None:
        self._client = client
        self._timeout = timeout
        self._work = work
        self._state = state
        self._saved = trio.current_time()
        self._under_way: deque[Pending] = deque()
        self._limit = 2 * work.in_process * work.event_loops  # one half in process, the other ready to follow

    async def run(self, source: BinaryIO, from_line: int) -> None:
        """Write all lines.

        Args:
            source: The file, at the place where the work is.
            from_line: Lines before this one are passed over.

        Raises:
            click.ClickException: A line could not be written.
        """
        line, end, finished = self._work.line, self._work.offset, False
        try:
            while portion := await trio.to_thread.run_sync(source.readlines, PORTION):
                for text in portion:
                    line, end = line + 1, end + len(text)
                    self._under_way.append(self._begin(line, end, text, passed=line < from_line))
                    if len(self._under_way) >= self._limit:
                        await self._settle(self._under_way.popleft())
            while self._under_way:
                await self._settle(self._under_way.popleft())
            finished = True
        finally:
            self._save()
            if not finished:
                again = (
                    "--resume goes on" if self._state is not None else f"--from-line {self._work.line + 1} goes on"
                )
                note(f"interrupted: {plural(self._work.line, 'line')} so far; {again}", "yellow")

    def _begin(self, line: int, end: int, text: bytes, *, passed: bool) -> Pending:
        if passed:
            return Pending(line, end, outcome="passed over")
        if not text.strip():
            return Pending(line, end, outcome="empty")
        work = self._work
        try:
            found = record_from_line(text, work.namespace, work.set_name, wall_clock)
            policy = work.policy(found, self._timeout)
            if policy is None:
                return Pending(line, end, outcome="expired")
            prepared = self._client.prepare.put(found.key, found.bins, policy=policy)
        except (ValueError, TypeError) as error:
            return Pending(line, end, error=error)
        return Pending(line, end, self._client.submit(prepared))

    async def _settle(self, pending: Pending) -> None:
        """Wait for a line, and put the mark behind it."""
        outcome = pending.outcome
        if pending.handle is None:
            await trio.lowlevel.checkpoint()
            if pending.error is not None:
                self._fail(pending, pending.error)
        else:
            outcome = await self._written(pending, pending.handle)
        self._work.counts[outcome] += 1
        self._work.line, self._work.offset = pending.line, pending.end
        if trio.current_time() - self._saved > SAVE_INTERVAL:
            self._save()

    async def _written(self, pending: Pending, handle: triospike.Submitted[None]) -> str:
        try:
            await handle.result()
        except AerospikeError as error:
            refusal = {"skip": RecordExists, "newer": GenerationError}.get(self._work.if_exists)
            if refusal is not None and isinstance(error, refusal):
                return "skipped"
            self._fail(pending, error)
            return "failed"
        return "written"

    def _fail(self, pending: Pending, error: Exception) -> None:
        text = f"line {pending.line}: {' '.join(str(error).split())}"
        if not self._work.keep_going:
            raise click.ClickException(text)
        failed = self._work.counts["failed"]
        if failed < NAMED_FAILURES:
            note(text, "yellow")
        elif failed == NAMED_FAILURES:
            note("more lines failed", "yellow")

    def _save(self) -> None:
        self._saved = trio.current_time()
        if self._state is not None:
            self._state.write(self._work.progressed())
