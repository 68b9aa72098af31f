from __future__ import annotations

import struct

import pytest
from asking import ask_info, field, integer, op, write
from lone_node import LoneNode
from querying import ALL, Found, ask, between, equal, parse, query, text_equal

from triospike.key import Key
from triospike.server.config import NamespaceConfig
from triospike.server.dispatch import Session, answer
from triospike.server.stream import Stream

READ_ONLY, SHORT, NO_BINS = 0x01, 0x05, 0x21


def key(number: int, set_name: str = "s") -> Key:
    return Key("test", set_name, number)


def put(node: LoneNode, number: int, *, a: int | None = None, set_name: str = "s") -> None:
    assert write(node, key(number, set_name), op(2, "a", 1, integer(number if a is None else a))).code == 0


@pytest.fixture
def node() -> LoneNode:
    made = LoneNode(NamespaceConfig("test"))
    for number in range(500):
        put(made, number)
    return made


def partition_of(digest: bytes) -> int:
    return int.from_bytes(digest[:2], "little") & 0xFFF


def test_a_scan_finds_every_record_by_partition_and_from_the_greatest_digest(node: LoneNode) -> None:
    found = ask(node, query())
    assert sorted(found.values) == list(range(500))
    digests = [digest for digest, _ in found.rows]
    assert digests == sorted(digests, key=lambda digest: (partition_of(digest), [-byte for byte in digest]))
    assert (found.code, found.is_refusal) == (0, False)


def test_a_scan_goes_on_behind_the_digest_where_it_stopped(node: LoneNode) -> None:
    for number in range(500, 3000):
        put(node, number)
    whole = [digest for digest, _ in ask(node, query()).rows]
    for stopped in (0, 1, 700, 1500, 2998, 2999):
        last = whole[stopped]
        following = range(partition_of(last) + 1, 4096)
        rest = ask(node, query(following, field(12, last))).rows
        assert [digest for digest, _ in rest] == whole[stopped + 1 :]


def test_pages_of_a_scan_are_all_of_it(node: LoneNode) -> None:
    limit = field(13, struct.pack(">Q", 7))
    pages: list[bytes] = []
    request = query(ALL, limit)
    while found := [digest for digest, _ in ask(node, request).rows]:
        assert len(found) <= 7
        pages += found
        last = found[-1]
        request = query(range(partition_of(last) + 1, 4096), limit, field(12, last))
    assert pages == [digest for digest, _ in ask(node, query()).rows]


def test_a_scan_of_a_set_finds_nothing_of_another(node: LoneNode) -> None:
    put(node, 1, set_name="t", a=1001)
    assert ask(node, query(set_name="t")).values == [1001]
    assert ask(node, query(set_name="unknown")) == Found([], [], [], 0, False)
    assert len(ask(node, query()).rows) == 501


def test_expired_records_are_not_found(node: LoneNode) -> None:
    assert write(node, key(1), op(2, "a", 1, integer(1)), ttl=10).code == 0
    assert len(ask(node, query()).rows) == 500
    node.calendar.now += 12
    assert len(ask(node, query()).rows) == 499


def test_a_node_that_serves_no_partition_says_so_of_each(node: LoneNode) -> None:
    node.is_available = False
    assert ask(node, query([7, 4095, 0])) == Found([], [], [0, 7, 4095], 0, False)


def test_a_short_query_ends_inside_of_its_last_frame(node: LoneNode) -> None:
    given = answer(node, Session(), query(info=(SHORT, 0, 4)))
    assert isinstance(given, Stream)
    (frame,) = [step for step in given.steps if isinstance(step, bytes)]
    assert sorted(parse(frame).values) == list(range(500))


def test_a_long_query_ends_with_a_frame_of_its_own(node: LoneNode) -> None:
    given = answer(node, Session(), query())
    assert isinstance(given, Stream)
    frames = [step for step in given.steps if isinstance(step, bytes)]
    assert frames[1].hex() == "0203000000000016160000010000" + "00" * 16


def test_rows_without_bins_say_so(node: LoneNode) -> None:
    given = answer(node, Session(), query(info=(NO_BINS, 0, 4)))
    assert isinstance(given, Stream)
    data = given.gathered()
    assert data[8:10] == b"\x16\x20"
    assert all(bins == {} for _, bins in parse(data).rows)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (query(info=(1, 0, 0)), 16),
        (query([]), 16),
        (query([1, 1]), 4),
        (query([4096]), 4),
        (query(ALL, field(10, b"\0\0\0\1"), info=(SHORT, 0, 4)), 4),
        (query(ALL, field(13, b"\0\0\0\1")), 4),
        (query(ALL, field(9, b"\0")), 4),
        (query(ALL, field(15, bytes(8))), 4),
        (query(ALL, between("a", 2, 1)), 4),
        (query(ALL, between("a", 1, 2)), 201),
        (query(ALL, field(43, b"\xc1")), 4),
        (query(ops=(op(2, "a", 1, integer(1)),)), 4),
        (query(set_name="x" * 64), 4),
    ],
)
def test_a_query_that_can_not_be_is_refused_in_a_message_that_is_not_the_last(request_: bytes, code: int) -> None:
    found = ask(LoneNode(), request_)
    assert (found.code, found.is_refusal, found.rows) == (code, True, [])


def test_a_task_id_is_taken_once(node: LoneNode) -> None:
    task = field(7, struct.pack(">Q", 77))
    assert ask(node, query(ALL, task)).code == 0
    assert ask(node, query(ALL, task)).code == 4
    assert "trid=77:ns=test:n-pids-requested=4096:" in ask_info(node, "query-show:id=77")
    assert ":status=done(ok):job-progress=100.00:" in ask_info(node, "query-show:id=77")
    assert ":recs-succeeded=500:recs-failed=0:from=1.2.3.4+5:job-type=basic:" in ask_info(node, "query-show:id=77")


