"""From an answer's bytes to a Record: the decoding half of the hot path.

Records of a set with the same number of bins mostly look alike, and so do the results of operations on them. So
commands first try a reader that was made for one of them, see `alike_rows`; what looks different is read here,
piece by piece, and learnt from.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from .. import clock
from .._wire.message import FIRST_FIELD, MESSAGE
from .._wire.particle import decode_value
from .._wire.units import ttl_from_void_time
from ..errors import ProtocolError, error_for
from ..key import Key
from ..record import Record
from ..result_code import ResultCode
from ..values import decode_text
from .alike_rows import ReadAnswer, answer_reader, known_reader, operated_reader, reader_of
from .base import check_answer
from .row_look import Look, answer_look

__all__ = ["gather", "parse_bins", "parse_record", "parse_results", "parse_ttl"]

_LEAST_UNLIKE = 8
_NOT_FOUND = int(ResultCode.NOT_FOUND)
_U32 = struct.Struct(">I")
# Of a frame: its type, result code, generation, void-time, how many fields and bins.
_unpack_answer = struct.Struct(">xB11xBII4xHH").unpack_from
# Of a bin, by the size of its name: size, particle type, name.
_unpack_bin = [struct.Struct(f">IxBxx{size}s").unpack_from for size in range(256)]
_unpack_int = struct.Struct(">q").unpack_from

# Names of bins, as they travel, to their texts, of which one serves many records.
_names: dict[bytes, str] = {}
_MOST_NAMES = 4096


def parse_record(frame: bytes, key: Key) -> Record | None:
    """The record that the answer to a read holds, or None when it does not exist.

    Of several values for one bin it has the last.

    Raises:
        AerospikeError: The answer is another error.
        ProtocolError: The answer is malformed; the message names the byte offset.
    """
    try:
        kind, code, generation, void_time, n_fields, n_ops = _unpack_answer(frame)
    except struct.error:
        kind, code = -1, 0
    if kind != MESSAGE:
        check_answer(frame)  # says what is wrong
    if code:
        if code == _NOT_FOUND:
            return None
        raise error_for(code)
    bins: dict[str, Any] = {}
    if n_ops:
        bins = _parse_bins(frame, n_fields, n_ops)
        names = key._names
        names.unlike = unlike = names.unlike + 1
        if not unlike & (unlike - 1) and unlike >= _LEAST_UNLIKE and not n_fields:
            _learn(names.readers, answer_reader, frame, n_ops)
    elif len(frame) != FIRST_FIELD:
        _parse_bins(frame, n_fields, 0)  # says what is wrong with more than that, unless it is fields
    return Record(key, bins, generation, parse_ttl(void_time) if void_time else None)


def _learn(readers: dict[int, ReadAnswer], make: Callable[[Look], ReadAnswer], frame: bytes, n_ops: int) -> None:
    """Have a reader for answers that look like this one: each time after twice as many as the time before."""
    look = answer_look(frame, n_ops)
    if look is not None:
        readers[n_ops] = known_reader(make, look) or reader_of(make, look)


def parse_results(frame: bytes, key: Key) -> Record:
    """The record that the answer to operations holds; of several results for one bin it has a list.

    Raises:
        AerospikeError: The answer is an error.
        ProtocolError: The answer is malformed; the message names the byte offset.
    """
    code = check_answer(frame)
    if code:
        raise error_for(code)
    _, _, generation, void_time, n_fields, n_ops = _unpack_answer(frame)
    results = parse_bins(frame, n_fields, n_ops)
    if n_ops and not n_fields:
        names = key._names
        names.unlike = unlike = names.unlike + 1
        if not unlike & (unlike - 1) and unlike >= _LEAST_UNLIKE:
            _learn(names.result_readers, operated_reader, frame, n_ops)
    return Record(key, gather(results), generation, parse_ttl(void_time), tuple(results))


def gather(results: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Name to result; where a bin has several, a list of them, in their order."""
    bins: dict[str, Any] = dict(results)
    if len(bins) == len(results):
        return bins
    bins = {}
    repeated: set[str] = set()
    for name, value in results:
        if name not in bins:
            bins[name] = value
        elif name in repeated:
            bins[name].append(value)
        else:
            bins[name] = [bins[name], value]
            repeated.add(name)
    return bins


def parse_ttl(void_time: int) -> int | None:
    """Seconds left until a void-time, None for never; the clock is read only when it matters."""
    return ttl_from_void_time(void_time, clock.wall_clock()) if void_time else None


def parse_bins(frame: bytes, n_fields: int, n_ops: int) -> list[tuple[str, Any]]:
    """Name and value of each bin of an answer, in its order.

    Raises:
        ProtocolError: A size does not fit, or a value is malformed.
    """
    pairs: list[tuple[str, Any]] = []
    _parse_bins(frame, n_fields, n_ops, pairs)
    return pairs


def _parse_bins(
    frame: bytes, n_fields: int, n_ops: int, pairs: list[tuple[str, Any]] | None = None
) -> dict[str, Any]:
    """Name to value; pairs takes each of them, where several can be for one bin."""
    at = _skip_fields(frame, n_fields) if n_fields else FIRST_FIELD
    bins: dict[str, Any] = {}
    end = len(frame)
    try:
        for _ in range(n_ops):
            name_size = frame[at + 7]
            size, particle_type, raw_name = _unpack_bin[name_size](frame, at)
            value_at = at + 8 + name_size
            behind = at + 4 + size
            if behind > end or value_at > behind:
                raise _misfit(frame, at)
            try:
                name = _names[raw_name]
            except KeyError:
                name = _name(raw_name)
            if particle_type == 3:
                try:
                    value: Any = frame[value_at:behind].decode()
                except UnicodeDecodeError:
                    value = decode_text(frame[value_at:behind])
            elif particle_type == 1 and behind - value_at == 8:
                value = _unpack_int(frame, value_at)[0]
            else:
                value = decode_value(particle_type, frame[value_at:behind])
            bins[name] = value
            if pairs is not None:
                pairs.append((name, value))
            at = behind
    except (struct.error, IndexError):
        raise _misfit(frame, at) from None
    except UnicodeDecodeError as error:
        raise ProtocolError(f"name of the bin at byte offset {at} is not UTF-8: {error}") from error
    if at != end:
        raise ProtocolError(f"{end - at} bytes too many at byte offset {at}")
    return bins


def _misfit(frame: bytes, at: int) -> ProtocolError:
    """A bin reaches beyond the answer's end."""
    end = len(frame)
    if at + 8 > end:
        return ProtocolError(f"bin cut off at byte offset {at} of {end}")
    return ProtocolError(
        f"bin of {_U32.unpack_from(frame, at)[0]} bytes does not fit at byte offset {at} of {end}"
    )


def _name(raw: bytes) -> str:
    if len(_names) >= _MOST_NAMES:
        _names.clear()
    name = _names[raw] = raw.decode()
    return name


def _skip_fields(frame: bytes, n_fields: int) -> int:
    at = FIRST_FIELD
    for _ in range(n_fields):
        if at + 5 > len(frame):
            raise ProtocolError(f"field cut off at byte offset {at}")
        behind = at + 4 + _U32.unpack_from(frame, at)[0]
        if behind > len(frame):
            raise ProtocolError(f"field of {behind - at - 4} bytes does not fit at byte offset {at}")
        at = behind
    return at
