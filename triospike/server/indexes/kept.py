"""The indexes of one namespace: on one node what they hold, in the cluster what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import attrs

from ..storage.record import StoredRecord
from .building import Records, build_at_once
from .definition import Collection, Definition, Identity
from .index import Index

__all__ = ["Catalog", "KeptIndexes", "Storage"]

_MOST: Final = 256


class Storage(Records, Protocol):
    """A node's copy of a namespace, as indexes see it."""

    @property
    def count(self) -> int:
        """Records in all."""

    @property
    def indexes(self) -> KeptIndexes:
        """What it keeps of the indexes."""

    def add_set(self, set_name: bytes) -> None:
        """Know of a set, though nothing was written to it yet."""


class KeptIndexes:
    """What a node has of a namespace's indexes."""

    __slots__ = ("_by_identity", "_indexes", "all")

    def __init__(self) -> None:
        self._indexes: dict[str, Index] = {}
        self._by_identity: dict[Identity, Index] = {}
        self.all: tuple[Index, ...] = ()
        """All that have to be kept up to date."""

    def __iter__(self) -> Iterator[Index]:
        return iter(self._indexes.values())

    def named(self, name: str) -> Index | None:
        """An index by its name."""
        return self._indexes.get(name)

    def defined(self, identity: Identity) -> Index | None:
        """An index by what it is of."""
        return self._by_identity.get(identity)

    def of_set(self, set_name: bytes) -> int:
        """How many indexes there are of a set's bins."""
        return sum(index.definition.set_name == set_name for index in self.all)

    def has_set_index(self, set_name: bytes) -> bool:
        """Whether the set itself is indexed."""
        return any(
            index.definition.collection is Collection.SET and index.definition.set_name == set_name
            for index in self._indexes.values()
        )

    def add(self, definition: Definition) -> Index:
        """Begin an index."""
        index = Index(definition)
        self._indexes[definition.name] = index
        self._by_identity[definition.identity] = index
        self._see()
        return index

    def rename(self, old: str, new: str) -> None:
        """Give an index another name."""
        index = self._indexes[old]
        index.definition = attrs.evolve(index.definition, name=new)
        self._indexes = {each.definition.name: each for each in self._indexes.values()}

    def drop(self, name: str) -> None:
        """End an index."""
        index = self._indexes.pop(name)
        index.is_dropped = True
        del self._by_identity[index.definition.identity]
        self._see()

    def _see(self) -> None:
        self.all = tuple(
            index for index in self._indexes.values() if index.definition.collection is not Collection.SET
        )

    def update(
        self, partition_id: int, digest: bytes, before: StoredRecord | None, after: StoredRecord | None
    ) -> None:
        """Take in that a record was written or is gone."""
        for index in self.all:
            index.update(partition_id, digest, before, after)

    def forget_partition(self, partition_id: int) -> None:
        """Drop all of a partition."""
        for index in self.all:
            index.forget_partition(partition_id)


class Catalog:
    """The definitions of a namespace's indexes, shared by all nodes.

    Attributes:
        build: Fills a new index on a node, or begins to.
    """

    def __init__(self) -> None:
        self._definitions: dict[str, Definition] = {}
        self._storages: list[Storage] = []
        self.build: Callable[[Storage, Index], None] = build_at_once

    def __len__(self) -> int:
        return sum(each.collection is not Collection.SET for each in self._definitions.values())

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another index."""
        return len(self) >= _MOST

    def attach(self, storage: Storage) -> None:
        """Take in one more node's copy."""
        self._storages.append(storage)

    def named(self, name: str) -> Definition | None:
        """A definition by its name."""
        return self._definitions.get(name)

    def defined(self, identity: Identity) -> Definition | None:
        """A definition by all but its name."""
        return next((each for each in self._definitions.values() if each.identity == identity), None)

    def create(self, definition: Definition) -> None:
        """Begin an index on all nodes. If there is one like it, that is given the new name."""
        existing = self.defined(definition.identity)
        if existing is not None:
            del self._definitions[existing.name]
        self._definitions[definition.name] = definition
        for storage in self._storages:
            if existing is not None:
                storage.indexes.rename(existing.name, definition.name)
                continue
            if definition.set_name:
                storage.add_set(definition.set_name)
            index = storage.indexes.add(definition)
            self.build(storage, index)

    def drop(self, name: str) -> None:
        """End an index on all nodes."""
        del self._definitions[name]
        for storage in self._storages:
            storage.indexes.drop(name)
