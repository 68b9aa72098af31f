"""When a recorded answer and a given one are the same: what may differ is masked, frame borders do not count."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

__all__ = ["comparable", "first_difference", "messages"]

Comparable: TypeAlias = list[Any] | dict[str, Any] | None

_INFO = 1
_MESSAGE = 3
_HEADER = struct.Struct(">BBBBBBIIIHH")
_LAST = 0x01
_BATCH = 0x08


def comparable(request: bytes, frames: Sequence[bytes], masks: Iterable[str]) -> Comparable:
    """The part of an answer that has to be equal.

    Args:
        request: What was asked; the order of rows counts unless it asked for several records.
        frames: The answer.
        masks: What may differ, by the names of the recording.
    """
    volatile = set(masks)
    if not frames:
        return None
    kind = frames[0][1]
    if kind == _INFO:
        return [_masked_line(line, volatile) for line in frames[0][8:].split(b"\n") if line]
    if kind != _MESSAGE:
        return [frame.hex() for frame in frames]
    found = [_masked_message(message, volatile) for frame in frames for message in messages(frame)]
    return _masked_rows(found, volatile, several=_asks_for_several(request))


def _masked_rows(messages: list[dict[str, Any]], volatile: set[str], *, several: bool) -> Comparable:
    if several and "row_fields" in volatile:
        for message in messages:
            message["fields"] = [kind for kind, _ in message["fields"]]
    if "rows_any" in volatile:
        return messages[-1:]
    if "row_subset" in volatile:
        rows = [message for message in messages if not message["info"][2] & _LAST]
        return {"rows": len(rows), "last": messages[-1]}
    if several and "row_order" in volatile:
        return sorted(messages[:-1], key=lambda row: json.dumps(row, sort_keys=True)) + messages[-1:]
    return list(messages)


def _masked_line(line: bytes, volatile: set[str]) -> tuple[str, object]:
    name, _, value = line.decode("utf-8", "replace").partition("\t")
    command = name.split(":")[0].split("/")[0]
    if f"info_value:{command}" in volatile:
        return name, value.split(":")[:2] if value.startswith(("ERROR", "FAIL")) else "any value"
    if f"info_names:{command}" in volatile:
        return name, sorted({item.split("=")[0] for item in value.split(";") if item})
    if f"info_rows:{command}" in volatile:
        return name, sorted(value.strip(";").split(";"))
    if f"info_error:{command}" in volatile:
        return name, value.split(":")[:2]
    return name, value


def _masked_message(message: dict[str, Any], volatile: set[str]) -> dict[str, Any]:
    if "void_time_any" in volatile or ("void_time" in volatile and message["void_time"]):
        message["void_time"] = "any"
    if "generation" in volatile:
        message["generation"] = "any"
    for op in message["ops"]:
        if "ops" in volatile or f"op:{op['name']}" in volatile:
            op["value"] = "any"
    return message


def messages(frame: bytes) -> Iterable[dict[str, Any]]:
    """All messages of a frame, taken apart without the product's own decoder."""
    at = 8
    while at < len(frame):
        size, *info, code, generation, void_time, index, n_fields, n_ops = _HEADER.unpack_from(frame, at)
        at += _HEADER.size
        fields, ops = [], []
        for _ in range(n_fields):
            (length,) = struct.unpack_from(">I", frame, at)
            fields.append((frame[at + 4], frame[at + 5 : at + 4 + length].hex()))
            at += 4 + length
        for _ in range(n_ops):
            length, op, particle_type, flags, name_size = struct.unpack_from(">IBBBB", frame, at)
            name = frame[at + 8 : at + 8 + name_size].decode("utf-8", "replace")
            value = frame[at + 8 + name_size : at + 4 + length].hex()
            ops.append({"op": op, "type": particle_type, "flags": flags, "name": name, "value": value})
            at += 4 + length
        message: dict[str, Any] = {"header_size": size, "info": info, "code": code, "generation": generation}
        message |= {"void_time": void_time, "index": index, "fields": sorted(fields), "ops": ops}
        yield message


def _asks_for_several(request: bytes) -> bool:
    """Whether the request is a batch, or a query: one without a digest."""
    if request[1] != _MESSAGE or len(request) < 30:
        return False
    if request[9] & _BATCH:
        return True
    at = 30
    for _ in range(int.from_bytes(request[26:28], "big")):
        if at + 5 > len(request) or request[at + 4] == 4:
            return False
        at += 4 + int.from_bytes(request[at : at + 4], "big")
    return True


def first_difference(want: object, got: object) -> str:
    """Where two values first differ, for people."""
    if isinstance(want, list) and isinstance(got, list):
        for index, (left, right) in enumerate(zip(want, got, strict=False)):
            if left != right:
                return f"[{index}] {first_difference(left, right)}"
        if len(want) != len(got):
            return f"{len(want)} items recorded, {len(got)} given"
    if isinstance(want, dict) and isinstance(got, dict):
        for key, value in want.items():
            if got.get(key) != value:
                return f"{key}: {first_difference(value, got.get(key))}"
    return f"recorded {str(want)[:200]}, given {str(got)[:200]}"
