"""The process of a worker: a client, and a task for each call."""

from __future__ import annotations

import math
from contextlib import AsyncExitStack, suppress

import trio

from .. import Client, open_client, open_event_loops
from .link import Frame, Kind, Link
from .pickles import MainProgram, dumps, loads, pack_error
from .setup import Setup

__all__ = ["main", "serve"]


def main(requests: int, answers: int) -> None:
    """Serve until the parent says that it is over, or has gone.

    Args:
        requests: Descriptor that frames come from.
        answers: Descriptor that frames go to.
    """
    trio.run(serve, requests, answers)


async def serve(requests: int, answers: int) -> None:
    """What `main` runs; the descriptors are closed behind it."""
    link = Link(requests, answers)
    try:
        for frame in await link.receive():  # nothing else comes before the answer to it
            await _serve(link, loads(frame.body, MainProgram(), in_worker=True))
    finally:
        await link.aclose()


async def _serve(link: Link, setup: Setup) -> None:
    service = _Service(link, setup)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.pump)
        nursery.start_soon(service.listen, nursery.cancel_scope)
        await service.run()
        with suppress(trio.BrokenResourceError):
            await link.flush()
        nursery.cancel_scope.cancel()


class _Service:
    """What a worker does.

    Args:
        link: To the parent.
        setup: From the parent.
    """

    def __init__(self, link: Link, setup: Setup) -> None:
        self._link = link
        self._setup = setup
        self._scopes: dict[int, trio.CancelScope] = {}
        self._accepted, self._calls = trio.open_memory_channel[Frame](math.inf)

    async def listen(self, everything: trio.CancelScope) -> None:
        """Take the parent's frames; when there is no parent any more, nothing is to be done any more."""
        while frames := await self._link.receive():
            for frame in frames:
                if frame.kind is Kind.CALL:
                    self._scopes[frame.number] = trio.CancelScope()
                    self._accepted.send_nowait(frame)
                elif frame.kind is Kind.CANCEL:
                    if frame.number in self._scopes:  # else the answer is on its way
                        self._scopes[frame.number].cancel()
                elif frame.kind is Kind.END:
                    self._accepted.close()
        everything.cancel()

    async def run(self) -> None:
        """Open the client and carry out calls, until there are no more and the last one is over."""
        async with AsyncExitStack() as stack:
            try:
                client = await self._open(stack)
            except Exception as error:  # it is raised by the parent
                self._link.send(Frame(Kind.NOT_READY, body=pack_error(error)))
                return
            self._link.send(Frame(Kind.READY))
            async with trio.open_nursery() as nursery:
                async for frame in self._calls:
                    nursery.start_soon(self._carry_out, client, frame)

    async def _open(self, stack: AsyncExitStack) -> Client:
        setup = self._setup
        loops = await stack.enter_async_context(open_event_loops(setup.policy.event_loops, setup.event_policy))
        return await stack.enter_async_context(open_client(*setup.hosts, policy=setup.policy, event_loops=loops))

    async def _carry_out(self, client: Client, request: Frame) -> None:
        """Call a function and send what becomes of it."""
        answer = Frame(Kind.CANCELLED, request.number)
        try:
            with self._scopes[request.number]:
                function, args, kwargs = loads(request.body, self._setup.main, in_worker=True)
                value = await function(client, *args, **kwargs)
                answer = Frame(Kind.VALUE, request.number, dumps(value, "what the function returned"))
        except Exception as error:  # it is raised by the call in the parent
            answer = Frame(Kind.ERROR, request.number, pack_error(error))
        del self._scopes[request.number]
        self._link.send(answer)
