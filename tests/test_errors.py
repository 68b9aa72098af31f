"""Which class an error has, and what it tells."""

from __future__ import annotations

import pickle

import pytest

from triospike import errors
from triospike.errors import AerospikeError, AttemptTimes, CommandTimeout, ServerError, error_for
from triospike.result_code import ResultCode

# By hand: the code on the wire, and the class that a program catches.
_CLASSES: dict[int, str] = {
    1: "ServerError",
    2: "RecordNotFound",
    3: "GenerationError",
    4: "InvalidRequest",
    5: "RecordExists",
    6: "BinExists",
    7: "PartitionUnavailable",
    8: "Overloaded",
    9: "CommandTimeout",
    10: "Forbidden",
    11: "PartitionUnavailable",
    12: "BinTypeError",
    13: "RecordTooBig",
    14: "KeyBusy",
    15: "ServerError",
    16: "InvalidRequest",
    17: "BinNotFound",
    18: "Overloaded",
    19: "KeyMismatch",
    20: "InvalidRequest",
    21: "InvalidRequest",
    22: "Forbidden",
    23: "ElementError",
    24: "ElementError",
    25: "EnterpriseOnly",
    26: "OperationNotApplicable",
    27: "FilteredOut",
    28: "ServerError",
    29: "ServerError",
    32: "ServerError",
    **dict.fromkeys([*range(51, 57), *range(60, 67), *range(70, 76), *range(80, 84)], "SecurityError"),
    **dict.fromkeys(range(90, 95), "ServerError"),
    100: "UdfError",
    **dict.fromkeys(range(120, 128), "ServerError"),
    150: "ServerError",
    151: "ServerError",
    152: "Overloaded",
    160: "InvalidRequest",
    200: "IndexFound",
    201: "IndexNotFound",
    202: "IndexFailed",
    203: "IndexNotReadable",
    **dict.fromkeys(range(204, 207), "IndexFailed"),
    210: "ServerError",
    211: "Overloaded",
    212: "ServerError",
    213: "ServerError",
    # Of this client, with the C client's numbers.
    -6: "ConnectionFailed",
    -7: "NoMoreConnections",
    -8: "InvalidNode",
    -9: "ConnectionFailed",
    -10: "ConnectionFailed",
    -11: "QueueFull",
    -14: "MaxErrorRate",
    -1: "AerospikeError",
    -2: "AerospikeError",
    -12: "AerospikeError",
}


@pytest.mark.parametrize(("code", "name"), _CLASSES.items())
def test_a_code_has_its_class(code: int, name: str) -> None:
    error = error_for(code)
    assert type(error).__name__ == name
    assert error.result_code == code


def test_the_table_has_every_code_that_a_server_sends() -> None:
    end_of_query = 50
    assert {code for code in ResultCode if code > 0} - set(_CLASSES) == {end_of_query}


@pytest.mark.parametrize("code", [30, 99, 255, 1301])
def test_codes_of_newer_servers_are_server_errors(code: int) -> None:
    error = error_for(code, "some text")
    assert type(error) is ServerError
    assert (error.result_code, str(error)) == (code, f"result code {code}: some text")


def test_every_class_is_exported_and_says_what_it_is() -> None:
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, AerospikeError)
    ]
    assert {each.__name__ for each in classes} <= set(errors.__all__)
    assert all(each.__doc__ for each in classes)
    for each in classes:
        assert each().result_code == each.default_code


def test_each_registered_class_has_its_own_default_code() -> None:
    for code, cls in errors._classes.items():
        assert issubclass(cls, AerospikeError), code
        assert errors._classes.get(cls.default_code) is cls, cls


def test_a_code_can_not_have_two_classes() -> None:
    with pytest.raises(AssertionError, match=r"NOT_FOUND.* has two classes: RecordNotFound, Again"):

        @errors._for_codes(ResultCode.NOT_FOUND)
        class Again(ServerError):
            """A second class for a code."""

    assert type(error_for(2)).__name__ == "RecordNotFound"


def test_a_timeout_is_a_builtin_timeout_too() -> None:
    assert isinstance(error_for(9), TimeoutError)
    assert not isinstance(error_for(9), ServerError)


def test_errors_of_a_server_are_server_errors() -> None:
    of_the_server = {code for code in _CLASSES if code > 0 and code != 9}
    assert all(isinstance(error_for(code), ServerError) for code in of_the_server)
    assert not any(isinstance(error_for(code), ServerError) for code in _CLASSES if code < 0)


def test_a_peer_that_can_not_be_trusted_is_no_server_error() -> None:
    assert not issubclass(errors.ProtocolError, ServerError)
    assert errors.ProtocolError("x").result_code == -1


def test_text_names_code_node_attempts_and_doubt() -> None:
    error = error_for(3, node="A7")
    assert str(error) == "GENERATION (3): generation check failed; node A7"
    error.iterations, error.in_doubt = 3, True
    assert str(error).endswith("; node A7; 3 attempts; in doubt: the write may have been applied")
    assert str(AerospikeError()) == "CLIENT (-1): client error"
    assert str(error_for(4, "bad digest")) == "PARAMETER (4): the server found the request invalid: bad digest"


def test_a_timeout_tells_where_the_time_went() -> None:
    error = CommandTimeout("total_timeout of 1 s ended")
    error.attempts = (AttemptTimes("A7", queue=0.25, wait=0.5), AttemptTimes(None, sleep=0.1), AttemptTimes("A8"))
    assert str(error) == (
        "total_timeout of 1 s ended; A7: queue 250.0 ms, wait 500.0 ms; no node: sleep 100.0 ms; A8: no time"
    )


def test_errors_keep_the_errors_of_earlier_attempts() -> None:
    first, second = error_for(-10), error_for(11)
    last = CommandTimeout("late", iterations=3, sub_errors=[first, second], in_doubt=True, node="A7")
    assert last.sub_errors == (first, second)
    assert (last.in_doubt, last.iterations, last.node, last.result_code) == (True, 3, "A7", 9)
    assert first.sub_errors == ()


def test_errors_can_be_pickled_without_losing_what_they_tell() -> None:
    error = error_for(3, "text", node="A7")
    error.in_doubt = True
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert (copied.result_code, copied.node, copied.in_doubt, str(copied)) == (3, "A7", True, str(error))
