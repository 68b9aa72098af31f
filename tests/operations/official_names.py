"""What the C client calls its operations on lists and maps, without the prefix."""

from __future__ import annotations

__all__ = ["LISTS", "MAPS"]

_SELECTIONS = [
    "by_index",
    "by_index_range",
    "by_index_range_to_end",
    "by_rank",
    "by_rank_range",
    "by_rank_range_to_end",
    "by_value",
    "by_value_list",
    "by_value_range",
    "by_value_rel_rank_range",
    "by_value_rel_rank_range_to_end",
]
_KEY_SELECTIONS = [
    "by_key",
    "by_key_list",
    "by_key_range",
    "by_key_rel_index_range",
    "by_key_rel_index_range_to_end",
]

LISTS = {
    *[
        "create",
        "create_all",
        "set_order",
        "sort",
        "append",
        "append_items",
        "insert",
        "insert_items",
        "increment",
        "set",
        "pop",
        "pop_range",
        "pop_range_from",
        "remove",
        "remove_range",
        "remove_range_from",
        "trim",
        "clear",
        "size",
        "get",
        "get_range",
        "get_range_from",
    ],
    *(f"{kind}_{selection}" for kind in ("get", "remove") for selection in _SELECTIONS),
}
MAPS = {
    *["create", "create_all", "set_policy", "put", "put_items", "increment", "decrement", "clear", "size"],
    *(f"{kind}_{selection}" for kind in ("get", "remove") for selection in _SELECTIONS + _KEY_SELECTIONS),
}
