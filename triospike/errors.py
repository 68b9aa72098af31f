"""What can go wrong, one class per family that a program handles differently.

Arguments that can't be right raise `ValueError` or `TypeError` before any I/O. Everything that happens after
that point raises an `AerospikeError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

import attrs

from .result_code import ResultCode, describe

__all__ = [
    "AerospikeError",
    "AttemptTimes",
    "BinExists",
    "BinNotFound",
    "BinTypeError",
    "ClientClosed",
    "ClusterNameMismatch",
    "CommandCancelled",
    "CommandTimeout",
    "ConnectionFailed",
    "ElementError",
    "EnterpriseOnly",
    "FilteredOut",
    "Forbidden",
    "ForkedClient",
    "GenerationError",
    "IndexFailed",
    "IndexFound",
    "IndexNotFound",
    "IndexNotReadable",
    "InvalidNode",
    "InvalidRequest",
    "KeyBusy",
    "KeyMismatch",
    "MaxErrorRate",
    "NoMoreConnections",
    "OperationNotApplicable",
    "Overloaded",
    "PartitionUnavailable",
    "PeersUnreachable",
    "ProtocolError",
    "QueueFull",
    "RecordExists",
    "RecordNotFound",
    "RecordTooBig",
    "SecurityError",
    "ServerError",
    "UdfError",
    "error_for",
]

_E = TypeVar("_E", bound="type[AerospikeError]")
_classes: dict[int, type[AerospikeError]] = {}


@attrs.frozen
class AttemptTimes:
    """Where the time of one attempt went, in seconds.

    Attributes:
        node: Name of the node, or None when the attempt ended before one was chosen.
        queue: Waiting for a place in the event loop; in the first attempt only.
        connection: Waiting for a connection of the node, or opening one.
        send: Sending the request.
        wait: From the end of sending to the first byte of the answer.
        read: From the first byte of the answer on.
        sleep: Sleeping before this attempt.
    """

    node: str | None = None
    queue: float = 0.0
    connection: float = 0.0
    send: float = 0.0
    wait: float = 0.0
    read: float = 0.0
    sleep: float = 0.0

    def __str__(self) -> str:
        parts = [
            f"{field.name} {value * 1000:.1f} ms"
            for field in attrs.fields(AttemptTimes)
            if field.name != "node" and (value := getattr(self, field.name)) > 0
        ]
        return f"{self.node or 'no node'}: {', '.join(parts) or 'no time'}"


class AerospikeError(Exception):
    """Root of everything this package raises about the database.

    Attributes:
        result_code: The server's code, or a negative one of this client (see `ResultCode`).
        node: Name of the node that the last attempt went to, or None.
        in_doubt: True when a write may have been applied although it failed.
        iterations: How many attempts were begun.
        sub_errors: The errors of the attempts before the last, in order.
        attempts: Where the time went, attempt by attempt; filled in for timeouts.
    """

    default_code: ClassVar[int] = ResultCode.CLIENT

    def __init__(
        self,
        message: str = "",
        *,
        result_code: int | None = None,
        node: str | None = None,
        in_doubt: bool = False,
        iterations: int = 0,
        sub_errors: Sequence[AerospikeError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.result_code = self.default_code if result_code is None else result_code
        self.node = node
        self.in_doubt = in_doubt
        self.iterations = iterations
        self.sub_errors: tuple[AerospikeError, ...] = tuple(sub_errors)
        self.attempts: tuple[AttemptTimes, ...] = ()

    def __str__(self) -> str:
        parts = [self.message or describe(self.result_code)]
        if self.node is not None:
            parts.append(f"node {self.node}")
        if self.iterations > 1:
            parts.append(f"{self.iterations} attempts")
        if self.in_doubt:
            parts.append("in doubt: the write may have been applied")
        parts.extend(str(attempt) for attempt in self.attempts)
        return "; ".join(parts)


def _for_codes(*codes: ResultCode) -> Callable[[_E], _E]:
    """Class decorator: errors with these codes are of this class. A code can have one class only."""

    def register(cls: _E) -> _E:
        for code in codes:
            if code in _classes:
                raise AssertionError(f"{code!r} has two classes: {_classes[code].__name__}, {cls.__name__}")
            _classes[code] = cls
        return cls

    return register


class ClientClosed(AerospikeError):
    """The client or its event loops were closed before or during the command."""

    default_code = ResultCode.CLIENT


class CommandCancelled(AerospikeError):
    """A submitted command was cancelled by its handle, or by the end of its client."""

    default_code = ResultCode.CLIENT_ABORT


class ForkedClient(AerospikeError):
    """The client was opened in the parent of this process; open another one after ``fork()``."""

    default_code = ResultCode.CLIENT


@_for_codes(ResultCode.ASYNC_QUEUE_FULL)
class QueueFull(AerospikeError):
    """The event loop's command queue is full; the command was never sent."""

    default_code = ResultCode.ASYNC_QUEUE_FULL


