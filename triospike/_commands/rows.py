"""From the frames of a scan's or query's answer to records: decoded in one pass, some hundred at a time.

A node sends frames of about a megabyte. To decode one at once would hold up every other task for some ten
milliseconds, and its records would take several times its memory; so a frame is kept as it is, and decoded as
far as its records are wanted.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import Any

import attrs

from .. import clock
from .._wire.flags import FieldType, FrameType, Info3, ParticleType
from .._wire.message import MESSAGE_HEADER_SIZE, pack_field
from .._wire.particle import decode_value
from .._wire.proto import FRAME_HEADER_SIZE
from .._wire.units import ttl_from_void_time
from ..errors import ProtocolError, error_for
from ..key import DIGEST_BYTES, UserKey, set_names
from ..record import Record
from ..result_code import ResultCode
from ..values import OpaqueBlob, decode_text
from .alike_rows import ReadFound, found_reader, known_reader, reader_of
from .record_parser import gather
from .row_look import Look, scan_look

__all__ = ["RowReader", "Rows"]

_HEADER = struct.Struct(">3xBxBII4xHH")  # info3, result code, generation, void-time, how many fields and bins
_FIELD = struct.Struct(">IB")
_OP = struct.Struct(">IxBxB")
_INT64 = struct.Struct(">q")
_INDEX_VALUE = struct.Struct("<Q")
_DIGEST_HEAD = _FIELD.pack(DIGEST_BYTES + 1, FieldType.DIGEST)
_SIZE = struct.Struct(">I")
_UNPACK_OP, _UNPACK_INT = _OP.unpack_from, _INT64.unpack_from
_NO_ROW = Info3.LAST | Info3.PARTITION_DONE
_KEY_TYPES = frozenset({ParticleType.INTEGER, ParticleType.STRING, ParticleType.BLOB})
_LOW_NIBBLE = bytes(byte & 0x0F for byte in range(256))
_MOST_NAMES = 32768
_MOST_READERS = 4
"""How many readers of alike rows are tried before a row is read slowly."""
_MOST_MADE = 16
"""How many of them may be made for one answer; each takes about a millisecond."""
_MOST_GUESSES = 64
"""How many slow rows are looked at, as to whether a reader would pay; one more for each 16 KiB."""
_LUCK, _HIT, _MISS = 64, 3, 2
"""What trying readers is worth at first, what it gains when one fits, and costs when none does: it pays when that
happens to two rows in five."""
_CONTAINERS = frozenset({ParticleType.LIST, ParticleType.MAP})


@attrs.define(slots=True)
class Rows:
    """Some records in the order of the answer.

    Attributes:
        records: The records.
        digests: Their digests.
        values: Their values in the index that found them; empty for a scan.
    """

    records: list[Record] = attrs.field(factory=list)
    digests: list[bytes] = attrs.field(factory=list)
    values: list[int] = attrs.field(factory=list)
    _last: tuple[int, dict[int, tuple[bytes, int]]] = attrs.field(factory=lambda: (0, {}), eq=False, repr=False)

    def last_of_partitions(self, size: int | None = None) -> dict[int, tuple[bytes, int]]:
        """Each partition's last record, as a point to resume at.

        Args:
            size: Of the first so many records; None for all.
        """
        size = len(self.digests) if size is None else size
        if self._last[0] != size:  # for all of them it is asked for several times
            self._last = size, self._find_last(size)
        return self._last[1]

    def _find_last(self, size: int) -> dict[int, tuple[bytes, int]]:
        digests = self.digests if size == len(self.digests) else self.digests[:size]
        joined = b"".join(digests)
        # The partition is the first two bytes, little-endian, without the upper nibble of the second.
        pairs = bytearray(2 * len(digests))
        pairs[0::2] = joined[0::DIGEST_BYTES]
        pairs[1::2] = joined[1::DIGEST_BYTES].translate(_LOW_NIBBLE)
        partitions = struct.unpack(f"<{len(digests)}H", pairs)
        values = self.values or (0,) * len(digests)
        return dict(zip(partitions, zip(digests, values, strict=False), strict=False))

    def cut(self, size: int) -> None:
        """Drop all but the first so many records."""
        del self.records[size:], self.digests[size:], self.values[size:]

    def replace_first(self, size: int, more: Rows) -> None:
        """Drop the first so many records, and put others behind the rest."""
        del self.records[:size], self.digests[:size], self.values[:size]
        self._last = 0, {}
        self.records += more.records
        self.digests += more.digests
        self.values += more.values


class RowReader:
    """Decodes the frames of one node's answer.

    Args:
        namespace: The records' namespace.
        partitions: The partitions that were asked for.
        with_values: The rows bring values in an index.
        deserialize: Make Python values of lists and maps.
        gathers: Bins hold the results of operations, of which several may be for one bin.

    Attributes:
        ended: The answer is over.
        unavailable: Partitions that the node does not serve at the moment.
    """

    def __init__(
        self,
        namespace: str,
        partitions: Collection[int],
        *,
        with_values: bool = False,
        deserialize: bool = True,
        gathers: bool = False,
    ) -> None:
        self.ended = False
        self.unavailable: set[int] = set()
        self._namespace = namespace
        self._partitions = frozenset(partitions)
        self._with_values = with_values
        self._deserialize = deserialize
        self._gathers = gathers
        self._head = pack_field(FieldType.NAMESPACE, namespace.encode()) + _DIGEST_HEAD
        self._without_set = set_names(namespace, "")
        self._set = self._without_set  # of the row that is being read
        self._set_field = b""  # the last that was met: most rows repeat it
        self._last_set = self._set  # its names
        self._names: dict[bytes, str] = {}
        self._readers: list[ReadFound] = []  # the last one that was of use comes first
        self._seen: set[Look] = set()
        self._made = 0
        self._guesses = _MOST_GUESSES
        self._luck = _LUCK
        self._frame = b""
        self._at = 0

    def begin(self, frame: bytes) -> None:
        """Take in a frame; the one before must have been read to its end.

        Raises:
            ProtocolError: It holds no messages.
        """
        if frame[1] != FrameType.MESSAGE:
            raise ProtocolError(f"expected messages, got a frame of type {frame[1]}")
        self._frame = frame
        self._at = FRAME_HEADER_SIZE
        self._guesses = min(self._guesses + (len(frame) >> 14), _MOST_GUESSES)
        self._luck = max(self._luck, 0)

    @property
    def exhausted(self) -> bool:
        """Everything of the frame has been read."""
        return self._at == len(self._frame)

    def may_end_here(self) -> bool:
        """Whether the frame may hold the answer's last message: its last bytes look like one.

        A short query has it behind its last records, a long one in a frame of its own. Where there is none, this
        is true by an accident of some record's bytes, if at all.
        """
        frame = self._frame
        at = len(frame) - MESSAGE_HEADER_SIZE
        return at >= FRAME_HEADER_SIZE and frame[at] == MESSAGE_HEADER_SIZE and bool(frame[at + 3] & Info3.LAST)

    def read(self, limit: int) -> Rows:
        """The next records of the frame.

        Args:
            limit: How many at most.

        Raises:
            AerospikeError: The node failed the query.
            ProtocolError: The frame is malformed, or not an answer to what was asked.
        """
        rows = Rows()
        try:
            self._read(rows, limit)
        except struct.error:
            raise ProtocolError(f"message cut off behind byte offset {self._at}") from None
        except UnicodeDecodeError as error:
            raise ProtocolError(f"name in the message at byte offset {self._at} is not UTF-8: {error}") from error
        if not self._partitions.issuperset(rows.last_of_partitions()):
            raise ProtocolError("the node sent records of partitions that it was not asked for")
        return rows

    def _read(self, rows: Rows, limit: int) -> None:
        end, now = len(self._frame), clock.wall_clock()
        records = rows.records
        while self._at < end and len(records) < limit:
            if self.ended:
                raise ProtocolError(f"{end - self._at} bytes too many behind the last message")
            if self._readers and self._luck >= 0 and self._read_alike(rows, limit, now):
                continue
            start = self._at
            if self._read_message(rows, now) and self._guesses and self._luck >= 0:
                self._learn(start)

    def _read_alike(self, rows: Rows, limit: int, now: float) -> bool:
        """Read rows that look like some that were read before; whether there was one."""
        frame, at, records = self._frame, self._at, rows.records
        end, left = len(frame), limit - len(records)
        for place, reader in enumerate(self._readers):
            self._at = reader(frame, at, end, left, records, rows.digests, rows.values, now)
            if self._at != at:
                if place:
                    self._readers.insert(0, self._readers.pop(place))
                self._luck = min(self._luck + _HIT, _LUCK)
                return True
        self._luck -= _MISS
        return False

    def _learn(self, start: int) -> None:
        """Have a reader for rows like the one that begins there, if it is not the only one."""
        self._guesses -= 1
        look = scan_look(self._frame, start, deserialize=self._deserialize)
        if look is None:
            return
        identity = look, self._set, self._gathers, self._with_values
        reader = known_reader(found_reader, *identity)
        if reader is None:
            if look not in self._seen or self._made == _MOST_MADE:
                self._seen.add(look)  # at most as many as there are guesses
                return
            self._made += 1
            reader = reader_of(found_reader, *identity)
        self._readers.insert(0, reader)
        del self._readers[_MOST_READERS:]

    def _read_message(self, rows: Rows, now: float) -> bool:
        """Read one message of whatever kind; whether it was a row."""
        frame, at = self._frame, self._at
        info3, code, generation, void_time, n_fields, n_ops = _HEADER.unpack_from(frame, at)
        at += MESSAGE_HEADER_SIZE
        if code or info3 & _NO_ROW:
            self._note(info3, code, generation)
            self._at = self._behind(at, n_fields, n_ops)
            return False
        digest_at = at + len(self._head)
        if n_fields >= 2 and frame[at:digest_at] == self._head:
            at = digest_at + DIGEST_BYTES
            digest = frame[digest_at:at]
            n_fields -= 2
        else:
            digest = b""
        self._set = self._without_set
        at, digest, user_key = self._read_fields(at, n_fields, digest, rows.values)
        self._check_row(digest, rows)
        results: tuple[tuple[str, Any], ...] = ()
        if self._gathers:
            results, at = self._read_results(at, n_ops)
            bins = gather(results)
        else:
            bins, at = self._read_bins(at, n_ops)
        if at > len(frame):
            raise ProtocolError(f"message cut off at byte offset {self._at}")
        rows.digests.append(digest)
        key = self._set, user_key, digest
        ttl = ttl_from_void_time(void_time, now) if void_time else None
        rows.records.append(Record(key, bins, generation, ttl, results))
        self._at = at
        return True

    def _check_row(self, digest: bytes, rows: Rows) -> None:
        if len(digest) != DIGEST_BYTES:
            raise ProtocolError(f"the row at byte offset {self._at} has no digest of {DIGEST_BYTES} bytes")
        if self._with_values and len(rows.values) != len(rows.records) + 1:
            raise ProtocolError(f"the row at byte offset {self._at} has not one value in the index")

    def _note(self, info3: int, code: int, generation: int) -> None:
        """A message that is no row."""
        if not info3 & Info3.LAST and info3 & Info3.PARTITION_DONE:
            if generation not in self._partitions:
                raise ProtocolError(f"the node tells of partition {generation}, which it was not asked for")
            if code:
                self.unavailable.add(generation)
            return
        if code and code != ResultCode.NOT_FOUND:  # which only says that the node has no such set
            raise error_for(code)
        self.ended = True

    def _behind(self, at: int, n_fields: int, n_ops: int) -> int:
        """The byte offset behind so many fields and operations."""
        frame = self._frame
        for _ in range(n_fields + n_ops):
            at += 4 + _SIZE.unpack_from(frame, at)[0]
        if at > len(frame):
            raise ProtocolError(f"message cut off at byte offset {self._at}")
        return at

    def _read_fields(
        self, at: int, n_fields: int, digest: bytes, values: list[int]
    ) -> tuple[int, bytes, UserKey | None]:
        """Read fields in whatever order; the offset behind them, the digest, and the user key."""
        frame = self._frame
        user_key: UserKey | None = None
        for _ in range(n_fields):
            size, kind = _FIELD.unpack_from(frame, at)
            value_at, behind = at + 5, at + 4 + size
            if size < 1 or behind > len(frame):
                raise ProtocolError(f"field of {size} bytes does not fit at byte offset {at}")
            if kind == FieldType.KEY:
                user_key = _user_key(frame[value_at:behind])
            elif kind == FieldType.BIN_VALUES:
                if self._with_values:
                    values.append(_INDEX_VALUE.unpack(frame[value_at:behind])[0])
            elif kind == FieldType.SET:
                self._remember_set(frame[at:behind])
            elif kind == FieldType.DIGEST:
                digest = frame[value_at:behind]
            at = behind
        return at, digest, user_key

    def _remember_set(self, field: bytes) -> None:
        if field == self._set_field:
            self._set = self._last_set
            return
        name = field[_FIELD.size :].decode()
        try:
            self._set = self._last_set = set_names(self._namespace, name)
        except ValueError as error:
            raise ProtocolError(f"the row at byte offset {self._at} is of no set that can be: {error}") from error
        self._set_field = field

    def _read_bins(self, at: int, n_ops: int) -> tuple[dict[str, Any], int]:
        """Bins by name, and the offset behind them."""
        frame, end, names = self._frame, len(self._frame), self._names
        bins: dict[str, Any] = {}
        for _ in range(n_ops):
            size, kind, name_size = _UNPACK_OP(frame, at)
            value_at = at + 8 + name_size
            raw_name = frame[at + 8 : value_at]
            at += 4 + size
            if at > end or value_at > at:
                raise ProtocolError(f"bin of {size} bytes does not fit at byte offset {at - size - 4} of {end}")
            name = names.get(raw_name)
            if name is None:
                name = self._new_name(raw_name)
            if kind == 1 and size == 12 + name_size:
                bins[name] = _UNPACK_INT(frame, value_at)[0]
            elif kind == 3:
                bins[name] = decode_text(frame[value_at:at])
            else:
                bins[name] = self._value(kind, frame[value_at:at])
        return bins, at

    def _read_results(self, at: int, n_ops: int) -> tuple[tuple[tuple[str, Any], ...], int]:
        """Name and value of each result, and the offset behind them."""
        results: list[tuple[str, Any]] = []
        for _ in range(n_ops):
            one, at = self._read_bins(at, 1)
            results += one.items()
        return tuple(results), at

    def _new_name(self, raw: bytes) -> str:
        if len(self._names) == _MOST_NAMES:
            self._names.clear()
        name = self._names[raw] = raw.decode()
        return name

    def _value(self, kind: int, data: bytes) -> Any:
        if kind in _CONTAINERS and not self._deserialize:
            return OpaqueBlob(kind, data)
        return decode_value(kind, data)


def _user_key(data: bytes) -> UserKey | None:
    """The stored user key; None where it is of a type that this client makes no keys of."""
    if not data or data[0] not in _KEY_TYPES:
        return None
    key = decode_value(data[0], data[1:])
    return key if isinstance(key, int | str | bytes) else None
