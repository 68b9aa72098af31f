from __future__ import annotations

import base64
import random
import struct

import pytest
from asking import ask_info, delete, field, integer, op, write
from hypothesis import given, settings, strategies as st
from lone_node import LoneNode
from querying import ALL, ask, between, equal, query

from triospike.key import Key
from triospike.server.config import NamespaceConfig
from triospike.server.indexes.hashing import hash_of


def key(number: int, set_name: str = "s") -> Key:
    return Key("test", set_name, number)


def put(node: LoneNode, number: int, a: int, *, ttl: int = 0, set_name: str = "s") -> None:
    assert write(node, key(number, set_name), op(2, "a", 1, integer(a)), ttl=ttl).code == 0


def create(node: LoneNode, name: str, what: str, set_name: str | None = "s") -> str:
    where = "" if set_name is None else f"set={set_name};"
    return ask_info(node, f"sindex-create:namespace=test;{where}indexname={name};{what}")


def statistic(node: LoneNode, name: str, what: str) -> str:
    told = ask_info(node, f"sindex-stat:namespace=test;indexname={name}")
    return dict(pair.split("=") for pair in told.split(";"))[what]


def list_of(*numbers: int) -> bytes:
    return bytes([0x90 | len(numbers), *numbers])


@pytest.fixture
def node() -> LoneNode:
    return LoneNode(NamespaceConfig("test"))


# The values under which a real server found these.
@pytest.mark.parametrize(("text", "told"), [(b"s3", 5146099854765980276), (b"\x02", 311318405937775085)])
def test_strings_are_kept_under_the_servers_hash(text: bytes, told: int) -> None:
    assert hash_of(text) == told


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_different_texts_have_different_hashes(one: bytes, other: bytes) -> None:
    assert (hash_of(one) == hash_of(other)) == (one == other)


def test_an_index_follows_every_write(node: LoneNode) -> None:
    put(node, 1, 10)
    assert create(node, "i", "bin=a;type=numeric") == "ok"
    put(node, 2, 10)
    put(node, 3, 11)
    assert len(ask(node, query(ALL, equal("a", 10), set_name="s")).rows) == 2
    put(node, 1, 12)
    delete(node, key(2))
    assert ask(node, query(ALL, equal("a", 10), set_name="s")).rows == []
    assert sorted(ask(node, query(ALL, between("a", 0, 99), set_name="s")).values) == [11, 12]
    assert statistic(node, "i", "entries") == "2"


def test_an_index_forgets_what_expires_and_what_is_truncated(node: LoneNode) -> None:
    assert create(node, "i", "bin=a;type=numeric") == "ok"
    put(node, 1, 10, ttl=5)
    put(node, 2, 10)
    node.calendar.now += 7
    node.namespaces["test"].remove_expired()
    assert statistic(node, "i", "entries") == "1"
    assert ask_info(node, "truncate:namespace=test;set=s") == "ok"
    assert statistic(node, "i", "entries") == "0"


def test_an_index_of_no_set_finds_in_all_sets(node: LoneNode) -> None:
    put(node, 1, 5)
    put(node, 1, 5, set_name="t")
    assert create(node, "i", "bin=a;type=numeric", None) == "ok"
    assert len(ask(node, query(ALL, equal("a", 5))).rows) == 2
    assert len(ask(node, query(ALL, equal("a", 5), set_name="t")).rows) == 1


def test_an_index_of_a_set_is_not_one_of_the_namespace(node: LoneNode) -> None:
    put(node, 1, 5)
    assert create(node, "i", "bin=a;type=numeric") == "ok"
    assert ask(node, query(ALL, equal("a", 5))).code == 201


def test_a_record_with_several_values_is_found_once_for_a_range_of_them(node: LoneNode) -> None:
    assert write(node, key(1), op(2, "l", 20, list_of(1, 2, 3, 3))).code == 0
    assert create(node, "i", "indextype=list;bin=l;type=numeric") == "ok"
    assert statistic(node, "i", "entries") == "3"
    kind = field(26, b"\x01")
    assert len(ask(node, query(ALL, between("l", 1, 3), kind, set_name="s")).rows) == 1
    assert ask(node, query(ALL, between("l", 4, 9), kind, set_name="s")).rows == []
    assert ask(node, query(ALL, between("l", 1, 3), set_name="s")).code == 201


def test_pages_of_a_query_go_on_behind_value_and_digest(node: LoneNode) -> None:
    for number in range(3000):
        put(node, number, number % 5 - 2)
    assert create(node, "i", "bin=a;type=numeric") == "ok"
    whole = [digest for digest, _ in ask(node, query(ALL, between("a", -1, 1), set_name="s")).rows]
    assert len(whole) == 1800
    found: list[bytes] = []
    page = ask(node, query(ALL, between("a", -1, 1), field(13, struct.pack(">Q", 100)), set_name="s"))
    while page.rows:
        found += [digest for digest, _ in page.rows]
        last, bval = page.rows[-1][0], page.bvals[-1]
        following = range((int.from_bytes(last[:2], "little") & 0xFFF) + 1, 4096)
        resume = field(12, last), field(15, struct.pack("<q", bval))
        limit = field(13, struct.pack(">Q", 100))
        page = ask(node, query(following, between("a", -1, 1), limit, *resume, set_name="s"))
    assert found == whole