@_for_codes(ResultCode.NO_MORE_CONNECTIONS)
class NoMoreConnections(AerospikeError):
    """The node's connection limit is reached and ``when_no_connection`` is "raise"."""

    default_code = ResultCode.NO_MORE_CONNECTIONS


@_for_codes(ResultCode.MAX_ERROR_RATE)
class MaxErrorRate(AerospikeError):
    """The node had more than ``max_error_rate`` errors in the present window; nothing was sent."""

    default_code = ResultCode.MAX_ERROR_RATE


@_for_codes(ResultCode.CONNECTION, ResultCode.ASYNC_CONNECTION, ResultCode.TLS_ERROR)
class ConnectionFailed(AerospikeError):
    """A connection could not be opened, or broke."""

    default_code = ResultCode.CONNECTION


class ClusterNameMismatch(ConnectionFailed):
    """A server belongs to another cluster than ``cluster_name`` says."""

    default_code = ResultCode.CLIENT


class PeersUnreachable(ConnectionFailed):
    """A seed answered, but no address that it advertises for itself or its peers can be reached."""

    default_code = ResultCode.CONNECTION


class ProtocolError(AerospikeError):
    """The peer sent bytes that are not of this protocol; the connection is closed."""

    default_code = ResultCode.CLIENT


@_for_codes(ResultCode.INVALID_NODE)
class InvalidNode(AerospikeError):
    """No active node owns the key's partition."""

    default_code = ResultCode.INVALID_NODE


class ServerError(AerospikeError):
    """The server refused or failed the command; ``result_code`` says why."""

    default_code = ResultCode.SERVER


@_for_codes(ResultCode.NOT_FOUND)
class RecordNotFound(ServerError):
    """The record does not exist."""

    default_code = ResultCode.NOT_FOUND


@_for_codes(ResultCode.RECORD_EXISTS)
class RecordExists(ServerError):
    """The record exists already, and the policy says it must not."""

    default_code = ResultCode.RECORD_EXISTS


@_for_codes(ResultCode.GENERATION)
class GenerationError(ServerError):
    """The record's generation is not the expected one: somebody else wrote it."""

    default_code = ResultCode.GENERATION


@_for_codes(ResultCode.FILTERED_OUT)
class FilteredOut(ServerError):
    """The filter expression was false for the record."""

    default_code = ResultCode.FILTERED_OUT


@_for_codes(ResultCode.KEY_BUSY)
class KeyBusy(ServerError):
    """Too many commands at once on this record."""

    default_code = ResultCode.KEY_BUSY


@_for_codes(ResultCode.KEY_MISMATCH)
class KeyMismatch(ServerError):
    """The stored user key differs from the one sent."""

    default_code = ResultCode.KEY_MISMATCH


@_for_codes(ResultCode.RECORD_TOO_BIG)
class RecordTooBig(ServerError):
    """The record would be larger than the server allows."""

    default_code = ResultCode.RECORD_TOO_BIG


@_for_codes(ResultCode.BIN_TYPE)
class BinTypeError(ServerError):
    """The operation does not fit the type of the bin's value."""

    default_code = ResultCode.BIN_TYPE


@_for_codes(ResultCode.BIN_EXISTS)
class BinExists(ServerError):
    """The bin exists already, and the operation says it must not."""

    default_code = ResultCode.BIN_EXISTS


@_for_codes(ResultCode.BIN_NOT_FOUND)
class BinNotFound(ServerError):
    """The bin does not exist, and the operation says it must."""

    default_code = ResultCode.BIN_NOT_FOUND


@_for_codes(ResultCode.ELEMENT_EXISTS, ResultCode.ELEMENT_NOT_FOUND)
class ElementError(ServerError):
    """A list or map element exists, or does not, against the operation's flags."""

    default_code = ResultCode.ELEMENT_EXISTS


@_for_codes(ResultCode.OP_NOT_APPLICABLE)
class OperationNotApplicable(ServerError):
    """The operation does not apply to the value as it is: an index out of range, an overflow."""

    default_code = ResultCode.OP_NOT_APPLICABLE


@_for_codes(
    ResultCode.PARAMETER,
    ResultCode.BIN_NAME,
    ResultCode.NAMESPACE,
    ResultCode.UNSUPPORTED_FEATURE,
    ResultCode.GEO_INVALID_GEOJSON,
)
class InvalidRequest(ServerError):
    """The server found the request malformed or contradictory."""

    default_code = ResultCode.PARAMETER


