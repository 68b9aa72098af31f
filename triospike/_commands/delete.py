"""delete."""

from __future__ import annotations

from .._wire.flags import Info2
from .._wire.message import pack_message
from ..errors import error_for
from ..key import Key
from ..policy.write import RemovePolicy
from ..result_code import ResultCode
from .base import Command, check_answer, check_arguments, extra_fields, server_timeout
from .header_flags import remove_bits

__all__ = ["DeleteCommand"]


class DeleteCommand(Command[bool]):
    """Delete a record.

    Args:
        key: The record.
        policy: How to delete.
    """

    __slots__ = ()

    is_write = True

    def __init__(self, key: Key, policy: RemovePolicy) -> None:
        check_arguments(key, policy, RemovePolicy)
        self.key = key
        self.policy = policy
        n_extra, extra = extra_fields(key, policy, policy.key)
        bits = remove_bits(policy)
        self.request = pack_message(
            0,
            bits.info2 | Info2.DELETE,
            bits.info3,
            generation=bits.generation,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            body=key.wire_fields + extra,
        )

    def parse(self, frame: bytes) -> bool:
        """True when a record was deleted, False when there was none."""
        code = check_answer(frame)
        if code not in {ResultCode.OK, ResultCode.NOT_FOUND}:
            raise error_for(code)
        return code == 0
