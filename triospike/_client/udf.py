"""Functions that run in the server, and for aggregations in the client too."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import attrs
import trio

from .._commands.apply import ApplyCommand
from .._commands.query import FunctionCall, QueryRequest, UdfOp
from .._execution.aggregation import AggregationPlan, FetchModule, open_aggregation
from .._lua.engine import LuaMissing, is_available
from ..defaults import check_policy
from ..errors import UdfError
from ..key import Key
from ..policy import ApplyPolicy, QueryPolicy
from ..query import Statement
from .modules import ModuleCommands

if TYPE_CHECKING:
    from .._execution.aggregation import AggregatedValues

__all__ = ["UdfCommands"]


class UdfCommands(ModuleCommands):
    """Functions that run in the server, and for aggregations in the client too."""

    __slots__ = ()

    async def apply(
        self, key: Key, module: str, function: str, args: Sequence[Any] = (), *, policy: ApplyPolicy | None = None
    ) -> Any:
        """Apply a Lua function to a record, in the server (C: ``aerospike_key_apply_async``).

        Args:
            key: The record; it need not exist.
            module: Name of the registered module, without ``.lua``.
            function: Name of the function; it gets the record and the further arguments.
            args: The further arguments: any values that bins can hold.
            policy: How, instead of the client's default.

        Returns:
            What the function returned; None also for what is no value of the database, such as a table.

        Raises:
            UdfError: The function failed, or there is none of that name; the message is Lua's.
        """
        return await self._run(ApplyCommand(key, module, function, args, self._defaults.for_apply(policy)))

    def aggregate(
        self,
        statement: Statement,
        module: str,
        function: str,
        args: Sequence[Any] = (),
        *,
        source: str | bytes | os.PathLike[str] | None = None,
        policy: QueryPolicy | None = None,
    ) -> AbstractAsyncContextManager[AggregatedValues]:
        """Send the records of a set or namespace through a Lua function (C: ``aerospike_query``).

        The servers filter, map and aggregate what they find, partition by partition; from the first reduction on,
        the rest is done here, in Lua, for which the extra ``triospike[lua]`` is needed. Use it as
        ``async with client.aggregate(...) as values: async for value in values: ...``.

        Args:
            statement: Which records.
            module: Name of the registered module, without ``.lua``.
            function: Name of the function; it gets the stream and the further arguments.
            args: The further arguments: any values that bins can hold.
            source: Where this client finds the module: its text; or the path of its file, or of the directory
                that it and the modules that it requires are in. None asks the cluster for them.
            policy: How, instead of the client's default. Its filter and ``max_records`` can't be used here.

        Returns:
            The context of the aggregation; see `AggregatedValues`. Entering it raises `UdfError` if the module is
            not there. A function that fails raises `UdfError` from the loop over the values.

        Raises:
            LuaMissing: There is no Lua here.
            TypeError: An argument has another type.
            ValueError: The arguments do not go together.
        """
        if not is_available():
            raise LuaMissing
        policy = policy or self._defaults.query
        check_policy(policy, QueryPolicy)
        if not isinstance(statement, Statement):
            raise TypeError(f"statement must be a Statement, not {type(statement).__name__}")
        if policy.filter_exp is not None or policy.max_records:
            raise ValueError("QueryPolicy.filter_exp and max_records can't be used for an aggregation")
        call = FunctionCall.of(UdfOp.AGGREGATE, module, function, args)
        request = QueryRequest(statement, policy, call)
        plan = AggregationPlan(statement.namespace, policy, call, request, self._finder(module, source))
        return open_aggregation(self._pick(), self._core, plan)

    def _finder(self, module: str, source: str | bytes | os.PathLike[str] | None) -> FetchModule:
        if source is None:
            return self._fetch_registered
        if isinstance(source, str | bytes):
            return _Given(module, source.encode() if isinstance(source, str) else source).fetch
        if isinstance(source, os.PathLike):
            return _Files(module, trio.Path(source)).fetch
        raise TypeError(f"source must be a text or a path, not {type(source).__name__}")

    async def _fetch_registered(self, name: str) -> tuple[bytes, str] | None:
        try:
            found = await self.get_udf(f"{name}.lua")
        except UdfError:
            return None
        return found.content or b"", found.name


@attrs.frozen
class _Given:
    """A module that the program has at hand."""

    name: str
    content: bytes

    async def fetch(self, name: str) -> tuple[bytes, str] | None:
        await trio.lowlevel.checkpoint()
        return (self.content, f"{name}.lua") if name == self.name else None


@attrs.frozen
class _Files:
    """Modules in a directory, one of which may be told by its own path."""

    name: str
    path: trio.Path

    async def fetch(self, name: str) -> tuple[bytes, str] | None:
        is_directory = await self.path.is_dir()
        if name == self.name and not is_directory:
            path = self.path
        else:
            if "/" in name or "\\" in name or name.startswith("."):
                return None
            path = (self.path if is_directory else self.path.parent) / f"{name}.lua"
        try:
            return await path.read_bytes(), str(path)
        except FileNotFoundError:
            return None
