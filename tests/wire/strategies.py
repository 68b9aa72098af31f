"""Values that can be stored, whole answers, and settings, for the tests that draw them."""

from __future__ import annotations

from functools import cache

from hypothesis import settings, strategies as st

from triospike.values import HLL, GeoJSON, KeyOrderedMap, OpaqueBlob
from vectors.recorded import load

__all__ = ["MAP_KEYS", "QUICK", "THOROUGH", "VALUES", "damaged", "recorded_answers"]

# The same examples in every run, so that a run says something about the change and not about luck.
QUICK = settings(max_examples=200, deadline=None, derandomize=True)
THOROUGH = settings(max_examples=5_000, deadline=None)

_INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.sampled_from(
    [
        edge + step
        for edge in (0, 31, -31, 127, 255, 65535, (1 << 32) - 1, -127, -32768, -(1 << 31))
        for step in (-1, 0, 1)
    ]
)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MAP_KEYS = _INTEGERS | _TEXT | st.binary(max_size=40)
_SCALARS = (
    st.none()
    | st.booleans()
    | _INTEGERS
    | st.floats()
    | _TEXT
    | st.binary(max_size=300)
    | st.builds(GeoJSON, _TEXT)
    | st.builds(HLL, st.binary(max_size=20))
    | st.builds(OpaqueBlob, st.integers(7, 12), st.binary(max_size=20))
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.dictionaries(MAP_KEYS, inner, max_size=20)
        | st.dictionaries(MAP_KEYS, inner, max_size=20).map(KeyOrderedMap)
    ),
    max_leaves=30,
)


@cache
def recorded_answers(*groups: str) -> list[bytes]:
    """The frames of some groups that came from the server, each once, the short ones first."""
    frames = {
        frame
        for group in groups
        for vector in load(group)
        for exchange in vector.exchanges
        for frame in exchange.response
        if len(frame) < 2000
    }
    return sorted(frames, key=lambda frame: (len(frame), frame))


@st.composite
def damaged(draw: st.DrawFn, frames: list[bytes]) -> bytes:
    """A recorded frame with bytes changed, cut off or added; the size in its header fits again."""
    frame = bytearray(draw(st.sampled_from(frames)))
    for _ in range(draw(st.integers(0, 4))):
        if len(frame) > 8:
            frame[draw(st.integers(8, len(frame) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del frame[draw(st.integers(8, len(frame))) :]
    frame += draw(st.binary(max_size=6))
    frame[2:8] = (len(frame) - 8).to_bytes(6, "big")
    return bytes(frame)
