"""How batches run, and what is asked of each kind of record in them."""

from __future__ import annotations

from typing import Any

import attrs

from ..packed import FilterLike, packed_filter_bytes
from ._validators import count, filter_expression, flag, member
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
from .evolved import evolved, with_client_ttl
from .write import MAX_TTL

__all__ = [
    "BatchApplyPolicy",
    "BatchPolicies",
    "BatchPolicy",
    "BatchReadPolicy",
    "BatchRemovePolicy",
    "BatchWritePolicy",
    "RowPolicy",
]

BY_KIND = -1
READ_RETRIES, WRITE_RETRIES = 2, 0


@attrs.frozen(kw_only=True, slots=True)
class BatchPolicy(BasePolicy):
    """Policy of a batch as a whole (C: ``as_policy_batch``).

    The parts of a batch, one or more for each node, always run at once, as the C client's asynchronous batches
    do: there is no ``concurrent``.

    Attributes:
        max_retries: Attempts after the first, for the rows of a part that failed whole. -1 is 2 for rows that
            only read and 0 for rows that may write, the C client's defaults for the two. Default: -1.
        filter_exp: For the rows whose own policy has none. A row for which it is not true has the result code
            FILTERED_OUT; reading calls leave its record out. Default: None.
        read_mode_ap: Replicas consulted in an available-mode namespace, for reads without a policy of their
            own. Default: ONE.
        read_mode_sc: Promise asked of a strong-consistency namespace, for the same. Default: SESSION.
        read_touch_ttl_percent: As in `ReadPolicy`, for the same. Default: 0.
        allow_inline: The server may carry out rows of in-memory namespaces in the thread that received them.
            Default: True.
        allow_inline_ssd: The same for namespaces on disk. Default: False.
        respond_all_keys: The server goes on after a row that failed; else it stops there, and the rows it did
            not come to have no response. Default: True.
    """

    max_retries: int = attrs.field(default=BY_KIND, validator=count(BY_KIND))
    read_mode_ap: ReadModeAP = attrs.field(default=ReadModeAP.ONE, validator=member(ReadModeAP))
    read_mode_sc: ReadModeSC = attrs.field(default=ReadModeSC.SESSION, validator=member(ReadModeSC))
    read_touch_ttl_percent: int = attrs.field(default=0, validator=count(-1, 100))
    allow_inline: bool = attrs.field(default=True, validator=flag)
    allow_inline_ssd: bool = attrs.field(default=False, validator=flag)
    respond_all_keys: bool = attrs.field(default=True, validator=flag)

    def retries(self, *, write: bool) -> int:
        """Attempts after the first, for rows of one kind.

        Args:
            write: Of rows that may write.
        """
        if self.max_retries == BY_KIND:
            return WRITE_RETRIES if write else READ_RETRIES
        return self.max_retries

    def for_rows(self, *, write: bool) -> BatchPolicy:
        """The same policy with ``max_retries`` as it is for rows of one kind.

        Args:
            write: Of rows that may write.
        """
        if self.max_retries != BY_KIND:
            return self
        return evolved(self, max_retries=self.retries(write=write))


def _filter_bytes(expression: FilterLike | None) -> bytes | None:
    return None if expression is None else packed_filter_bytes(expression, "filter_exp")


@attrs.frozen(kw_only=True, slots=True)
class RowPolicy:
    """What the policies of records in a batch have in common.

    Attributes:
        filter_exp: As in `BatchPolicy`, for this row. Default: None, which leaves it to the batch's filter.
    """

    filter_exp: FilterLike | None = attrs.field(default=None, validator=filter_expression, eq=_filter_bytes)
    _cache: dict[object, Any] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def cached(self) -> dict[object, Any]:
        """A place for values derived from this policy, so that they are computed once."""
        return self._cache


@attrs.frozen(kw_only=True, slots=True)
class BatchReadPolicy(RowPolicy):
    """Policy of one record that is read in a batch (C: ``as_policy_batch_read``).

    Attributes:
        read_mode_ap: Replicas consulted in an available-mode namespace. Default: ONE.
        read_mode_sc: Promise asked of a strong-consistency namespace; which node is asked is up to the batch's
            own. Default: SESSION.
        read_touch_ttl_percent: As in `ReadPolicy`. Default: 0.
    """

    read_mode_ap: ReadModeAP = attrs.field(default=ReadModeAP.ONE, validator=member(ReadModeAP))
    read_mode_sc: ReadModeSC = attrs.field(default=ReadModeSC.SESSION, validator=member(ReadModeSC))
    read_touch_ttl_percent: int = attrs.field(default=0, validator=count(-1, 100))


