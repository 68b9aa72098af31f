"""Operations that are answered alike in reads and writes, and those that no handler knows yet."""

from __future__ import annotations

from ..._wire.flags import OpType
from ..._wire.message import pack_op
from ...result_code import ResultCode
from ..apply.scalar import Bins
from ..refusal import Refusal
from ..request import Op

__all__ = ["apply_later_op", "check_call", "read_bin"]

_ANSWER = OpType.READ
_READS_OF_A_BIN = frozenset({OpType.CDT_READ, OpType.BITS_READ, OpType.HLL_READ})
_EXPRESSIONS = frozenset({OpType.EXP_READ, OpType.EXP_MODIFY})
_LATER = frozenset(
    {
        *_READS_OF_A_BIN,
        OpType.CDT_MODIFY,
        *_EXPRESSIONS,
        OpType.BITS_MODIFY,
        OpType.HLL_MODIFY,
    }
)


def read_bin(bins: Bins, name: bytes, answer_missing: bool, answers: list[bytes]) -> None:
    """Answer a bin's value; a bin that is not there only when every operation is to be answered."""
    particle = bins.get(name)
    if particle is not None:
        answers.append(pack_op(_ANSWER, name, particle[0], particle[1]))
    elif answer_missing:
        answers.append(pack_op(_ANSWER, name))


def apply_later_op(bins: Bins, op: Op, answer_missing: bool, answers: list[bytes]) -> None:
    """Operations on parts of a value: refused until they are built, but for reads of a bin that is not there.

    Raises:
        Refusal: The server can't do this, or the operation does not exist.
    """
    kind, _, name, value = op
    if kind not in _LATER:
        raise Refusal(ResultCode.PARAMETER)
    if kind not in _READS_OF_A_BIN or name in bins:
        if kind not in _EXPRESSIONS:
            check_call(value)
        raise Refusal(ResultCode.UNSUPPORTED_FEATURE)
    if answer_missing:
        answers.append(pack_op(kind, name))


def check_call(value: bytes) -> None:
    """Refuse what can't be a packed call, ``[number of the operation, arguments...]``, before looking into it.

    Raises:
        Refusal: It is no array, has more elements than bytes, or does not begin with a small number.
    """
    first = value[0] if value else 0
    if first >> 4 == 0x9:
        n, start = first & 0x0F, 1
    elif first in {0xDC, 0xDD}:
        start = 3 if first == 0xDC else 5
        n = int.from_bytes(value[1:start], "big")
    else:
        raise Refusal(ResultCode.PARAMETER)
    elements = value[start:]
    if not 0 < n <= len(elements) or (elements[0] >= 0x80 and elements[0] != 0xCC):
        raise Refusal(ResultCode.PARAMETER)
