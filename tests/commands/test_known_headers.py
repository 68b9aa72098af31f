"""Requests of which most was packed before: the same bytes as the first of their kind, whatever lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from triospike import GenerationPolicy, Key, exp, operations as op
from triospike._commands.base import Command
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike._commands.write import AddCommand, PutCommand, TouchCommand
from triospike.policy import KeyPolicy, OperatePolicy, ReadPolicy, WritePolicy

LARGE = "x" * (2 << 20)
Make = Callable[[Key, Any], Command[Any]]
MAKERS: dict[str, tuple[type[Any], Make]] = {
    "get": (ReadPolicy, lambda key, policy: ReadCommand(key, None, policy)),
    "put": (WritePolicy, lambda key, policy: PutCommand(key, {"a": 1}, policy)),
    "put ten": (
        WritePolicy,
        lambda key, policy: PutCommand(key, {f"bin{at}": "v" * at for at in range(10)}, policy),
    ),
    "put much": (WritePolicy, lambda key, policy: PutCommand(key, {"a": LARGE}, policy)),
    "add": (WritePolicy, lambda key, policy: AddCommand(key, {"a": 1}, policy)),
    "touch": (WritePolicy, TouchCommand),
    "read": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.read("a")], policy)),
    "read all": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.read_all()], policy)),
    "write": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.write("a", 1)], policy)),
    "both": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.add("a", 1), op.read("a")], policy)),
    "map": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.maps.size("a")], policy)),
    "much": (OperatePolicy, lambda key, policy: OperateCommand(key, [op.write("a", LARGE)], policy)),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "filter": {"filter_exp": exp.bin_int("a") == 1},
    "key": {"key": KeyPolicy.SEND},
    "times": {"total_timeout": 5.0, "socket_timeout": 2.0},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_requests_under_a_policy_that_was_used_are_those_under_a_new_one(options: dict[str, Any]) -> None:
    used = {kind: kind(**options) for kind in (ReadPolicy, WritePolicy, OperatePolicy)}
    for number in range(3):
        for set_name in ("s", "another", None):
            key = Key("test", set_name, number)
            for kind, make in MAKERS.values():
                assert make(key, used[kind]).request == make(key, kind(**options)).request


def test_policies_do_not_share_what_they_know() -> None:
    key = Key("test", "s", 1)
    plain, careful = WritePolicy(), WritePolicy(gen=GenerationPolicy.EQ, generation=7)
    requests = [PutCommand(key, {"a": 1}, policy).request for policy in (plain, careful, plain, careful)]
    assert requests[:2] == requests[2:]
    assert requests[0] != requests[1]


def test_a_policy_used_for_thousands_of_sets_keeps_a_bounded_number() -> None:
    for kind, make in (MAKERS["get"], MAKERS["put"], MAKERS["both"]):
        policy = kind()
        for number in range(2500):
            make(Key("test", f"set{number}", 1), policy)
        assert len(policy.cached()) <= 1024
        key = Key("test", "set0", 1)
        assert make(key, policy).request == make(key, kind()).request


def test_names_that_were_met_and_names_that_can_not_be_are_told_apart() -> None:
    key, policy = Key("test", "s", 1), WritePolicy()
    for _ in range(2):
        PutCommand(key, {"good": 1}, policy)
        with pytest.raises(ValueError, match="a bin name in bins must be 1 to 15 bytes"):
            PutCommand(key, {"much too long a name": 1}, policy)
        with pytest.raises(TypeError, match="a bin name in bins must be a str, not int"):
            PutCommand(key, {1: 1}, policy)  # type: ignore[dict-item]
        with pytest.raises(ValueError, match=r"bins\['good'\] does not fit in 64 bits"):
            PutCommand(key, {"good": 1 << 63}, policy)
        with pytest.raises(ValueError, match=r"bins\['good'\] can't be written as UTF-8"):
            PutCommand(key, {"good": "\ud800"}, policy)
        with pytest.raises(TypeError, match=r"bins\['good'\] must be int or float, not str"):
            AddCommand(key, {"good": "1"}, policy)
