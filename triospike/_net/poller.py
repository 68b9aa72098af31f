"""When answers are here and requests go out: once for all connections in each turn of Trio's loop.

To wait for a socket costs Trio more than to receive from it: an entry in its books and a system call each time.
Here the sockets of commands that wait stand in one epoll set for as long as they are open, and Trio waits for that
set. At the beginning of each turn, before any task has its step, the set is asked once, whatever has arrived is
received, and the tasks whose answers it is are made ready for this very turn. At its end, when every task that was
ready has had its step, the requests of the turn go out, one send for each connection.

Who waits alone waits for its socket itself, which costs less than the set does then. So does everybody where there
is no epoll. After a while in which nobody else has waited, Trio need not tell of its turns any more: a client that
has nothing to do costs the program nothing.
"""

from __future__ import annotations

import select
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import trio
from trio.lowlevel import (
    Abort,
    current_task,
    enable_ki_protection,
    reschedule,
    wait_readable,
    wait_task_rescheduled,
)

from .alarms import Alarms

__all__ = ["NEVER", "Polled", "Poller", "Writer"]

NEVER = -1
"""The turn of what has not happened."""

_MOST_GATHERED = 32
"""Connections with a request each that send at once: more would leave the servers without work for too long."""
_FRESH = 0.001
"""Seconds for which a look at the sockets is good, within its turn."""
_PATIENCE = 1000
"""Turns in which nobody is parked, until Trio need not tell of them any more: to ask it anew costs what 20 do."""


class Polled(Protocol):
    """A connection as the poller knows it. It is called between the steps of tasks and must not raise."""

    def on_readable(self) -> None:
        """Its socket is readable, or broken."""

    def close(self) -> None:
        """The poller ends, and nobody would call again."""


class Writer(Protocol):
    """A connection that gathers requests."""

    def write_gathered(self) -> bool:
        """Send what was gathered; wakes no task. False if there is more to do: `after_writing` is called then."""

    def after_writing(self) -> None:
        """Do the rest, in a step of its own; must not raise."""


