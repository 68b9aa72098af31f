"""What the official client is asked to do with many records at once."""

from __future__ import annotations

from typing import Any

import aerospike
from aerospike_helpers.batch import records
from aerospike_helpers.expressions import GT, IntBin
from aerospike_helpers.operations import list_operations, operations

__all__ = ["batch"]

COUNT = 1000
PATIENT = {"total_timeout": 20000, "socket_timeout": 20000}


def _rows(answer: Any) -> list[list[object]]:
    """Result code and bins of each record, in order."""
    return [[row.result, row.record[2] if row.record else None] for row in answer.batch_records]


def _codes(answer: Any) -> dict[str, int]:
    """How many records got each result code."""
    codes = [str(row.result) for row in answer.batch_records]
    return {code: codes.count(code) for code in sorted(set(codes))}


def _few(client: aerospike.Client) -> dict[str, object]:
    keys = [("test", "batch", index) for index in range(4)]
    got: dict[str, object] = {}
    writes = [operations.write("n", 1), operations.write("l", [3, 1, 2])]
    got["write"] = _rows(client.batch_operate(keys[:3], writes))
    got["read"] = _rows(client.batch_read(keys))
    got["read a bin"] = _rows(client.batch_read(keys, ["n"]))
    got["exists"] = [row.result for row in client.batch_read(keys, []).batch_records]
    change = [operations.increment("n", 4), operations.read("n"), list_operations.list_size("l")]
    got["operate"] = _rows(client.batch_operate(keys[1:], change))
    above = {"expressions": GT(IntBin("n"), 3).compile()}
    got["filtered"] = _rows(client.batch_read(keys, ["n"], above))
    mixed = [
        records.Read(keys[0], [operations.read("n")]),
        records.Write(keys[1], [operations.append("n", "x")]),
        records.Write(keys[3], [operations.write("n", 9)], policy={"exists": aerospike.POLICY_EXISTS_CREATE}),
        records.Remove(keys[2]),
        records.Remove(("test", "batch", "nobody")),
        records.Read(keys[3], None, read_all_bins=True),
    ]
    got["mixed"] = _rows(client.batch_write(records.BatchRecords(mixed)))
    got["remove"] = [row.result for row in client.batch_remove(keys).batch_records]
    return got


def batch(client: aerospike.Client) -> dict[str, object]:
    """A few records of which one can tell each, and many of which one can tell their number."""
    got = _few(client)
    keys = [("test", "batch", f"many-{index}") for index in range(COUNT)]
    got["write many"] = _codes(client.batch_operate(keys, [operations.write("b", "x" * 1000)], PATIENT))
    read = client.batch_read([*keys, *keys], policy=PATIENT)
    got["read many"] = _codes(read)
    got["bytes"] = sum(len(row.record[2]["b"]) for row in read.batch_records)
    got["remove many"] = _codes(client.batch_remove(keys, PATIENT))
    got["read none"] = _codes(client.batch_read(keys, policy=PATIENT))
    return got
