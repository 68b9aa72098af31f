"""From policy to header: bits and numbers by hand from the protocol's tables, for what no recorded call has."""

from __future__ import annotations

from typing import Any

import pytest

from triospike import operations as op
from triospike._commands.base import Command, request_within
from triospike._commands.delete import DeleteCommand
from triospike._commands.exists import ExistsCommand
from triospike._commands.operate import OperateCommand
from triospike._commands.read import ReadCommand
from triospike._commands.write import AddCommand, PutCommand, TouchCommand
from triospike.key import Key
from triospike.operations import Operation
from triospike.policy import (
    BasePolicy,
    CommitLevel,
    GenerationPolicy,
    KeyPolicy,
    OperatePolicy,
    ReadModeAP,
    ReadModeSC,
    ReadPolicy,
    RecordExistsAction,
    RemovePolicy,
    Replica,
    WritePolicy,
)

_KEY = Key("test", "demo", "user1")
_WRITE_A: list[Operation] = [op.write("a", 1)]
_READ_A: list[Operation] = [op.read("a")]


def _header(command: Command[Any]) -> str:
    """info1 to info4, generation, ttl, timeout, and the numbers of fields and operations."""
    request = command.request
    assert request[8] == 22
    assert request[13] == 0
    parts = [request[9:13], request[14:18], request[18:22], request[22:26], request[26:28], request[28:30]]
    return " ".join(part.hex() for part in parts)


@pytest.mark.parametrize(
    ("policy", "header"),
    [
        # Protocol 7.1 and 2.3.
        (ReadPolicy(), "03000000 00000000 00000000 000003e8 0003 0000"),
        (ReadPolicy(read_mode_ap=ReadModeAP.ALL), "43000000 00000000 00000000 000003e8 0003 0000"),
        (ReadPolicy(read_mode_sc=ReadModeSC.LINEARIZE), "03004000 00000000 00000000 000003e8 0003 0000"),
        (ReadPolicy(read_mode_sc=ReadModeSC.ALLOW_REPLICA), "03008000 00000000 00000000 000003e8 0003 0000"),
        (ReadPolicy(read_mode_sc=ReadModeSC.ALLOW_UNAVAILABLE), "0300c000 00000000 00000000 000003e8 0003 0000"),
        (ReadPolicy(read_touch_ttl_percent=-1), "03000000 00000000 ffffffff 000003e8 0003 0000"),
        (ReadPolicy(read_touch_ttl_percent=100), "03000000 00000000 00000064 000003e8 0003 0000"),
        (ReadPolicy(key=KeyPolicy.SEND), "03000000 00000000 00000000 000003e8 0004 0000"),
        (ReadPolicy(key=KeyPolicy.SEND, filter_exp=b"\xc3"), "03000000 00000000 00000000 000003e8 0005 0000"),
        (ReadPolicy(replica=Replica.ANY, max_retries=9), "03000000 00000000 00000000 000003e8 0003 0000"),
    ],
)
def test_read_policy_becomes_header_bits(policy: ReadPolicy, header: str) -> None:
    assert _header(ReadCommand(_KEY, None, policy)) == header
    assert _header(ExistsCommand(_KEY, policy)) == f"{int(header[:2], 16) ^ 0x22:02x}{header[2:]}"


