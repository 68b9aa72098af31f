"""The policies that a client uses where a call names none."""

from __future__ import annotations

import attrs

from .policy import (
    ApplyPolicy,
    ClientPolicy,
    InfoPolicy,
    OperatePolicy,
    QueryPolicy,
    ReadPolicy,
    RemovePolicy,
    Ttl,
    WritePolicy,
)
from .policy.batch import BatchPolicies
from .policy.evolved import with_client_ttl

__all__ = ["DefaultPolicies", "check_policy"]


def check_policy(policy: object, kind: type) -> None:
    """See that a policy is of its kind.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(policy, kind):
        raise TypeError(f"policy must be {kind.__name__}, not {type(policy).__name__}")


@attrs.frozen(slots=True)
class DefaultPolicies:
    """One policy for each kind of command."""

    read: ReadPolicy
    write: WritePolicy
    operate: OperatePolicy
    remove: RemovePolicy
    info: InfoPolicy
    query: QueryPolicy
    apply: ApplyPolicy
    batch: BatchPolicies

    def __attrs_post_init__(self) -> None:
        check_policy(self.read, ReadPolicy)
        check_policy(self.write, WritePolicy)
        check_policy(self.operate, OperatePolicy)
        check_policy(self.remove, RemovePolicy)
        check_policy(self.info, InfoPolicy)
        check_policy(self.query, QueryPolicy)
        check_policy(self.apply, ApplyPolicy)

    @classmethod
    def of(cls, policy: ClientPolicy) -> DefaultPolicies:
        """Those that a client policy names.

        Raises:
            ValueError: One of them asks for the client's default ttl, which is itself.
        """
        for field in ("write", "operate", "apply", "batch_write", "batch_apply"):
            if getattr(policy, field).ttl == Ttl.CLIENT_DEFAULT:
                raise ValueError(f"ClientPolicy.{field}.ttl can't be Ttl.CLIENT_DEFAULT: it is the default itself")
        return cls(
            policy.read,
            policy.write,
            policy.operate,
            policy.remove,
            policy.info,
            policy.query,
            policy.apply,
            BatchPolicies(policy.batch, policy.batch_write, policy.batch_remove, policy.batch_apply),
        )

    def for_write(self, policy: WritePolicy | None) -> WritePolicy:
        """The policy of one write: the call's, with the client's ttl where it asks for that."""
        if policy is None:
            return self.write
        check_policy(policy, WritePolicy)
        return with_client_ttl(policy, self.write.ttl)

    def for_operate(self, policy: OperatePolicy | None) -> OperatePolicy:
        """The policy of one operate: the call's, with the client's ttl where it asks for that."""
        if policy is None:
            return self.operate
        check_policy(policy, OperatePolicy)
        return with_client_ttl(policy, self.operate.ttl)

    def for_apply(self, policy: ApplyPolicy | None) -> ApplyPolicy:
        """The policy of one function call: the call's, with the client's ttl where it asks for that."""
        if policy is None:
            return self.apply
        check_policy(policy, ApplyPolicy)
        return with_client_ttl(policy, self.apply.ttl)
