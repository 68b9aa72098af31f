"""Function calls on records: arguments that can't be right, answers, and the policy's bits."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.wire import frame
from triospike import ApplyPolicy, Key, ProtocolError, ReadPolicy, RecordTooBig, UdfError, open_client
from triospike._commands.apply import ApplyCommand
from triospike._lua.engine import is_available
from triospike.defaults import DefaultPolicies
from triospike.policy import ClientPolicy, CommitLevel, KeyPolicy, Ttl

KEY = Key("test", "demo", "user1")


def command(policy: ApplyPolicy | None = None) -> ApplyCommand:
    return ApplyCommand(KEY, "m", "f", [1], policy or ApplyPolicy())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("key", "m", "f", []), TypeError, "key must be a Key, not str"),
        ((KEY, b"m", "f", []), TypeError, "module must be a str, not bytes"),
        ((KEY, "", "f", []), ValueError, "module must not be empty"),
        ((KEY, "m", 5, []), TypeError, "function must be a str, not int"),
        ((KEY, "m", "", []), ValueError, "function must not be empty"),
        ((KEY, "m", "f", "text"), TypeError, "args must be a sequence of arguments, not str"),
        ((KEY, "m", "f", {1: 2}), TypeError, "args must be a sequence of arguments, not dict"),
        ((KEY, "m", "f", [1, [object()]]), TypeError, r"args\[1\]\[0\] can't be stored: object"),
        ((KEY, "m", "f", [1 << 63]), ValueError, r"args\[0\] does not fit in 64 bits"),
    ],
)
def test_argument_that_can_not_be_sent_is_named(
    arguments: tuple[Any, Any, Any, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ApplyCommand(*arguments, ApplyPolicy())


def test_policy_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="policy must be ApplyPolicy, not ReadPolicy"):
        ApplyCommand(KEY, "m", "f", [], ReadPolicy())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "header"),
    [
        # info1 to info4, and the record's time to live
        (ApplyPolicy(), "00010000 00000000"),
        (ApplyPolicy(durable_delete=True), "00110000 00000000"),
        (ApplyPolicy(commit_level=CommitLevel.MASTER), "00010200 00000000"),
        (ApplyPolicy(on_locking_only=True), "00010010 00000000"),
        (ApplyPolicy(ttl=60), "00010000 0000003c"),
        (ApplyPolicy(ttl=Ttl.NEVER_EXPIRE), "00010000 ffffffff"),
    ],
)
def test_policy_becomes_bits(policy: ApplyPolicy, header: str) -> None:
    request = command(policy).request
    assert (request[9:13] + request[18:22]).hex(" ", 4) == header


def test_user_key_goes_in_front_of_the_function() -> None:
    request = command(ApplyPolicy(key=KeyPolicy.SEND)).request
    assert request.index(b"\x03user1") < request.index(b"\x00\x00\x00\x02\x1em")


@pytest.mark.parametrize(
    ("code", "op", "error", "message"),
    [
        (100, "0000000f 01 03 00 07 4641494c555245 6f6f7073", UdfError, "^oops"),
        (100, "", UdfError, "UDF"),
        (13, "", RecordTooBig, "RECORD_TOO_BIG"),
        (0, "", ProtocolError, "no result"),
    ],
)
def test_answer_without_a_result_raises(code: int, op: str, error: type[Exception], message: str) -> None:
    packed = bytes.fromhex(op)
    body = bytes([22, 0, 0, 0, 0, code]) + bytes(15) + bytes([1 if op else 0])
    with pytest.raises(error, match=message):
        command().parse(frame(3, body + packed))


def test_default_policy_can_not_ask_for_the_default_ttl() -> None:
    with pytest.raises(ValueError, match=r"ClientPolicy\.apply\.ttl can't be Ttl\.CLIENT_DEFAULT"):
        DefaultPolicies.of(ClientPolicy(apply=ApplyPolicy(ttl=Ttl.CLIENT_DEFAULT)))


@pytest.mark.skipif(not is_available(), reason="needs lupa")
async def test_call_prepared_call_and_defaults_reach_the_record() -> None:
    source = "function add(rec, n) rec.n = (rec.n or 0) + n aerospike:update(rec) return rec.n end"
    async with open_client("embedded://", policy=ClientPolicy(apply=ApplyPolicy(ttl=3600))) as client:
        await (await client.register_udf(source, "counting.lua")).wait()
        await client.put(KEY, {"n": 1})
        assert await client.apply(KEY, "counting", "add", [2]) == 3
        header = await client.get_header(KEY)
        assert header is not None
        assert header.ttl is not None
        assert 3590 < header.ttl <= 3600
        handle = client.submit(client.prepare.apply(KEY, "counting", "add", [10]))
        assert await handle.result() == 13
        never = client.with_policy(apply=ApplyPolicy(ttl=Ttl.NEVER_EXPIRE))
        assert await never.apply(KEY, "counting", "add", [1]) == 14
        header = await client.get_header(KEY)
        assert header is not None
        assert header.ttl is None