@pytest.mark.parametrize(
    ("policy", "header"),
    [
        # Protocol 7.2.
        (WritePolicy(), "00010000 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(exists=RecordExistsAction.CREATE), "00210000 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(exists=RecordExistsAction.UPDATE), "00010800 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(exists=RecordExistsAction.REPLACE), "00012000 00000000 00000000 000003e8 0003 0001"),
        (
            WritePolicy(exists=RecordExistsAction.CREATE_OR_REPLACE),
            "00011000 00000000 00000000 000003e8 0003 0001",
        ),
        (WritePolicy(generation=7), "00010000 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(gen=GenerationPolicy.EQ, generation=7), "00050000 00000007 00000000 000003e8 0003 0001"),
        (WritePolicy(gen=GenerationPolicy.GT, generation=7), "00090000 00000007 00000000 000003e8 0003 0001"),
        (WritePolicy(commit_level=CommitLevel.MASTER), "00010200 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(durable_delete=True), "00110000 00000000 00000000 000003e8 0003 0001"),
        (WritePolicy(on_locking_only=True), "00010010 00000000 00000000 000003e8 0003 0001"),
        # Protocol 2.6.
        (WritePolicy(ttl=3600), "00010000 00000000 00000e10 000003e8 0003 0001"),
        (WritePolicy(ttl=-1), "00010000 00000000 ffffffff 000003e8 0003 0001"),
        (WritePolicy(ttl=-2), "00010000 00000000 fffffffe 000003e8 0003 0001"),
    ],
)
def test_write_policy_becomes_header_bits(policy: WritePolicy, header: str) -> None:
    assert _header(PutCommand(_KEY, {"a": 1}, policy)) == header
    assert _header(AddCommand(_KEY, {"a": 1}, policy)) == header
    assert _header(TouchCommand(_KEY, policy)) == header


@pytest.mark.parametrize(
    ("policy", "header"),
    [
        (RemovePolicy(), "00030000 00000000 00000000 000003e8 0003 0000"),
        (RemovePolicy(gen=GenerationPolicy.EQ, generation=9), "00070000 00000009 00000000 000003e8 0003 0000"),
        (RemovePolicy(commit_level=CommitLevel.MASTER), "00030200 00000000 00000000 000003e8 0003 0000"),
        (RemovePolicy(durable_delete=True), "00130000 00000000 00000000 000003e8 0003 0000"),
        (RemovePolicy(key=KeyPolicy.SEND), "00030000 00000000 00000000 000003e8 0004 0000"),
    ],
)
def test_remove_policy_becomes_header_bits(policy: RemovePolicy, header: str) -> None:
    assert _header(DeleteCommand(_KEY, policy)) == header


_READING = OperatePolicy(
    read_mode_ap=ReadModeAP.ALL, read_mode_sc=ReadModeSC.LINEARIZE, read_touch_ttl_percent=50, ttl=60
)


@pytest.mark.parametrize(
    ("operations", "policy", "header"),
    [
        # Protocol 7.1: operate, all reads; with any write; the rules of GET_ALL and RESPOND_ALL_OPS.
        (_READ_A, OperatePolicy(), "01000000 00000000 00000000 000003e8 0003 0001"),
        (_READ_A, _READING, "41004000 00000000 00000032 000003e8 0003 0001"),
        (_WRITE_A, _READING, "00010000 00000000 0000003c 000003e8 0003 0001"),
        (_WRITE_A + _READ_A, _READING, "41014000 00000000 0000003c 000003e8 0003 0002"),
        ([op.read_all()], OperatePolicy(), "03000000 00000000 00000000 000003e8 0003 0001"),
        ([*_WRITE_A, op.read_all()], OperatePolicy(), "03010000 00000000 00000000 000003e8 0003 0002"),
        (_READ_A, OperatePolicy(respond_all_ops=True), "01800000 00000000 00000000 000003e8 0003 0001"),
        (_WRITE_A, OperatePolicy(respond_all_ops=True), "00810000 00000000 00000000 000003e8 0003 0001"),
        ([op.read_all()], OperatePolicy(respond_all_ops=True), "03000000 00000000 00000000 000003e8 0003 0001"),
        ([op.touch()], OperatePolicy(ttl=60), "00010000 00000000 0000003c 000003e8 0003 0001"),
        ([op.delete()], OperatePolicy(durable_delete=True), "00110000 00000000 00000000 000003e8 0003 0001"),
        (
            _READ_A,
            OperatePolicy(exists=RecordExistsAction.CREATE, gen=GenerationPolicy.EQ, generation=3),
            "01000000 00000000 00000000 000003e8 0003 0001",
        ),
    ],
)
def test_operate_policy_and_operations_become_header_bits(
    operations: list[Operation], policy: OperatePolicy, header: str
) -> None:
    assert _header(OperateCommand(_KEY, operations, policy)) == header


@pytest.mark.parametrize(
    ("socket", "total", "milliseconds"),
    [
        # Protocol 2.7: the socket timeout if it is shorter, else the total one; 0 is none.
        (30.0, 1.0, 1000),
        (0.5, 1.0, 500),
        (1.0, 1.0, 1000),
        (0.0, 1.0, 1000),
        (0.5, 0.0, 500),
        (0.0, 0.0, 0),
        (0.0001, 1.0, 1),
    ],
)
def test_the_server_gets_the_shorter_time_limit(socket: float, total: float, milliseconds: int) -> None:
    policy = ReadPolicy(socket_timeout=socket, total_timeout=total)
    assert ReadCommand(_KEY, None, policy).request[22:26] == milliseconds.to_bytes(4, "big")


def test_a_retry_changes_the_time_limit_and_nothing_else() -> None:
    command = PutCommand(_KEY, {"a": 1}, WritePolicy())
    first, later = command.request, request_within(command.request, 0.25)
    assert later[22:26] == (250).to_bytes(4, "big")
    assert (later[:22], later[26:]) == (first[:22], first[26:])


def test_fields_stand_in_the_order_of_the_c_client() -> None:
    command = ReadCommand(_KEY, None, ReadPolicy(key=KeyPolicy.SEND, filter_exp=b"\x93\x01\x02\x03"))
    assert command.request[30:].hex(" ") == bytes.fromhex(
        "00000005 00 74657374 00000005 01 64656d6f"
        "00000015 04 03161f352c8ab85448952c896ecdaa122b3c4e71"
        "00000007 02 03 7573657231 00000005 2b 93010203"
    ).hex(" ")


def test_a_key_made_from_a_digest_has_no_user_key_to_send() -> None:
    key = Key.from_digest("test", "demo", bytes(20))
    command = ReadCommand(key, None, ReadPolicy(key=KeyPolicy.SEND))
    assert _header(command).endswith("0003 0000")


@pytest.mark.parametrize("policy", [ReadPolicy(), ReadPolicy(read_mode_ap=ReadModeAP.ALL)])
def test_commands_of_one_policy_share_what_was_computed_from_it(policy: ReadPolicy) -> None:
    first, second = ReadCommand(_KEY, None, policy), ReadCommand(_KEY, ["a"], policy)
    assert first.request[9] ^ second.request[9] == 0x02  # GET_ALL


@pytest.mark.parametrize(
    ("command", "writes", "sc_mode"),
    [
        (ReadCommand(_KEY, None, ReadPolicy()), False, ReadModeSC.SESSION),
        (ExistsCommand(_KEY, ReadPolicy(read_mode_sc=ReadModeSC.LINEARIZE)), False, ReadModeSC.LINEARIZE),
        (PutCommand(_KEY, {"a": 1}, WritePolicy()), True, None),
        (TouchCommand(_KEY, WritePolicy()), True, None),
        (DeleteCommand(_KEY, RemovePolicy()), True, None),
        (OperateCommand(_KEY, _READ_A, OperatePolicy()), False, ReadModeSC.SESSION),
        (OperateCommand(_KEY, _READ_A + _WRITE_A, OperatePolicy()), True, None),
    ],
)
def test_commands_know_whether_they_write(
    command: Command[BasePolicy], writes: bool, sc_mode: ReadModeSC | None
) -> None:
    assert (command.is_write, command.sc_mode) == (writes, sc_mode)
    assert repr(command) == f"<{type(command).__name__} Key('test', 'demo', 'user1')>"
