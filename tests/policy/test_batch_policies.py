"""Policies of batches: the C client's defaults, and fields out of range."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from triospike import exp
from triospike.policy import (
    BatchApplyPolicy,
    BatchPolicy,
    BatchReadPolicy,
    BatchRemovePolicy,
    BatchWritePolicy,
    CommitLevel,
    GenerationPolicy,
    KeyPolicy,
    ReadModeAP,
    ReadModeSC,
    RecordExistsAction,
    Replica,
    Ttl,
)
from triospike.policy.batch import BatchPolicies

# C: as_policy_batch_init and its siblings; milliseconds there, seconds here.
_READING = {"read_mode_ap": ReadModeAP.ONE, "read_mode_sc": ReadModeSC.SESSION, "read_touch_ttl_percent": 0}
_REMOVE = {
    "filter_exp": None,
    "key": KeyPolicy.DIGEST,
    "commit_level": CommitLevel.ALL,
    "gen": GenerationPolicy.IGNORE,
    "generation": 0,
    "durable_delete": False,
}
_WRITE = {
    **_REMOVE,
    "exists": RecordExistsAction.IGNORE,
    "ttl": Ttl.NAMESPACE_DEFAULT,
    "on_locking_only": False,
}
_DEFAULTS: list[tuple[Any, dict[str, Any]]] = [
    (
        BatchPolicy(),
        {
            **_READING,
            "socket_timeout": 30.0,
            "total_timeout": 1.0,
            "connect_timeout": 0.0,
            "timeout_delay": 3.0,
            "max_retries": -1,  # the C client has two defaults: see the test below
            "sleep_between_retries": 0.0,
            "filter_exp": None,
            "replica": Replica.SEQUENCE,
            "allow_inline": True,
            "allow_inline_ssd": False,
            "respond_all_keys": True,
        },
    ),
    (BatchReadPolicy(), {**_READING, "filter_exp": None}),
    (BatchRemovePolicy(), _REMOVE),
    (BatchWritePolicy(), _WRITE),
    (
        BatchApplyPolicy(),
        {
            "filter_exp": None,
            "key": KeyPolicy.DIGEST,
            "commit_level": CommitLevel.ALL,
            "ttl": Ttl.NAMESPACE_DEFAULT,
            "durable_delete": False,
            "on_locking_only": False,
        },
    ),
]
_NAMES = [type(policy).__name__ for policy, _ in _DEFAULTS]


@pytest.mark.parametrize(("policy", "defaults"), _DEFAULTS, ids=_NAMES)
def test_every_field_has_the_c_clients_default(policy: Any, defaults: dict[str, Any]) -> None:
    fields = [field.name for field in attrs.fields(type(policy)) if field.init]
    assert {name: getattr(policy, name) for name in fields} == defaults


@pytest.mark.parametrize(
    ("max_retries", "reads", "writes"), [(-1, 2, 0), (0, 0, 0), (5, 5, 5)], ids=["by kind", "none", "five"]
)
def test_reads_are_tried_twice_again_and_writes_never_unless_told(
    max_retries: int, reads: int, writes: int
) -> None:
    policy = BatchPolicy(max_retries=max_retries)
    assert (policy.retries(write=False), policy.retries(write=True)) == (reads, writes)
    assert policy.for_rows(write=False).max_retries == reads
    assert policy.for_rows(write=True).max_retries == writes


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (BatchPolicy, "max_retries", -2),
        (BatchPolicy, "total_timeout", -1.0),
        (BatchPolicy, "read_touch_ttl_percent", 101),
        (BatchPolicy, "replica", 2),
        (BatchReadPolicy, "read_touch_ttl_percent", -2),
        (BatchReadPolicy, "read_mode_ap", 1),
        (BatchRemovePolicy, "generation", 0x10000),
        (BatchRemovePolicy, "gen", "EQ"),
        (BatchWritePolicy, "ttl", -4),
        (BatchWritePolicy, "exists", 1),
        (BatchApplyPolicy, "ttl", 315_360_001),
        (BatchApplyPolicy, "key", 1),
    ],
)
def test_values_out_of_range_raise_and_name_the_field(kind: type[Any], field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{kind.__name__}\.{field} must be "):
        kind(**{field: value})


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (BatchPolicy, "allow_inline"),
        (BatchPolicy, "allow_inline_ssd"),
        (BatchPolicy, "respond_all_keys"),
        (BatchWritePolicy, "durable_delete"),
        (BatchWritePolicy, "on_locking_only"),
        (BatchApplyPolicy, "durable_delete"),
        (BatchReadPolicy, "filter_exp"),
    ],
)
def test_values_of_another_type_raise_and_name_the_field(kind: type[Any], field: str) -> None:
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\.{field} must be "):
        kind(**{field: 1})


def test_filters_are_compared_by_their_bytes() -> None:
    assert BatchReadPolicy(filter_exp=exp.val(True)) == BatchReadPolicy(filter_exp=exp.val(True))
    assert BatchReadPolicy(filter_exp=exp.val(True)) != BatchReadPolicy(filter_exp=exp.val(False))


def test_client_default_ttl_is_that_of_the_policies_replaced() -> None:
    policies = BatchPolicies(BatchPolicy(), BatchWritePolicy(ttl=5), BatchRemovePolicy(), BatchApplyPolicy(ttl=7))
    asking = policies.with_policies(
        write=BatchWritePolicy(ttl=Ttl.CLIENT_DEFAULT, key=KeyPolicy.SEND),
        apply=BatchApplyPolicy(ttl=Ttl.CLIENT_DEFAULT),
    )
    assert (asking.write.ttl, asking.write.key, asking.apply.ttl) == (5, KeyPolicy.SEND, 7)


def test_a_policy_of_another_kind_is_refused() -> None:
    policies = BatchPolicies(BatchPolicy(), BatchWritePolicy(), BatchRemovePolicy(), BatchApplyPolicy())
    with pytest.raises(TypeError, match="policy must be BatchWritePolicy, not BatchRemovePolicy"):
        policies.with_policies(write=BatchRemovePolicy())  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(TypeError, match="policy must be BatchPolicy, not dict"):
        policies.with_policies({})  # type: ignore[arg-type]  # the point of the test


def test_derived_policies_do_not_share_what_was_computed_for_others() -> None:
    policy = BatchPolicy()
    policy.for_rows(write=True)
    other = attrs.evolve(policy, total_timeout=2.0)
    assert other.for_rows(write=True).total_timeout == 2.0


def test_what_follows_from_a_policy_is_made_once() -> None:
    policy = BatchPolicy()
    assert policy.for_rows(write=True) is policy.for_rows(write=True)
    assert policy.for_rows(write=True) is not policy.for_rows(write=False)
    asking, given = BatchWritePolicy(ttl=Ttl.CLIENT_DEFAULT), BatchWritePolicy(ttl=5)
    policies = BatchPolicies(policy, given, BatchRemovePolicy(), BatchApplyPolicy())
    assert policies.for_write(asking) is policies.for_write(asking)
    assert policies.for_write(given) is given