def test_an_aborted_query_ends_with_its_code(node: LoneNode) -> None:
    given = answer(node, Session(), query(ALL, field(7, struct.pack(">Q", 5))))
    assert isinstance(given, Stream)
    assert next(given.steps) == 0.0
    assert ":status=active(ok):" in ask_info(node, "query-show:trid=5")
    assert ask_info(node, "query-abort:id=0x5") == "ok"
    found = parse(given.gathered())
    assert found.code == 15
    assert len(found.rows) < 500
    assert ":status=done(user-aborted):" in ask_info(node, "query-show:id=5")
    assert ask_info(node, "query-abort:id=5") == "ERROR:2:id not active"


def test_a_query_that_is_closed_is_done(node: LoneNode) -> None:
    given = answer(node, Session(), query(ALL, field(7, struct.pack(">Q", 5))))
    assert isinstance(given, Stream)
    next(given.steps)
    given.give_up(is_slow=True)
    assert ":status=done(abandoned-response-timeout):" in ask_info(node, "query-show:id=5")
    assert len(node.jobs) == 0


def test_a_node_runs_so_many_queries_and_no_more(node: LoneNode) -> None:
    streams = [answer(node, Session(), query()) for _ in range(32)]
    assert all(isinstance(stream, Stream) for stream in streams)
    refused = answer(node, Session(), query())
    assert isinstance(refused, bytes)
    assert refused[13] == 22
    assert ask_info(node, "query-abort-all:") == "number-of-queries-killed:32"
    for stream in streams:
        assert isinstance(stream, Stream)
        assert parse(stream.gathered()).code == 15
    assert ask(node, query()).code == 0


def test_a_quota_lets_time_pass_between_records(node: LoneNode) -> None:
    given = answer(node, Session(), query(ALL, field(10, struct.pack(">I", 50))))
    assert isinstance(given, Stream)
    waited = 0.0
    for step in given.steps:
        if not isinstance(step, bytes):
            waited += step
            node.calendar.now += step
    assert waited == pytest.approx(500 / 50, abs=0.1)


def test_frames_are_of_a_megabyte_and_come_one_by_one() -> None:
    node = LoneNode(NamespaceConfig("test"))
    for number in range(400):
        assert write(node, key(number), op(2, "b", 4, bytes(10_000))).code == 0
    given = answer(node, Session(), query())
    assert isinstance(given, Stream)
    sizes = [len(step) for step in given.steps if isinstance(step, bytes)]
    assert len(sizes) == 5
    assert all(1 << 20 < size < (1 << 20) + 20_000 for size in sizes[:3])
    assert sizes[-1] == 30


def test_records_that_are_written_and_removed_meanwhile_do_not_disturb_a_scan(node: LoneNode) -> None:
    given = answer(node, Session(), query())
    assert isinstance(given, Stream)
    next(given.steps)
    for number in range(0, 500, 2):
        node.namespaces["test"].remove(key(number).digest)
    for number in range(1000, 1500):
        put(node, number)
    values = parse(given.gathered()).values
    assert {*range(1, 500, 2)} <= set(values)
    assert len(values) == len(set(values))


def test_read_operations_are_answered_for_each_record(node: LoneNode) -> None:
    assert len(ask(node, query(ops=(op(1, "a"),))).rows) == 500
    assert ask(node, query(ops=(op(1, "other"),))).rows == []


def test_statistics_count_what_became_of_queries(node: LoneNode) -> None:
    ask(node, query())
    ask(node, query(info=(SHORT, 0, 4)))
    told = ask_info(node, "namespace/test")
    assert ";pi_query_long_basic_complete=1;" in told
    assert ";pi_query_short_basic_complete=1;" in told


def test_a_query_by_text_and_by_number_finds_through_their_indexes(node: LoneNode) -> None:
    assert write(node, key(900), op(2, "t", 3, b"hello"), op(2, "a", 1, integer(900))).code == 0
    assert ask_info(node, "sindex-create:namespace=test;set=s;indexname=i;bin=a;type=numeric") == "ok"
    assert ask_info(node, "sindex-create:namespace=test;set=s;indexname=t;bin=t;type=string") == "ok"
    assert ask(node, query(ALL, equal("a", 42), set_name="s")).values == [42]
    found = ask(node, query(ALL, between("a", 10, 19), set_name="s"))
    assert sorted(found.values) == list(range(10, 20))
    assert found.bvals == found.values
    assert ask(node, query(ALL, text_equal("t", "hello"), set_name="s")).rows[0][1]["a"] == 900
    assert ask(node, query(ALL, text_equal("t", "other"), set_name="s")).rows == []
    assert ask(node, query(ALL, equal("a", 42), set_name="t")).code == 201


def test_truncation_of_a_set_is_told_and_can_be_forgotten(node: LoneNode) -> None:
    assert ask_info(node, "truncate-namespace:namespace=test;set=s") == "ERROR:4:unexpected set name"
    assert ask_info(node, "truncate:namespace=test;set=s") == "ok"
    assert ask(node, query()).rows == []
    now = node.namespaces["test"].now_ms()
    assert f":truncate_lut={now + 1}:" in ask_info(node, "sets/test/s")
    assert ask_info(node, "truncate-undo:namespace=test;set=s") == "ok"
    assert ":truncate_lut=0:" in ask_info(node, "sets/test/s")
