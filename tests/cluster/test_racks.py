from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, strategies as st

from triospike._cluster.racks import parse_rack_ids
from triospike.errors import ProtocolError


def test_reads_the_rack_of_each_namespace() -> None:
    assert parse_rack_ids("test:1;bar:20;") == {"test": 1, "bar": 20}
    assert parse_rack_ids("") == {}


@pytest.mark.parametrize("text", ["test", "test:", ":1", "test:x", "test:--1", "test:" + "1" * 5000])
def test_refuses_what_is_no_rack(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_rack_ids(text)


@given(st.text(alphabet="test:;01-") | st.text())
def test_any_text_gives_racks_or_a_protocol_error(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        parse_rack_ids(text)
