from __future__ import annotations

from lone_node import Calendar

from triospike.server.config import NamespaceConfig
from triospike.server.storage.namespace import Namespace, partition_of
from triospike.server.storage.record import StoredRecord, record_size

# Section 5.1 of the protocol: set "demo", key "user1" is in partition 1539, key 1 in 1207.
USER1 = bytes.fromhex("03161f352c8ab85448952c896ecdaa122b3c4e71")
ONE = bytes.fromhex("b7f4b83889e2da67de683e1df6919a1eacc446c8")
SECONDS_2010 = 1_262_304_000


def make(calendar: Calendar | None = None) -> Namespace:
    return Namespace(NamespaceConfig("test"), calendar or Calendar())


def record(set_name: bytes = b"demo", void_time: int = 0, last_update: int = 0) -> StoredRecord:
    return StoredRecord(set_name, None, {b"a": (1, bytes(8))}, 1, void_time, last_update)


def test_partition_is_little_endian_and_twelve_bits() -> None:
    assert partition_of(USER1) == 1539
    assert partition_of(ONE) == 1207


def test_record_is_found_under_its_digest_and_in_its_partition() -> None:
    namespace = make()
    stored = record()
    namespace.put(USER1, stored)
    assert namespace.get(USER1) is stored
    assert namespace.get(ONE) is None
    assert dict(namespace.records(1539)) == {USER1: stored}
    assert dict(namespace.records(1207)) == {}


def test_counts_follow_puts_and_removals() -> None:
    namespace = make()
    namespace.put(USER1, record())
    namespace.put(USER1, record())
    namespace.put(ONE, record(b"other"))
    assert (namespace.count, namespace.sets[b"demo"], namespace.sets[b"other"]) == (2, 1, 1)
    assert namespace.remove(USER1)
    assert not namespace.remove(USER1)
    assert (namespace.count, namespace.sets[b"demo"]) == (1, 0)


def test_set_of_a_replaced_record_is_counted_anew() -> None:
    namespace = make()
    namespace.put(USER1, record())
    namespace.put(USER1, record(b"other"))
    assert (namespace.sets[b"demo"], namespace.sets[b"other"]) == (0, 1)


def test_record_is_live_through_the_second_of_its_void_time() -> None:
    calendar = Calendar(SECONDS_2010 + 100.0)
    namespace = make(calendar)
    namespace.put(USER1, record(void_time=100))
    calendar.now += 0.9
    assert namespace.get(USER1) is not None
    calendar.now += 0.1
    assert namespace.get(USER1) is None
    assert namespace.stored(USER1) is not None


def test_expired_records_are_removed_and_named() -> None:
    calendar = Calendar(SECONDS_2010 + 100.0)
    namespace = make(calendar)
    namespace.put(USER1, record(void_time=99))
    namespace.put(ONE, record(void_time=100))
    assert namespace.remove_expired() == [USER1]
    assert namespace.count == 1
    assert namespace.stored(USER1) is None


def test_records_older_than_a_time_are_removed_from_one_partition_and_set() -> None:
    namespace = make()
    namespace.put(USER1, record(last_update=5))
    namespace.put(ONE, record(last_update=5))
    assert namespace.remove_older(1539, 5, None) == []
    assert namespace.remove_older(1539, 6, b"other") == []
    assert namespace.remove_older(1539, 6, b"demo") == [USER1]
    assert namespace.get(ONE) is not None


def test_cleared_partition_is_empty_and_not_counted() -> None:
    namespace = make()
    namespace.put(USER1, record())
    namespace.put(ONE, record())
    namespace.clear_partition(1539)
    assert (namespace.count, namespace.sets[b"demo"]) == (1, 1)
    assert not namespace.records(1539)


def test_milliseconds_count_from_2010() -> None:
    assert make(Calendar(SECONDS_2010 + 1.5)).now_ms() == 1500


def test_record_size_grows_with_what_it_holds() -> None:
    small = record_size(record())
    big = StoredRecord(b"demo", b"\x03key", {b"a": (3, b"x" * 1000)}, 1, 0, 0)
    assert record_size(big) == small - 8 + 1000 + 4


def test_repr_tells_name_and_counts() -> None:
    namespace = make()
    namespace.put(USER1, record())
    assert repr(namespace) == "<Namespace 'test', 1 records in 1 sets>"
