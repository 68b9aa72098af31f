from __future__ import annotations

from typing import cast

import pytest

from triospike import Cursor, QueryRecords
from triospike.cli.showing import Estimate


class Scan:
    """A scan that stands where it is told."""

    def __init__(self) -> None:
        self.now = Cursor(b"", 0, 100)

    def cursor(self) -> Cursor:
        return self.now

    def stands(self, finished: range, begun: range, begin: int = 0) -> None:
        points = dict.fromkeys(begun, (bytes(20), 0))
        self.now = Cursor(b"", begin, 100, 1_234, frozenset(finished), points)


@pytest.mark.parametrize(
    ("finished", "begun", "begin", "share"),
    [
        (range(0), range(0), 0, 0.0),
        (range(0), range(50), 0, 0.5),
        (range(0), range(0, 50, 7), 0, 0.5),  # few records, far between
        (range(0), range(1_000, 1_050), 1_000, 0.5),
        (range(0, 100, 2), range(1, 100, 2), 0, 0.99),
        (range(0, 100, 2), range(1, 50, 2), 0, 0.84),  # one of two nodes has all of its own
        (range(100), range(0), 0, 1.0),
    ],
)
def test_the_partitions_that_records_came_from_tell_how_far_it_is(
    finished: range, begun: range, begin: int, share: float
) -> None:
    scan = Scan()
    scan.stands(finished, begun, begin)
    assert Estimate(cast("QueryRecords", scan))().fraction == pytest.approx(share, abs=0.015)


def test_it_never_goes_back_and_counts_records() -> None:
    scan = Scan()
    estimate = Estimate(cast("QueryRecords", scan))
    scan.stands(range(0), range(80))
    assert estimate().fraction == pytest.approx(0.8)
    scan.stands(range(0), range(40))
    assert estimate().fraction == pytest.approx(0.8)
    assert estimate().text == "80/100 partitions, 1,234 records"
