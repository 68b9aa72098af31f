"""RIPEMD-160 against its authors' vectors, and against OpenSSL where it has it."""

from __future__ import annotations

import hashlib
import random

import pytest

from triospike._digest.ripemd160 import Digest, PythonDigest, new_digest, python_ripemd160


def of_parts(digest: Digest, message: bytes) -> bytes:
    """The digest of a message that comes in two parts, between which it was copied and went on otherwise."""
    half = len(message) // 2
    digest.update(message[:half])
    other = digest.copy()
    digest.update(b"something else")
    other.update(message[half:])
    return other.digest()


# Dobbertin, Bosselaers, Preneel: "RIPEMD-160: A Strengthened Version of RIPEMD", appendix B.
# The one of a million "a" takes too long here.
@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
        (b"a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"),
        (b"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        (b"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
        (b"abcdefghijklmnopqrstuvwxyz", "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "12a053384a9c0c88e405a06c27dcf49ada62eb2b",
        ),
        (
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "b0e20b6e3116640286ed3a87a5713079b21f5189",
        ),
        (b"1234567890" * 8, "9b752e45573d4b39f4dbd3323cab82bf63326bfb"),
    ],
)
def test_digest_is_the_published_one(message: bytes, digest: str) -> None:
    assert python_ripemd160(message).hex() == digest
    for begun in (new_digest(), PythonDigest()):
        assert of_parts(begun, message).hex() == digest


def _openssl_has_it() -> bool:
    try:
        hashlib.new("ripemd160", usedforsecurity=False)
    except ValueError:
        return False
    return True


@pytest.mark.skipif(not _openssl_has_it(), reason="this OpenSSL has no RIPEMD-160")
def test_digest_is_that_of_openssl_at_every_length_around_the_blocks() -> None:
    drawn = random.Random(160)
    for size in range(301):
        message = drawn.randbytes(size)
        expected = hashlib.new("ripemd160", message, usedforsecurity=False).digest()
        assert python_ripemd160(message) == expected, size
        for begun in (new_digest(), PythonDigest()):
            assert of_parts(begun, message) == expected, size


def test_python_takes_over_where_openssl_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str, *args: object, **options: object) -> object:
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", without)
    assert isinstance(new_digest(), PythonDigest)
