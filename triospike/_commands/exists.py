"""exists: a read without bins, reduced to its result code."""

from __future__ import annotations

from .._wire.flags import Info1
from .._wire.message import pack_message
from ..errors import error_for
from ..key import Key
from ..policy.enums import ReadModeSC
from ..policy.read import ReadPolicy
from ..result_code import ResultCode
from .base import Command, check_answer, check_arguments, extra_fields, server_timeout
from .header_flags import read_bits

__all__ = ["ExistsCommand"]


class ExistsCommand(Command[bool]):
    """Ask whether a record exists.

    Args:
        key: The record.
        policy: How to read.
    """

    __slots__ = ()

    is_write = False
    policy: ReadPolicy

    def __init__(self, key: Key, policy: ReadPolicy) -> None:
        check_arguments(key, policy, ReadPolicy)
        self.key = key
        self.policy = policy
        n_extra, extra = extra_fields(key, policy, policy.key)
        bits = read_bits(policy)
        self.request = pack_message(
            Info1.READ | Info1.GET_NO_BINS | bits.info1,
            0,
            bits.info3,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            body=key.wire_fields + extra,
        )

    @property
    def sc_mode(self) -> ReadModeSC | None:
        """See `Command.sc_mode`."""
        return self.policy.read_mode_sc

    def parse(self, frame: bytes) -> bool:
        """Whether it exists."""
        code = check_answer(frame)
        if code not in {ResultCode.OK, ResultCode.NOT_FOUND}:
            raise error_for(code)
        return code == 0
