"""The rules of protocol section 16.9, on plain data."""

from __future__ import annotations

import math

import attrs
import pytest

from triospike._execution.retry import Attempts
from triospike.errors import (
    AerospikeError,
    AttemptTimes,
    ClientClosed,
    CommandTimeout,
    ConnectionFailed,
    InvalidNode,
    MaxErrorRate,
    NoMoreConnections,
    ProtocolError,
    error_for,
)
from triospike.policy import BasePolicy, ReadModeSC, ReadPolicy, Replica, WritePolicy

STOP = None


def attempts(
    policy: BasePolicy | None = None,
    *,
    replica: Replica = Replica.SEQUENCE,
    sc_mode: ReadModeSC | None = None,
    is_write: bool = False,
    deadline: float = math.inf,
) -> Attempts:
    return Attempts(policy or ReadPolicy(), replica, sc_mode, is_write=is_write, deadline=deadline)


def fail(
    tried: Attempts,
    error: AerospikeError,
    *,
    now: float = 0.0,
    delivered: bool = True,
    answered: bool | None = None,
    times: AttemptTimes | None = None,
) -> float | None:
    answered = error.result_code > 0 and delivered if answered is None else answered
    return tried.failed(error, times or AttemptTimes("A"), now, delivered=delivered, answered=answered)


@attrs.frozen
class Row:
    """One outcome of an attempt: whether it is tried again, and what it means for a write.

    replica says by how much the replica index moves for a read, a linearizable read, and a write.
    """

    name: str
    error: AerospikeError
    delivered: bool
    answered: bool
    retried: bool
    in_doubt: bool
    replica: tuple[int, int, int] = (1, 1, 1)


TIMEOUT_MOVES = (1, 0, 0)

ROWS = [
    Row("connect refused", ConnectionFailed(), False, False, True, False),
    Row("broke while sending", ConnectionFailed(), False, False, True, False),
    Row("broke after sending", ConnectionFailed(), True, False, True, True),
    Row("no connection in time", CommandTimeout(), False, False, True, False, TIMEOUT_MOVES),
    Row("silent while sending", CommandTimeout(), False, False, True, False, TIMEOUT_MOVES),
    Row("silent after sending", CommandTimeout(), True, False, True, True, TIMEOUT_MOVES),
    Row("no free connection", NoMoreConnections(), False, False, True, False, TIMEOUT_MOVES),
    Row("error rate", MaxErrorRate(), False, False, True, False, TIMEOUT_MOVES),
    Row("no node", InvalidNode(), False, False, False, False),
    Row("client closed", ClientClosed(), False, False, False, False),
    Row("client closed after sending", ClientClosed(), True, False, False, True),
    Row("malformed answer", ProtocolError(), True, True, False, True),
    Row("not a frame", ProtocolError(), True, False, False, True),
    Row("9 server timeout", error_for(9), True, True, True, True, TIMEOUT_MOVES),
    Row("11 unavailable", error_for(11), True, True, True, False),
    Row("18 device overload", error_for(18), True, True, True, False),
    Row("14 key busy", error_for(14), True, True, False, False),
    Row("80 not authenticated", error_for(80), True, True, False, False),
    *(
        Row(f"{code} refused", error_for(code), True, True, False, False)
        for code in (1, 2, 3, 4, 5, 8, 10, 12, 13, 16, 19, 20, 21, 22, 26, 27, 81, 255)
    ),
]

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@each_row
def test_what_is_tried_again(row: Row) -> None:
    for is_write in (True, False):
        tried = attempts(WritePolicy(max_retries=1), is_write=is_write)
        pause = fail(tried, row.error, delivered=row.delivered, answered=row.answered)
        assert (pause is not STOP) is row.retried


@each_row
def test_when_a_write_is_in_doubt(row: Row) -> None:
    tried = attempts(WritePolicy(), is_write=True)
    fail(tried, row.error, delivered=row.delivered, answered=row.answered)
    assert tried.final().in_doubt is row.in_doubt


@each_row
def test_a_read_is_never_in_doubt(row: Row) -> None:
    tried = attempts()
    fail(tried, row.error, delivered=row.delivered, answered=row.answered)
    assert tried.final().in_doubt is False