class Poller(trio.abc.Instrument):
    """Waits for all connections of the event loops that were opened together. One task must be in `run`.

    Attributes:
        time: Trio's time, as `trio.current_time`, which finds its clock anew each time.
        turn: Counts the turns of Trio's loop, in each of which a task takes at most one step. While Trio does not
            tell of them, one that brought an answer, together with those after it that did not.
        parked: Commands that wait for answers which the poller receives; counted by their connections.
        alone: Those that wait for their sockets by themselves; likewise.
        alarms: Tell connections when they have waited for long enough.
        looked: The turn of the last look at all sockets.
        fresh_until: Trio's time until which a look of this turn is good: tasks may take their time.
        shares: There is a set to park in: `run` is running, and the system has epoll.
        takes_part: Trio tells of its turns. It does not while all commands come one at a time, or none.
    """

    def __init__(self) -> None:
        self.turn = 0
        self.shares = False
        self.takes_part = False
        self.time: Callable[[], float] = trio.lowlevel.current_clock().current_time
        self.parked = 0
        self.alone = 0
        self.alarms = Alarms()
        self.fresh_until = 0.0
        self.looked = NEVER
        self._set: select.epoll | None = None
        self._watched: dict[int, Polled] = {}
        self._writers: list[Writer] = []
        self._nursery: trio.Nursery | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._sleeper: trio.lowlevel.Task | None = None  # the task in `run`, while nobody is parked
        self._was_useful = False
        self._quiet_turns = 0
        self._has_bug = False

    def __repr__(self) -> str:
        return f"<Poller: {self.parked} parked, {self.alone} alone, {len(self._watched)} sockets watched>"

    # For connections.

    def attend(self, fd: int, connection: Polled) -> None:
        """See to it that `on_readable` will be called while commands are parked: for the first of them."""
        if fd not in self._watched and self._set is not None:
            self._watched[fd] = connection
            self._set.register(fd, select.EPOLLIN)
        if not self.takes_part:
            self._take_part()
        if self._sleeper is not None:
            sleeper, self._sleeper = self._sleeper, None
            reschedule(sleeper)

    def forget(self, fd: int) -> None:
        """A socket is to be closed, or somebody else reads from it at his leisure."""
        if self._watched.pop(fd, None) is not None and self._set is not None:
            self._set.unregister(fd)

    def write_soon(self, connection: Writer) -> None:
        """Let a connection send its one request, by the end of this turn at the latest."""
        if len(self._writers) >= _MOST_GATHERED:
            # Before it, not with it: its task may be cancelled already, which Trio tells it when it parks.
            self._write()
        self._writers.append(connection)

    def write_last(self, connection: Writer) -> None:
        """Let a connection that many share send what it has gathered by the end of this turn, and not before.

        With many nodes, requests to each come one here and one there throughout the turn.
        """
        self._writers.append(connection)
        if not self.takes_part:
            self._take_part()

    def start_soon(self, function: Callable[[], Awaitable[None]]) -> None:
        """Run something in a task of its own; nothing happens once the event loops are closed."""
        if self._nursery is not None:
            self._nursery.start_soon(function)

    def has_seen(self, fd: int, turn: int, now: float) -> bool:
        """Whether an idle socket was looked at a moment ago, or now; what should be idle and is not, is closed.

        Args:
            fd: The socket.
            turn: The one in which its last answer was received, and nothing behind it; else `NEVER`.
            now: Trio's time.
        """
        if now < self.fresh_until and (turn == self.turn or (self.looked == self.turn and fd in self._watched)):
            return True
        if fd not in self._watched:
            return False
        self._look()  # for all who ask in the next moment
        self.fresh_until = now + _FRESH
        return True

    def begin_turn(self) -> None:
        """A new turn has begun, says who waited alone: for where Trio does not tell."""
        self.turn += 1
        self.fresh_until = self.time() + _FRESH

    # Trio's.

    def _take_part(self) -> None:
        if self._nursery is not None:  # else there is nobody to whom a bug could be told
            trio.lowlevel.add_instrument(self)
            self.takes_part = True
            self._quiet_turns = 0

    def _take_no_part(self) -> None:
        if self.takes_part:
            trio.lowlevel.remove_instrument(self)
            self.takes_part = False

    def before_io_wait(self, timeout: float) -> None:
        """All tasks had their step."""
        if self._writers:
            try:
                self._write()
            except Exception as bug:
                self._tell_soon(bug)

    @enable_ki_protection  # a Ctrl-C in the middle would leave requests that nobody sends
    def _write(self) -> None:
        writers, self._writers = self._writers, []
        for connection in writers:
            if not connection.write_gathered() and self._token is not None:
                # In a step of its own, since Trio may have settled how long it will sleep: this wakes it.
                self._token.run_sync_soon(connection.after_writing)

    def after_io_wait(self, timeout: float) -> None:
        """The next turn begins."""
        self.turn += 1  # as `begin_turn`, without a call
        self.fresh_until = self.time() + _FRESH
        if self._set is None:
            return
        if self.parked:
            self._quiet_turns = 0
            try:
                self._look()
            except Exception as bug:
                self._tell_soon(bug)
        else:
            self._quiet_turns += 1
            if self._quiet_turns > _PATIENCE and not self._writers:
                self._take_no_part()

    def _tell_soon(self, bug: Exception) -> None:
        """Let a task raise a bug: Trio would only take note of it, and never call this instrument again."""
        if self._token is not None and not self._has_bug:
            self._has_bug = True  # one is enough: what it was about may come again in each turn
            self._token.run_sync_soon(self.start_soon, partial(_raise, bug))

    @enable_ki_protection  # a Ctrl-C in the middle would leave tasks that nobody wakes
    def _look(self) -> None:
        assert self._set is not None
        self.looked = self.turn
        watched = self._watched
        readable = self._set.poll(0, len(watched) or 1)
        if readable:
            self._was_useful = True
        for fd, _ in readable:
            connection = watched.get(fd)
            if connection is not None:  # else it was closed on account of one before it
                connection.on_readable()

    # The task.

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep Trio waiting for the set, until cancelled."""
        self._token = trio.lowlevel.current_trio_token()
        try:
            async with trio.open_nursery() as self._nursery:
                self._take_part()
                if hasattr(select, "epoll"):
                    self._set = select.epoll()
                    self.shares = True
                self._nursery.start_soon(self.alarms.run)
                task_status.started()
                if self._set is None:
                    await trio.sleep_forever()
                await self._wait_for_set()
        finally:
            self._take_no_part()
            self._nursery = None
            self.shares = False
            for connection in list(self._watched.values()):
                connection.close()
            if self._set is not None:
                self._set.close()
                self._set = None

    async def _wait_for_set(self) -> None:
        assert self._set is not None
        while True:
            if not (self.parked or self._was_useful):
                self._sleeper = current_task()
                await wait_task_rescheduled(self._abort)
            self._was_useful = False
            await wait_readable(self._set.fileno())

    def _abort(self, _: object) -> Abort:
        self._sleeper = None
        return Abort.SUCCEEDED


async def _raise(bug: Exception) -> None:
    raise bug
