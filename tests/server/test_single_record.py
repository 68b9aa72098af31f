"""What no recording shows of reads, writes and deletes: other settings, other moments, other limits."""

from __future__ import annotations

import pytest
from asking import delete, field, integer, op, read, send, write
from lone_node import LoneNode

from triospike.key import Key
from triospike.server.config import NamespaceConfig

KEY = Key("test", "demo", "user1")
SECONDS_2010 = 1_262_304_000


def now_2010(node: LoneNode) -> int:
    return int(node.calendar.now) - SECONDS_2010


def test_generation_wraps_from_65535_to_1() -> None:
    node = LoneNode()
    write(node, KEY)
    stored = node.namespaces["test"].get(KEY.digest)
    assert stored is not None
    stored.generation = 65535
    assert write(node, KEY).generation == 1


def test_record_without_a_ttl_gets_the_namespace_default() -> None:
    node = LoneNode(NamespaceConfig("test", default_ttl=60))
    assert write(node, KEY).void_time == now_2010(node) + 60


def test_keeping_the_ttl_of_a_record_that_is_new_means_the_default() -> None:
    node = LoneNode(NamespaceConfig("test", default_ttl=60))
    assert write(node, KEY, ttl=0xFFFFFFFE).void_time == now_2010(node) + 60
    node.calendar.now += 30
    assert write(node, KEY, ttl=0xFFFFFFFE).void_time == now_2010(node) + 30


def test_ttl_is_allowed_without_expiry_when_the_namespace_says_so() -> None:
    node = LoneNode(NamespaceConfig("test", nsup_period=0, allow_ttl_without_nsup=True))
    assert write(node, KEY, ttl=5).code == 0


@pytest.mark.parametrize(("remaining", "renewed"), [(51, False), (50, True), (1, True)])
def test_read_renews_a_record_whose_life_is_within_the_percentage(remaining: int, renewed: bool) -> None:
    node = LoneNode()
    written = write(node, KEY, ttl=100)
    node.calendar.now += 100 - remaining
    assert read(node, KEY, ttl=50).void_time == written.void_time
    assert read(node, KEY, ttl=0xFFFFFFFF).void_time == (now_2010(node) + 100 if renewed else written.void_time)


def test_read_that_renews_keeps_the_generation_and_is_replicated() -> None:
    node = LoneNode(NamespaceConfig("test", default_read_touch_ttl_pct=100))
    write(node, KEY, ttl=100)
    node.calendar.now += 1
    read(node, KEY)
    assert node.replicated == [KEY.digest, KEY.digest]
    assert read(node, KEY).generation == 1


def test_expired_record_is_missing_to_all_but_delete() -> None:
    node = LoneNode()
    write(node, KEY, ttl=1)
    node.calendar.now += 3
    assert read(node, KEY).code == 2
    assert write(node, KEY, op(11)).code == 2
    assert write(node, KEY, info3=0x08).code == 2
    assert write(node, KEY, op(2, "b", 1, integer(2))).generation == 1
    assert read(node, KEY).bins == [("b", 1, "0000000000000002")]


def test_deleted_bin_is_replaced_by_the_last_one() -> None:
    node = LoneNode()
    write(node, KEY, *(op(2, name, 1, integer(1)) for name in "abcd"))
    write(node, KEY, op(2, "b"))
    assert [name for name, _, _ in read(node, KEY).bins] == ["a", "d", "c"]
    write(node, KEY, op(2, "c"))
    assert [name for name, _, _ in read(node, KEY).bins] == ["a", "d"]


def test_failed_write_leaves_the_record_as_it_was() -> None:
    node = LoneNode()
    write(node, KEY, op(2, "a", 3, b"text"))
    assert write(node, KEY, op(2, "b", 1, integer(1)), op(5, "a", 1, integer(1))).code == 12
    assert read(node, KEY).bins == [("a", 3, "74657874")]


def test_read_of_too_many_bins_is_invalid() -> None:
    node = LoneNode()
    write(node, KEY)
    assert send(node, KEY, *[op(1, "a")] * 32769, info=(1, 0, 0)).code == 4


@pytest.mark.parametrize(("size", "code"), [(900, 0), (1100, 13)])
def test_record_size_is_limited_by_the_namespace(size: int, code: int) -> None:
    node = LoneNode(NamespaceConfig("test", max_record_size=1024))
    assert write(node, KEY, op(2, "a", 3, b"x" * size)).code == code


@pytest.mark.parametrize(
    ("kind", "stored", "operand", "code"),
    [
        (5, (23, b'\0\0\0{"type":"Point","coordinates":[1,2]}'), (1, integer(1)), 1),
        (9, (23, b'\0\0\0{"type":"Point","coordinates":[1,2]}'), (3, b"x"), 1),
        (5, (19, b"\x80"), (1, integer(1)), 12),
        (10, (20, b"\x90"), (20, b"\x90"), 12),
        (9, (17, b"\x01"), (17, b"\x01"), 12),
        (9, (3, b"x"), (0, b""), 4),
        (10, (1, integer(1)), (0, b""), 4),
        (10, (1, integer(1)), (24, b"x"), 4),
        (9, (23, b'\0\0\0{"type":"Point","coordinates":[1,2]}'), (24, b"x"), 4),
        (5, (1, integer(1)), (0, b""), 4),
        (5, (1, integer(1)), (1, b"123"), 4),
        (5, (1, integer(1)), (2, b"1234"), 12),
        (5, (3, b"x"), (1, b"123"), 12),
        (5, (3, b"x"), (20, b"\x91"), 12),
        (5, (2, bytes(8)), (23, b"no GeoJSON"), 12),
        (5, (23, b'\0\0\0{"type":"Point","coordinates":[1,2]}'), (1, b"123"), 1),
    ],
)
def test_operand_must_fit_the_bin(
    kind: int, stored: tuple[int, bytes], operand: tuple[int, bytes], code: int
) -> None:
    node = LoneNode()
    assert write(node, KEY, op(2, "a", *stored)).code == 0
    assert write(node, KEY, op(kind, "a", *operand)).code == code


