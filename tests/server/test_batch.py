"""Batches: what rows do, how they are answered, and what ends the answer."""

from __future__ import annotations

import base64

import pytest
from asking import ask_info, field, integer, op, read, send, write
from batching import (
    ALL_OPS,
    DELETE,
    EVERYTHING,
    HEADER,
    INLINE,
    READ,
    READ_ALL,
    REPORT_ROW,
    RESPOND_ALL,
    WRITE,
    RowAnswer,
    ask,
    batch,
    key,
    put,
    repeat,
    row,
    same_key,
)
from lone_node import LoneNode

from triospike.server.config import NamespaceConfig

ONE, TWO, THREE = ("0000000000000001", "0000000000000002", "0000000000000003")
FAILS = (0, WRITE, 0), op(5, "a", 3, b"x")
"""Adding a text to a number: result code 12."""
FALSE, TRUE = b"\xc2", b"\xc3"


@pytest.fixture
def node() -> LoneNode:
    """Records a, b and c, with 1, 2 and 3 in their bin a."""
    node = LoneNode()
    for number, name in enumerate("abc", 1):
        write(node, key(name), op(2, "a", 1, integer(number)))
    return node


def number_of(node: LoneNode, name: str) -> int | None:
    answer = read(node, key(name))
    return None if answer.code else int(answer.bins[0][2], 16)


# --- what rows do -----------------------------------------------------------------------------------------------


def test_rows_of_every_kind_are_carried_out_and_answered_in_order(node: LoneNode) -> None:
    answer = ask(
        node,
        batch(
            row(0, "a"),
            row(1, "a", (HEADER, 0, 0)),
            row(2, "b", (READ, 0, 0), op(1, "a"), op(1, "zz")),
            put(3, "d", 4),
            row(4, "c", (READ, WRITE, 0), op(5, "a", 1, integer(7)), op(1, "a")),
            row(5, "b", (0, DELETE, 0)),
            row(6, "nobody"),
        ),
    )
    assert answer.rows == [
        RowAnswer(0, 0, 1, 0, ((1, "a", 1, ONE),)),
        RowAnswer(1, 0, 1, 0),
        RowAnswer(2, 0, 1, 0, ((1, "a", 1, TWO),)),
        RowAnswer(3, 0, 1, 0),
        RowAnswer(4, 0, 2, 0, ((1, "a", 1, "000000000000000a"),)),
        RowAnswer(5, 0, 0, 0),
        RowAnswer(6, 2, 0, 0),
    ]
    assert answer.code == 0
    assert [number_of(node, name) for name in "abcd"] == [1, None, 10, 4]


def test_rows_repeat_the_last_one_that_was_given_in_full(node: LoneNode) -> None:
    answer = ask(node, batch(row(0, "a"), repeat(1, "b"), put(2, "d", 9), repeat(3, "e"), repeat(4, "c")))
    assert [(found.index, len(found.bins)) for found in answer.rows] == [(0, 1), (1, 1), (2, 0), (3, 0), (4, 0)]
    assert [number_of(node, name) for name in "abcde"] == [1, 2, 9, 9, 9]


def test_other_bits_of_a_repeating_row_mean_nothing(node: LoneNode) -> None:
    everything_else = repeat(1, "b")[:-1] + b"\x1f"
    assert ask(node, batch(row(0, "a"), everything_else)).codes == {0: 0, 1: 0}


def test_rows_may_carry_any_index_and_the_same_one_twice(node: LoneNode) -> None:
    answer = ask(node, batch(row(7, "a"), repeat(0xFFFFFFFF, "b"), repeat(7, "c")))
    assert [found.index for found in answer.rows] == [7, 0xFFFFFFFF, 7]


@pytest.mark.parametrize("kind", [41, 42])
def test_rows_of_the_old_protocol_are_reads(node: LoneNode, kind: int) -> None:
    answer = ask(node, batch(same_key(0, "a"), same_key(1, "b", 0x21), kind=kind))
    assert [(found.code, len(found.bins)) for found in answer.rows] == [(0, 1), (0, 0)]


def test_rows_without_bits_of_their_own_take_the_read_mode_of_the_batch(node: LoneNode) -> None:
    linearize = (0x09, 0, 0x40)
    assert ask(node, batch(same_key(0, "a"), row(1, "a"), info=linearize)).codes == {0: 25, 1: 0}


