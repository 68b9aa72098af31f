"""Test your own program against a server that misbehaves on purpose.

`enroll` is the program: it must create a record exactly once, whatever the network does, and say whether it was
the first. Below it are its tests. Look at how each one breaks the server in one line, and at what `enroll` has to
do with `in_doubt`.

    python examples/fault_injection.py
"""

from collections.abc import Awaitable, Callable

import trio

import triospike
from triospike import (
    AerospikeError,
    Client,
    Key,
    RecordExists,
    RecordExistsAction,
    ResultCode,
    WritePolicy,
    open_embedded_server,
)
from triospike.server import Fault, Server

CREATE = WritePolicy(exists=RecordExistsAction.CREATE, total_timeout=0.2)


async def enroll(client: Client, name: str, ticket: str) -> bool:
    """Create a member; True if this ticket did it, False if another was first."""
    key = Key("test", "members", name)
    doubt = False
    while True:
        try:
            await client.put(key, {"ticket": ticket}, policy=CREATE)
        except RecordExists:
            record = await client.get(key)
            return doubt and record is not None and record.bins["ticket"] == ticket
        except AerospikeError as error:
            if not (error.in_doubt or error.result_code == ResultCode.DEVICE_OVERLOAD):
                raise
            doubt = doubt or error.in_doubt
        else:
            return True


async def test_first_wins(client: Client, server: Server) -> None:
    """Nothing goes wrong."""
    assert await enroll(client, "ada", "t1")
    assert not await enroll(client, "ada", "t2")


async def test_answer_is_lost(client: Client, server: Server) -> None:
    """The record is created, but its answer never arrives: the second try meets a record of its own."""
    with server.faults.add(Fault("close_after", command="write", count=1)) as fault:
        assert await enroll(client, "bob", "t1")
    assert fault.hits == 1


async def test_request_is_lost(client: Client, server: Server) -> None:
    """The server goes silent before it does anything: time ends, the second try does the work."""
    with server.faults.add(Fault("drop", command="write", count=1)) as fault:
        assert await enroll(client, "cyd", "t1")
    assert fault.hits == 1


async def test_server_is_overloaded(client: Client, server: Server) -> None:
    """The server refuses three times."""
    with server.faults.add(Fault("result_code", code=ResultCode.DEVICE_OVERLOAD, command="write", count=3)):
        assert await enroll(client, "dan", "t1")


TESTS: list[Callable[[Client, Server], Awaitable[None]]] = [
    test_first_wins,
    test_answer_is_lost,
    test_request_is_lost,
    test_server_is_overloaded,
]


async def main() -> None:
    """Run the tests: a server and a client for each; they take milliseconds to start."""
    for test in TESTS:
        async with open_embedded_server() as server, triospike.open_client(*server.hosts) as client:
            await test(client, server)
        print("passed:", test.__name__)


trio.run(main)
