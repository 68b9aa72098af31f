"""Limits that do not fit each other are told, each in a sentence with both numbers."""

from __future__ import annotations

from typing import Any

import pytest

from triospike.limits import LimitsWarning, contradictions
from triospike.policy import ClientPolicy, EventPolicy, ReadPolicy, WritePolicy


@pytest.mark.parametrize(
    ("event_policy", "n_loops", "client_policy"),
    [
        (EventPolicy(), 1, ClientPolicy()),
        (EventPolicy(max_commands_in_process=50, max_commands_in_queue=50_000), 10, ClientPolicy()),
        (
            EventPolicy(max_commands_in_process=50, max_commands_in_queue=50_000),
            10,
            ClientPolicy(async_max_conns_per_node=500),
        ),
        (EventPolicy(max_commands_in_process=1), 1, ClientPolicy(async_max_conns_per_node=1)),
        (
            EventPolicy(max_commands_in_process=100),
            2,
            ClientPolicy(pipeline_depth=16, pipe_max_conns_per_node=8, async_max_conns_per_node=50),
        ),
    ],
    ids=["defaults", "derived", "reference", "one of each", "pipelined"],
)
def test_limits_that_fit_are_not_complained_of(
    event_policy: EventPolicy, n_loops: int, client_policy: ClientPolicy
) -> None:
    assert contradictions(event_policy, n_loops, client_policy, proto_fd_max=15_000, proto_fd_idle=60) == ()


@pytest.mark.parametrize(
    ("event_policy", "n_loops", "client_policy", "known", "words"),
    [
        (
            EventPolicy(),
            10,
            ClientPolicy(async_max_conns_per_node=4),
            {},
            ["async_max_conns_per_node 4", "10 event loops"],
        ),
        (
            EventPolicy(max_commands_in_process=20),
            2,
            ClientPolicy(async_max_conns_per_node=100),
            {},
            ["async_max_conns_per_node 100 can't be reached", "20 × 2 event loops = 40"],
        ),
        (
            EventPolicy(max_commands_in_process=20),
            2,
            ClientPolicy(pipeline_depth=8, pipe_max_conns_per_node=5, async_max_conns_per_node=100),
            {},
            ["async_max_conns_per_node 100 can't be reached", "20 × 2 event loops = 40"],
        ),
        (
            EventPolicy(max_commands_in_process=20),
            2,
            ClientPolicy(pipeline_depth=8, pipe_max_conns_per_node=41, async_max_conns_per_node=10),
            {},
            ["pipe_max_conns_per_node 41 can't be reached", "20 × 2 event loops = 40"],
        ),
        (
            EventPolicy(max_commands_in_process=20),
            2,
            ClientPolicy(pipe_max_conns_per_node=5, async_max_conns_per_node=100),
            {},
            ["async_max_conns_per_node 100 can't be reached", "20 × 2 event loops = 40"],
        ),
        (
            EventPolicy(max_commands_in_process=100),
            1,
            ClientPolicy(async_max_conns_per_node=10),
            {},
            ["100 commands", "async_max_conns_per_node 10", "starve"],
        ),
        (
            EventPolicy(max_commands_in_process=400),
            1,
            ClientPolicy(pipeline_depth=8, pipe_max_conns_per_node=5),
            {},
            ["400 commands", "pipe_max_conns_per_node 5 × pipeline_depth 8", "starve"],
        ),
        (
            EventPolicy(max_commands_in_process=100),
            1,
            ClientPolicy(async_max_conns_per_node=10, when_no_connection="raise"),
            {},
            ["100 commands", "async_max_conns_per_node 10", "-7"],
        ),
        (
            EventPolicy(max_commands_in_process=31),
            1,
            ClientPolicy(async_max_conns_per_node=10),
            {"nodes": 3},
            ["31 commands", "async_max_conns_per_node 10 to each of 3 nodes"],
        ),
        (
            EventPolicy(),
            1,
            ClientPolicy(async_min_conns_per_node=101, async_max_conns_per_node=100),
            {},
            ["async_min_conns_per_node 101", "async_max_conns_per_node 100"],
        ),
        (
            EventPolicy(),
            1,
            ClientPolicy(async_min_conns_per_node=5, max_socket_idle=0.5),
            {},
            ["max_socket_idle 0.5 s", "tend_interval 1 s", "async_min_conns_per_node 5"],
        ),
        (
            EventPolicy(max_commands_in_queue=1_000),
            1,
            ClientPolicy(),
            {},
            ["max_commands_in_queue 1,000", "max_commands_in_process 0"],
        ),
        (
            EventPolicy(max_commands_in_process=50),
            10,
            ClientPolicy(),
            {"proto_fd_max": 500},
            ["async_max_conns_per_node 500", "proto-fd-max 500"],
        ),
        (
            EventPolicy(),
            1,
            ClientPolicy(max_socket_idle=60),
            {"proto_fd_idle": 60},
            ["max_socket_idle 60 s", "proto-fd-idle-ms of 60 s"],
        ),
        (
            EventPolicy(),
            1,
            ClientPolicy(read=ReadPolicy(connect_timeout=2)),
            {},
            ["connect_timeout 2 s of the read policy", "total_timeout 1 s"],
        ),
        (
            EventPolicy(),
            1,
            ClientPolicy(write=WritePolicy(max_retries=3, sleep_between_retries=1)),
            {},
            ["sleep_between_retries 1 s of the write policy", "max_retries 3", "total_timeout is 1 s"],
        ),
    ],
)
def test_a_contradiction_is_one_sentence_that_names_both_numbers(
    event_policy: EventPolicy,
    n_loops: int,
    client_policy: ClientPolicy,
    known: dict[str, Any],
    words: list[str],
) -> None:
    (sentence,) = contradictions(event_policy, n_loops, client_policy, **known)
    for word in words:
        assert word in sentence


def test_contradictions_that_need_the_server_s_numbers_are_silent_without_them() -> None:
    policy = ClientPolicy(async_max_conns_per_node=20_000, max_socket_idle=600)
    assert contradictions(EventPolicy(), 1, policy) == ()


def test_no_retries_or_no_total_timeout_leaves_nothing_to_contradict() -> None:
    policy = ClientPolicy(
        write=WritePolicy(sleep_between_retries=5), read=ReadPolicy(total_timeout=0, connect_timeout=9)
    )
    assert contradictions(EventPolicy(), 1, policy) == ()


def test_limits_warning_is_a_user_warning() -> None:
    assert issubclass(LimitsWarning, UserWarning)
