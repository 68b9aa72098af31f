"""Info requests and answers."""

from __future__ import annotations

import pytest

from triospike._wire.info import (
    info_error,
    pack_info_answer,
    pack_info_request,
    parse_info_answer,
    parse_info_request,
)
from triospike.errors import AerospikeError, ProtocolError, SecurityError, UdfError
from vectors.recorded import Vector, load

_CONNECTING = [vector for vector in load("info") if vector.call.get("method") == "connect"]


def test_request_of_two_commands_is_that_of_the_protocol() -> None:
    assert pack_info_request(["node", "build"]).hex() == "020100000000000b6e6f64650a6275696c640a"


@pytest.mark.parametrize("vector", _CONNECTING, ids=[vector.id for vector in _CONNECTING])
def test_requests_of_a_connecting_client_are_the_recorded_ones(vector: Vector) -> None:
    assert vector.exchanges
    for exchange in vector.exchanges:
        commands = exchange.request[8:].decode().splitlines()
        assert pack_info_request(commands) == exchange.request
        assert parse_info_request(exchange.request) == commands


def test_answers_to_several_commands_keep_their_order() -> None:
    recorded = {vector.id: vector for vector in load("info")}
    (exchange,) = recorded["cmd/several"].exchanges
    assert list(parse_info_answer(exchange.response[0]).items()) == [
        ("node", "A7"),
        ("build", "8.1.2.0"),
        ("nosuchcommand", "ERROR:4:unrecognized command"),
        ("partition-generation", "1"),
    ]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", {}),
        (b"services\t\n", {"services": ""}),
        (b"a\tb\tc\n", {"a": "b\tc"}),
        (b"node", {"node": ""}),
        (b"set\t\xff\n", {"set": "\ufffd"}),
    ],
)
def test_odd_answers_are_read(body: bytes, answer: dict[str, str]) -> None:
    assert parse_info_answer(b"\2\1" + len(body).to_bytes(6, "big") + body) == answer


def test_a_refusal_of_the_whole_request_is_raised() -> None:
    body = b"ERROR:80:not authenticated\n"
    with pytest.raises(SecurityError, match="not authenticated") as caught:
        parse_info_answer(b"\2\1" + len(body).to_bytes(6, "big") + body)
    assert caught.value.result_code == 80


def test_another_kind_of_frame_is_no_info_answer() -> None:
    with pytest.raises(ProtocolError, match="expected an info answer, got a frame of type 3"):
        parse_info_answer(bytes.fromhex("0203000000000000"))


@pytest.mark.parametrize("command", ["", "a\nb", "a\n", "a\tb", "a\rb", "a\0", "\x7f"])
def test_commands_that_a_server_would_read_otherwise_are_refused(command: str) -> None:
    with pytest.raises(ValueError, match="one line of text that is not empty"):
        pack_info_request(["node", command])


def test_commands_may_hold_any_other_text() -> None:
    assert pack_info_request(["sets/test/é"])[8:] == b"sets/test/\xc3\xa9\n"
    with pytest.raises(ValueError, match="info command can't be written as UTF-8"):
        pack_info_request(["\udcff"])


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        # Protocol 6.2, in the order of its table.
        ("ERROR:4:unrecognized command", 4, "unrecognized command"),
        ("ERROR::unknown", 1, "unknown"),
        ("ERROR:some message", 1, "some message"),
        ("ERROR:some message: with a colon", 1, "some message: with a colon"),
        ("ERROR", 1, "SERVER"),
        ("FAIL:208:ERR FOUND", 208, "ERR FOUND"),
        ("FAIL:201:NO INDEX", 201, "NO INDEX"),
        ("FAIL:0:zero", 1, "0:zero"),
        ("error=not_found", 100, "error=not_found"),
        ("error=x;file=f;line=1;message=YQ==", 100, "message=YQ=="),
        ("ERROR:80:not authenticated", 80, "not authenticated"),
        ("ERROR:81:role violation - requires permission 'sys-admin'", 81, "role violation"),
        ("ERROR:25:enterprise only", 25, "enterprise only"),
        ("ERROR:4", 4, "PARAMETER"),
        # No codes of a server.
        ("ERROR:-5:negative", 1, "-5:negative"),
        ("ERROR:--5:x", 1, "--5:x"),
        ("ERROR:²:x", 1, "²:x"),
        ("ERROR:" + "9" * 5000 + ":x", 1, "999"),
        ("ERROR:300:new code", 300, "new code"),
    ],
)
def test_error_values_give_their_code_and_text(value: str, code: int, text: str) -> None:
    error = info_error(value)
    assert error is not None
    assert error.result_code == code
    assert text in str(error)


def test_errors_of_functions_have_their_class() -> None:
    assert isinstance(info_error("error=invalid_filename"), UdfError)


@pytest.mark.parametrize("value", ["", "ok", "ERRORS=3", "FAILED", "type=unknown", "failed_best_practices=true"])
def test_other_values_are_no_errors(value: str) -> None:
    assert info_error(value) is None


def test_answer_of_a_server_is_what_a_client_reads() -> None:
    values = [("node", "A7"), ("build", "8.1.2.0"), ("node", "A7")]
    frame = pack_info_answer(values)
    assert frame == b"\2\1\0\0\0\0\0\x1e" + b"node\tA7\nbuild\t8.1.2.0\nnode\tA7\n"
    assert pack_info_answer({"services": ""}) == b"\2\1\0\0\0\0\0\x0aservices\t\n"


def test_a_server_reads_only_what_a_line_break_ends() -> None:
    recorded = {vector.id: vector.exchanges[0].request for vector in load("info") if vector.exchanges}
    assert parse_info_request(recorded["raw/no-newline"]) == []
    assert parse_info_request(recorded["raw/one-without-newline"]) == ["partitions"]
    assert parse_info_request(recorded["cmd/blank-line"]) == ["node", "", "build"]
    assert parse_info_request(b"\2\1\0\0\0\0\0\0") == []


def test_info_errors_are_aerospike_errors() -> None:
    assert isinstance(info_error("ERROR"), AerospikeError)