def test_an_index_that_is_dropped_is_gone(node: LoneNode) -> None:
    assert create(node, "i", "bin=a;type=numeric", None) == "ok"
    assert ask_info(node, "sindex-exists:namespace=test;indexname=i") == "true"
    assert ask_info(node, "sindex-delete:namespace=test;indexname=i") == "ok"
    assert ask_info(node, "sindex-exists:namespace=test;indexname=i") == "false"
    assert ask_info(node, "sindex-stat:namespace=test;indexname=i") == "ERROR:201:no index"
    assert ask(node, query(ALL, equal("a", 5))).code == 201


def test_the_same_index_under_another_name_is_renamed(node: LoneNode) -> None:
    assert create(node, "i", "bin=a;type=numeric") == "ok"
    assert create(node, "j", "bin=a;type=numeric") == "ok"
    assert ask_info(node, "sindex-exists:namespace=test;indexname=i") == "false"
    assert ask_info(node, "sindex-exists:namespace=test;indexname=j") == "true"
    assert ";sindexes" not in ask_info(node, "sets/test/s")
    assert ":sindexes=1:" in ask_info(node, "sets/test/s")


def test_definitions_are_remembered_for_a_namespace_that_there_is_not(node: LoneNode) -> None:
    command = "sindex-create:namespace=nope;indexname=i;bin={};type=numeric"
    assert ask_info(node, command.format("a")) == "ok"
    assert ask_info(node, command.format("b")) == (
        "ERROR:200:'indexname' already exists with different definition"
    )
    assert ask_info(node, "sindex-delete:namespace=nope;indexname=i") == "ok"
    assert ask_info(node, command.format("b")) == "ok"


def test_there_are_so_many_indexes_and_no_more(node: LoneNode) -> None:
    for number in range(256):
        assert create(node, f"i{number}", f"bin=b{number};type=numeric") == "ok"
    assert create(node, "one-more", "bin=a;type=numeric") == "ERROR:206:already at sindex definition limit"
    assert create(node, "renamed", "bin=b7;type=numeric") == "ok"
    assert create(node, "set", "indextype=set") == "ok"


def test_an_expression_that_looks_at_more_than_bins_can_not_be_indexed(node: LoneNode) -> None:
    # The record's time to live, and the sum of a bin and 1.
    ttl, total = b"\x91\x45", b"\x93\x14\x93\x51\x02\xa1a\x01"
    assert create(node, "t", f"type=numeric;exp={base64.b64encode(ttl).decode()}") == "ERROR:4:bad 'exp'"
    text = base64.b64encode(total).decode()
    assert create(node, "e", f"type=numeric;exp={text}") == "ok"
    put(node, 1, 41)
    wanted = field(22, b"\x01\x00\x01" + struct.pack(">IqIq", 8, 42, 8, 42))
    assert ask(node, query(ALL, wanted, field(24, total), set_name="s")).values == [41]
    assert ask(node, query(ALL, wanted, field(21, b"e"), set_name="s")).values == [41]
    assert 'exp=add(bin_int("a"), 1):' in ask_info(node, "sindex-list:namespace=test")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-3, 3)), max_size=120), st.integers(0, 2**32))
def test_an_index_holds_at_any_time_what_the_records_hold(changes: list[tuple[int, int]], seed: int) -> None:
    node = LoneNode(NamespaceConfig("test"))
    born = random.Random(seed).randrange(len(changes) + 1)
    values: dict[int, int] = {}
    for at, (number, value) in enumerate(changes):
        if at == born:
            create(node, "i", "bin=a;type=numeric")
        if value == 3:
            delete(node, key(number))
            values.pop(number, None)
        else:
            put(node, number, value)
            values[number] = value
    if born == len(changes):
        create(node, "i", "bin=a;type=numeric")
    for value in range(-3, 3):
        found = ask(node, query(ALL, equal("a", value), set_name="s"))
        assert found.values == [value] * sum(held == value for held in values.values())


# As a real server answered, asked by hand.
@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("create:namespace=test;indexname=a;bin=b;type=numeric;set=", "missing 'set' value"),
        ("create:namespace=test;indexname=a;indexdata=bbb", "'indexdata' missing bin type"),
        ("create:namespace=test;indexname=a;indexdata=,numeric", "'indexdata' missing bin name"),
        (
            "create:namespace=test;indexname=a;indexdata=a,foo",
            "bad 'indexdata' bin type - must be one of 'numeric', 'string', 'blob', 'geo2dsphere'",
        ),
        (
            "create:namespace=test;indexname=a;indextype=set;bin=a;set=b",
            "bin parameter is not supported for set index",
        ),
        (
            "create:namespace=test;indexname=a;indextype=list;type=numeric;exp=k1ECoW4=",
            "bad 'exp' - expression type 'numeric' does not match expected type 'list'",
        ),
        (
            "create:namespace=test;indexname=a;type=geo2dsphere;exp=k1ECoW4=",
            "bad 'exp' - expression type 'numeric' does not match expected type 'geo2dsphere'",
        ),
        ("create:namespace=nope;indexname=a;indextype=set;set=a", "namespace not found"),
        (
            "create:namespace=test;indexname=a;type=numeric;bin=b;indextype=waytoolongtype",
            "'indextype' value too long",
        ),
        ("create:namespace=test;indexname=a;type=waytoolongtype;bin=b", "'type' value too long"),
        ("list:namespace=test;b64=xx", "bad b64"),
    ],
)
def test_commands_for_indexes_are_refused_in_the_servers_words(node: LoneNode, command: str, told: str) -> None:
    assert ask_info(node, f"sindex-{command}") == f"ERROR:4:{told}"
