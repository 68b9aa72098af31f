"""Result codes: numbers, and what is done after them."""

from __future__ import annotations

import pytest

from triospike.result_code import ResultCode, describe, facts_of

# By hand from protocol 16.9: codes after which the connection is closed, that count to the node's error rate, and
# that are tried again.
_CLOSE = {80, 15, 210, -9, -5, -1, -10, -6}
_COUNT = {9, 11, 18, 80, 15, 210, -9, -5, -1, -10, -6}
_RETRY = {9, 11, 18, -10, -6, -7, -14}

# By hand from protocol 15.
_SERVER = {
    *range(30),
    32,
    50,
    *range(51, 57),
    *range(60, 67),
    *range(70, 76),
    *range(80, 84),
    *range(90, 95),
    100,
    *range(120, 128),
    *range(150, 153),
    160,
    *range(200, 207),
    *range(210, 214),
}
_CLIENT = {*range(-12, 0), *range(-19, -13)}


def test_every_code_of_the_protocol_is_known() -> None:
    assert {code.value for code in ResultCode if code >= 0} == _SERVER
    assert {code.value for code in ResultCode if code < 0} == _CLIENT


@pytest.mark.parametrize("code", ResultCode, ids=str)
def test_facts_of_a_code_are_the_protocols(code: ResultCode) -> None:
    assert code.closes_connection == (code in _CLOSE)
    assert code.counts_as_error == (code in _COUNT)
    assert code.retryable == (code in _RETRY)
    assert code.meaning


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("OK", 0),
        ("NOT_FOUND", 2),
        ("GENERATION", 3),
        ("PARAMETER", 4),
        ("RECORD_EXISTS", 5),
        ("TIMEOUT", 9),
        ("UNAVAILABLE", 11),
        ("DEVICE_OVERLOAD", 18),
        ("FILTERED_OUT", 27),
        ("NOT_AUTHENTICATED", 80),
        ("UDF", 100),
        ("QUERY_ABORTED", 210),
        ("CLIENT", -1),
        ("PARAM", -2),
        ("NO_MORE_CONNECTIONS", -7),
        ("INVALID_NODE", -8),
        ("CONNECTION", -10),
        ("ASYNC_QUEUE_FULL", -11),
        ("MAX_RETRIES_EXCEEDED", -12),
        ("MAX_ERROR_RATE", -14),
        ("BATCH_FAILED", -16),
    ],
)
def test_names_have_the_c_clients_numbers(name: str, number: int) -> None:
    assert ResultCode[name] == number


def test_codes_are_described_by_name_number_and_meaning() -> None:
    assert describe(2) == "NOT_FOUND (2): record not found"
    assert describe(-11) == "ASYNC_QUEUE_FULL (-11): the event loop's command queue is full"
    assert describe(199) == "result code 199"


def test_an_unknown_code_has_the_cautious_facts_of_a_server_error() -> None:
    assert facts_of(199) is ResultCode.SERVER
    assert not facts_of(199).retryable
    assert facts_of(11) is ResultCode.UNAVAILABLE
