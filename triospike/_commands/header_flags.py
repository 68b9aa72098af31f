"""From policy to header bits (protocol sections 2 and 7.2): the one place that knows which bit asks for what."""

from __future__ import annotations

import attrs

from .._wire.flags import Info1, Info2, Info3, Info4
from .._wire.units import wire_ttl
from ..policy.batch import BatchPolicy, BatchReadPolicy, BatchRemovePolicy, BatchWritePolicy
from ..policy.enums import CommitLevel, GenerationPolicy, ReadModeAP, ReadModeSC, RecordExistsAction
from ..policy.read import ReadPolicy
from ..policy.write import OperatePolicy, RemovePolicy, WritePolicy

__all__ = ["HeaderBits", "read_bits", "remove_bits", "write_bits"]


@attrs.frozen(slots=True)
class HeaderBits:
    """What a policy contributes to a message's header."""

    info1: int = 0
    info2: int = 0
    info3: int = 0
    info4: int = 0
    generation: int = 0
    record_ttl: int = 0


_SC_BITS = {
    ReadModeSC.SESSION: 0,
    ReadModeSC.LINEARIZE: Info3.SC_READ_TYPE,
    ReadModeSC.ALLOW_REPLICA: Info3.SC_READ_RELAX,
    ReadModeSC.ALLOW_UNAVAILABLE: Info3.SC_READ_RELAX | Info3.SC_READ_TYPE,
}
_EXISTS_BITS = {
    RecordExistsAction.IGNORE: (0, 0),
    RecordExistsAction.CREATE: (Info2.CREATE_ONLY, 0),
    RecordExistsAction.UPDATE: (0, Info3.UPDATE_ONLY),
    RecordExistsAction.REPLACE: (0, Info3.REPLACE_ONLY),
    RecordExistsAction.CREATE_OR_REPLACE: (0, Info3.CREATE_OR_REPLACE),
}
_GENERATION_BITS = {
    GenerationPolicy.IGNORE: 0,
    GenerationPolicy.EQ: Info2.GENERATION,
    GenerationPolicy.GT: Info2.GENERATION_GT,
}


def read_bits(policy: ReadPolicy | OperatePolicy | BatchPolicy | BatchReadPolicy) -> HeaderBits:
    """Bits of a command that only reads; the ttl is the read-touch percentage."""
    cache = policy.cached()
    bits: HeaderBits | None = cache.get("read_bits")
    if bits is None:
        bits = cache["read_bits"] = HeaderBits(
            info1=Info1.READ_MODE_AP_ALL if policy.read_mode_ap is ReadModeAP.ALL else 0,
            info3=_SC_BITS[policy.read_mode_sc],
            record_ttl=wire_ttl(policy.read_touch_ttl_percent),
        )
    return bits


def remove_bits(policy: RemovePolicy | BatchRemovePolicy) -> HeaderBits:
    """Bits of a command that deletes."""
    cache = policy.cached()
    bits: HeaderBits | None = cache.get("remove_bits")
    if bits is None:
        bits = cache["remove_bits"] = HeaderBits(
            info2=Info2.WRITE
            | _GENERATION_BITS[policy.gen]
            | (Info2.DURABLE_DELETE if policy.durable_delete else 0),
            info3=Info3.COMMIT_LEVEL_MASTER if policy.commit_level is CommitLevel.MASTER else 0,
            generation=0 if policy.gen is GenerationPolicy.IGNORE else policy.generation,
        )
    return bits


def write_bits(policy: WritePolicy | BatchWritePolicy) -> HeaderBits:
    """Bits of a command that writes; the ttl is the record's."""
    cache = policy.cached()
    bits: HeaderBits | None = cache.get("write_bits")
    if bits is None:
        base = remove_bits(policy)
        info2, info3 = _EXISTS_BITS[policy.exists]
        bits = cache["write_bits"] = attrs.evolve(
            base,
            info2=base.info2 | info2,
            info3=base.info3 | info3,
            info4=Info4.MRT_ON_LOCKING_ONLY if policy.on_locking_only else 0,
            record_ttl=wire_ttl(policy.ttl),
        )
    return bits
