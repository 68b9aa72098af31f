"""Info commands as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._commands.info import InfoCommand
from .._execution.info_executor import ask_all, ask_node
from ..defaults import check_policy
from ..errors import AerospikeError
from ..policy import InfoPolicy
from .base import Commands

if TYPE_CHECKING:
    from .._cluster.node import Node

__all__ = ["InfoCommands"]


class InfoCommands(Commands):
    """Questions to nodes, in their own words."""

    __slots__ = ()

    async def info(self, command: str, *, node: Node | str | None = None, policy: InfoPolicy | None = None) -> str:
        """Ask one node an info command (C: ``aerospike_info_node``).

        Args:
            command: The command, one line: ``namespaces``, ``sets/test``, ``get-config:context=service``.
            node: The node or its name; None takes any.
            policy: How to ask, instead of the client's default.

        Returns:
            The command's value.

        Raises:
            InvalidNode: There is no node of that name, or none at all.
            AerospikeError: The server answered with an error.
        """
        asked = InfoCommand(command)
        policy = self._info_policy(policy)
        self._core.check_usable()
        cluster = self._core.cluster
        if node is None:
            chosen = cluster.random_node()
        else:
            chosen = cluster.node_named(node) if isinstance(node, str) else node
        return await ask_node(chosen, asked, policy)

    async def info_all(self, command: str, *, policy: InfoPolicy | None = None) -> dict[str, str | AerospikeError]:
        """Ask every node an info command, side by side (C: ``aerospike_info_foreach``).

        Args:
            command: The command, one line.
            policy: How to ask, instead of the client's default.

        Returns:
            Name of the node to its answer, or to the error that it answered with or met.
        """
        asked = InfoCommand(command)
        policy = self._info_policy(policy)
        self._core.check_usable()
        return await ask_all(self._core.cluster.nodes, asked, policy)

    def _info_policy(self, policy: InfoPolicy | None) -> InfoPolicy:
        if policy is None:
            return self._defaults.info
        check_policy(policy, InfoPolicy)
        return policy
