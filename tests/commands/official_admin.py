"""Administrative calls of the official client, made with triospike's client instead.

Nothing here knows the recorded requests. What the official client waits for is waited for: an index until it is
built, a module until all nodes have it. That an index is dropped is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from commands.neutral import to_python
from commands.official_cdt import context_of
from commands.official_expressions import expression_of
from triospike.admin import CollectionKind, IndexKind
from triospike.client import Client

__all__ = ["CALLS"]

_Call = dict[str, Any]
_KINDS = {
    0: IndexKind.STRING,
    1: IndexKind.INTEGER,  # the word of servers from 8.1.3 on
    2: IndexKind.GEO,
    3: IndexKind.BLOB,
    4: IndexKind.INTEGER,
}


def _index(
    collection: CollectionKind = CollectionKind.DEFAULT, kind: IndexKind | None = None
) -> Callable[[Client, _Call], Awaitable[None]]:
    async def create(client: Client, call: _Call) -> None:
        task = await client.create_index(
            call["ns"],
            call["set"],
            call["name"],
            bin=call["bin"],
            kind=kind or _KINDS[call["index_datatype"]],
            collection=collection,
            context=context_of(call),
        )
        await task.wait()

    return create


async def _expression_index(client: Client, call: _Call) -> None:
    task = await client.create_index(
        call["ns"],
        call["set"],
        call["name"],
        expression=expression_of(call["expressions"]),
        kind=_KINDS[call["index_datatype"]],
        collection=CollectionKind(call["index_type"]),
    )
    await task.wait()


async def _set_index(client: Client, call: _Call) -> None:
    await (await client.create_set_index(call["ns"], call["set"], call["name"])).wait()


async def _drop(client: Client, call: _Call) -> None:
    await client.drop_index(call["ns"], call["name"])


async def _truncate(client: Client, call: _Call) -> None:
    nanoseconds = to_python(call["nanos"])
    assert nanoseconds % 10**9 == 0
    await client.truncate(call["namespace"], call["set"], before=nanoseconds // 10**9 or None)


async def _put_module(client: Client, call: _Call) -> None:
    await (await client.register_udf(call["content"], call["filename"])).wait()


async def _list_modules(client: Client, call: _Call) -> list[dict[str, Any]]:
    return [
        {"name": module.name, "hash": module.hash.encode(), "type": 0, "content": b""}
        for module in await client.udfs()
    ]


async def _get_module(client: Client, call: _Call) -> str:
    return (await client.get_udf(call["module"])).source


async def _remove_module(client: Client, call: _Call) -> None:
    await (await client.remove_udf(call["module"])).wait()


CALLS: dict[str, Callable[[Client, _Call], Awaitable[Any]]] = {
    "index_single_value_create": _index(),
    "index_integer_create": _index(kind=IndexKind.INTEGER),
    "index_geo2dsphere_create": _index(kind=IndexKind.GEO),
    "index_list_create": _index(CollectionKind.LIST),
    "index_map_keys_create": _index(CollectionKind.MAP_KEYS),
    "index_map_values_create": _index(CollectionKind.MAP_VALUES),
    "index_expr_create": _expression_index,
    "index_set_create": _set_index,
    "index_remove": _drop,
    "truncate": _truncate,
    "udf_put": _put_module,
    "udf_list": _list_modules,
    "udf_get": _get_module,
    "udf_remove": _remove_module,
}
"""By the name of the official client's method."""
