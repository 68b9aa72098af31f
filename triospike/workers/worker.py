"""The parent's side of one worker process: from its start to its end, with the calls that it has."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack

import trio

from ..errors import AerospikeError, ClientClosed
from .call import Call
from .died import WorkerDied
from .link import Frame, Kind, Link
from .pickles import MainProgram, unpack_error
from .setup import command

__all__ = ["GRACE", "Worker"]

GRACE = 2.0
"""Seconds that a process has to end by itself before it is killed."""


class Worker:
    """One process.

    Args:
        index: Its number among its fellows.
        setup: Pickle of what it is told first.
        main: This process's main program.
        when_dead: Called with the error when the process ends unasked.

    Attributes:
        ready: Set when it takes calls, or never will.
        over: Set when the process is no more.
        failure: Why it is not ready, or None.
    """

    def __init__(
        self, index: int, setup: bytes, main: MainProgram, when_dead: Callable[[WorkerDied], None]
    ) -> None:
        self.ready = trio.Event()
        self.over = trio.Event()
        self.failure: Exception | None = None
        self._name = f"worker {index}"
        self._setup = setup
        self._main = main
        self._when_dead = when_dead
        self._link: Link | None = None
        self._process: trio.Process | None = None
        self._calls: dict[int, Call] = {}
        self._numbers = 0
        self._asked_to_end = False
        self._stopped = True  # unless the conversation ends by itself

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self._process is not None
        return self._process.pid

    @property
    def load(self) -> int:
        """Calls that it has, those given up but not over among them."""
        return len(self._calls)

    @property
    def name(self) -> str:
        """For messages."""
        return self._name if self._process is None else f"{self._name} (process {self._process.pid})"

    def begin(self, body: bytes, when_over: Callable[[Call], None] | None = None) -> Call:
        """Have a function called.

        Args:
            body: Pickle of function and arguments.
            when_over: See `Call`.
        """
        assert self._link is not None
        self._numbers += 1
        call = self._calls[self._numbers] = Call(Frame(Kind.CALL, self._numbers, body), when_over)
        self._link.send(call.request)
        return call

    def give_up(self, call: Call) -> None:
        """Cancel a call, and have the worker cancel its task; nothing happens to one that is over."""
        if call.is_over or call.given_up:
            return
        call.given_up = True
        if not call.request.sent:
            call.request.dropped = True
            del self._calls[call.request.number]
        elif self._link is not None:
            self._link.send(Frame(Kind.CANCEL, call.request.number))

    def finish(self) -> None:
        """Let the process end once its calls are over."""
        if self._link is not None and not self._asked_to_end:
            self._asked_to_end = True
            self._link.send(Frame(Kind.END))

    @trio.lowlevel.enable_ki_protection
    async def keep(self) -> None:
        """Start the process, carry calls to and fro, and see it end. When cancelled, end it."""
        try:
            await self._start()
            await self._converse()
            self._stopped = False
        except OSError as error:  # the process can't be started
            self.failure = error
        finally:
            try:
                with trio.CancelScope(shield=True):
                    await self._end()
            finally:
                self._settle()

    async def _start(self) -> None:
        with ExitStack() as until_started:
            requests, to_worker = os.pipe()
            until_started.callback(os.close, requests)
            try:
                from_worker, answers = os.pipe()
            except OSError:
                os.close(to_worker)
                raise
            until_started.callback(os.close, answers)
            self._link = Link(from_worker, to_worker)
            self._process = await trio.lowlevel.open_process(
                command(requests, answers), stdin=subprocess.DEVNULL, pass_fds=(requests, answers)
            )
        self._link.send(Frame(Kind.SETUP, body=self._setup))

    async def _converse(self) -> None:
        assert self._link is not None
        assert self._process is not None
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._link.pump)
            nursery.start_soon(self._watch, nursery.cancel_scope)
            while frames := await self._link.receive():
                for frame in frames:
                    self._take(frame)
            nursery.cancel_scope.cancel()
        if self._asked_to_end:
            await self._process.wait()

    @trio.lowlevel.enable_ki_protection
    async def _watch(self, conversation: trio.CancelScope) -> None:
        """Notice the end of the process even if a child of its own holds its pipes open."""
        assert self._process is not None
        await self._process.wait()
        await trio.sleep(GRACE)
        conversation.cancel()

    def _take(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.READY:
                self.ready.set()
            case Kind.NOT_READY:
                self._asked_to_end = True
                self.failure = unpack_error(frame.body, self._main, self.name)
            case _:
                self._calls.pop(frame.number).answered(frame, self.name)

    async def _end(self) -> None:
        """See the process end; it does as soon as its pipes are closed, unless it is busy."""
        if self._link is not None:
            await self._link.aclose()
        if self._process is not None:
            with trio.move_on_after(GRACE):
                await self._process.wait()
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()

    def _settle(self) -> None:
        """The process is no more: tell those who wait for it."""
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.failed(self._error_of(call))
        if self.failure is None and not self._stopped and not (self._asked_to_end and self._exit_code == 0):
            death = WorkerDied(self._obituary(), in_doubt=any(call.request.sent for call in calls.values()))
            if not self.ready.is_set():
                self.failure = death
            self._when_dead(death)
        self.ready.set()
        self.over.set()

    def _error_of(self, call: Call) -> AerospikeError:
        sent = call.request.sent
        if self._stopped:
            return ClientClosed("the block of the workers was left", in_doubt=sent)
        return WorkerDied(self._obituary(), in_doubt=sent)

    @property
    def _exit_code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    def _obituary(self) -> str:
        code = self._exit_code
        if code is None:
            return f"{self.name} was never started"
        if code < 0:
            return f"{self.name} was ended by {signal.Signals(-code).name}"
        return f"{self.name} ended with exit status {code}"
