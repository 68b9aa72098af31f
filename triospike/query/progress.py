"""How far a scan or query is."""

from __future__ import annotations

import attrs

__all__ = ["QueryProgress"]


@attrs.frozen
class QueryProgress:
    """How far a scan or query is, counted where the program takes the records.

    Attributes:
        partitions_done: Partitions of which every record was handed out.
        partitions: Partitions asked for.
        records: Records handed out, those of earlier pages included.
    """

    partitions_done: int
    partitions: int
    records: int

    @property
    def fraction(self) -> float:
        """The share of the partitions that are done, from 0 to 1."""
        return self.partitions_done / self.partitions
