"""Recorded vectors that the embedded server does not answer as the real one did, by the reason why.

The lists only get shorter: the replay fails for a vector that differs and is not here, and for one that is here
and does not differ any more.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LATER", "ids"]

LATER: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "geo": {
        "secondary indexes": (
            "index/list",
            "index/mapvalues",
            "index/points",
            "index/regions",
        ),
        "queries": (
            "query/contains/dateline",
            "query/contains/dateline-w",
            "query/contains/lon",
            "query/contains/north",
            "query/contains/null",
            "query/contains/ny",
            "query/contains/oak",
            "query/contains/sf",
            "query/contains/syd",
            "query/list/radius",
            "query/list/within",
            "query/mapvalues/within",
            "query/point-query-on-points",
            "query/radius/5000km",
            "query/radius/sf-1m",
            "query/radius/sf-20km",
            "query/radius/zero",
            "query/within/bay",
            "query/within/big-circle",
            "query/within/circle",
            "query/within/clockwise",
            "query/within/dateline",
            "query/within/feature",
            "query/within/hole",
            "query/within/line",
            "query/within/multi",
            "query/within/self-crossing",
        ),
    },
    "info": {
        "secondary indexes": (
            "cmd/sindex-create/again",
            "cmd/sindex-create/bad-indextype",
            "cmd/sindex-create/bad-namespace",
            "cmd/sindex-create/bad-type",
            "cmd/sindex-create/bin-16",
            "cmd/sindex-create/conflict",
            "cmd/sindex-create/context",
            "cmd/sindex-create/context-bad-base64",
            "cmd/sindex-create/context-garbage",
            "cmd/sindex-create/context-not-minimal",
            "cmd/sindex-create/exp",
            "cmd/sindex-create/exp-and-bin",
            "cmd/sindex-create/exp-int-bin",
            "cmd/sindex-create/exp-wrong-type",
            "cmd/sindex-create/geo",
            "cmd/sindex-create/indexdata",
            "cmd/sindex-create/integer-type",
            "cmd/sindex-create/list",
            "cmd/sindex-create/mapkeys",
            "cmd/sindex-create/mapkeys-geo",
            "cmd/sindex-create/mapvalues",
            "cmd/sindex-create/name-63",
            "cmd/sindex-create/name-64",
            "cmd/sindex-create/no-bin",
            "cmd/sindex-create/no-name",
            "cmd/sindex-create/no-namespace",
            "cmd/sindex-create/no-set",
            "cmd/sindex-create/no-type",
            "cmd/sindex-create/ns-alias",
            "cmd/sindex-create/ok-numeric",
            "cmd/sindex-create/set-index",
            "cmd/sindex-create/set-index-no-set",
            "cmd/sindex-create/trailing-semicolon",
            "cmd/sindex-create/upper-case",
            "cmd/sindex-exists/yes",
            "cmd/sindex-legacy-stat",
            "cmd/sindex-list/after",
            "cmd/sindex-list/after-b64",
            "cmd/sindex-stat/yes",
        ),
        "user-defined functions": (
            "cmd/udf-get/ok",
            "cmd/udf-list/after",
            "cmd/udf-put/no-content",
            "cmd/udf-put/no-extension",
            "cmd/udf-put/ok",
            "cmd/udf-put/syntax-error",
            "cmd/udf-put/type-py",
            "cmd/udf-put/wrong-length",
        ),
        "the recorded machine": ("cmd/best-practices",),
        "slips of the recorded server": ("cmd/sindex-delete/no-name",),
    },
    "hostile": {
        "batch": ("batch/row-field-huge",),
        "queries": (
            "query/digest-array-odd",
            "query/range-len-huge",
            "query/range-name-past-end",
            "query/trid-3-bytes",
        ),
    },
}
"""Group to reason to ids, sorted.

A vector asks for what is not built yet, or shows state that such a vector would have left; or it tells something
about the machine of the recording, or a slip of the recorded server, which is not to be copied.
"""


def ids(group: str) -> set[str]:
    """All ids of a group."""
    return {vector for reason in LATER.get(group, {}).values() for vector in reason}