@pytest.mark.parametrize("row", [row for row in ROWS if row.retried], ids=lambda row: row.name)
def test_which_replica_is_next(row: Row) -> None:
    kinds = [
        attempts(ReadPolicy(max_retries=5)),
        attempts(ReadPolicy(max_retries=5), sc_mode=ReadModeSC.LINEARIZE),
        attempts(WritePolicy(max_retries=5), is_write=True),
    ]
    for count in (1, 2):
        for tried, moves in zip(kinds, row.replica, strict=True):
            fail(tried, row.error, delivered=row.delivered, answered=row.answered)
            assert tried.replica_index == count * moves


def test_master_stays_with_the_master() -> None:
    tried = attempts(ReadPolicy(max_retries=5), replica=Replica.MASTER)
    for _ in range(4):
        assert fail(tried, ConnectionFailed()) == 0
        assert tried.replica_index == 0


@pytest.mark.parametrize("max_retries", [0, 1, 2, 7])
def test_max_retries_counts_the_attempts_after_the_first(max_retries: int) -> None:
    tried = attempts(ReadPolicy(max_retries=max_retries))
    for _ in range(max_retries):
        assert fail(tried, ConnectionFailed()) is not STOP
    assert fail(tried, ConnectionFailed()) is STOP
    assert tried.final().iterations == max_retries + 1


def test_the_first_retry_does_not_sleep_when_it_goes_to_another_replica() -> None:
    tried = attempts(ReadPolicy(max_retries=5, sleep_between_retries=0.25))
    assert [fail(tried, ConnectionFailed()) for _ in range(3)] == [0, 0.25, 0.25]


def test_the_first_retry_sleeps_when_it_stays_with_its_replica() -> None:
    master = attempts(ReadPolicy(max_retries=5, sleep_between_retries=0.25), replica=Replica.MASTER)
    assert [fail(master, ConnectionFailed()) for _ in range(2)] == [0.25, 0.25]
    write = attempts(WritePolicy(max_retries=5, sleep_between_retries=0.25), is_write=True)
    assert [fail(write, error) for error in (CommandTimeout(), ConnectionFailed())] == [0.25, 0.25]


def test_no_retry_begins_at_or_after_the_deadline() -> None:
    policy = ReadPolicy(max_retries=9, sleep_between_retries=0.5)
    tried = attempts(policy, replica=Replica.MASTER, deadline=10)
    assert fail(tried, ConnectionFailed(), now=9.4) == 0.5
    assert fail(tried, ConnectionFailed(), now=9.5) is STOP
    assert (
        attempts(policy, deadline=10).failed(
            ConnectionFailed(), AttemptTimes(), 10, delivered=False, answered=False
        )
        is STOP
    )


def test_the_last_error_knows_all_the_others() -> None:
    tried = attempts(ReadPolicy(max_retries=2))
    errors = [ConnectionFailed("first"), error_for(18), CommandTimeout("last")]
    times = [AttemptTimes("A", queue=1), AttemptTimes("B", read=2), AttemptTimes("A", sleep=3)]
    for error, spent in zip(errors, times, strict=True):
        fail(tried, error, times=spent)
    final = tried.final()
    assert final is errors[2]
    assert (final.iterations, final.sub_errors, final.attempts) == (3, tuple(errors[:2]), tuple(times))


def test_only_a_timeout_tells_where_the_time_went() -> None:
    tried = attempts()
    fail(tried, ConnectionFailed())
    assert tried.final().attempts == ()


@pytest.mark.parametrize(
    ("outcomes", "in_doubt"),
    [
        ([("sent", ConnectionFailed()), ("refused", error_for(18))], True),
        ([("sent", CommandTimeout()), ("not sent", ConnectionFailed())], True),
        ([("sent", CommandTimeout()), ("not sent", MaxErrorRate())], True),
        ([("refused", error_for(9)), ("refused", error_for(11))], True),
        ([("refused", error_for(18)), ("refused", error_for(18))], False),
        ([("refused", error_for(18)), ("refused", error_for(5))], False),
        ([("not sent", ConnectionFailed()), ("not sent", NoMoreConnections())], False),
        ([("not sent", ConnectionFailed()), ("refused", error_for(22))], False),
        ([("not sent", ConnectionFailed()), ("sent", ConnectionFailed())], True),
    ],
)
def test_a_doubt_stays_whatever_the_later_attempts_say(
    outcomes: list[tuple[str, AerospikeError]], in_doubt: bool
) -> None:
    tried = attempts(WritePolicy(max_retries=5), is_write=True)
    for what, error in outcomes:
        fail(tried, error, delivered=what != "not sent", answered=what == "refused")
    assert tried.final().in_doubt is in_doubt
