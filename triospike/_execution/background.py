"""Handing a job to every node of the cluster: the servers do the work, and answer that they have begun."""

from __future__ import annotations

import math

import trio

from .._cluster.node import Node
from .._commands.base import check_answer
from ..errors import AerospikeError, error_for
from ..policy.enums import Replica
from ..policy.write import WritePolicy
from ..result_code import ResultCode
from .core import ClientCore
from .event_loop import EventLoop
from .parts import Part, run_part

__all__ = ["start_job"]


class _JobPart(Part):
    """The job for one node."""

    __slots__ = ("accepted",)

    is_write = True
    drainable = True

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.accepted = False

    def receive(self, frame: bytes) -> bool:
        """See `Part.receive`: the answer is one message."""
        code = check_answer(frame)
        if code not in {ResultCode.OK, ResultCode.NOT_FOUND}:  # not found: the node has no such set
            raise error_for(code)
        self.accepted = True
        return True

    async def relieve(self) -> None:
        """See `Part.relieve`."""
        await trio.lowlevel.checkpoint()


async def start_job(
    loop: EventLoop, core: ClientCore, namespace: str, request: bytes, policy: WritePolicy
) -> None:
    """Give a job to all nodes at once.

    Args:
        loop: Whose limits the parts run under.
        core: The client.
        namespace: Where the job works.
        request: The job.
        policy: Its times; there is no second attempt.

    Raises:
        ValueError: The cluster has no such namespace.
        AerospikeError: A node did not accept it; in doubt if another one did, or may have.
    """
    core.check_usable()
    core.cluster.node_for(namespace, 0, Replica.SEQUENCE, 0, write=False)  # is there such a namespace?
    deadline = trio.current_time() + policy.total_timeout if policy.total_timeout else math.inf
    parts = {node: _JobPart(request) for node in core.cluster.nodes}
    errors: list[AerospikeError] = []

    async def give(node: Node, part: _JobPart) -> None:
        try:
            await run_part(loop, core, node, part, policy, deadline)
        except AerospikeError as error:
            errors.append(error)

    async with trio.open_nursery() as nursery:
        for node, part in parts.items():
            nursery.start_soon(give, node, part)
    if errors:
        first, *others = errors
        first.sub_errors = tuple(others)
        first.in_doubt = any(error.in_doubt for error in errors) or any(part.accepted for part in parts.values())
        raise first
