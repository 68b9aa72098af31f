"""Recorded calls with expressions that triospike does not make with the recorded bytes, by the reason why.

The lists are exact: a test fails for a call that is missing here, and for one that could leave.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DIFFERENT", "REFUSED"]

_COMPARISONS = ("Eq", "NE", "GT", "GE", "LT", "LE")

DIFFERENT: Final[dict[str, tuple[str, ...]]] = {
    "the official client packs a constant sketch as a blob, and so compares a sketch with a blob": (
        "read/val/hll",
        "write/type/hll",
        *(
            f"{use}/cmp/hll/{comparison}/{case}"
            for comparison in _COMPARISONS
            for use, cases in {
                "read": ("same", "other", "missing", "missing-nofail"),
                "filter": ("same", "other", "missing"),
            }.items()
            for case in cases
        ),
    ),
    "the official client sends an int where only a float makes sense": tuple(
        f"{use}/{function}/int" for use in ("read", "filter") for function in ("pow", "log")
    ),
}
"""triospike sends something else, on purpose."""

_ONE_TEST = (TypeError, "missing 1 required positional argument: 'second'")
_NAME = (ValueError, "name of a variable must be letters, digits and underscores, no digit first, not '1x'")
_FLAGS = (ValueError, "'ExpReadFlags'> invalid value")

REFUSED: Final[dict[str, tuple[type[Exception], str]]] = {
    # Refused by the official client too.
    "op/long-name": (ValueError, "bin_name must be 1 to 15 bytes"),
    # Refused by the server with code 4: one test for `and`, a name that begins with a digit, unknown flags.
    "read/and/one": _ONE_TEST,
    "filter/and/one": _ONE_TEST,
    "read/let/bad-name": _NAME,
    "filter/let/bad-name": _NAME,
    **{f"readflags/{case}-{flags}": _FLAGS for case in ("known", "unknown") for flags in (1, 2, 17, 32)},
    # The size of a list, asked of a map: the server has no result.
    "filter/map/get_by_key_range-kv": (TypeError, "needs a ListExp, not MapExp"),
    # There is no such thing to return; the official client sends something else.
    "path-op/select-bad-flags": (ValueError, "5 is not a valid PathReturn"),
}
"""triospike raises before anything is sent."""
