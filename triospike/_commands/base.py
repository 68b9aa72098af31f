"""What all single-record commands have in common.

A command is encoded when it is made, so that a bad argument raises before any I/O, in the caller's own line,
and so that fifty thousand queued commands are fifty thousand small objects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from .._wire.flags import FieldType, Info3
from .._wire.message import (
    FIRST_FIELD,
    INFO3_OFFSET,
    MESSAGE,
    RESULT_CODE_OFFSET,
    TIMEOUT_OFFSET,
    pack_field,
)
from .._wire.units import milliseconds
from ..errors import ProtocolError, error_for
from ..key import Key
from ..packed import packed_filter_bytes
from ..policy.base import BasePolicy
from ..policy.enums import KeyPolicy, ReadModeSC

__all__ = [
    "Command",
    "beginnings",
    "check_answer",
    "check_arguments",
    "ends_answer",
    "expect_success",
    "extra_fields",
    "request_within",
    "server_timeout",
]

T_co = TypeVar("T_co", covariant=True)
_MOST_KNOWN = 1024


class Command(ABC, Generic[T_co]):
    """One call, ready to be sent any number of times.

    Attributes:
        key: The record.
        policy: Times, retries, and which replica to go to.
        request: The whole frame.
        is_write: A failed attempt may have changed the record.
    """

    __slots__ = ("key", "policy", "request")

    key: Key
    policy: BasePolicy
    request: bytes
    is_write: bool

    @property
    def sc_mode(self) -> ReadModeSC | None:
        """Promise asked of a strong-consistency namespace; None for writes."""
        return None

    @abstractmethod
    def parse(self, frame: bytes) -> T_co:
        """The result that an answer holds.

        Raises:
            AerospikeError: The answer is an error, of the class that fits its code.
            ProtocolError: The answer is malformed.
        """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key!r}>"


def request_within(request: bytes, seconds: float) -> bytes:
    """A request with another time limit for the server: what a retry sends."""
    limit = milliseconds(seconds).to_bytes(4, "big")
    return request[:TIMEOUT_OFFSET] + limit + request[TIMEOUT_OFFSET + 4 :]


def check_arguments(key: object, policy: object, kind: type[BasePolicy]) -> None:
    """See that a call's key and policy are what they should be.

    Raises:
        TypeError: One of them is not; the message names it.
    """
    if not isinstance(key, Key):
        raise TypeError(f"key must be a Key, not {type(key).__name__}")
    if not isinstance(policy, kind):
        raise TypeError(f"policy must be {kind.__name__}, not {type(policy).__name__}")


def check_answer(frame: bytes) -> int:
    """The result code of a single-record answer.

    Raises:
        ProtocolError: The frame is no such answer.
    """
    if len(frame) < FIRST_FIELD or frame[1] != MESSAGE:
        raise ProtocolError(f"expected a message, got a frame of type {frame[1]} and {len(frame)} bytes")
    return frame[RESULT_CODE_OFFSET]


def expect_success(frame: bytes) -> None:
    """Nothing, or the error that an answer stands for.

    Raises:
        AerospikeError: The answer is an error.
    """
    code = check_answer(frame)
    if code:
        raise error_for(code)


def ends_answer(frame: bytes) -> bool:
    """Whether a frame begins with the message that ends an answer of many: the last one, or a refusal."""
    if len(frame) < FIRST_FIELD:
        return False
    return frame[INFO3_OFFSET] & Info3.LAST != 0 or (len(frame) == FIRST_FIELD and frame[RESULT_CODE_OFFSET] != 0)


def beginnings(policy: BasePolicy) -> dict[object, Any]:
    """What requests of a policy to a set begin with, by the set's fields, with room for one more."""
    known = policy.cached()
    if len(known) >= _MOST_KNOWN:
        known.clear()
    return known


def server_timeout(policy: BasePolicy) -> int:
    """The time limit that the server is given, in milliseconds (protocol section 2.7)."""
    cache = policy.cached()
    known: int | None = cache.get("server_timeout")
    if known is None:
        socket, total = policy.socket_timeout, policy.total_timeout
        known = milliseconds(socket if 0 < socket < total or (socket and not total) else total)
        cache["server_timeout"] = known
    return known


def extra_fields(key: Key, policy: BasePolicy, key_policy: KeyPolicy) -> tuple[int, bytes]:
    """How many fields follow namespace, set and digest, and what they are: user key and filter."""
    count, fields = 0, b""
    if key_policy is KeyPolicy.SEND and (particle := key.user_key_particle) is not None:
        count, fields = 1, pack_field(FieldType.KEY, particle)
    if policy.filter_exp is not None:
        packed = packed_filter_bytes(policy.filter_exp, "filter_exp")
        count, fields = count + 1, fields + pack_field(FieldType.FILTER_EXP, packed)
    return count, fields
