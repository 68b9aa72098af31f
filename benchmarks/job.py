"""What a worker process is asked to do, as it travels to it: plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["BATCH", "WORKLOADS", "Case", "Job"]

WORKLOADS = ("get", "put", "mix", "operate", "batch", "scan")
"""`mix` is one put to nine gets; `operate` adds to a counter and reads it; `batch` gets 100 records at once."""

BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Case:
    """One cell of the table.

    Attributes:
        workload: One of `WORKLOADS`.
        shape: What the records look like; see `shapes`.
        in_flight: Commands under way at once.
        competing: Whether other work runs on the same loop, or in a thread where there is no loop.
    """

    workload: str = "get"
    shape: str = "small"
    in_flight: int = 50
    competing: bool = False

    @property
    def unit(self) -> str:
        """What is counted: records where a command brings many, else commands."""
        return "record" if self.workload in {"batch", "scan"} else "command"

    def __str__(self) -> str:
        beside = ", beside other work" if self.competing else ""
        return f"{self.workload}, {self.shape}, {self.in_flight} in flight{beside}"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A case for one peer.

    Attributes:
        peer: Its name in `peers.PEERS`.
        case: What to do.
        hosts: Name and port of each seed.
        namespace: Where the records are.
        set_name: Their set.
        keys: How many there are: user keys from 0 up.
        reuse_keys: Make the key objects beforehand, instead of one for each command.
        options: Settings that only this peer knows.
    """

    peer: str
    case: Case
    hosts: tuple[tuple[str, int], ...]
    namespace: str
    set_name: str
    keys: int
    reuse_keys: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that `to_json` wrote."""
        values = json.loads(text)
        hosts = tuple((name, port) for name, port in values.pop("hosts"))
        return cls(case=Case(**values.pop("case")), hosts=hosts, **values)
