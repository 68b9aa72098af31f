"""Which records a query returns, by a secondary index (protocol section 9.3)."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import attrs

from .._wire.flags import ParticleType
from .._wire.opcodes import CollectionKind
from ..operations.context import ContextLike, pack_context
from ..operations.operation import check_bin_name
from ..packed import PackedLike, packed_bytes
from ..values import INT64_MAX, INT64_MIN, GeoJSON, encode_text

__all__ = ["Filter"]

_INT64 = struct.Struct(">q")
_MAX_INDEX_NAME_BYTES = 63


@attrs.frozen(kw_only=True)
class Filter:
    """A condition that a secondary index answers; made by the class methods here.

    Each of them takes the name of the bin, or None and an ``index`` by name or an ``expression`` that is indexed.
    There must be an index that fits: of the type of the value, of that kind of collection, with the same context;
    else the query fails with `IndexNotFound`.

    Attributes:
        bin_name: Name of the bin; empty where the index is named, or of an expression.
        particle_type: Type of the values.
        begin: The lowest value, as it travels.
        end: The highest value, as it travels.
        collection: What of the bin is indexed.
        context: Path to the indexed element inside the bin, packed; None for the bin itself.
        index: Name of the index, or None.
        expression: The indexed expression, packed, or None.
        description: How a program would write it, for people.
    """

    bin_name: str
    particle_type: int
    begin: bytes = attrs.field(repr=False)
    end: bytes = attrs.field(repr=False)
    collection: CollectionKind = CollectionKind.DEFAULT
    context: bytes | None = attrs.field(default=None, repr=False)
    index: str | None = None
    expression: bytes | None = attrs.field(default=None, repr=False)
    description: str = attrs.field(default="", eq=False, repr=False)

    def __str__(self) -> str:
        return self.description

    @property
    def identity(self) -> tuple[object, ...]:
        """What two filters share that select the same records from the same index."""
        return (
            self.bin_name,
            self.particle_type,
            self.begin,
            self.end,
            int(self.collection),
            self.context,
            self.index,
            self.expression,
        )

    @classmethod
    def equal(
        cls,
        bin_name: str | None,
        value: int | str | bytes,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose bin equals a value (C: ``as_equals``).

        Args:
            bin_name: Name of the bin, or None.
            value: An int of 64 bits, a str, or bytes (server 7.0).
            context: Path to the indexed element inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        kind, packed = _value(value, "value")
        target = _target(bin_name, context, index, expression)
        return cls(**target, **_range(kind, packed, packed), description=f"equal({bin_name!r}, {value!r:.60})")

    @classmethod
    def between(
        cls,
        bin_name: str | None,
        low: int,
        high: int,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose bin is an integer in a range (C: ``as_range``).

        Args:
            bin_name: Name of the bin, or None.
            low: The lowest value.
            high: The highest value, included.
            context: Path to the indexed element inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        target = _target(bin_name, context, index, expression)
        return cls(**target, **_integers(low, high), description=f"between({bin_name!r}, {low}, {high})")

    @classmethod
    def contains(
        cls,
        bin_name: str | None,
        value: int | str | bytes,
        collection: CollectionKind = CollectionKind.LIST,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose list or map contains a value (C: ``as_contains``).

        Args:
            bin_name: Name of the bin, or None.
            value: An int of 64 bits, a str, or bytes (server 7.0).
            collection: Whether it is an element of a list, a key of a map, or a value of one.
            context: Path to the list or map inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        kind, packed = _value(value, "value")
        return cls(
            **_target(bin_name, context, index, expression),
            **_range(kind, packed, packed),
            collection=_collection(collection),
            description=f"contains({bin_name!r}, {value!r:.60}, {collection.name})",
        )

    @classmethod
    def contains_between(
        cls,
        bin_name: str | None,
        low: int,
        high: int,
        collection: CollectionKind = CollectionKind.LIST,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose list or map contains an integer of a range (C: ``as_range`` with an index type).

        A record with several such integers is returned once by one request; a page or a retry that goes on in
        the middle of its partition may return it again.

        Args:
            bin_name: Name of the bin, or None.
            low: The lowest value.
            high: The highest value, included.
            collection: Whether it is an element of a list, a key of a map, or a value of one.
            context: Path to the list or map inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        return cls(
            **_target(bin_name, context, index, expression),
            **_integers(low, high),
            collection=_collection(collection),
            description=f"contains_between({bin_name!r}, {low}, {high}, {collection.name})",
        )

    @classmethod
    def within_region(
        cls,
        bin_name: str | None,
        region: GeoJSON | str,
        collection: CollectionKind = CollectionKind.DEFAULT,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose point lies in a region (C: ``as_geo_within``).

        Args:
            bin_name: Name of the bin, or None.
            region: GeoJSON of a Polygon, a MultiPolygon or an AeroCircle.
            collection: What of the bin is indexed.
            context: Path to the indexed element inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        text = _geojson(region, "region")
        return cls(
            **_target(bin_name, context, index, expression),
            **_range(ParticleType.GEOJSON, text, text),
            collection=_collection(collection),
            description=f"within_region({bin_name!r}, {region!r:.60})",
        )

    @classmethod
    def within_radius(
        cls,
        bin_name: str | None,
        longitude: float,
        latitude: float,
        meters: float,
        collection: CollectionKind = CollectionKind.DEFAULT,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose point lies in a circle (C: ``as_geo_within`` with an AeroCircle).

        Args:
            bin_name: Name of the bin, or None.
            longitude: Of the centre, in degrees.
            latitude: Of the centre, in degrees.
            meters: The radius.
            collection: What of the bin is indexed.
            context: Path to the indexed element inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        centre = _position(longitude, latitude)
        circle = json.dumps({"type": "AeroCircle", "coordinates": [centre, _finite(meters, "meters")]})
        return cls.within_region(bin_name, circle, collection, context=context, index=index, expression=expression)

    @classmethod
    def regions_containing(
        cls,
        bin_name: str | None,
        point: GeoJSON | str | tuple[float, float],
        collection: CollectionKind = CollectionKind.DEFAULT,
        *,
        context: ContextLike | None = None,
        index: str | None = None,
        expression: PackedLike | None = None,
    ) -> Filter:
        """Records whose region contains a point (C: ``as_geo_contains``).

        Args:
            bin_name: Name of the bin, or None.
            point: Longitude and latitude in degrees, or GeoJSON of a Point.
            collection: What of the bin is indexed.
            context: Path to the indexed element inside the bin.
            index: Name of the index, instead of the bin (server 8.1).
            expression: The indexed expression, instead of the bin (server 8.1).
        """
        if isinstance(point, tuple | list):
            if len(point) != 2:
                raise ValueError(f"point must be longitude and latitude, not {len(point)} numbers")
            point = json.dumps({"type": "Point", "coordinates": _position(*point)})
        text = _geojson(point, "point")
        return cls(
            **_target(bin_name, context, index, expression),
            **_range(ParticleType.GEOJSON, text, text),
            collection=_collection(collection),
            description=f"regions_containing({bin_name!r}, {point!r:.60})",
        )


def _target(
    bin_name: str | None, context: ContextLike | None, index: str | None, expression: PackedLike | None
) -> dict[str, Any]:
    """What is indexed: exactly one of a bin, an index by its name, an expression."""
    # `is`, since == of expressions makes another expression.
    if sum(given is not None for given in (bin_name, index, expression)) != 1:
        raise ValueError("one of bin_name, index and expression must be given, and only one")
    if bin_name is not None:
        check_bin_name(bin_name)
    if index is not None:
        _check_index_name(index)
    return {
        "bin_name": bin_name or "",
        "context": pack_context(context),
        "index": index,
        "expression": None if expression is None else packed_bytes(expression, "expression"),
    }


def _check_index_name(name: Any) -> None:
    if not isinstance(name, str):
        raise TypeError(f"index must be the name of an index, not {type(name).__name__}")
    if not 1 <= len(encode_text(name, "index")) <= _MAX_INDEX_NAME_BYTES:
        raise ValueError(f"index must be 1 to {_MAX_INDEX_NAME_BYTES} bytes long, not {name!r}")


def _range(kind: int, begin: bytes, end: bytes) -> dict[str, Any]:
    return {"particle_type": int(kind), "begin": begin, "end": end}


def _value(value: Any, argument: str) -> tuple[int, bytes]:
    if isinstance(value, str):
        return ParticleType.STRING, encode_text(value, argument)
    if isinstance(value, bytes | bytearray):
        return ParticleType.BLOB, bytes(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{argument} must be an int, str or bytes, not {type(value).__name__}")
    return ParticleType.INTEGER, _integer(value, argument)


def _integers(low: Any, high: Any) -> dict[str, Any]:
    packed = _integer(low, "low"), _integer(high, "high")
    if low > high:
        raise ValueError(f"low must not be above high, as {low} is above {high}")
    return _range(ParticleType.INTEGER, *packed)


def _integer(value: Any, argument: str) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{argument} must be an int, not {type(value).__name__}")
    if not INT64_MIN <= value <= INT64_MAX:
        raise ValueError(f"{argument} does not fit in 64 bits: {value}")
    return _INT64.pack(value)


def _collection(collection: Any) -> CollectionKind:
    if not isinstance(collection, CollectionKind):
        raise TypeError(f"collection must be a CollectionKind, not {type(collection).__name__}")
    return collection


def _geojson(value: Any, argument: str) -> bytes:
    text = value.text if isinstance(value, GeoJSON) else value
    if not isinstance(text, str):
        raise TypeError(f"{argument} must be GeoJSON, not {type(value).__name__}")
    return encode_text(text, argument)


def _position(longitude: Any, latitude: Any) -> list[float]:
    return [_finite(longitude, "longitude"), _finite(latitude, "latitude")]


def _finite(value: Any, argument: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{argument} must be a number, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{argument} must be a finite number, not {value!r}")
    return value
