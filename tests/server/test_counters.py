from __future__ import annotations

from triospike.server.counters import Counters, CounterValues


def test_a_new_counter_is_all_zeros() -> None:
    assert Counters().values() == CounterValues()


def test_peaks_are_the_most_at_once() -> None:
    counters = Counters()
    counters.connection_opened()
    counters.connection_opened()
    counters.connection_closed(data=False)
    counters.connection_opened()
    values = counters.values()
    assert (values.connections_open, values.connections_peak, values.connections_total) == (2, 2, 3)


def test_only_commands_that_read_or_write_are_at_work() -> None:
    counters = Counters()
    counters.received(300, info=2, read=2, write=1, other=1)
    values = counters.values()
    assert (values.commands_at_work, values.commands_at_work_peak, values.one_connection_peak) == (3, 3, 3)
    assert (values.commands_total, values.commands_info, values.commands_read, values.commands_write) == (
        6,
        2,
        2,
        1,
    )
    counters.answered(100, 3)
    values = counters.values()
    assert (values.commands_at_work, values.commands_at_work_peak) == (0, 3)
    assert (values.bytes_received, values.bytes_sent) == (300, 100)


def test_nodes_count_into_the_server_whose_peak_is_of_one_moment() -> None:
    server = Counters()
    nodes = [Counters(server), Counters(server)]
    nodes[0].connection_opened()
    nodes[0].connection_closed(data=False)
    nodes[1].connection_opened()
    nodes[1].connection_refused()
    assert [node.values().connections_peak for node in nodes] == [1, 1]
    values = server.values()
    assert (values.connections_open, values.connections_peak, values.connections_refused) == (1, 1, 1)


def test_data_connections_are_counted_apart() -> None:
    counters = Counters()
    for _ in range(3):
        counters.connection_opened()
    counters.data_connection()
    assert (counters.connections_open, counters.data_connections_open) == (3, 1)
    counters.connection_closed(data=True)
    counters.connection_closed(data=False)
    assert (counters.connections_open, counters.data_connections_open, counters.data_connections_peak) == (1, 0, 1)


def test_reset_peaks_begins_at_what_is_there_now() -> None:
    counters = Counters()
    counters.connection_opened()
    counters.connection_opened()
    counters.connection_closed(data=False)
    counters.received(1, read=4)
    counters.answered(1, 3)
    counters.reset_peaks()
    values = counters.values()
    assert (values.connections_peak, values.commands_at_work_peak, values.one_connection_peak) == (1, 1, 0)


def test_repr_tells_the_state() -> None:
    counters = Counters()
    counters.connection_opened()
    counters.received(1, read=1)
    assert repr(counters) == ("<Counters: 1 connections open (peak 1), 1 commands at work (peak 1), 1 in all>")