def test_one_row_may_see_what_an_earlier_one_wrote(node: LoneNode) -> None:
    answer = ask(node, batch(put(0, "x", 3), row(1, "x"), row(2, "x", (0, DELETE, 0)), row(3, "x")))
    assert [(found.code, found.generation) for found in answer.rows] == [(0, 1), (0, 1), (0, 0), (2, 0)]


def test_rows_have_a_generation_and_a_ttl_of_their_own(node: LoneNode) -> None:
    now = int(node.calendar.now) - 1_262_304_000
    expects = (0, WRITE | 0x04, 0)
    change = op(2, "a", 1, integer(9))
    answer = ask(
        node,
        batch(
            row(0, "a", expects, change, generation=2),
            row(1, "b", expects, change, generation=1, ttl=100),
            put(2, "d", 1, ttl=200),
            put(3, "e", 1),
        ),
    )
    assert [(found.code, found.generation, found.void_time) for found in answer.rows] == [
        (3, 1, 0),
        (0, 2, now + 100),
        (0, 1, now + 200),
        (0, 1, 0),
    ]


def test_rows_have_conditions_of_their_own(node: LoneNode) -> None:
    change = op(2, "a", 1, integer(9))
    create, update = (0, WRITE | 0x20, 0), (0, WRITE, 0x08)
    rows = [
        row(index, name, info, change)
        for index, (name, info) in enumerate([("a", create), ("new", create), ("a", update), ("none", update)])
    ]
    assert ask(node, batch(*rows)).codes == {0: 5, 1: 0, 2: 0, 3: 2}


def test_read_rows_renew_records_that_are_near_their_end(node: LoneNode) -> None:
    ask(node, batch(put(0, "a", 1, ttl=100)))
    node.calendar.now += 60
    now = int(node.calendar.now) - 1_262_304_000
    ask(node, batch(row(0, "a", ttl=50)))
    assert read(node, key("a")).void_time == now + 100


def test_row_stores_the_key_that_it_carries(node: LoneNode) -> None:
    user_key = b"\x03d"
    ask(node, batch(row(0, "d", (0, WRITE, 0), op(2, "a", 1, integer(1)), fields=[field(2, user_key)])))
    stored = node.namespaces["test"].get(key("d").digest)
    assert stored is not None
    assert stored.user_key == user_key


def test_rows_may_be_of_several_namespaces_and_sets() -> None:
    node = LoneNode(NamespaceConfig("test"), NamespaceConfig("bar"))
    write(node, key("a"))
    answer = ask(
        node,
        batch(
            row(0, "a", (0, WRITE, 0), op(2, "b", 1, integer(5)), head=field(0, b"bar"), n_head=1),
            row(1, "a", head=field(0, b"bar"), n_head=1),
            row(2, "a"),
            row(3, "a", head=field(0, b"test") + field(1, b"other")),
        ),
    )
    assert answer.codes == {0: 0, 1: 0, 2: 0, 3: 4}
    assert [found.bins[0][1] for found in answer.rows[1:3]] == ["b", "a"]


def test_bits_for_compression_and_replication_between_datacenters_are_ignored_in_rows(node: LoneNode) -> None:
    answer = ask(node, batch(row(0, "a", (0x80 | READ_ALL, 0, 0)), row(1, "none", (0x10, WRITE, 0), op(2, "a"))))
    # With the bit heeded, removing a bin of a record that is not there would not be refused.
    assert answer.codes == {0: 0, 1: 2}


def test_namespace_of_a_row_is_its_first_field_whatever_its_type(node: LoneNode) -> None:
    as_set = field(1, b"test") + field(0, b"test")
    nameless = field(1, b"test") + field(99, b"test")
    assert ask(node, batch(row(0, "a", head=as_set), row(1, "a", head=nameless))).codes == {0: 0, 1: 20}


def test_digest_field_takes_the_place_of_the_digests_of_a_row_and_its_repetitions(node: LoneNode) -> None:
    answer = ask(node, batch(row(0, "a", fields=[field(4, key("b").digest)]), repeat(1, "c")))
    assert [found.bins for found in answer.rows] == [((1, "a", 1, TWO),)] * 2
    assert ask(node, batch(row(0, "a", fields=[field(4, b"short")]))).codes == {0: 4}


def test_row_that_neither_reads_nor_writes_is_refused_alone(node: LoneNode) -> None:
    assert ask(node, batch(row(0, "a"), row(5, "b", (0, 0, 0)), row(6, "c"))).codes == {0: 0, 5: 4, 6: 0}


