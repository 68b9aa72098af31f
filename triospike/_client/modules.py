"""Modules of functions in the server: registered, listed, read, removed."""

from __future__ import annotations

import os

import trio

from .._commands import admin_requests as requests
from ..admin.modules import UdfModule, check_module_name, explained, module_hash, parse_module, parse_modules
from ..errors import UdfError
from ..policy import InfoPolicy
from ..task import UdfRemovalTask, UdfTask
from .nodes import NodeCommands

__all__ = ["ModuleCommands"]


class ModuleCommands(NodeCommands):
    """Modules of functions in the server."""

    __slots__ = ()

    async def register_udf(
        self,
        module: str | bytes | os.PathLike[str],
        name: str | None = None,
        *,
        policy: InfoPolicy | None = None,
    ) -> UdfTask:
        """Register a module of Lua functions, or a new version of it (C: ``aerospike_udf_put``).

        ``register_udf("functions/visits.lua")`` reads a file; ``register_udf(source, "visits.lua")`` takes the
        text itself.

        Args:
            module: Path of a file; with a name, the source as text or bytes. A ``Path`` is always a file.
            name: What the server is to call it; None takes the name of the file. ``.lua`` may be left out.
            policy: How to ask, instead of the client's default.

        Returns:
            To wait for, until all nodes have it.

        Raises:
            UdfError: The module does not compile, or the server refuses it; the message says where and why.
            OSError: The file can't be read.
        """
        if isinstance(module, bytes) or (isinstance(module, str) and name is not None):
            if name is None:
                raise ValueError("name must be given with a module's source")
            content = module if isinstance(module, bytes) else module.encode("utf-8", "surrogateescape")
        elif isinstance(module, str | os.PathLike):
            path = trio.Path(module)
            name = path.name if name is None else name
            check_module_name(name)
            content = await path.read_bytes()
        else:
            raise TypeError(f"module must be a path, str or bytes, not {type(module).__name__}")
        full = check_module_name(name)
        made = UdfModule(full, module_hash(full, content), content=content)
        await self._ask_about_module(requests.put_module_command(made), policy)
        return UdfTask(self._core, self._info_policy(policy), made)

    async def udfs(self, *, policy: InfoPolicy | None = None) -> list[UdfModule]:
        """List the modules, without their contents (C: ``aerospike_udf_list``).

        Args:
            policy: How to ask, instead of the client's default.
        """
        return parse_modules(await self._ask_any(lambda node: "udf-list", policy))

    async def get_udf(self, name: str, *, policy: InfoPolicy | None = None) -> UdfModule:
        """A module with its content (C: ``aerospike_udf_get``).

        Args:
            name: Its name; ``.lua`` may be left out.
            policy: How to ask, instead of the client's default.

        Raises:
            UdfError: There is none of that name.
        """
        full = check_module_name(name)
        return parse_module(full, await self._ask_about_module(requests.get_module_command(full), policy))

    async def remove_udf(self, name: str, *, policy: InfoPolicy | None = None) -> UdfTask:
        """Remove a module (C: ``aerospike_udf_remove``). That there is none is no error on new servers.

        Args:
            name: Its name; ``.lua`` may be left out.
            policy: How to ask, instead of the client's default.

        Returns:
            To wait for, until no node has it any more.
        """
        full = check_module_name(name)
        await self._ask_about_module(requests.remove_module_command(full), policy)
        return UdfRemovalTask(self._core, self._info_policy(policy), UdfModule(full))

    async def _ask_about_module(self, command: str, policy: InfoPolicy | None) -> str:
        """Ask any node; a refusal is put into words."""
        try:
            return await self._ask_any(lambda node: command, policy)
        except UdfError as error:
            _, _, refusal = error.message.partition("error=")
            raise UdfError(explained(f"error={refusal}"), node=error.node) from None
