"""Every default, by hand from the protocol's table of the C client's defaults (section 16.1), in seconds."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from triospike.policy import (
    ApplyPolicy,
    BasePolicy,
    BatchApplyPolicy,
    BatchPolicy,
    BatchRemovePolicy,
    BatchWritePolicy,
    ClientPolicy,
    CommitLevel,
    EventPolicy,
    GenerationPolicy,
    InfoPolicy,
    KeyPolicy,
    OperatePolicy,
    QueryPolicy,
    ReadModeAP,
    ReadModeSC,
    ReadPolicy,
    RecordExistsAction,
    RemovePolicy,
    Replica,
    Ttl,
    WritePolicy,
)

_BASE: dict[str, Any] = {
    "socket_timeout": 30.0,
    "total_timeout": 1.0,
    "connect_timeout": 0.0,
    "timeout_delay": 3.0,
    "sleep_between_retries": 0.0,
    "replica": Replica.SEQUENCE,
    "filter_exp": None,
}
_READING: dict[str, Any] = {
    "read_mode_ap": ReadModeAP.ONE,
    "read_mode_sc": ReadModeSC.SESSION,
    "read_touch_ttl_percent": 0,
}
_REMOVE: dict[str, Any] = {
    **_BASE,
    "max_retries": 0,
    "key": KeyPolicy.DIGEST,
    "commit_level": CommitLevel.ALL,
    "gen": GenerationPolicy.IGNORE,
    "generation": 0,
    "durable_delete": False,
}
_WRITE: dict[str, Any] = {
    **_REMOVE,
    "exists": RecordExistsAction.IGNORE,
    "ttl": Ttl.NAMESPACE_DEFAULT,
    "on_locking_only": False,
}
_DEFAULTS: list[tuple[Any, dict[str, Any]]] = [
    (BasePolicy(), {**_BASE, "max_retries": 2}),
    (
        ReadPolicy(),
        {**_BASE, **_READING, "max_retries": 2, "key": KeyPolicy.DIGEST},
    ),
    (RemovePolicy(), _REMOVE),
    (WritePolicy(), _WRITE),
    (OperatePolicy(), {**_WRITE, **_READING, "respond_all_ops": False}),
    (InfoPolicy(), {"timeout": 1.0, "max_response_bytes": 16 * 1024 * 1024}),
    (
        EventPolicy(),
        {"max_commands_in_process": 0, "max_commands_in_queue": 0, "when_queue_full": "raise"},
    ),
    (
        ClientPolicy(),
        {
            "cluster_name": "",
            # The C client's 100, unless the event loops say what is needed.
            "async_max_conns_per_node": None,
            "async_min_conns_per_node": 0,
            "when_no_connection": "wait",
            # Pipelines are asked for, in the C client too.
            "pipeline_depth": 1,
            # The C client's 64 stand beside its 100; here one number holds for both until somebody says otherwise.
            "pipe_max_conns_per_node": None,
            "max_socket_idle": 0.0,
            "max_error_rate": 100,
            "error_rate_window": 1,
            "tend_interval": 1.0,
            "conn_timeout": 1.0,
            "fail_if_not_connected": True,
            "use_services_alternate": False,
            "ip_map": {},
            "force_single_node": False,
            "rack_aware": False,
            "rack_ids": (0,),
            "event_loops": 1,
            "read": ReadPolicy(),
            "write": WritePolicy(),
            "operate": OperatePolicy(),
            "remove": RemovePolicy(),
            "info": InfoPolicy(),
            "apply": ApplyPolicy(),
            "query": QueryPolicy(),
            "batch": BatchPolicy(),
            "batch_write": BatchWritePolicy(),
            "batch_remove": BatchRemovePolicy(),
            "batch_apply": BatchApplyPolicy(),
        },
    ),
]


@pytest.mark.parametrize(("policy", "defaults"), _DEFAULTS, ids=[type(policy).__name__ for policy, _ in _DEFAULTS])
def test_every_field_has_the_c_clients_default(policy: Any, defaults: dict[str, Any]) -> None:
    fields = [field.name for field in attrs.fields(type(policy)) if field.init]
    assert sorted(fields) == sorted(defaults)
    assert {name: getattr(policy, name) for name in fields} == defaults


# The C client's numbers, which the official Python client passes on as they are.
@pytest.mark.parametrize(
    ("member", "number"),
    [
        (KeyPolicy.DIGEST, 0),
        (KeyPolicy.SEND, 1),
        (Replica.MASTER, 0),
        (Replica.ANY, 1),
        (Replica.SEQUENCE, 2),
        (Replica.PREFER_RACK, 3),
        (Replica.RANDOM, 4),
        (ReadModeAP.ONE, 0),
        (ReadModeAP.ALL, 1),
        (ReadModeSC.SESSION, 0),
        (ReadModeSC.LINEARIZE, 1),
        (ReadModeSC.ALLOW_REPLICA, 2),
        (ReadModeSC.ALLOW_UNAVAILABLE, 3),
        (CommitLevel.ALL, 0),
        (CommitLevel.MASTER, 1),
        (GenerationPolicy.IGNORE, 0),
        (GenerationPolicy.EQ, 1),
        (GenerationPolicy.GT, 2),
        (RecordExistsAction.IGNORE, 0),
        (RecordExistsAction.CREATE, 1),
        (RecordExistsAction.UPDATE, 2),
        (RecordExistsAction.REPLACE, 3),
        (RecordExistsAction.CREATE_OR_REPLACE, 4),
        (Ttl.NAMESPACE_DEFAULT, 0),
        (Ttl.NEVER_EXPIRE, -1),
        (Ttl.DONT_UPDATE, -2),
        (Ttl.CLIENT_DEFAULT, -3),
    ],
)
def test_choices_have_the_c_clients_numbers(member: int, number: int) -> None:
    assert int(member) == number
