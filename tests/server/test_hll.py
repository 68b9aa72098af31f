"""Sketches: the hash by published values, and what no recording has."""

from __future__ import annotations

import pytest

from triospike.server.apply.hll import modify_hll, read_hll
from triospike.server.apply.murmur import murmur
from triospike.server.apply.sketch import Sketch
from triospike.server.refusal import Refusal


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "00000000000000000000000000000000"),
        (b"hello", "029bbd41b3a7d8cb191dae486a901e5b"),
        (b"The quick brown fox jumps over the lazy dog", "6c1b07bc7bbc4be347939ac4a93c437a"),
    ],
)
def test_hash_has_its_published_values(data: bytes, digest: str) -> None:
    low, high = murmur(data)
    assert low.to_bytes(8, "little").hex() + high.to_bytes(8, "little").hex() == digest


@pytest.mark.parametrize(("index_bits", "minhash_bits"), [(4, 0), (8, 0), (10, 4), (12, 20), (16, 0), (13, 51)])
def test_sketch_survives_packing(index_bits: int, minhash_bits: int) -> None:
    sketch = Sketch.empty(index_bits, minhash_bits)
    for element in range(100):
        sketch.add(bytes((element,)))
    assert Sketch.unpack(sketch.pack()) == sketch


def test_count_is_close_for_many_elements() -> None:
    sketch = Sketch.empty(12, 0)
    for element in range(5000):
        sketch.add(element.to_bytes(4, "big"))
    assert sketch.count() == pytest.approx(5000, rel=0.05)


def test_empty_sketch_counts_nothing() -> None:
    assert Sketch.empty(8, 0).count() == 0


def test_cut_off_operand_is_refused() -> None:
    made, _ = modify_hll(bytes.fromhex("920004"), None)
    assert made is not None
    with pytest.raises(Refusal) as caught:
        read_hll(bytes.fromhex("9234a412000400"), made)
    assert caught.value.code == 4
