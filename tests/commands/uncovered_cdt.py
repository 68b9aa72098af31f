"""Recorded calls on lists and maps that triospike does not make with the recorded bytes, by the reason why.

The lists are exact: a test fails for a call that is missing here, and for one that could leave.
"""

from __future__ import annotations

from typing import Final

__all__ = ["OPEN_END", "REFUSED"]

_MAP_ORDERS = ("u", "k", "kv")

OPEN_END: Final[dict[str, tuple[str, ...]]] = {
    "list": (
        *(f"{kind}_by_value_range/{order}-nil-nil" for kind in ("get", "remove") for order in "uo"),
        "mixed/range-to-nil",
        "mixed-ordered/range-to-nil",
    ),
    "map": (
        *(
            f"{kind}_by_key_range/{order}-{case}"
            for kind in ("get", "remove")
            for order in _MAP_ORDERS
            for case in ("nil-nil", "none-none", "none-end")
        ),
        *(f"get_by_value_range/{order}-nil-nil" for order in _MAP_ORDERS),
        *(f"mixed-{order}/{case}" for order in _MAP_ORDERS for case in ("to-nil", "key-to-nil")),
    ),
}
"""Ranges that end below nil, the lowest value of all: always empty, and so never meant.

The official client sends nil for its null class, and in ranges of a map's keys even for None. Here None is no
bound, for lists and maps.
"""

_RETURN_TYPE = (ValueError, "return_type must be one of")
_NOT_STORED = (TypeError, "value can't be stored: (wildcard|infinity) stands for values")
_KEY = (TypeError, "key must be an int, str or bytes")
_NESTED = (ValueError, "persist_index is for a list or map that is a bin's value")

REFUSED: Final[dict[str, dict[str, tuple[type[Exception], str]]]] = {
    "list": {
        # Refused by the official client too.
        "bin-name-16": (ValueError, "bin_name must be 1 to 15 bytes"),
        # Refused by the server with code 4.
        "append/wildcard": _NOT_STORED,
        "append/infinite": _NOT_STORED,
        # Refused by the server with code 26, but for 9, a return type that only servers use among themselves.
        **{
            f"bad-return-type/{order}-{number}": _RETURN_TYPE
            for order in "uo"
            for number in (6, 8, 9, 14, 16, 17, 99)
        },
    },
    "map": {
        # Refused by the server with code 4.
        "put/value-wildcard": _NOT_STORED,
        "put/value-inf": _NOT_STORED,
        "put-key-type/list": _KEY,
        "put-key-type/wildcard": _KEY,
        **{f"put-key-type/{kind}/{order}": _KEY for kind in ("float", "nil", "bool") for order in _MAP_ORDERS},
        # As for lists.
        **{
            f"bad-return-type/{order}-{number}": _RETURN_TYPE
            for order in _MAP_ORDERS
            for number in (9, 14, 15, 18, 99)
        },
    },
    "cdt_ctx": {
        # The official client forgets what was asked for: only top-level lists and maps have an index to keep.
        **{f"{state}/map_create-ctx/{order}-True": _NESTED for state in ("new", "mod") for order in (0, 1, 3)},
        **{
            f"mod/list_create-{place}/{order}-{pad}-True": _NESTED
            for place in ("ctx", "idx", "past")
            for order in (0, 1)
            for pad in (False, True)
        },
    },
}
"""triospike raises before anything is sent."""
