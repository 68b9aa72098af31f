"""The arithmetic of limits: tables worked out by hand, and what must hold for any numbers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from triospike.limits import contradictions, recommend
from triospike.policy import ClientPolicy, EventPolicy

# Worked out on paper: share = (fd_max - reserved) // clients - 1; in process = share × nodes // loops at most.
BY_HAND = [
    # fd_max, clients, loops, in_process, nodes, reserve -> loops, in_process, connections, proto-fd-max needed
    ((15_000, 1, 1, 50, 1, 0.1), (1, 50, 50, 57)),
    ((15_000, 1, 10, 50, 3, 0.1), (10, 50, 500, 557)),
    ((10_000, 20, 10, 50, 1, 0.1), (10, 44, 440, 11_134)),
    ((10_000, 20, 10, 50, 3, 0.1), (10, 50, 449, 11_134)),
    ((10_020, 20, 10, 50, 1, 0.0), (10, 50, 500, 10_020)),
    ((10_000, 20, 10, 50, 1, 0.0), (10, 49, 490, 10_020)),
    ((15_000, 100, 10, 50, 3, 0.1), (10, 40, 134, 55_667)),
    ((1_000, 100, 10, 50, 1, 0.1), (8, 1, 8, 55_667)),
]


@pytest.mark.parametrize(("asked", "expected"), BY_HAND)
def test_the_recommendation_is_what_was_worked_out_by_hand(
    asked: tuple[int, int, int, int, int, float], expected: tuple[int, int, int, int]
) -> None:
    *counts, nodes, reserve = asked
    given_limits = recommend(*counts, nodes=int(nodes), reserve=reserve)
    assert (
        given_limits.event_loops,
        given_limits.max_commands_in_process,
        given_limits.async_max_conns_per_node,
        given_limits.proto_fd_max_needed,
    ) == expected


# Pipelined, likewise: at a node (share - 1) × depth commands at once, which fill ⌈commands / depth⌉ connections.
PIPELINED_BY_HAND = [
    # fd_max, clients, loops, in_process, nodes, depth -> loops, in_process, pipes, others, proto-fd-max needed
    ((15_000, 50, 10, 50, 1, 16), (10, 50, 32, 237, 1_889)),
    ((15_000, 1, 1, 100, 1, 64), (1, 100, 2, 100, 5)),
    ((500, 50, 10, 50, 1, 16), (10, 11, 7, 1, 1_889)),
    ((500, 50, 10, 50, 3, 16), (10, 33, 7, 1, 1_889)),
    ((167, 50, 10, 50, 1, 8), (8, 1, 1, 1, 3_612)),
]


@pytest.mark.parametrize(("asked", "expected"), PIPELINED_BY_HAND)
def test_pipelined_the_recommendation_is_what_was_worked_out_by_hand(
    asked: tuple[int, int, int, int, int, int], expected: tuple[int, int, int, int, int]
) -> None:
    *counts, nodes, depth = asked
    given_limits = recommend(*counts, nodes=nodes, pipeline_depth=depth)
    assert given_limits.pipeline_depth == depth
    assert (
        given_limits.event_loops,
        given_limits.max_commands_in_process,
        given_limits.pipe_max_conns_per_node,
        given_limits.async_max_conns_per_node,
        given_limits.proto_fd_max_needed,
    ) == expected


@pytest.mark.parametrize(
    ("loops", "options", "queue"),
    [
        (10, {}, 2_500),  # 50,000/s × 0.5 s / 10
        (10, {"throughput": 2_000.0, "total_timeout": 3.0}, 300),  # 2,000/s × 1.5 s / 10
        (1, {"latency": 0.1}, 250),  # 50 in process / 0.1 s = 500/s × 0.5 s
        (4, {"total_timeout": 0.0}, 25_000),  # memory alone: 100,000 / 4
        (10, {"throughput": 1.0, "total_timeout": 0.1}, 1),
    ],
)
def test_the_queue_is_as_long_as_half_the_timeout_lets_it_be(
    loops: int, options: dict[str, Any], queue: int
) -> None:
    assert recommend(15_000, 1, loops, 50, **options).max_commands_in_queue == queue


counts = st.integers(1, 400)


@st.composite
def demands(draw: st.DrawFn) -> dict[str, Any]:
    clients = draw(counts)
    reserve = draw(st.floats(0, 0.9))
    depth = draw(st.sampled_from([1, 1, 2, 16, 100]))
    # At least two connections for each program are left of this, pipelined three, so that there is an answer.
    enough = int(((2 if depth == 1 else 3) * clients) / (1 - reserve)) + 2
    return {
        "proto_fd_max": draw(st.integers(enough, enough + 200_000)),
        "clients": clients,
        "event_loops": draw(st.integers(1, 64)),
        "in_process": draw(counts),
        "nodes": draw(st.integers(1, 64)),
        "reserve": reserve,
        "total_timeout": draw(st.sampled_from([0.0, 0.01, 1.0, 30.0])),
        "pipeline_depth": depth,
    }


@given(demands())
def test_all_programs_together_stay_under_what_each_node_allows(demand: dict[str, Any]) -> None:
    limits = recommend(**demand)
    of_each = limits.async_max_conns_per_node + (limits.pipe_max_conns_per_node or 0) + 1
    assert limits.clients * of_each + limits.reserved <= demand["proto_fd_max"]
    assert limits.reserved >= demand["proto_fd_max"] * demand["reserve"] - 1e-6
    assert limits.connections_per_node <= demand["proto_fd_max"] - limits.reserved


@given(demands())
def test_no_more_is_recommended_than_was_asked_and_nothing_less_than_one(demand: dict[str, Any]) -> None:
    limits = recommend(**demand)
    assert 1 <= limits.event_loops <= demand["event_loops"]
    assert 1 <= limits.max_commands_in_process <= demand["in_process"]
    assert 1 <= limits.async_max_conns_per_node <= demand["event_loops"] * demand["in_process"]
    assert limits.max_commands_in_queue >= 1


@given(demands())
def test_what_is_recommended_does_not_contradict_itself(demand: dict[str, Any]) -> None:
    limits = recommend(**demand)
    event_policy = EventPolicy(
        max_commands_in_process=limits.max_commands_in_process,
        max_commands_in_queue=limits.max_commands_in_queue,
    )
    client_policy = ClientPolicy(
        async_max_conns_per_node=limits.async_max_conns_per_node,
        pipeline_depth=limits.pipeline_depth,
        pipe_max_conns_per_node=limits.pipe_max_conns_per_node,
    )
    for nodes in (None, demand["nodes"]):
        assert (
            contradictions(
                event_policy,
                limits.event_loops,
                client_policy,
                proto_fd_max=demand["proto_fd_max"],
                nodes=nodes,
            )
            == ()
        )


@given(demands())
def test_with_the_proto_fd_max_that_is_needed_all_fits_as_asked(demand: dict[str, Any]) -> None:
    needed = recommend(**demand).proto_fd_max_needed
    limits = recommend(**{**demand, "proto_fd_max": needed})
    assert limits.fits_as_asked
    connections = limits.pipe_max_conns_per_node or limits.async_max_conns_per_node
    depth, asked = demand["pipeline_depth"], demand["event_loops"] * demand["in_process"]
    assert (connections - 1) * depth < asked <= connections * depth


@given(demands())
def test_with_one_less_than_is_needed_a_single_node_does_not_fit(demand: dict[str, Any]) -> None:
    demand["nodes"] = 1
    needed = recommend(**demand).proto_fd_max_needed
    try:
        limits = recommend(**{**demand, "proto_fd_max": needed - 1})
    except ValueError:
        return
    assert not limits.fits_as_asked


def test_the_explanation_names_every_setting_and_the_numbers_it_comes_from() -> None:
    text = recommend(10_000, 20, 10, 50).explain()
    for part in (
        "event_loops = 10",
        "max_commands_in_process = 44",
        "max_commands_in_queue = 2,500",
        "async_max_conns_per_node = 440",
        "10,000 connections",
        "1,000 are kept for others",
        "set proto-fd-max to 11,134",
        "async_max_conns_per_node is one limit for all event loops",
        "The C client divides it: 44 for each",
    ):
        assert part in text


def test_pipelined_the_explanation_tells_shared_connections_from_others() -> None:
    text = recommend(15_000, 50, 10, 50, pipeline_depth=16).explain()
    for part in (
        "50 × 10 = 500 in all can run on 32 connections that 16 share",
        "pipeline_depth = 16",
        "pipe_max_conns_per_node = 32: 500 commands, 16 on each",
        "async_max_conns_per_node = 237: For batches, scans and queries",
        "50 programs at the limit open 13,500",
        "pipe_max_conns_per_node is one limit for all event loops",
        "The C client divides it: 3 for each of 10 loops, 2 of them one more",
    ):
        assert part in text


def test_the_c_client_s_division_is_named_with_its_remainder() -> None:
    assert "13 for each of 10 loops, 4 of them one more" in recommend(15_000, 100, 10, 50, nodes=3).explain()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1, 1, 1), ValueError, "proto_fd_max must be at least 1, not 0"),
        ((15_000, 0, 1, 1), ValueError, "clients must be at least 1"),
        ((15_000, 1, -1, 1), ValueError, "event_loops must be at least 1"),
        ((15_000, 1, 1, 0), ValueError, "in_process must be at least 1"),
        ((15_000.0, 1, 1, 1), TypeError, "proto_fd_max must be an int, not float"),
        ((15_000, True, 1, 1), TypeError, "clients must be an int, not bool"),
        ((100, 60, 1, 1), ValueError, "proto_fd_max 100 .* is not enough for 60 clients: each needs 2"),
    ],
)
def test_a_count_that_can_t_be_names_itself(
    arguments: tuple[Any, Any, Any, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        recommend(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reserve": 1.0}, "reserve must be at least 0 and below 1"),
        ({"reserve": -0.1}, "reserve"),
        ({"reserve": float("nan")}, "reserve"),
        ({"total_timeout": -1.0}, "total_timeout must be at least 0"),
        ({"latency": 0.0}, "latency"),
        ({"throughput": 0.5}, "throughput"),
        ({"nodes": 0}, "nodes"),
        ({"pipeline_depth": 0}, "pipeline_depth must be at least 1"),
        ({"pipeline_depth": 2, "reserve": 0.9999}, "is not enough for 1 clients: each needs 3 connections"),
    ],
)
def test_an_option_out_of_range_names_itself(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        recommend(15_000, 1, 1, 1, **options)
