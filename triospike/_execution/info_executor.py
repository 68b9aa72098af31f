"""Running info commands: on one node, or on all of them side by side."""

from __future__ import annotations

import trio

from .._cluster.node import Node
from .._commands.info import InfoCommand
from .._net.carrier import Carrier
from ..errors import AerospikeError, CommandTimeout
from ..policy.info import InfoPolicy

__all__ = ["ask_all", "ask_node"]


async def ask_node(node: Node, command: InfoCommand, policy: InfoPolicy) -> str:
    """Ask one node, on a connection of its pool.

    Raises:
        CommandTimeout: ``policy.timeout`` ended.
        AerospikeError: The node answered with an error, or could not be asked.
    """
    connection: Carrier | None = None
    seconds = policy.timeout or float("inf")
    try:
        with trio.move_on_after(seconds):
            connection = await node.pool.take()
            frame = await connection.ask(command.request, max_body=policy.max_response_bytes)
            return command.parse(frame)
        raise CommandTimeout(f"no answer to the info command {command.command!r} in {seconds:g} s")
    except AerospikeError as error:
        error.node = node.name
        raise
    finally:
        if connection is not None:
            node.pool.put(connection, trio.current_time())


async def ask_all(
    nodes: tuple[Node, ...], command: InfoCommand, policy: InfoPolicy
) -> dict[str, str | AerospikeError]:
    """Ask all nodes at once; a node that fails has its error for a value.

    Returns:
        Name of the node to its answer, in the order of the nodes.
    """
    answers: dict[str, str | AerospikeError] = {}

    async def ask(node: Node) -> None:
        try:
            answers[node.name] = await ask_node(node, command, policy)
        except AerospikeError as error:
            answers[node.name] = error

    async with trio.open_nursery() as nursery:
        for node in nodes:
            nursery.start_soon(ask, node)
    return {node.name: answers[node.name] for node in nodes}