@_for_codes(ResultCode.FORBIDDEN, ResultCode.ALWAYS_FORBIDDEN)
class Forbidden(ServerError):
    """The server does not allow the operation at this time."""

    default_code = ResultCode.FORBIDDEN


@_for_codes(ResultCode.ENTERPRISE_ONLY)
class EnterpriseOnly(ServerError):
    """The server is of the Community Edition and lacks the feature."""

    default_code = ResultCode.ENTERPRISE_ONLY


@_for_codes(ResultCode.UNAVAILABLE, ResultCode.CLUSTER_CHANGE)
class PartitionUnavailable(ServerError):
    """The partition is not available at the moment."""

    default_code = ResultCode.UNAVAILABLE


@_for_codes(
    ResultCode.DEVICE_OVERLOAD,
    ResultCode.SERVER_FULL,
    ResultCode.BATCH_QUEUES_FULL,
    ResultCode.QUERY_QUEUE_FULL,
)
class Overloaded(ServerError):
    """The server is out of space or can't keep up."""

    default_code = ResultCode.DEVICE_OVERLOAD


@_for_codes(
    ResultCode.INDEX_OOM,
    ResultCode.INDEX_GENERIC,
    ResultCode.INDEX_NAME_MAX_LENGTH,
    ResultCode.INDEX_MAX_COUNT,
)
class IndexFailed(ServerError):
    """Something is wrong with a secondary index: the family of these errors."""

    default_code = ResultCode.INDEX_GENERIC


@_for_codes(ResultCode.INDEX_FOUND)
class IndexFound(IndexFailed):
    """There is an index of this name, and it is another one."""

    default_code = ResultCode.INDEX_FOUND


@_for_codes(ResultCode.INDEX_NOT_FOUND)
class IndexNotFound(IndexFailed):
    """There is no such index."""

    default_code = ResultCode.INDEX_NOT_FOUND


@_for_codes(ResultCode.INDEX_NOT_READABLE)
class IndexNotReadable(IndexFailed):
    """The index is still being built."""

    default_code = ResultCode.INDEX_NOT_READABLE


@_for_codes(ResultCode.UDF)
class UdfError(ServerError):
    """A user-defined function failed on the server."""

    default_code = ResultCode.UDF


@_for_codes(
    ResultCode.SECURITY_NOT_SUPPORTED,
    ResultCode.SECURITY_NOT_ENABLED,
    ResultCode.SECURITY_SCHEME,
    ResultCode.INVALID_COMMAND,
    ResultCode.INVALID_FIELD,
    ResultCode.ILLEGAL_STATE,
    ResultCode.INVALID_USER,
    ResultCode.USER_EXISTS,
    ResultCode.INVALID_PASSWORD,
    ResultCode.EXPIRED_PASSWORD,
    ResultCode.FORBIDDEN_PASSWORD,
    ResultCode.INVALID_CREDENTIAL,
    ResultCode.EXPIRED_SESSION,
    ResultCode.INVALID_ROLE,
    ResultCode.ROLE_EXISTS,
    ResultCode.INVALID_PRIVILEGE,
    ResultCode.INVALID_WHITELIST,
    ResultCode.QUOTAS_NOT_ENABLED,
    ResultCode.INVALID_QUOTA,
    ResultCode.NOT_AUTHENTICATED,
    ResultCode.ROLE_VIOLATION,
    ResultCode.NOT_WHITELISTED,
    ResultCode.QUOTA_EXCEEDED,
)
class SecurityError(ServerError):
    """The server refused a user, a role or a permission."""

    default_code = ResultCode.ROLE_VIOLATION


@_for_codes(ResultCode.TIMEOUT)
class CommandTimeout(AerospikeError, TimeoutError):
    """A command's total or socket timeout ended, or the server's own; also a builtin `TimeoutError`.

    ``attempts`` says where the time went. After a timeout of the server (its code 9 as an answer) the
    connection is still good.
    """

    default_code = ResultCode.TIMEOUT


def error_for(code: int, message: str = "", *, node: str | None = None) -> AerospikeError:
    """The error for a result code, of the class that fits it.

    Args:
        code: The code; one that this client does not know gives a `ServerError`.
        message: What is known beyond the code's meaning.
        node: Name of the node that answered.
    """
    cls = _classes.get(code, ServerError if code > 0 else AerospikeError)
    text = f"{describe(code)}: {message}" if message else describe(code)
    return cls(text, result_code=code, node=node)
