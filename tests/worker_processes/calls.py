"""What the tests have workers do: functions that can be imported by name."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

import trio

from triospike import Client, GenerationError, Key
from triospike.errors import error_for

__all__ = [
    "AwkwardError",
    "double",
    "fail",
    "fail_awkwardly",
    "hold",
    "pid",
    "policy_of",
    "put",
    "read",
    "refuse_to_end",
    "states",
    "stop_at",
    "unpicklable",
]

_states: dict[str, str] = {}


class AwkwardError(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def key(name: str | int) -> Key:
    return Key("test", "workers", name)


async def pid(client: Client) -> int:
    assert client.nodes
    await trio.lowlevel.checkpoint()
    return os.getpid()


async def put(client: Client, name: str | int, *, value: int) -> None:
    await client.put(key(name), {"value": value})


async def read(client: Client, name: str | int) -> object:
    record = await client.get(key(name))
    return None if record is None else record.bins["value"]


async def double(client: Client, number: int) -> int:
    assert client.nodes
    await trio.lowlevel.checkpoint()
    return 2 * number


async def stop_at(client: Client, number: int) -> int:
    if number == 7:
        raise ValueError(f"no {number}")
    return await double(client, number)


async def fail(client: Client) -> NoReturn:
    """With an error that has everything an error can have."""
    assert client.nodes
    first = error_for(-8, "first", node="BB1")
    await trio.lowlevel.checkpoint()
    raise GenerationError(
        "somebody was here", result_code=3, node="BB2", in_doubt=True, iterations=2, sub_errors=[first]
    )


async def fail_awkwardly(client: Client) -> NoReturn:
    assert client.nodes
    await trio.lowlevel.checkpoint()
    raise AwkwardError(1, 2)


async def unpicklable(client: Client) -> object:
    await trio.lowlevel.checkpoint()
    return client


async def hold(client: Client, name: str) -> None:
    """Until cancelled."""
    assert client.nodes
    _states[name] = "running"
    try:
        await trio.sleep_forever()
    finally:
        _states[name] = "ended"


async def states(client: Client) -> dict[str, str]:
    assert client.nodes
    await trio.lowlevel.checkpoint()
    return _states


async def policy_of(client: Client) -> tuple[int, int]:
    """Number of event loops, and commands in process of each."""
    await trio.lowlevel.checkpoint()
    return len(client.event_loops), client.event_loops.policy.max_commands_in_process


async def refuse_to_end(client: Client) -> NoReturn:
    """Without ever looking at what its loop has to say."""
    assert client.nodes
    await trio.lowlevel.checkpoint()
    signal.pause()  # no signal ends it that Python handles itself
    raise AssertionError
