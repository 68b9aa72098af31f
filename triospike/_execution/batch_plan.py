"""What a batch asks, and how its rows are cut into parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs

from .._commands.batch import Rows
from .._commands.batch_row import Row
from ..key import Key
from ..policy.batch import BatchPolicy

__all__ = ["LARGEST_ROW", "MOST_BYTES", "MOST_ROWS", "Batch"]

MOST_ROWS = 5_000
"""Rows of one part: what a server takes where it has a limit (``batch-max-requests``) that nobody changed."""
MOST_BYTES = 16 << 20
"""Bytes of one part's request, about, unless it is a single row."""
LARGEST_ROW = (128 << 20) - 4096
"""Bytes of a row, about, that just fit into a request."""


@attrs.frozen(slots=True)
class Batch:
    """What is asked of which records.

    Attributes:
        keys: The records.
        rows: What is asked of each, or the one thing asked of all.
        policy: The batch's.
        argument: What the keys came in, for messages: ``keys``, or ``items``.
    """

    keys: Sequence[Key]
    rows: Rows
    policy: BatchPolicy
    argument: str = "keys"

    def row(self, index: int) -> Row:
        """What is asked of one record."""
        return self.rows if isinstance(self.rows, Row) else self.rows[index]

    def name_of(self, index: int) -> str:
        """A key as the caller knows it, for messages."""
        return f"{self.argument}[{index}]" + (".key" if self.argument == "items" else "")

    def writes(self, indices: Sequence[int]) -> bool:
        """Whether one of these rows may write."""
        if isinstance(self.rows, Row):
            return self.rows.is_write
        return any(self.rows[index].is_write for index in indices)

    def check_sizes(self) -> None:
        """See that each row fits into a request.

        Raises:
            ValueError: One does not; the message names it by its index.
        """
        if isinstance(self.rows, Row):
            if self.rows.weight > LARGEST_ROW:
                raise ValueError(
                    f"what is asked of each key has {self.rows.weight} bytes: that fits into no request"
                )
            return
        for index, row in enumerate(self.rows):
            if row.weight > LARGEST_ROW:
                raise ValueError(f"{self.argument}[{index}] has {row.weight} bytes: that fits into no request")

    def parts(self, indices: list[int]) -> list[list[int]]:
        """The rows of one node, in as many parts as their number and size ask for."""
        if isinstance(self.rows, Row) and not self.rows.sends_key:
            # The first row says for all what is asked.
            if len(indices) <= MOST_ROWS:
                return [indices]
            count = math.ceil(len(indices) / MOST_ROWS)
            size = math.ceil(len(indices) / count)
            return [indices[at : at + size] for at in range(0, len(indices), size)]
        return self._parts_by_size(indices)

    def _parts_by_size(self, indices: list[int]) -> list[list[int]]:
        parts: list[list[int]] = [[]]
        size = 0
        for index in indices:
            row = self.row(index)
            added = row.weight
            if row.sends_key:
                added += len(self.keys[index].user_key_particle or b"")
            if parts[-1] and (size + added > MOST_BYTES or len(parts[-1]) == MOST_ROWS):
                parts.append([])
                size = 0
            parts[-1].append(index)
            size += added
        return parts
