from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import attrs
import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from triospike._execution.queue import CommandQueue

MANY = 50_000


@attrs.define(eq=False)
class Ticket:
    name: int
    live: bool = False


def queue_of(limit: int, count: int = 0) -> tuple[CommandQueue[Ticket], list[Ticket]]:
    queue: CommandQueue[Ticket] = CommandQueue(limit)
    tickets = [Ticket(name) for name in range(count)]
    for ticket in tickets:
        queue.put(ticket)
    return queue, tickets


def drain(queue: CommandQueue[Ticket]) -> list[int]:
    names = []
    while queue.live:
        names.append(queue.get().name)
    return names


def in_channel(queue: CommandQueue[Ticket]) -> int:
    """Tickets in the memory channel, those that have left included."""
    inside: Any = queue
    return int(inside._receive.statistics().current_buffer_used)


class Counting:
    """Counts what is done to one end of a channel."""

    def __init__(self, channel: Any) -> None:
        self.operations = 0
        self._channel = channel

    def send_nowait(self, ticket: Ticket) -> None:
        self.operations += 1
        self._channel.send_nowait(ticket)

    def receive_nowait(self) -> Ticket:
        self.operations += 1
        ticket: Ticket = self._channel.receive_nowait()
        return ticket


def count_operations(queue: CommandQueue[Ticket]) -> tuple[Counting, Counting]:
    inside: Any = queue
    inside._send, inside._receive = Counting(inside._send), Counting(inside._receive)
    return inside._send, inside._receive


async def test_tickets_leave_in_the_order_of_their_coming() -> None:
    queue, tickets = queue_of(0, 5)
    assert all(ticket.live for ticket in tickets)
    assert drain(queue) == [0, 1, 2, 3, 4]
    assert not any(ticket.live for ticket in tickets)
    assert (queue.live, queue.peak, queue.is_idle) == (0, 5, True)


async def test_the_queue_is_full_at_its_bound_and_not_before() -> None:
    queue, tickets = queue_of(3, 2)
    full = [queue.is_full]
    queue.put(Ticket(2))
    full.append(queue.is_full)
    queue.get()
    full.append(queue.is_full)
    queue.put(Ticket(3))
    full.append(queue.is_full)
    queue.remove(tickets[1])
    full.append(queue.is_full)
    assert full == [False, True, False, True, False]
    assert drain(queue) == [2, 3]


async def test_a_bound_of_zero_is_none() -> None:
    queue, _ = queue_of(0, 1000)
    assert not queue.is_full
    assert queue.live == 1000


@pytest.mark.parametrize("gone", [[0], [4], [2], [1, 3], [3, 1, 0], [0, 1, 2, 3, 4]])
async def test_whoever_gives_up_leaves_at_once_and_the_others_keep_their_order(gone: list[int]) -> None:
    queue, tickets = queue_of(5, 5)
    for name in gone:
        queue.remove(tickets[name])
    assert [ticket.name for ticket in tickets if not ticket.live] == sorted(gone)
    assert queue.live == 5 - len(gone)
    for name in range(5, 5 + len(gone)):
        queue.put(Ticket(name))
    assert drain(queue) == [name for name in range(5 + len(gone)) if name not in gone]


async def test_the_channel_never_holds_more_than_twice_the_bound() -> None:
    dice = random.Random(1)
    queue, waiting = queue_of(200, 200)
    for name in range(200, 5000):
        queue.remove(waiting.pop(dice.randrange(len(waiting))))
        ticket = Ticket(name)
        queue.put(ticket)
        waiting.append(ticket)
        assert in_channel(queue) <= 2 * 200 + 64
    assert queue.live == 200
    assert drain(queue) == [ticket.name for ticket in waiting]


async def test_those_who_have_left_do_not_fill_a_queue_in_which_few_wait() -> None:
    queue, (first, *_) = queue_of(1, 1)
    for name in range(5000):
        queue.remove(first)
        first = Ticket(name)
        queue.put(first)
        assert in_channel(queue) <= 2 + 64
    assert drain(queue) == [4999]


ORDERS = [
    pytest.param(range(MANY), id="forwards"),
    pytest.param(range(MANY - 1, -1, -1), id="backwards"),
    pytest.param(random.Random(1).sample(range(MANY), MANY), id="shuffled"),
]


@pytest.mark.parametrize("order", ORDERS)
async def test_fifty_thousand_that_give_up_cost_a_constant_number_of_steps_each(order: Iterable[int]) -> None:
    queue, tickets = queue_of(MANY)[0], [Ticket(name) for name in range(MANY)]
    send, receive = count_operations(queue)
    for ticket in tickets:
        queue.put(ticket)
    for name in order:
        queue.remove(tickets[name])
    assert queue.live == 0
    assert send.operations + receive.operations <= 4 * MANY


# Room.


async def wait_for_room(queue: CommandQueue[Ticket], ticket: Ticket, scope: trio.CancelScope) -> None:
    with scope:
        await queue.wait_for_room()
        queue.put(ticket)


async def waiters(
    nursery: trio.Nursery, queue: CommandQueue[Ticket], names: Iterable[int]
) -> dict[int, trio.CancelScope]:
    scopes = {name: trio.CancelScope() for name in names}
    for name, scope in scopes.items():
        nursery.start_soon(wait_for_room, queue, Ticket(name), scope)
        await wait_all_tasks_blocked()
    return scopes


async def test_room_is_given_first_come_first_served(nursery: trio.Nursery) -> None:
    queue, _ = queue_of(2, 2)
    await waiters(nursery, queue, [2, 3, 4])
    assert queue.waiting_for_room == 3
    taken = []
    for _ in range(5):
        taken.append(queue.get().name)
        await wait_all_tasks_blocked()
    assert taken == [0, 1, 2, 3, 4]


async def test_who_leaves_from_the_middle_makes_room(nursery: trio.Nursery) -> None:
    queue, tickets = queue_of(3, 3)
    await waiters(nursery, queue, [3])
    queue.remove(tickets[1])
    await wait_all_tasks_blocked()
    assert (queue.live, queue.waiting_for_room) == (3, 0)
    assert drain(queue) == [0, 2, 3]


async def test_room_that_is_given_is_kept_from_those_who_come_later(nursery: trio.Nursery) -> None:
    queue, _ = queue_of(1, 1)
    await waiters(nursery, queue, [1])
    queue.get()
    assert (queue.live, queue.waiting_for_room) == (0, 0)
    assert queue.is_full
    assert not queue.is_idle
    await wait_all_tasks_blocked()
    assert drain(queue) == [1]
    assert queue.is_idle


async def test_who_gives_up_waiting_for_room_takes_none(nursery: trio.Nursery) -> None:
    queue, _ = queue_of(1, 1)
    scopes = await waiters(nursery, queue, [1, 2])
    scopes[1].cancel()
    await wait_all_tasks_blocked()
    queue.get()
    await wait_all_tasks_blocked()
    assert (drain(queue), queue.waiting_for_room, queue.is_idle) == ([2], 0, True)
