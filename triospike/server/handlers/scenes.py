"""What expressions see of a record, while it is read or written."""

from __future__ import annotations

from typing import Final

from ..evaluate.scene import Metadata, Scene
from ..storage.namespace import Namespace
from ..storage.record import StoredRecord, record_size

__all__ = ["metadata_of", "scene_of", "size_of"]

_BLOCK: Final = 16


def metadata_of(namespace: Namespace, record: StoredRecord, digest: bytes) -> Metadata:
    """What a stored record is, besides its bins."""
    return Metadata(
        digest=digest,
        set_name=record.set_name,
        user_key=record.user_key,
        is_key_stored=record.user_key is not None,
        void_time=record.void_time,
        last_update=record.last_update,
        size=size_of(record),
        now=namespace.now_ms(),
    )


def scene_of(namespace: Namespace, record: StoredRecord, digest: bytes) -> Scene:
    """A stored record, for one evaluation."""
    return Scene(metadata_of(namespace, record, digest), record.bins)


def size_of(record: StoredRecord | None) -> int:
    """Bytes that a record takes in storage, in whole blocks; 0 before it is stored."""
    return 0 if record is None else -(-record_size(record) // _BLOCK) * _BLOCK