@attrs.frozen(kw_only=True, slots=True)
class BatchRemovePolicy(RowPolicy):
    """Policy of one record that is deleted in a batch (C: ``as_policy_batch_remove``).

    Attributes:
        key: Send the user key to be compared with the stored one, or the digest alone. Default: DIGEST.
        commit_level: When the server answers. Default: ALL.
        gen: What is asked of the record's generation. Default: IGNORE.
        generation: The generation that ``gen`` compares with; a batch has 16 bits for it. Default: 0.
        durable_delete: Leave a tombstone, so that the record can't come back (Enterprise). Default: False.
    """

    key: KeyPolicy = attrs.field(default=KeyPolicy.DIGEST, validator=member(KeyPolicy))
    commit_level: CommitLevel = attrs.field(default=CommitLevel.ALL, validator=member(CommitLevel))
    gen: GenerationPolicy = attrs.field(default=GenerationPolicy.IGNORE, validator=member(GenerationPolicy))
    generation: int = attrs.field(default=0, validator=count(0, 0xFFFF))
    durable_delete: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(kw_only=True, slots=True)
class BatchWritePolicy(BatchRemovePolicy):
    """Policy of one record that is written in a batch (C: ``as_policy_batch_write``).

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
class BatchApplyPolicy(RowPolicy):
    """Policy of one record that a function is applied to in a batch (C: ``as_policy_batch_apply``).

    Attributes:
        key: Send the user key to be compared with the stored one, or the digest alone. Default: DIGEST.
        commit_level: When the server answers. Default: ALL.
        ttl: Seconds to live, at most ten years, or a `Ttl`, if the function writes. Default:
            Ttl.NAMESPACE_DEFAULT.
        durable_delete: Leave a tombstone if the function deletes the record (Enterprise). Default: False.
        on_locking_only: Inside a transaction, the write must be the one that locks the record
            (Enterprise 8.1). Default: False.
    """

    key: KeyPolicy = attrs.field(default=KeyPolicy.DIGEST, validator=member(KeyPolicy))
    commit_level: CommitLevel = attrs.field(default=CommitLevel.ALL, validator=member(CommitLevel))
    ttl: int = attrs.field(default=Ttl.NAMESPACE_DEFAULT, validator=count(Ttl.CLIENT_DEFAULT, MAX_TTL))
    durable_delete: bool = attrs.field(default=False, validator=flag)
    on_locking_only: bool = attrs.field(default=False, validator=flag)


@attrs.frozen(slots=True)
class BatchPolicies:
    """The policies of a batch, and of its rows where they have none of their own."""

    batch: BatchPolicy
    write: BatchWritePolicy
    remove: BatchRemovePolicy
    apply: BatchApplyPolicy

    def __attrs_post_init__(self) -> None:
        kinds = (BatchPolicy, BatchWritePolicy, BatchRemovePolicy, BatchApplyPolicy)
        for policy, kind in zip((self.batch, self.write, self.remove, self.apply), kinds, strict=True):
            if not isinstance(policy, kind):
                raise TypeError(f"policy must be {kind.__name__}, not {type(policy).__name__}")

    def with_policies(
        self,
        batch: BatchPolicy | None = None,
        write: BatchWritePolicy | None = None,
        remove: BatchRemovePolicy | None = None,
        apply: BatchApplyPolicy | None = None,
    ) -> BatchPolicies:
        """These, with others in place of some.

        Args:
            batch: For the batch as a whole.
            write: For rows that write.
            remove: For rows that delete.
            apply: For rows that apply a function.

        Raises:
            TypeError: One is not of its kind.
        """
        if batch is None and write is None and remove is None and apply is None:
            return self
        given = BatchPolicies(
            self.batch if batch is None else batch,
            self.write if write is None else write,
            self.remove if remove is None else remove,
            self.apply if apply is None else apply,
        )
        return BatchPolicies(given.batch, self.for_write(given.write), given.remove, self.for_apply(given.apply))

    def for_write(self, policy: BatchWritePolicy | None) -> BatchWritePolicy:
        """The policy of a row that writes: its own, with the client's ttl where it asks for that."""
        if policy is None:
            return self.write
        return with_client_ttl(policy, self.write.ttl)

    def for_apply(self, policy: BatchApplyPolicy | None) -> BatchApplyPolicy:
        """The policy of a row that applies a function: its own, with the client's ttl where it asks for that."""
        if policy is None:
            return self.apply
        return with_client_ttl(policy, self.apply.ttl)
