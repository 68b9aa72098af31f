"""Recorded vectors that the embedded server does not answer as the real one did, by the reason why.

The lists only get shorter: the replay fails for a vector that differs and is not here, and for one that is here
and does not differ any more.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LATER", "ids"]

LATER: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "info": {
        "the recorded machine": ("cmd/best-practices",),
        "slips of the recorded server": ("cmd/sindex-delete/no-name",),
    },
}
"""Group to reason to ids, sorted.

A vector asks for what is not built yet, or shows state that such a vector would have left; or it tells something
about the machine of the recording, or a slip of the recorded server, which is not to be copied.
"""


def ids(group: str) -> set[str]:
    """All ids of a group."""
    return {vector for reason in LATER.get(group, {}).values() for vector in reason}
