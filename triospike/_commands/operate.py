"""operate: several operations on one record, in order, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from .._wire.flags import Info1, Info2
from .._wire.message import FIRST_FIELD, N_OPS_OFFSET, known_header, pack_known, pack_message
from ..key import Key
from ..operations.operation import Operation, Trait
from ..policy.enums import ReadModeSC
from ..policy.write import OperatePolicy
from ..record import Record
from .base import Command, beginnings, check_arguments, extra_fields, server_timeout
from .header_flags import HeaderBits, read_bits, write_bits
from .record_parser import parse_results

__all__ = ["OperateCommand"]


class OperateCommand(Command[Record]):
    """Carry out operations on one record.

    Args:
        key: The record.
        operations: What to do, in order; at least one.
        policy: How to do it.

    Raises:
        TypeError: An operation is none.
        ValueError: There is no operation.
    """

    __slots__ = ("is_write",)

    policy: OperatePolicy

    def __init__(self, key: Key, operations: Sequence[Operation], policy: OperatePolicy) -> None:
        if not operations:
            raise ValueError("operations must not be empty")
        traits, packed = 0, []
        for operation in operations:
            if not isinstance(operation, Operation):
                raise TypeError(f"operations must be made by triospike.operations, not {type(operation).__name__}")
            traits |= operation.traits
            packed.append(operation.packed)
        if type(key) is not Key or type(policy) is not OperatePolicy:
            check_arguments(key, policy, OperatePolicy)
        self.key = key
        self.policy = policy
        self.is_write = traits & Trait.WRITES != 0
        fields = key._names.fields
        header = policy._cache.get((fields, traits))  # the same for most requests of a policy to a set
        if header is not None:
            request = pack_known(header, len(packed), fields + key._digest + b"".join(packed))
            if request is not None:
                self.request = request
                return
        self._pack(key, policy, traits, packed)

    def _pack(self, key: Key, policy: OperatePolicy, traits: int, packed: list[bytes]) -> None:
        bits = _bits(traits, policy)
        n_extra, extra = extra_fields(key, policy, policy.key)
        self.request = pack_message(
            bits.info1,
            bits.info2,
            bits.info3,
            info4=bits.info4,
            generation=bits.generation,
            record_ttl=bits.record_ttl,
            transaction_ttl=server_timeout(policy),
            n_fields=3 + n_extra,
            n_ops=len(packed),
            body=b"".join([key.wire_fields, extra, *packed]),
        )
        if not n_extra:
            beginnings(policy)[key._names.fields, traits] = known_header(self.request)

    @property
    def sc_mode(self) -> ReadModeSC | None:
        """See `Command.sc_mode`."""
        return None if self.is_write else self.policy.read_mode_sc

    def parse(self, frame: bytes) -> Record:
        """The record with the results; several results for one bin are a list, in the order of the operations."""
        key = self.key
        if len(frame) >= FIRST_FIELD:
            reader = key._names.result_readers.get(frame[N_OPS_OFFSET])
            if reader is not None:
                record: Record | None = reader(frame, len(frame), key)
                if record is not None:
                    return record
        return parse_results(frame, key)


def _bits(traits: int, policy: OperatePolicy) -> HeaderBits:
    writes, reads = traits & Trait.WRITES, traits & Trait.READS
    base = write_bits(policy) if writes else read_bits(policy)
    info1, info2, info3 = 0, base.info2, base.info3
    if reads:
        reading = read_bits(policy)
        info1 = Info1.READ | reading.info1 | (Info1.GET_ALL if traits & Trait.READS_ALL else 0)
        info3 |= reading.info3
    if (policy.respond_all_ops or traits & Trait.ANSWERS_EACH) and not info1 & Info1.GET_ALL:
        info2 |= Info2.RESPOND_ALL_OPS
    return HeaderBits(info1, info2, info3, base.info4, base.generation, base.record_ttl)
