"""Scans, queries and background jobs of the official client, made with triospike's API instead.

Nothing here knows the recorded requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from commands.neutral import to_python
from commands.official_calls import _operation as operation_of
from commands.official_cdt import context_of
from commands.official_expressions import expression_of, filter_of
from triospike import CollectionKind, Filter, PartitionFilter, Statement, WritePolicy
from triospike._commands.query import FunctionCall, UdfOp, background_request
from triospike._execution.query_executor import QueryPlan
from triospike.operations import Operation
from triospike.policy import QueryDuration, QueryPolicy, Ttl
from vectors.recorded import Vector

__all__ = ["background_of", "plan_of"]

_Call = dict[str, Any]


def plan_of(call: _Call) -> QueryPlan:
    """The query of triospike for a recorded call of ``query.results`` or ``scan.results``.

    Raises:
        TypeError: triospike refuses an argument.
        ValueError: triospike refuses an argument.
    """
    policy = call.get("policy", {})
    statement = Statement(
        call["namespace"],
        call["set"],
        bins=call.get("select"),
        filter=_filter(call),
        operations=[operation_of(op) for op in call.get("ops", ())],
    )
    return QueryPlan.of(statement, _policy(call), _partitions(policy.get("partition_filter")))


def _policy(call: _Call) -> QueryPolicy:
    fields: dict[str, Any] = {}
    for name, value in call.get("policy", {}).items():
        if name == "expressions":
            fields["filter_exp"] = filter_of(value)
        elif name in {"total_timeout", "socket_timeout"}:
            fields[name] = value / 1000
        elif name == "expected_duration":
            fields[name] = QueryDuration(value)
        elif name == "short_query":
            fields["expected_duration"] = QueryDuration.SHORT if value else QueryDuration.LONG
        else:
            assert name == "partition_filter", name
    for name in ("max_records", "records_per_second"):
        if name in call:
            fields[name] = call[name]
    if call.get("options", {}).get("nobins"):
        fields["include_bin_data"] = False
    return QueryPolicy(**fields)


def _partitions(given: _Call | None) -> PartitionFilter | None:
    if given is None:
        return None
    if "digest" in given:
        return PartitionFilter.after(to_python(given["digest"]["value"]))
    return PartitionFilter.range(given["begin"], given["count"])


def _filter(call: _Call) -> Filter | None:
    where = call.get("where") or call.get("predicate")
    if not where:
        return None
    ((name, arguments),) = where.items()
    more: dict[str, Any] = {"index": call.get("index_name")}
    if "ctx" in call:
        more["context"] = context_of(call)
    if "where_expression" in call:
        more["expression"] = expression_of(call["where_expression"])
    return _FILTERS[name](*to_python(arguments), **more)


def _contains(bin_name: str, collection: int, value: Any, **more: Any) -> Filter:
    return Filter.contains(bin_name, value, CollectionKind(collection), **more)


def _contains_between(bin_name: str, collection: int, low: int, high: int, **more: Any) -> Filter:
    return Filter.contains_between(bin_name, low, high, CollectionKind(collection), **more)


def _within(bin_name: str, region: str, collection: int = 0, **more: Any) -> Filter:
    return Filter.within_region(bin_name, region, CollectionKind(collection), **more)


def _radius(bin_name: str, lng: float, lat: float, radius: float, collection: int = 0, **more: Any) -> Filter:
    return Filter.within_radius(bin_name, lng, lat, radius, CollectionKind(collection), **more)


def _contains_point(bin_name: str, lng: float, lat: float, collection: int = 0, **more: Any) -> Filter:
    return Filter.regions_containing(bin_name, (lng, lat), CollectionKind(collection), **more)


def _contains_geojson(bin_name: str, point: str, collection: int = 0, **more: Any) -> Filter:
    return Filter.regions_containing(bin_name, point, CollectionKind(collection), **more)


_FILTERS: dict[str, Callable[..., Filter]] = {
    "equals": Filter.equal,
    "between": Filter.between,
    "contains": _contains,
    "range": _contains_between,
    "geo_within_geojson_region": _within,
    "geo_within_radius": _radius,
    "geo_contains_point": _contains_point,
    "geo_contains_geojson_point": _contains_geojson,
}


def background_of(vector: Vector, task_id: int) -> bytes:
    """What triospike sends for a recorded background job.

    Raises:
        ValueError: triospike refuses an argument.
    """
    call = vector.call
    statement = Statement(call.get("ns", "test"), call["set"], filter=_filter(call))
    policy = _background_policy(call)
    if "function" in call:
        function = FunctionCall.of(UdfOp.BACKGROUND, call["module"], call["function"], to_python(call["args"]))
        return background_request(statement, policy, task_id, function=function)
    return background_request(statement, policy, task_id, _operations(call["ops"]))


def _background_policy(call: _Call) -> WritePolicy:
    # The official client's scans in the background have no total timeout, its queries that of a write.
    policy = WritePolicy(total_timeout=0.0 if call["method"].startswith("scan") else 1.0)
    given = call.get("policy") or {}
    if "expressions" in given:
        policy = attrs.evolve(policy, filter_exp=filter_of(given["expressions"]))
    ttls = [call.get("ttl"), *[op.get("ttl") for op in call.get("ops", ())]]
    ttl = next((each for each in ttls if each is not None), Ttl.NAMESPACE_DEFAULT)
    return attrs.evolve(policy, ttl=ttl)


def _operations(ops: Sequence[_Call]) -> list[Operation]:
    return [operation_of(op) for op in ops]
