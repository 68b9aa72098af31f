"""The choices that policies offer, with the C client's names and numbers (``as_policy.h``)."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "CommitLevel",
    "GenerationPolicy",
    "KeyPolicy",
    "QueryDuration",
    "ReadModeAP",
    "ReadModeSC",
    "RecordExistsAction",
    "Replica",
    "Ttl",
]


class Replica(IntEnum):
    """Which replica of a partition a command goes to (C: ``as_policy_replica``)."""

    MASTER = 0
    """The master only, also on retries."""
    ANY = 1
    """Reads go to the replicas in turn; writes as SEQUENCE."""
    SEQUENCE = 2
    """The master first; a retry goes to the next replica."""
    PREFER_RACK = 3
    """Reads go to a replica in the client's preferred racks, else to any; writes as SEQUENCE."""
    RANDOM = 4
    """Reads start at a replica drawn at random; writes as SEQUENCE."""
    MASTER_PROLES = 5
    """Java's name for what the C client calls ANY."""


class ReadModeAP(IntEnum):
    """How many replicas an available-mode namespace consults on a read."""

    ONE = 0
    ALL = 1


class ReadModeSC(IntEnum):
    """What a strong-consistency namespace promises on a read."""

    SESSION = 0
    LINEARIZE = 1
    ALLOW_REPLICA = 2
    ALLOW_UNAVAILABLE = 3


class CommitLevel(IntEnum):
    """When a write is answered: after all replicas have it, or after the master alone."""

    ALL = 0
    MASTER = 1


class KeyPolicy(IntEnum):
    """What names the record on the wire: its digest alone, or the user key too, which is then stored."""

    DIGEST = 0
    SEND = 1


class GenerationPolicy(IntEnum):
    """What a write asks of the record's generation."""

    IGNORE = 0
    EQ = 1
    """It must equal ``generation``."""
    GT = 2
    """It must be smaller than ``generation``: for restoring a backup."""


class RecordExistsAction(IntEnum):
    """What a write asks of the record's existence, and whether it replaces all bins."""

    IGNORE = 0
    """Create or update."""
    CREATE = 1
    """The record must not exist."""
    UPDATE = 2
    """The record must exist."""
    REPLACE = 3
    """The record must exist; all of its bins are replaced."""
    CREATE_OR_REPLACE = 4
    """Create, or replace all bins."""


class Ttl(IntEnum):
    """Times to live with a meaning of their own; any other value is seconds."""

    NAMESPACE_DEFAULT = 0
    """The namespace's or set's ``default-ttl``."""
    NEVER_EXPIRE = -1
    DONT_UPDATE = -2
    """Leave the record's expiry as it is."""
    CLIENT_DEFAULT = -3
    """The ``ttl`` of the client's own policy for this command."""


class QueryDuration(IntEnum):
    """How long a query is expected to take (C: ``as_query_duration``)."""

    LONG = 0
    """More than about a hundred records of each node. The server lists it as a job, which can be aborted."""
    SHORT = 1
    """Few records of each node; the server answers at once, within a second, and lists no job."""
    LONG_RELAX_AP = 2
    """Long, and while the cluster changes also from nodes that have a partition's data without owning it."""
