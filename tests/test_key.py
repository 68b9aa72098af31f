"""Keys: digests, partitions, limits, identity."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from triospike.key import N_PARTITIONS, Key

# Protocol 5.1; the first four are in the Go client's tests too.
_DIGESTS: list[tuple[str | None, int | str | bytes, str]] = [
    ("set", -1, "22116d253745e29fc63fdf760b6e26f7e197e01d"),
    ("set", "", "2819b1ff6e346a43b4f5f6b77a88bc3eaac22a83"),
    ("set", "s", "607cddba7cd111745ef0a3d783d57f0e83c8f311"),
    ("set", b"", "327e2877b8815c7aeede0d5a8620d4ef8df4a4b4"),
    ("demo", "user1", "03161f352c8ab85448952c896ecdaa122b3c4e71"),
    ("demo", 1, "b7f4b83889e2da67de683e1df6919a1eacc446c8"),
    ("demo", b"\1\2\3", "ff31c926fbef445648ce63ca72a698a5473425c1"),
    (None, "user1", "7699c4e28cc94ef437160ec6d89724127f73886d"),
    ("", "user1", "7699c4e28cc94ef437160ec6d89724127f73886d"),
]


@pytest.mark.parametrize(("set_name", "user_key", "digest"), _DIGESTS)
def test_digest_is_that_of_other_clients(set_name: str | None, user_key: int | str | bytes, digest: str) -> None:
    assert Key("test", set_name, user_key).digest.hex() == digest
    assert Key("another", set_name, user_key).digest.hex() == digest


@pytest.mark.parametrize(
    ("set_name", "user_key", "partition"),
    [("demo", "user1", 1539), ("demo", 1, 1207), ("demo", b"\1\2\3", 511), ("", "user1", 2422)],
)
def test_partition_is_the_digests_first_twelve_bits_little_endian(
    set_name: str, user_key: int | str | bytes, partition: int
) -> None:
    assert Key("test", set_name, user_key).partition_id == partition < N_PARTITIONS == 4096


def test_blobs_of_all_types_are_the_same_key() -> None:
    blobs: list[Any] = [b"\1\2\3", bytearray(b"\1\2\3"), memoryview(b"\1\2\3")]
    assert {Key("test", "demo", blob).digest for blob in blobs} == {Key("test", "demo", b"\1\2\3").digest}


def test_keys_of_different_types_never_name_the_same_record() -> None:
    assert len({Key("test", "demo", key).digest for key in (1, "1", b"1", "\1", b"\1")}) == 5


# Limits.


def test_names_may_fill_their_limits_counted_in_bytes() -> None:
    assert Key("n" * 31, "s" * 63, 1).namespace == "n" * 31
    assert Key("é" * 15, "é" * 31, 1).set_name == "é" * 31


@pytest.mark.parametrize(
    ("namespace", "set_name", "message"),
    [
        ("", "demo", "namespace must be 1 to 31 bytes long: ''"),
        ("n" * 32, "demo", "namespace must be 1 to 31 bytes long: 'nnn"),
        ("é" * 16, "demo", "namespace must be 1 to 31 bytes long"),
        ("test", "s" * 64, "set_name must be at most 63 bytes long: 'sss"),
        ("test", "é" * 32, "set_name must be at most 63 bytes long"),
        ("\ud800", "demo", "namespace can't be written as UTF-8"),
        ("test", "\ud800", "set_name can't be written as UTF-8"),
    ],
)
def test_names_beyond_their_limits_are_refused(namespace: str, set_name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Key(namespace, set_name, 1)
    with pytest.raises(ValueError, match=message):
        Key.from_digest(namespace, set_name, bytes(20))


@pytest.mark.parametrize("user_key", [1 << 63, -(1 << 63) - 1])
def test_integers_beyond_64_bits_are_refused(user_key: int) -> None:
    with pytest.raises(ValueError, match=f"user_key does not fit in 64 bits: {user_key}"):
        Key("test", "demo", user_key)
    assert Key("test", "demo", user_key - (1 if user_key > 0 else -1)).user_key is not None


def test_text_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="user_key can't be written as UTF-8"):
        Key("test", "demo", "\ud800")


@pytest.mark.parametrize(
    ("namespace", "set_name", "user_key", "message"),
    [
        (b"test", "demo", 1, "namespace must be a str, not bytes"),
        (None, "demo", 1, "namespace must be a str, not NoneType"),
        ("test", b"demo", 1, "set_name must be a str or None, not bytes"),
        ("test", 5, 1, "set_name must be a str or None, not int"),
        ("test", "demo", 1.5, "user_key must be an int, str or bytes, not float"),
        ("test", "demo", True, "user_key must be an int, str or bytes, not bool"),
        ("test", "demo", None, "user_key must be an int, str or bytes, not NoneType"),
        ("test", "demo", ["a"], "user_key must be an int, str or bytes, not list"),
    ],
)
def test_arguments_of_other_types_are_refused(namespace: Any, set_name: Any, user_key: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Key(namespace, set_name, user_key)


# Digest keys.


def test_a_key_can_be_made_of_its_digest() -> None:
    whole = Key("test", "demo", "user1")
    bare = Key.from_digest("test", "demo", whole.digest)
    assert (bare.user_key, bare.user_key_particle, bare.partition_id) == (None, None, 1539)
    assert bare.wire_fields == whole.wire_fields
    assert bare == whole


@pytest.mark.parametrize("size", [0, 19, 21])
def test_digests_have_20_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=f"digest must be 20 bytes long, not {size}"):
        Key.from_digest("test", "demo", bytes(size))


def test_digests_are_bytes() -> None:
    wrong: Any = "0" * 20
    with pytest.raises(TypeError, match="digest must be bytes, not str"):
        Key.from_digest("test", "demo", wrong)
    mutable: Any = bytearray(20)
    assert type(Key.from_digest("test", "demo", mutable).digest) is bytes


# On the wire.


def test_fields_of_a_request_are_those_of_the_protocol() -> None:
    assert Key("test", "demo", "user1").wire_fields.hex(" ") == bytes.fromhex(
        "00000005 00 74657374 00000005 01 64656d6f 00000015 04 03161f352c8ab85448952c896ecdaa122b3c4e71"
    ).hex(" ")  # protocol 4.5


def test_an_empty_set_is_sent_as_the_c_client_sends_it() -> None:
    assert Key("test", None, 1).wire_fields[9:14].hex() == "0000000101"


@pytest.mark.parametrize(
    ("user_key", "particle"),
    [(-1, "01ffffffffffffffff"), (1, "010000000000000001"), ("user1", "037573657231"), (b"\1\2", "040102")],
)
def test_user_key_travels_as_its_particle(user_key: int | str | bytes, particle: str) -> None:
    sent = Key("test", "demo", user_key).user_key_particle
    assert sent is not None
    assert sent.hex() == particle  # protocol 4.4


# Identity.


def test_keys_are_equal_when_namespace_and_digest_are() -> None:
    key = Key("test", "demo", "user1")
    assert key == Key("test", "demo", "user1")
    assert hash(key) == hash(Key.from_digest("test", "demo", key.digest))
    assert key != Key("other", "demo", "user1")
    assert key != Key("test", "demo", "user2")
    assert key != ("test", "demo", "user1")
    assert {key: 1}[Key("test", "demo", "user1")] == 1


def test_keys_can_not_be_changed() -> None:
    key = Key("test", "demo", "user1")
    for name in ("namespace", "set_name", "digest", "user_key", "partition_id", "anything"):
        with pytest.raises(AttributeError, match=f"'{name}'"):
            setattr(key, name, "x")
    with pytest.raises(AttributeError, match="'digest'"):
        del key.digest
    assert not hasattr(key, "__dict__")


@pytest.mark.parametrize(
    "key",
    [
        Key("test", "demo", "user1"),
        Key("test", None, -5),
        Key("test", "", b"\1"),
        Key.from_digest("test", "demo", bytes(range(20))),
    ],
)
def test_keys_can_be_pickled_copied_and_written(key: Key) -> None:
    others: list[Key] = [pickle.loads(pickle.dumps(key)), copy.copy(key), copy.deepcopy(key), eval(repr(key))]
    for other in others:
        assert other == key
        assert (other.set_name, other.user_key, other.wire_fields) == (key.set_name, key.user_key, key.wire_fields)


def test_representation_shows_what_the_key_was_made_of() -> None:
    assert repr(Key("test", None, 5)) == "Key('test', '', 5)"
    assert repr(Key.from_digest("test", "demo", bytes(20))).startswith("Key.from_digest('test', 'demo', b'\\x00")