def test_transactions_are_refused_row_by_row(node: LoneNode) -> None:
    in_transaction = [field(5, bytes(8))]
    verify = (
        row(1, "b")[:24]
        + b"\x12"
        + bytes((HEADER, 0, 0x40, 1))
        + b"\0\x02\0\0"
        + field(0, b"test")
        + field(1, b"demo")
    )
    assert ask(node, batch(row(0, "a", fields=in_transaction), verify, row(2, "c"))).codes == {0: 25, 1: 25, 2: 0}


def test_function_rows_tell_what_was_returned_or_how_it_failed(node: LoneNode) -> None:
    pytest.importorskip("lupa")
    source = b"function add(rec, n) rec['a'] = rec['a'] + n aerospike:update(rec) return rec['a'] end"
    content = base64.b64encode(source).decode()
    put_module = f"udf-put:filename=sums.lua;content={content};content-len={len(content)};udf-type=LUA"
    assert not ask_info(node, put_module).startswith("ERROR")

    def call(index: int, name: str, function: bytes) -> bytes:
        fields = [field(30, b"sums"), field(31, function), field(32, b"\x91\x05")]
        return row(index, name, (0, WRITE, 0), fields=fields)

    answer = ask(node, batch(call(0, "a", b"add"), repeat(1, "b"), call(2, "c", b"nothing"), row(3, "a")))
    assert answer.codes == {0: 0, 1: 0, 2: 100, 3: 0}
    assert [found.bins[0][1:] for found in answer.rows[:2]] == [
        ("SUCCESS", 1, "0000000000000006"),
        ("SUCCESS", 1, "0000000000000007"),
    ]
    assert answer.rows[2].bins[0][:3] == (1, "FAILURE", 3)
    assert [number_of(node, name) for name in "abc"] == [6, 7, 3]


# --- how operations are told ------------------------------------------------------------------------------------


def test_rows_that_only_read_call_every_operation_a_read(node: LoneNode) -> None:
    write(node, key("l"), op(2, "l", 20, bytes.fromhex("920102")))
    size = op(3, "l", 20, bytes.fromhex("9110"))
    answer = ask(
        node,
        batch(
            row(0, "l", (READ, 0, 0), op(1, "l"), size, op(7, "e", 4, bytes.fromhex("920500"))),
            row(1, "l", (READ, WRITE | ALL_OPS, 0), size, op(11)),
        ),
    )
    assert answer.rows[0].bins == ((1, "l", 20, "920102"), (1, "l", 1, TWO), (1, "e", 1, "0000000000000005"))
    assert answer.rows[1].bins[0] == (3, "l", 1, TWO)
    assert send(node, key("l"), size, info=(READ, 0, 0)).bins == [("l", 1, TWO)]


# --- filters ----------------------------------------------------------------------------------------------------


def test_filter_of_the_batch_holds_for_rows_without_their_own(node: LoneNode) -> None:
    is_two = bytes.fromhex("9301935102a16102")
    answer = ask(
        node,
        batch(
            row(0, "a"),
            repeat(1, "b"),
            row(2, "c", fields=[field(43, TRUE)]),
            row(3, "c", (0, DELETE, 0)),
            put(4, "new", 1),
            row(5, "b", fields=[field(43, FALSE)]),
            before=[field(43, is_two)],
        ),
    )
    assert answer.codes == {0: 27, 1: 0, 2: 0, 3: 27, 4: 0, 5: 27}
    assert answer.code == 0
    assert number_of(node, "c") == 3


def test_filter_that_cannot_be_built_fails_the_batch_or_only_its_row(node: LoneNode) -> None:
    broken = field(43, b"\x93")
    assert ask(node, batch(row(0, "a"), before=[broken])).frames == ()
    assert ask(node, batch(row(0, "a"), before=[broken])).code == 4
    answer = ask(node, batch(row(0, "a", fields=[broken]), row(1, "none", fields=[broken]), row(2, "b")))
    assert (answer.codes, answer.code) == ({0: 4, 1: 2, 2: 0}, 0)


# --- errors in rows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "told", "code"),
    [
        (RESPOND_ALL, {0: 0, 1: 12, 2: 0, 3: 2, 4: 27}, 0),
        (EVERYTHING, {0: 0, 1: 12, 2: 0, 3: 2, 4: 27}, 0),
        (REPORT_ROW, {0: 0, 1: 12, 2: 0, 3: 2, 4: 27}, 12),
        (INLINE, {}, 12),
        (0, {}, 12),
    ],
)
def test_error_in_a_row_ends_the_answer_but_not_the_work(
    node: LoneNode, flags: int, told: dict[int, int], code: int
) -> None:
    filtered = row(4, "c", fields=[field(43, FALSE)])
    answer = ask(
        node, batch(row(0, "a"), row(1, "b", *FAILS), put(2, "d", 5), row(3, "none"), filtered, flags=flags)
    )
    assert (answer.codes, answer.code) == (told, code)
    assert number_of(node, "d") == 5


