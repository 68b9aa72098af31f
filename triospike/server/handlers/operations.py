"""Operations on one bin that reads and writes answer alike (protocol sections 4.2 and 7.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs

from ..._wire.flags import OpType, ParticleType
from ..._wire.message import pack_op
from ...result_code import ResultCode
from ..apply.bits import modify_bits, read_bits
from ..apply.cdt.engine import modify_cdt, read_cdt
from ..apply.hll import modify_hll, read_hll
from ..apply.scalar import Bins, remove_bin
from ..evaluate.expression import build, modify_bin, read_value
from ..evaluate.scene import Metadata, Scene
from ..refusal import Refusal
from ..request import Op
from ..storage.record import Particle

__all__ = ["Target", "apply_part_op", "read_bin"]

_READ = int(OpType.READ)

_ReadPart: TypeAlias = Callable[[bytes, Particle], Particle | None]
_ModifyPart: TypeAlias = Callable[[bytes, Particle | None], tuple[Particle | None, Particle | None]]


@attrs.frozen
class Target:
    """What operations are applied to, and how they are answered.

    Attributes:
        bins: The record's bins; a write works on a copy.
        describe: What else expressions see of the record.
        answer_all: Every operation is to be answered, with the null particle if need be.
        is_write: A write answers every read of a bin that is there, even if nothing was found in it.
    """

    bins: Bins
    describe: Callable[[], Metadata]
    answer_all: bool
    is_write: bool


def read_bin(bins: Bins, name: bytes, answer_missing: bool, answers: list[bytes]) -> None:
    """Answer a bin's value; a bin that is not there only when every operation is to be answered."""
    particle = bins.get(name)
    if particle is not None:
        answers.append(pack_op(_READ, name, particle[0], particle[1]))
    elif answer_missing:
        answers.append(pack_op(_READ, name))


def apply_part_op(target: Target, op: Op, answers: list[bytes]) -> None:
    """Apply an operation on part of a value, or an expression.

    Args:
        target: The record's bins.
        op: The operation.
        answers: Packed answers, to which the operation's is added if it has one.

    Raises:
        Refusal: It can't be done to this bin, or there is no such operation.
    """
    kind, particle_type, name, _ = op
    is_used = kind == OpType.BITS_MODIFY or (kind == OpType.BITS_READ and name in target.bins)
    if is_used and particle_type != ParticleType.BLOB:
        raise Refusal(ResultCode.BIN_TYPE)
    read = _READ_PART.get(kind)
    modify = _MODIFY_PART.get(kind)
    if read is not None:
        _read_part(target, op, read, answers)
    elif kind == OpType.EXP_READ:
        _read_expression(target, op, answers)
    elif not target.is_write:
        raise Refusal(ResultCode.PARAMETER)
    elif modify is not None:
        _modify_part(target, op, modify, answers)
    elif kind == OpType.EXP_MODIFY:
        _modify_expression(target, op, answers)
    else:
        raise Refusal(ResultCode.PARAMETER)


def _read_part(target: Target, op: Op, read: _ReadPart, answers: list[bytes]) -> None:
    kind, _, name, call = op
    current = target.bins.get(name)
    found = None if current is None else read(call, current)
    if found is not None:
        answers.append(pack_op(kind, name, *found))
    elif target.answer_all or (target.is_write and current is not None):
        answers.append(pack_op(kind, name))


def _modify_part(target: Target, op: Op, modify: _ModifyPart, answers: list[bytes]) -> None:
    kind, _, name, call = op
    changed, found = modify(call, target.bins.get(name))
    if changed is not None:
        target.bins[name] = changed
    if found is not None:
        answers.append(pack_op(kind, name, *found))
    elif target.answer_all:
        answers.append(pack_op(kind, name))


def _read_expression(target: Target, op: Op, answers: list[bytes]) -> None:
    """Answer an expression's value, under the name that it is given; no such bin need be there."""
    kind, _, name, packed = op
    found = read_value(packed, Scene(target.describe(), target.bins))
    if found is not None:
        answers.append(pack_op(kind, name, *found))
    elif target.answer_all or target.is_write:
        answers.append(pack_op(kind, name))


def _modify_expression(target: Target, op: Op, answers: list[bytes]) -> None:
    kind, _, name, packed = op
    changed = modify_bin(packed, Scene(target.describe(), target.bins), target.bins.get(name))
    if changed is not None:
        target.bins[name] = changed
    else:
        remove_bin(target.bins, name)
    if target.answer_all:
        answers.append(pack_op(kind, name))


def _modify_bits(call: bytes, current: Particle | None) -> tuple[Particle | None, None]:
    return modify_bits(call, current), None


_READ_PART: dict[int, _ReadPart] = {
    OpType.CDT_READ: lambda call, current: read_cdt(call, current, build),
    OpType.BITS_READ: read_bits,
    OpType.HLL_READ: read_hll,
}
"""From packed call and value, what was found."""

_MODIFY_PART: dict[int, _ModifyPart] = {
    OpType.CDT_MODIFY: lambda call, current: modify_cdt(call, current, build),
    OpType.BITS_MODIFY: _modify_bits,
    OpType.HLL_MODIFY: modify_hll,
}
"""From packed call and value, if the bin is there, the new value and the answer, each of which may be missing."""
