"""Asking nodes what an administrator asks: one of them, or all side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import trio

from .._commands.info import InfoCommand
from .._execution.info_executor import ask_node
from ..errors import AerospikeError
from ..policy import InfoPolicy
from .info import InfoCommands

if TYPE_CHECKING:
    from .._cluster.node import Node

__all__ = ["NodeCommands"]


class NodeCommands(InfoCommands):
    """Questions in words that depend on the node's version."""

    __slots__ = ()

    def _chosen(self, node: Node | str | None) -> tuple[Node, ...]:
        """One node, or all that there are.

        Raises:
            InvalidNode: There is no node of that name, or none at all.
        """
        self._core.check_usable()
        cluster = self._core.cluster
        if isinstance(node, str):
            return (cluster.node_named(node),)
        if node is not None:
            return (node,)
        cluster.random_node()  # raises if there is none
        return cluster.nodes

    async def _ask_any(self, question: Callable[[Node], str], policy: InfoPolicy | None) -> str:
        """The answer of any node, for what one node does for the whole cluster."""
        policy = self._info_policy(policy)
        self._core.check_usable()
        node = self._core.cluster.random_node()
        return await ask_node(node, InfoCommand(question(node)), policy)

    async def _ask_each(
        self,
        question: Callable[[Node], str],
        node: Node | str | None,
        policy: InfoPolicy | None,
        *,
        tolerated: Collection[type[AerospikeError]] = (),
    ) -> dict[Node, str]:
        """The answers of one node, or of all; those that answered with a tolerated error are left out.

        Raises:
            AerospikeError: A node failed otherwise: the first, with those of the others in ``sub_errors``.
        """
        policy = self._info_policy(policy)
        nodes = self._chosen(node)
        answers: dict[Node, str] = {}
        errors: dict[Node, AerospikeError] = {}

        async def ask(one: Node) -> None:
            try:
                answers[one] = await ask_node(one, InfoCommand(question(one)), policy)
            except AerospikeError as error:
                if type(error) not in tolerated:
                    errors[one] = error

        async with trio.open_nursery() as nursery:
            for one in nodes:
                nursery.start_soon(ask, one)
        failed = [errors[one] for one in nodes if one in errors]
        if failed:
            failed[0].sub_errors = tuple(failed[1:])
            raise failed[0]
        return {one: answers[one] for one in nodes if one in answers}
