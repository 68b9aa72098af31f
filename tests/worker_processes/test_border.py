"""What crosses the border between processes, without any process."""

from __future__ import annotations

import os
import pickle

import pytest
import trio

import triospike
from triospike import AerospikeError, ClientPolicy, errors
from triospike.workers import WorkerDied, open_workers
from triospike.workers.link import Frame, Kind, Link
from triospike.workers.pickles import MainProgram, pack_error, unpack_error

CLASSES = [
    *(getattr(errors, name) for name in errors.__all__ if name[0].isupper() and name != "AttemptTimes"),
    triospike.BatchError,
    WorkerDied,
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_errors_of_every_class_cross_with_all_they_tell(cls: type[AerospikeError]) -> None:
    error = cls("told")
    error.result_code, error.node, error.in_doubt, error.iterations = -77, "BB9", True, 4
    error.sub_errors = (errors.error_for(5, "before"),)
    error.attempts = (errors.AttemptTimes(node="BB9", wait=1.5),)
    found = unpack_error(pack_error(error), MainProgram(), "worker 0")
    assert type(found) is cls
    assert str(found) == str(error)
    assert (found.result_code, found.node, found.in_doubt, found.iterations) == (-77, "BB9", True, 4)
    assert [(type(sub), sub.result_code) for sub in found.sub_errors] == [(triospike.RecordExists, 5)]
    assert found.attempts == error.attempts


def test_a_client_policy_crosses_with_its_map_of_addresses() -> None:
    policy = ClientPolicy(ip_map={"10.0.0.1": "192.168.0.1"}, event_loops=3)
    found = pickle.loads(pickle.dumps(policy))
    assert found == policy
    with pytest.raises(TypeError):
        found.ip_map["10.0.0.2"] = "elsewhere"


@pytest.fixture
def ends() -> tuple[Link, Link]:
    from_there, to_here = os.pipe()
    from_here, to_there = os.pipe()
    return Link(from_there, to_there), Link(from_here, to_here)


async def test_frames_arrive_whole_in_order_and_without_those_that_were_dropped(ends: tuple[Link, Link]) -> None:
    here, there = ends
    frames = [Frame(Kind.CALL, number, bytes([number]) * 70_000 * number) for number in range(5)]
    for frame in frames:
        here.send(frame)
    frames[2].dropped = True
    found: list[Frame] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.pump)
        while len(found) < 4:
            found += await there.receive()
        nursery.cancel_scope.cancel()
    assert [(frame.number, frame.body == bytes([frame.number]) * 70_000 * frame.number) for frame in found] == [
        (number, True) for number in (0, 1, 3, 4)
    ]
    assert [frame.sent for frame in frames] == [True, True, False, True, True]
    await here.aclose()
    assert await there.receive() == []
    await there.aclose()


@pytest.mark.parametrize(
    ("number", "hosts", "error", "message"),
    [
        (0, ("a:3000",), ValueError, "number must be at least 1, not 0"),
        (True, ("a:3000",), TypeError, "number must be an int, not bool"),
        (1, (), ValueError, "hosts: name at least one"),
        (1, ("embedded://",), ValueError, "another server for each worker: run one with `open_embedded_server`"),
        (1, ("http://a",), ValueError, "not a URL"),
        (1, (3000,), TypeError, "hosts must be str or Host, not int"),
    ],
)
async def test_arguments_that_can_not_be_are_refused(
    number: int, hosts: tuple[str, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        async with open_workers(number, *hosts):
            raise AssertionError
