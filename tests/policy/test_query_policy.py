"""The policy of scans and queries: the C client's defaults, and the limits of each field."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from triospike import Client, ClientPolicy, QueryDuration, QueryPolicy, Replica, open_client

DEFAULTS: dict[str, Any] = {
    "socket_timeout": 30.0,
    "total_timeout": 0.0,
    "connect_timeout": 0.0,
    "timeout_delay": 3.0,
    "max_retries": 5,
    "sleep_between_retries": 0.0,
    "filter_exp": None,
    "max_records": 0,
    "records_per_second": 0,
    "include_bin_data": True,
    "expected_duration": QueryDuration.LONG,
    "replica": Replica.SEQUENCE,
    "max_concurrent_nodes": 0,
    "deserialize": True,
}


def test_every_field_has_the_c_clients_default() -> None:
    fields = [field.name for field in attrs.fields(QueryPolicy) if field.init]
    assert {name: getattr(QueryPolicy(), name) for name in fields} == DEFAULTS


def test_numbers_are_the_c_clients() -> None:
    assert [(each.name, each.value) for each in QueryDuration] == [("LONG", 0), ("SHORT", 1), ("LONG_RELAX_AP", 2)]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("total_timeout", -1, ValueError),
        ("max_retries", -1, ValueError),
        ("max_records", -1, ValueError),
        ("max_records", 1.5, TypeError),
        ("records_per_second", 1 << 32, ValueError),
        ("include_bin_data", 1, TypeError),
        ("expected_duration", 1, ValueError),
        ("replica", Replica.RANDOM, ValueError),
        ("max_concurrent_nodes", -1, ValueError),
        ("deserialize", None, TypeError),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"QueryPolicy\.{field}"):
        QueryPolicy(**{field: value})


async def test_a_view_of_the_client_has_a_policy_of_its_own() -> None:
    policy = ClientPolicy(query=QueryPolicy(max_records=1))
    async with open_client("embedded://", policy=policy) as client:
        assert client._defaults.query.max_records == 1
        view = client.with_policy(query=QueryPolicy(max_records=2))
        assert isinstance(view, Client)
        assert view._defaults.query.max_records == 2
        with pytest.raises(TypeError, match="policy must be QueryPolicy"):
            client.with_policy(query=5)  # type: ignore[arg-type]
