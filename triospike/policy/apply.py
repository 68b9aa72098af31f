"""How functions are applied to records."""

from __future__ import annotations

import attrs

from ._validators import count, flag, member
from .base import BasePolicy
from .enums import CommitLevel, KeyPolicy, Ttl
from .write import MAX_TTL

__all__ = ["ApplyPolicy"]


@attrs.frozen(kw_only=True, slots=True)
class ApplyPolicy(BasePolicy):
    """Policy of `apply` (C: ``as_policy_apply``).

    Attributes:
        max_retries: Attempts after the first. Default: 0, since a function may then be applied twice.
        key: Send the user key to be compared with the stored one, or the digest alone. Default: DIGEST.
        commit_level: When the server answers. Default: ALL.
        ttl: Seconds to live, at most ten years, or a `Ttl`, if the function writes. Default:
            Ttl.NAMESPACE_DEFAULT.
        durable_delete: Leave a tombstone if the function deletes the record (Enterprise). Default: False.
        on_locking_only: Inside a transaction, the write must be the one that locks the record
            (Enterprise 8.1). Default: False.
    """

    max_retries: int = attrs.field(default=0, validator=count(0))
    key: KeyPolicy = attrs.field(default=KeyPolicy.DIGEST, validator=member(KeyPolicy))
    commit_level: CommitLevel = attrs.field(default=CommitLevel.ALL, validator=member(CommitLevel))
    ttl: int = attrs.field(default=Ttl.NAMESPACE_DEFAULT, validator=count(Ttl.CLIENT_DEFAULT, MAX_TTL))
    durable_delete: bool = attrs.field(default=False, validator=flag)
    on_locking_only: bool = attrs.field(default=False, validator=flag)
