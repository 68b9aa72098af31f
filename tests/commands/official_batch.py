"""Batch calls of the official client, made with triospike's rows instead.

Nothing here knows the recorded requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from commands.neutral import to_python
from commands.official_calls import _operation as operation_of
from commands.official_expressions import filter_of
from triospike import BatchApply, BatchDelete, BatchItem, BatchRead, BatchWrite, ClientPolicy, Key
from triospike._commands.batch import BatchRow, pack_batch
from triospike._commands.batch_rows import apply_row, delete_row, operate_row, read_row, rows_of
from triospike._execution.batch_plan import Batch
from triospike.defaults import DefaultPolicies
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
    RecordExistsAction,
)

__all__ = ["METHODS", "batch_of", "request_of"]

_DEFAULTS = DefaultPolicies.of(ClientPolicy()).batch
_Call = dict[str, Any]


def batch_of(call: _Call) -> Batch:
    """The batch of a recorded call."""
    return METHODS[call["method"]](call)


def request_of(batch: Batch) -> bytes:
    """What the only node of a cluster is sent."""
    if len(batch.keys) == 1:
        return BatchRow(batch.keys[0], batch.row(0), batch.policy).request
    limit = batch.policy.total_timeout
    return pack_batch(range(len(batch.keys)), batch.keys, batch.rows, batch.policy, limit)


def _read(call: _Call) -> Batch:
    policy = _policy(BatchPolicy, call.get("policy"))
    return Batch(_keys(call), read_row(call.get("bins"), policy), policy)


def _operate(call: _Call) -> Batch:
    # The official client has a place of its own for the ttl and the generation.
    fields = {"ttl": call["ttl"]} if "ttl" in call else {}
    policies = _DEFAULTS.with_policies(
        _policy(BatchPolicy, call.get("policy_batch")),
        write=_policy(BatchWritePolicy, call.get("policy_batch_write"), **fields),
    )
    return Batch(_keys(call), operate_row([operation_of(op) for op in call["ops"]], policies), policies.batch)


def _remove(call: _Call) -> Batch:
    policy = _policy(BatchRemovePolicy, call.get("policy_batch_remove"))
    return Batch(_keys(call), delete_row(policy), _DEFAULTS.batch)


def _apply(call: _Call) -> Batch:
    policy = _policy(BatchApplyPolicy, call.get("policy_batch_apply"))
    return Batch(
        _keys(call),
        apply_row(call["module"], call["function"], to_python(call["args"]), policy),
        _DEFAULTS.batch,
    )


def _write(call: _Call) -> Batch:
    policies = _DEFAULTS.with_policies(_policy(BatchPolicy, call.get("policy_batch")))
    keys, rows = rows_of([_ITEMS[record["type"]](record) for record in call["records"]], policies)
    return Batch(keys, rows, policies.batch, "items")


METHODS: dict[str, Callable[[_Call], Batch]] = {
    "batch_read": _read,
    "batch_operate": _operate,
    "batch_remove": _remove,
    "batch_apply": _apply,
    "batch_write": _write,
}


# Items.


def _read_item(record: _Call) -> BatchItem:
    policy = None if record["policy"] is None else _policy(BatchReadPolicy, record["policy"])
    if record["ops"] is None:
        return BatchRead(_key(record["key"]), None if record["read_all_bins"] else (), policy=policy)
    return BatchRead(_key(record["key"]), operations=[operation_of(op) for op in record["ops"]], policy=policy)


def _write_item(record: _Call) -> BatchItem:
    meta = record["meta"] or {}
    fields = {name: meta[short] for name, short in (("generation", "gen"), ("ttl", "ttl")) if short in meta}
    policy = None if record["policy"] is None else _policy(BatchWritePolicy, record["policy"], **fields)
    return BatchWrite(_key(record["key"]), operations=[operation_of(op) for op in record["ops"]], policy=policy)


def _delete_item(record: _Call) -> BatchItem:
    policy = None if record["policy"] is None else _policy(BatchRemovePolicy, record["policy"])
    return BatchDelete(_key(record["key"]), policy=policy)


def _apply_item(record: _Call) -> BatchItem:
    assert record["policy"] is None
    return BatchApply(_key(record["key"]), record["module"], record["function"], to_python(record["args"]))


_ITEMS: dict[str, Callable[[_Call], BatchItem]] = {
    "read": _read_item,
    "write": _write_item,
    "remove": _delete_item,
    "apply": _apply_item,
}


def _keys(call: _Call) -> list[Key]:
    return [_key(key) for key in call["keys"]]


def _key(neutral: Any) -> Key:
    namespace, set_name, user_key = to_python(neutral)
    return Key(namespace, set_name, user_key)


# From the official client's policies, dicts with times in milliseconds.

_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "total_timeout": lambda value: value / 1000,
    "socket_timeout": lambda value: value / 1000,
    "key": KeyPolicy,
    "read_mode_ap": ReadModeAP,
    "commit_level": CommitLevel,
    "gen": GenerationPolicy,
    "exists": RecordExistsAction,
    "expressions": filter_of,
}
_WITHOUT_EFFECT = {
    BatchPolicy: {"key", "concurrent"},  # it takes them, but sends the same
}


def _policy(kind: type[Any], official: dict[str, Any] | None, **fields: Any) -> Any:
    ignored = _WITHOUT_EFFECT.get(kind, set())
    known = {field.name for field in attrs.fields(kind)}
    for name, value in (official or {}).items():
        if name in ignored:
            continue
        field = "filter_exp" if name == "expressions" else name
        assert field in known, (kind, name)
        fields[field] = _CONVERTERS.get(name, lambda plain: plain)(value)
    return kind(**fields)
