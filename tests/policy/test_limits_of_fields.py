"""Fields out of range raise at construction, and the message names the field."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import attrs
import pytest

from triospike.policy import (
    BasePolicy,
    ClientPolicy,
    EventPolicy,
    InfoPolicy,
    OperatePolicy,
    ReadPolicy,
    RemovePolicy,
    Ttl,
    WritePolicy,
)

_TIMES = ["socket_timeout", "total_timeout", "connect_timeout", "timeout_delay", "sleep_between_retries"]
_COMMANDS: list[type[BasePolicy]] = [ReadPolicy, WritePolicy, OperatePolicy, RemovePolicy]
_SECONDS: list[tuple[type[Any], str]] = [
    *((policy, field) for policy in _COMMANDS for field in _TIMES),
    (InfoPolicy, "timeout"),
    (ClientPolicy, "max_socket_idle"),
    (ClientPolicy, "tend_interval"),
    (ClientPolicy, "conn_timeout"),
]
# Policy, field, smallest, largest.
_COUNTS: list[tuple[type[Any], str, int, int | None]] = [
    *((policy, "max_retries", 0, None) for policy in _COMMANDS),
    (RemovePolicy, "generation", 0, 0xFFFFFFFF),
    (WritePolicy, "generation", 0, 0xFFFFFFFF),
    (OperatePolicy, "generation", 0, 0xFFFFFFFF),
    (WritePolicy, "ttl", -3, 315_360_000),
    (OperatePolicy, "ttl", -3, 315_360_000),
    (ReadPolicy, "read_touch_ttl_percent", -1, 100),
    (OperatePolicy, "read_touch_ttl_percent", -1, 100),
    (InfoPolicy, "max_response_bytes", 1, 134_217_728),
    (EventPolicy, "max_commands_in_process", 0, None),
    (EventPolicy, "max_commands_in_queue", 0, None),
    (ClientPolicy, "async_max_conns_per_node", 1, None),
    (ClientPolicy, "async_min_conns_per_node", 0, None),
    (ClientPolicy, "max_error_rate", 0, None),
    (ClientPolicy, "error_rate_window", 1, None),
    (ClientPolicy, "pipeline_depth", 1, None),
    (ClientPolicy, "pipe_max_conns_per_node", 1, None),
    (ClientPolicy, "event_loops", 1, None),
]
_FLAGS: list[tuple[type[Any], str]] = [
    *((policy, "durable_delete") for policy in (RemovePolicy, WritePolicy, OperatePolicy)),
    (WritePolicy, "on_locking_only"),
    (OperatePolicy, "respond_all_ops"),
    *((ClientPolicy, field) for field in ("fail_if_not_connected", "use_services_alternate", "rack_aware")),
    (ClientPolicy, "force_single_node"),
]
_CHOICES: list[tuple[type[Any], str]] = [
    *((policy, field) for policy in _COMMANDS for field in ("key", "replica")),
    *((policy, field) for policy in (ReadPolicy, OperatePolicy) for field in ("read_mode_ap", "read_mode_sc")),
    *(
        (policy, field)
        for policy in (RemovePolicy, WritePolicy, OperatePolicy)
        for field in ("gen", "commit_level")
    ),
    (WritePolicy, "exists"),
    (OperatePolicy, "exists"),
    (EventPolicy, "when_queue_full"),
    (ClientPolicy, "when_no_connection"),
]


@pytest.mark.parametrize(("policy", "field"), _SECONDS)
def test_times_are_seconds(policy: type[Any], field: str) -> None:
    assert getattr(policy(**{field: 5}), field) == 5
    assert getattr(policy(**{field: 0.25}), field) == 0.25
    for value in (-1, -0.001, math.inf, math.nan):
        with pytest.raises(ValueError, match=rf"{policy.__name__}\.{field} must be a finite number of seconds"):
            policy(**{field: value})
    for wrong in ("1", None, True):
        with pytest.raises(TypeError, match=rf"{policy.__name__}\.{field} must be a number of seconds, not"):
            policy(**{field: wrong})


@pytest.mark.parametrize(("policy", "field", "low", "high"), _COUNTS)
def test_counts_have_their_range(policy: type[Any], field: str, low: int, high: int | None) -> None:
    assert getattr(policy(**{field: low}), field) == low
    largest = 1 << 40 if high is None else high
    assert getattr(policy(**{field: largest}), field) == largest
    for value in [low - 1] + ([] if high is None else [high + 1]):
        with pytest.raises(ValueError, match=rf"{policy.__name__}\.{field} must be .*{low}.*, not {value}$"):
            policy(**{field: value})
    for wrong in ("1", 1.0, True):
        with pytest.raises(TypeError, match=rf"{policy.__name__}\.{field} must be an int, not"):
            policy(**{field: wrong})


@pytest.mark.parametrize(("policy", "field"), _FLAGS)
def test_flags_are_bools(policy: type[Any], field: str) -> None:
    assert getattr(policy(**{field: True}), field) is True
    for wrong in (1, 0, None, "yes"):
        with pytest.raises(TypeError, match=rf"{policy.__name__}\.{field} must be a bool, not"):
            policy(**{field: wrong})


@pytest.mark.parametrize(("policy", "field"), _CHOICES)
def test_choices_are_named_with_what_is_allowed(policy: type[Any], field: str) -> None:
    for wrong in (99, "nonsense", None):
        with pytest.raises(ValueError, match=rf"{policy.__name__}\.{field} must be one of .*, not"):
            policy(**{field: wrong})


@pytest.mark.parametrize("policy", _COMMANDS)
def test_a_filter_is_packed_bytes(policy: type[Any]) -> None:
    assert policy(filter_exp=b"\xc3").filter_exp == b"\xc3"
    for wrong in ("true", bytearray(b"\xc3"), 5):
        with pytest.raises(TypeError, match="filter_exp"):
            policy(filter_exp=wrong)


@pytest.mark.parametrize("policy", [*_COMMANDS, InfoPolicy, EventPolicy, ClientPolicy])
def test_a_misspelled_field_is_refused(policy: type[Any]) -> None:
    with pytest.raises(TypeError, match="total_timout"):
        policy(total_timout=1)
    with pytest.raises(TypeError, match="positional"):
        policy(1)


@pytest.mark.parametrize("policy", [*_COMMANDS, InfoPolicy, EventPolicy, ClientPolicy])
def test_policies_can_not_be_changed(policy: type[Any]) -> None:
    instance = policy()
    for field in attrs.fields(policy):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(instance, field.name, None)
    with pytest.raises(AttributeError):
        instance.anything = 1


@pytest.mark.parametrize("policy", [*_COMMANDS, InfoPolicy, EventPolicy])
def test_policies_are_values(policy: type[Any]) -> None:
    assert policy() == policy()
    assert hash(policy()) == hash(policy())
    for same in (copy.copy(policy()), copy.deepcopy(policy()), pickle.loads(pickle.dumps(policy()))):
        assert same == policy()


def test_what_was_computed_from_a_policy_is_no_part_of_it() -> None:
    used, fresh = ReadPolicy(), ReadPolicy()
    used.cached()["something"] = 1
    assert used == fresh
    assert "something" not in repr(used)
    assert attrs.evolve(used, max_retries=2).cached() == {}


def test_a_client_policy_checks_what_its_fields_mean() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"tend_interval": 0.01}, r"ClientPolicy\.tend_interval must be at least 0\.05 s"),
        ({"max_socket_idle": 86_401.0}, r"ClientPolicy\.max_socket_idle must be at most 86400 s"),
        ({"rack_ids": ()}, r"ClientPolicy\.rack_ids must hold at least one int, not \(\)"),
        ({"rack_ids": ("a",)}, r"ClientPolicy\.rack_ids must hold at least one int, not \('a',\)"),
    ]
    for arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            ClientPolicy(**arguments)
    assert ClientPolicy(tend_interval=0.05, max_socket_idle=86_400.0).max_socket_idle == 86_400.0


@pytest.mark.parametrize("field", ["read", "write", "operate", "remove", "info"])
def test_a_client_policy_takes_policies_of_the_right_kind(field: str) -> None:
    wrong: dict[str, Any] = {field: EventPolicy()}
    with pytest.raises(TypeError, match=field):
        ClientPolicy(**wrong)


def test_a_clients_address_map_can_not_be_changed_from_outside() -> None:
    given = {"10.0.0.1": "localhost"}
    policy = ClientPolicy(ip_map=given)
    given["10.0.0.2"] = "elsewhere"
    assert dict(policy.ip_map) == {"10.0.0.1": "localhost"}
    with pytest.raises(TypeError):
        policy.ip_map["10.0.0.1"] = "changed"  # type: ignore[index]


def test_rack_ids_may_be_any_sequence() -> None:
    racks: Any = [2, 1]
    assert ClientPolicy(rack_ids=racks).rack_ids == (2, 1)


def test_special_ttls_are_ints_of_their_own() -> None:
    assert WritePolicy(ttl=-1) == WritePolicy(ttl=Ttl.NEVER_EXPIRE)
    assert WritePolicy(ttl=-2) == WritePolicy(ttl=Ttl.DONT_UPDATE)
