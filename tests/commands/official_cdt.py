"""List and map operations of the official client, made with triospike's API instead.

Nothing here knows the recorded requests. ``inverted`` is an argument of its own over there, and so are the order
and the flags, in a dict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from commands.neutral import to_python
from triospike import operations
from triospike.operations import (
    ContextStep,
    ListOrder,
    ListReturnType,
    ListSortFlags,
    ListWriteFlags,
    MapOrder,
    MapReturnType,
    MapWriteFlags,
    Operation,
    context,
    lists,
    maps,
)

__all__ = ["OPERATIONS", "WITH_SCALARS", "context_of"]

_Op = dict[str, Any]


def context_of(op: _Op) -> list[ContextStep] | None:
    return [_step(step) for step in op["ctx"]] if "ctx" in op else None


def _step(step: dict[str, Any]) -> ContextStep:
    ((name, arguments),) = step.items()
    given = {key: to_python(value) for key, value in arguments.items()}
    if "order" in given:
        given["order"] = (ListOrder if name.startswith("list") else MapOrder)(given["order"])
    made: ContextStep = getattr(context, name)(**given)
    return made


def _more(op: _Op) -> dict[str, Any]:
    return {"context": context_of(op)}


def _value(op: _Op, *names: str) -> Any:
    """The argument, which goes by one of several names."""
    (found,) = [op[name] for name in names if name in op]
    return to_python(found)


# Lists.


def _list_flags(op: _Op) -> dict[str, Any]:
    policy = op.get("policy")
    return {"flags": ListWriteFlags(policy.get("write_flags", 0))} if policy else {}


def _list_policy(op: _Op) -> dict[str, Any]:
    policy = op.get("policy")
    return {"order": ListOrder(policy.get("list_order", 0)), **_list_flags(op)} if policy else {}


def _list_return(op: _Op) -> dict[str, Any]:
    chosen = ListReturnType(op["return_type"])
    return {"return_type": chosen | ListReturnType.INVERTED if op.get("inverted") else chosen, **_more(op)}


def _index_and_count(op: _Op) -> tuple[Any, ...]:
    return op["index"], op.get("count")


def _list_create(op: _Op) -> Operation:
    more = {"pad": op["pad"], "persist_index": op["persist_index"], **_more(op)}
    return lists.create(op["bin_name"], ListOrder(op["list_order"]), **more)


def _list_set_order(op: _Op) -> Operation:
    return lists.set_order(op["bin_name"], ListOrder(op["list_order"]), **_more(op))


def _list_sort(op: _Op) -> Operation:
    return lists.sort(op["bin_name"], ListSortFlags(op.get("sort_flags", 0)), **_more(op))


_Arguments = Callable[[_Op], tuple[Any, ...]]
_Keywords = Callable[[_Op], dict[str, Any]]


def _made(
    function: Callable[..., Operation], arguments: _Arguments, *keywords: _Keywords
) -> Callable[[_Op], Operation]:
    def make(op: _Op) -> Operation:
        more = {name: value for each in keywords for name, value in each(op).items()}
        return function(op["bin_name"], *arguments(op), **more)

    return make


def _list_selections(kind: str) -> dict[str, Callable[[_Op], Operation]]:
    arguments: dict[str, tuple[str, _Arguments]] = {
        "index": ("index", lambda op: (op["index"],)),
        "index_range": ("index_range", _index_and_count),
        "rank": ("rank", lambda op: (op["rank"],)),
        "rank_range": ("rank_range", lambda op: (op["rank"], op.get("count"))),
        "value": ("value", lambda op: (to_python(op["value"]),)),
        "value_list": ("value_list", lambda op: (to_python(op["value_list"]),)),
        "value_range": ("value_range", lambda op: (to_python(op["value_begin"]), to_python(op["value_end"]))),
        "value_rank_range_relative": (
            "value_rel_rank_range",
            lambda op: (to_python(op["value"]), op["offset"], op.get("count")),
        ),
    }
    return {
        f"list_{kind}_by_{theirs}": _made(getattr(lists, f"{kind}_by_{ours}"), given, _list_return)
        for theirs, (ours, given) in arguments.items()
    }


_LISTS: dict[str, Callable[[_Op], Operation]] = {
    "list_create": _list_create,
    "list_set_order": _list_set_order,
    "list_sort": _list_sort,
    "list_append": _made(lists.append, lambda op: (to_python(op["value"]),), _list_policy, _more),
    "list_append_items": _made(lists.append_items, lambda op: (to_python(op["values"]),), _list_policy, _more),
    "list_insert": _made(lists.insert, lambda op: (op["index"], to_python(op["value"])), _list_flags, _more),
    "list_insert_items": _made(
        lists.insert_items, lambda op: (op["index"], to_python(op["values"])), _list_flags, _more
    ),
    "list_set": _made(lists.set_, lambda op: (op["index"], to_python(op["value"])), _list_flags, _more),
    "list_increment": _made(
        lists.increment, lambda op: (op["index"], to_python(op["value"])), _list_policy, _more
    ),
    "list_trim": _made(lists.trim, _index_and_count, _more),
    "list_clear": _made(lists.clear, lambda op: (), _more),
    "list_size": _made(lists.size, lambda op: (), _more),
    "list_get": _made(lists.get, lambda op: (op["index"],), _more),
    "list_get_range": _made(lists.get_range, _index_and_count, _more),
    "list_pop": _made(lists.pop, lambda op: (op["index"],), _more),
    "list_pop_range": _made(lists.pop_range, _index_and_count, _more),
    "list_remove": _made(lists.remove, lambda op: (op["index"],), _more),
    "list_remove_range": _made(lists.remove_range, _index_and_count, _more),
    **_list_selections("get"),
    **_list_selections("remove"),
}


# Maps.


def _map_policy(op: _Op) -> dict[str, Any]:
    return {"order": MapOrder((op.get("map_policy") or {}).get("map_order", 0)), **_more(op)}


def _map_flags(op: _Op) -> dict[str, Any]:
    return {"flags": MapWriteFlags((op.get("map_policy") or {}).get("map_write_flags", 0)), **_map_policy(op)}


def _map_return(op: _Op) -> dict[str, Any]:
    chosen = MapReturnType(op["return_type"])
    return {"return_type": chosen | MapReturnType.INVERTED if op.get("inverted") else chosen, **_more(op)}


def _map_create(op: _Op) -> Operation:
    return maps.create(op["bin_name"], MapOrder(op["map_order"]), persist_index=op["persist_index"], **_more(op))


def _map_set_policy(op: _Op) -> Operation:
    policy = op["policy"]
    persist_index = policy.get("persist_index", False)
    return maps.set_order(op["bin_name"], MapOrder(policy["map_order"]), persist_index=persist_index, **_more(op))


def _amount(op: _Op) -> Any:
    for name in ("get_amt", "remove_amt", "count"):
        if name in op:
            return op[name]
    return None


def _map_selections(kind: str) -> dict[str, Callable[[_Op], Operation]]:
    arguments: dict[str, tuple[str, _Arguments]] = {
        "key": ("key", lambda op: (to_python(op["key"]),)),
        "key_list": ("key_list", lambda op: (to_python(op["key_list"]),)),
        "key_range": ("key_range", lambda op: (to_python(op["key_range_start"]), to_python(op["key_range_end"]))),
        "key_index_range_relative": (
            "key_rel_index_range",
            lambda op: (_value(op, "key", "value"), op["offset"], _amount(op)),
        ),
        "value": ("value", lambda op: (to_python(op["value"]),)),
        "value_list": ("value_list", lambda op: (_value(op, "value_list", "key_list"),)),
        "value_range": ("value_range", lambda op: (to_python(op["value_start"]), to_python(op["value_end"]))),
        "value_rank_range_relative": (
            "value_rel_rank_range",
            lambda op: (to_python(op["value"]), op["offset"], _amount(op)),
        ),
        "index": ("index", lambda op: (op["index"],)),
        "index_range": ("index_range", lambda op: (op["index_start"], _amount(op))),
        "rank": ("rank", lambda op: (op["rank"],)),
        "rank_range": ("rank_range", lambda op: (op["rank_start"], _amount(op))),
    }
    return {
        f"map_{kind}_by_{theirs}": _made(getattr(maps, f"{kind}_by_{ours}"), given, _map_return)
        for theirs, (ours, given) in arguments.items()
    }


_MAPS: dict[str, Callable[[_Op], Operation]] = {
    "map_create": _map_create,
    "map_set_policy": _map_set_policy,
    "map_put": _made(maps.put, lambda op: (to_python(op["key"]), to_python(op["value"])), _map_flags),
    "map_put_items": _made(maps.put_items, lambda op: (to_python(op["item_dict"]),), _map_flags),
    "map_increment": _made(
        maps.increment, lambda op: (to_python(op["key"]), to_python(op["amount"])), _map_policy
    ),
    "map_decrement": _made(
        maps.decrement, lambda op: (to_python(op["key"]), to_python(op["amount"])), _map_policy
    ),
    "map_clear": _made(maps.clear, lambda op: (), _more),
    "map_size": _made(maps.size, lambda op: (), _more),
    **_map_selections("get"),
    **_map_selections("remove"),
}


def _write(op: _Op) -> Operation:
    """Of a dict, the official client drops the keys that no map can have, without a word."""
    value = to_python(op["write_item"])
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if isinstance(key, int | str | bytes)}
    return operations.write(op["bin_name"], value)


def _read(op: _Op) -> Operation:
    return operations.read(op["bin_name"])


OPERATIONS: dict[str, Callable[[_Op], Operation]] = {**_LISTS, **_MAPS}
WITH_SCALARS = {**OPERATIONS, "write": _write, "read": _read}
