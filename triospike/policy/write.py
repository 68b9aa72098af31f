"""How records are written, operated on and removed."""

from __future__ import annotations

import attrs

from ._validators import count, flag, member
from .base import BasePolicy
from .enums import (
    CommitLevel,
    GenerationPolicy,
    KeyPolicy,
    ReadModeAP,
    ReadModeSC,
    RecordExistsAction,
    Ttl,
)

__all__ = ["OperatePolicy", "RemovePolicy", "WritePolicy"]

MAX_TTL = 315_360_000  # ten years, the server's limit (protocol section 2.6)


@attrs.frozen(kw_only=True, slots=True)
class RemovePolicy(BasePolicy):
    """Policy of `delete` (C: ``as_policy_remove``).

    Attributes:
        key: Send the user key to be compared with the stored one, or the digest alone. Default: DIGEST.
        commit_level: When the server answers. Default: ALL.
        gen: What is asked of the record's generation. Default: IGNORE.
        generation: The generation that ``gen`` compares with. Default: 0.
        durable_delete: Leave a tombstone, so that the record can't come back (Enterprise). Default: False.
        max_retries: Attempts after the first. Default: 0, since a retried write may be applied twice.
    """

    max_retries: int = attrs.field(default=0, validator=count(0))
    key: KeyPolicy = attrs.field(default=KeyPolicy.DIGEST, validator=member(KeyPolicy))
    commit_level: CommitLevel = attrs.field(default=CommitLevel.ALL, validator=member(CommitLevel))
    gen: GenerationPolicy = attrs.field(default=GenerationPolicy.IGNORE, validator=member(GenerationPolicy))
    generation: int = attrs.field(default=0, validator=count(0, 0xFFFFFFFF))
    durable_delete: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, slots=True)
class WritePolicy(RemovePolicy):
    """Policy of `put`, `add`, `append`, `prepend` and `touch` (C: ``as_policy_write``).

    Attributes:
        exists: What is asked of the record's existence. Default: IGNORE.
        ttl: Seconds to live, at most ten years, or a `Ttl`. Default: Ttl.NAMESPACE_DEFAULT.
        on_locking_only: Inside a transaction, the write must be the one that locks the record
            (Enterprise 8.1). Default: False.
    """

    exists: RecordExistsAction = attrs.field(
        default=RecordExistsAction.IGNORE, validator=member(RecordExistsAction)
    )
    ttl: int = attrs.field(default=Ttl.NAMESPACE_DEFAULT, validator=count(Ttl.CLIENT_DEFAULT, MAX_TTL))
    on_locking_only: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, slots=True)
class OperatePolicy(WritePolicy):
    """Policy of `operate` (C: ``as_policy_operate``): a write's fields, and a read's for what it reads.

    Attributes:
        read_mode_ap: Replicas consulted in an available-mode namespace. Default: ONE.
        read_mode_sc: Promise asked of a strong-consistency namespace. Default: SESSION.
        read_touch_ttl_percent: As in `ReadPolicy`; used when no operation writes. Default: 0.
        respond_all_ops: Ask for one result per operation, also from those that have none. Default: False.
    """

    read_mode_ap: ReadModeAP = attrs.field(default=ReadModeAP.ONE, validator=member(ReadModeAP))
    read_mode_sc: ReadModeSC = attrs.field(default=ReadModeSC.SESSION, validator=member(ReadModeSC))
    read_touch_ttl_percent: int = attrs.field(default=0, validator=count(-1, 100))
    respond_all_ops: bool = attrs.field(default=False, validator=flag)