@pytest.mark.parametrize("info3", [0x10, 0x20])
def test_replacement_without_bins_finds_nothing_to_replace_and_deletes_nothing(info3: int) -> None:
    node = LoneNode()
    write(node, KEY)
    refused = send(node, KEY, op(1, "a"), info=(1, 1, info3))
    assert (refused.code, refused.generation) == (2, 1)
    assert read(node, KEY).bins == [("a", 1, "0000000000000001")]


def test_write_from_another_datacenter_may_leave_missing_what_is_missing() -> None:
    node = LoneNode()
    assert send(node, KEY, op(2, "a"), info=(0, 1, 0)).code == 2
    assert send(node, KEY, op(2, "a"), info=(0x10, 1, 0)).code == 0
    assert send(node, KEY, op(2, "a"), info=(0x10, 0x11, 0)).code == 25
    assert read(node, KEY).code == 2


def test_hll_particle_of_the_right_size_is_stored() -> None:
    sketch = bytes((0, 4, 0)) + bytes(8) + bytes(12)  # 16 registers of 6 bits
    node = LoneNode()
    assert write(node, KEY, op(2, "h", 18, sketch)).code == 0
    assert write(node, KEY, op(2, "h", 18, sketch + b"\0")).code == 4
    assert write(node, KEY, op(2, "h", 18, b"\0\x03" + sketch[2:])).code == 4
    assert read(node, KEY).bins == [("h", 18, sketch.hex())]


def test_delete_checks_generation_and_key() -> None:
    node = LoneNode()
    sent_key = (field(2, b"\x03user1"),)
    send(node, KEY, op(2, "a", 1, integer(1)), info=(0, 1, 0), fields=sent_key)
    assert send(node, KEY, info=(0, 0x07, 0), generation=2).code == 3
    assert send(node, KEY, info=(0, 0x03, 0), fields=(field(2, b"\x03other"),)).code == 19
    assert delete(node, KEY).code == 0


def test_stored_key_stays_when_a_write_sends_none() -> None:
    node = LoneNode()
    send(node, KEY, op(2, "a", 1, integer(1)), info=(0, 1, 0), fields=(field(2, b"\x03user1"),))
    write(node, KEY)
    stored = node.namespaces["test"].get(KEY.digest)
    assert stored is not None
    assert stored.user_key == b"\x03user1"


def test_empty_key_can_not_be_stored() -> None:
    assert send(LoneNode(), KEY, op(2, "a", 1, integer(1)), info=(0, 1, 0), fields=(field(2, b""),)).code == 16


@pytest.mark.parametrize("kind", [3, 12, 15])
def test_part_of_a_bin_that_is_not_there_reads_as_nothing(kind: int) -> None:
    node = LoneNode()
    write(node, KEY)
    call = op(kind, "zz", 4, b"\x91\x10")
    assert send(node, KEY, call, info=(1, 0, 0)).bins == []
    assert send(node, KEY, call, info=(1, 0x80, 0)).bins == [("zz", 0, "")]


@pytest.mark.parametrize(
    ("kind", "call"),
    [(3, "9110"), (4, "920105"), (12, "93320008"), (13, "93070008"), (15, "9132"), (16, "9103")],
)
def test_operation_on_a_part_of_a_value_that_has_none_is_refused_and_changes_nothing(kind: int, call: str) -> None:
    node = LoneNode()
    write(node, KEY)
    assert send(node, KEY, op(kind, "a", 4, bytes.fromhex(call)), info=(1, 1, 0)).code == 12
    assert read(node, KEY).generation == 1


@pytest.mark.parametrize("kind", [4, 8, 13, 16, 2, 5])
def test_operation_that_writes_is_invalid_in_a_read(kind: int) -> None:
    node = LoneNode()
    write(node, KEY)
    assert send(node, KEY, op(kind, "a", 4, b"\x92\x01\x01"), info=(1, 0, 0)).code == 4


@pytest.mark.parametrize("value", ["", "c0", "90", "dc00", "dd00000002", "a101"])
def test_packed_call_that_is_none_is_invalid(value: str) -> None:
    node = LoneNode()
    write(node, KEY)
    assert write(node, KEY, op(4, "a", 4, bytes.fromhex(value))).code == 4


def test_filter_is_looked_at_for_a_record_and_ignored_without_one() -> None:
    node = LoneNode()
    always_false = (field(43, b"\xc2"),)
    assert send(node, KEY, op(2, "a", 1, integer(1)), info=(0, 1, 0), fields=always_false).code == 0
    assert send(node, KEY, info=(3, 0, 0), fields=always_false).code == 27
    assert send(node, KEY, info=(0, 3, 0), fields=(field(43, b""),)).code == 4
