"""Function calls and aggregations of the official client, made with triospike's API instead.

Nothing here knows the recorded requests.
"""

from __future__ import annotations

from typing import Any

from commands.neutral import to_python
from commands.official_calls import key_of
from commands.official_expressions import filter_of
from triospike import Filter, Statement
from triospike._commands.apply import ApplyCommand
from triospike._commands.query import FunctionCall, QueryRequest, UdfOp
from triospike.policy import ApplyPolicy, CommitLevel, KeyPolicy, QueryPolicy

__all__ = ["aggregation_of", "apply_of", "function_of"]

_Call = dict[str, Any]


def apply_of(call: _Call) -> ApplyCommand:
    """The command of triospike for a recorded ``apply``."""
    return ApplyCommand(
        key_of(call), call["module"], call["function"], to_python(call["args"]), _policy(call.get("policy", {}))
    )


def _policy(given: _Call) -> ApplyPolicy:
    fields: _Call = {}
    for name, value in given.items():
        match name:
            case "key":
                fields["key"] = KeyPolicy(value)
            case "commit_level":
                fields["commit_level"] = CommitLevel(value)
            case "expressions":
                fields["filter_exp"] = filter_of(value)
            case _:
                assert name in {"ttl", "durable_delete"}, name
                fields[name] = value
    return ApplyPolicy(**fields)


def aggregation_of(call: _Call, task_id: int) -> bytes:
    """The request of triospike for a recorded query with a stream function."""
    found_by = Filter.between(*call["where"]["between"]) if "where" in call else None
    policy = QueryPolicy()
    if "policy" in call:
        policy = QueryPolicy(filter_exp=filter_of(call["policy"]["expressions"]))
    statement = Statement(call["namespace"], call["set"], filter=found_by)
    return QueryRequest(statement, policy, function_of(call)).pack(task_id)


def function_of(call: _Call) -> FunctionCall:
    """The stream function of a recorded query."""
    module, function, arguments = to_python(call["apply"])
    return FunctionCall.of(UdfOp.AGGREGATE, module, function, arguments)