@pytest.mark.parametrize("flags", [0, REPORT_ROW])
def test_missing_and_filtered_out_records_are_no_errors(node: LoneNode, flags: int) -> None:
    filtered = row(1, "a", fields=[field(43, FALSE)])
    answer = ask(node, batch(row(0, "none"), filtered, row(2, "b"), flags=flags))
    assert (answer.codes, answer.code) == ({0: 2, 1: 27, 2: 0}, 0)


def test_the_last_error_of_a_block_is_the_result_of_the_batch(node: LoneNode) -> None:
    answer = ask(node, batch(row(0, "a", *FAILS), row(1, "b", (0, 0, 0)), row(2, "c"), flags=REPORT_ROW))
    assert (answer.codes, answer.code) == ({0: 12, 1: 4, 2: 0}, 4)


# --- blocks -----------------------------------------------------------------------------------------------------


def fill(node: LoneNode, size: int, count: int) -> list[bytes]:
    """So many records with a bin of so many bytes, and rows that read them."""
    for index in range(count):
        write(node, key(index), op(2, "a", 4, bytes(size)))
    return [row(0, 0), *(repeat(index, index) for index in range(1, count))]


def test_rows_share_frames_of_at_most_131040_bytes() -> None:
    node = LoneNode()
    # 22 bytes of header, 9 in front of the value: a row of 1,310 bytes, of which 100 fit and 101 do not.
    rows = fill(node, 1310 - 31, 101)
    answer = ask(node, batch(*rows))
    assert [len(found) for found in answer.frames] == [100, 1]
    assert [found.index for found in answer.rows] == list(range(101))


def test_large_row_has_a_frame_of_its_own() -> None:
    node = LoneNode()
    rows = fill(node, 100, 3)
    write(node, key(1), op(2, "a", 4, bytes(200_000)))
    assert [len(found) for found in ask(node, batch(*rows)).frames] == [1, 1, 1]


@pytest.mark.parametrize(
    ("flags", "told", "code"), [(EVERYTHING, [1, 2, 1, 1], 0), (REPORT_ROW, [1, 2], 12), (0, [1], 12)]
)
def test_blocks_behind_the_one_with_an_error_are_not_sent(flags: int, told: list[int], code: int) -> None:
    node = LoneNode()
    rows = fill(node, 100_000, 5)
    rows[2:4] = [row(2, 2, (0, WRITE, 0), op(5, "a", 1, integer(1))), row(3, 3)]
    answer = ask(node, batch(*rows, flags=flags))
    assert [len(found) for found in answer.frames] == told
    assert answer.code == code


# --- the batch as a whole ---------------------------------------------------------------------------------------


def test_largest_number_of_rows_can_be_set(node: LoneNode) -> None:
    three = batch(row(0, "a"), repeat(1, "b"), repeat(2, "c"))
    assert ask_info(node, "set-config:context=service;batch-max-requests=2") == "ok"
    assert "batch-max-requests=2;" in ask_info(node, "get-config:context=service")
    assert (ask(node, three).code, ask(node, three).frames) == (151, ())
    assert ask(node, batch(row(0, "a"), repeat(1, "b"))).code == 0
    ask_info(node, "set-config:context=service;batch-max-requests=0")
    assert ask(node, three).code == 0


def test_batches_can_be_switched_off(node: LoneNode) -> None:
    ask_info(node, "set-config:context=service;batch-index-threads=0")
    assert ask(node, batch(row(0, "a"))).code == 150
    assert ask_info(node, "set-config:context=service;batch-index-threads=257").startswith("ERROR:4:")
    ask_info(node, "set-config:context=service;batch-index-threads=2")
    assert ask(node, batch(row(0, "a"))).code == 0


def test_row_of_a_partition_that_is_not_available_is_told_so(node: LoneNode) -> None:
    node.is_available = False
    answer = ask(node, batch(row(3, "a"), put(4, "b", 5)))
    assert (answer.rows, answer.code) == ([RowAnswer(3, 11, 0, 0), RowAnswer(4, 11, 0, 0)], 0)
