"""How records are read."""

from __future__ import annotations

import attrs

from ._validators import count, member
from .base import BasePolicy
from .enums import KeyPolicy, ReadModeAP, ReadModeSC

__all__ = ["ReadPolicy"]


@attrs.frozen(kw_only=True, slots=True)
class ReadPolicy(BasePolicy):
    """Policy of `get` and `exists` (C: ``as_policy_read``).

    Attributes:
        key: Send the user key to be compared with the stored one, or the digest alone. Default: DIGEST.
        read_mode_ap: Replicas consulted in an available-mode namespace. Default: ONE.
        read_mode_sc: Promise asked of a strong-consistency namespace. Default: SESSION.
        read_touch_ttl_percent: 0 leaves it to the server, -1 never touches; 1 to 100 renews the record's
            expiry when at most this part of its life is left. Default: 0.
    """

    key: KeyPolicy = attrs.field(default=KeyPolicy.DIGEST, validator=member(KeyPolicy))
    read_mode_ap: ReadModeAP = attrs.field(default=ReadModeAP.ONE, validator=member(ReadModeAP))
    read_mode_sc: ReadModeSC = attrs.field(default=ReadModeSC.SESSION, validator=member(ReadModeSC))
    read_touch_ttl_percent: int = attrs.field(default=0, validator=count(-1, 100))
