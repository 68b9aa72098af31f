"""A query as it is asked for, taken apart and checked in the order in which a server does it."""

from __future__ import annotations

from typing import Final

import attrs

from ..._wire.flags import FieldType, Info1, Info2, Info3, OpType
from ...result_code import ResultCode
from ..evaluate.expression import BuiltExpression, build_filter, check_modify
from ..indexes.definition import Collection
from ..indexes.index import Index
from ..refusal import Refusal
from ..request import Op, Request
from ..storage.namespace import Namespace
from .fields import Resume, index_context, number, partitions, query_set, socket_timeout
from .job import JobKind
from .ranges import IndexRange, parse_range

__all__ = ["Query", "kind_of", "parse_query"]

_READS: Final = frozenset({OpType.READ, OpType.CDT_READ, OpType.BITS_READ, OpType.HLL_READ, OpType.EXP_READ})
_MOST_RPS_IN_BACKGROUND: Final = 10_000
_LONGEST_INDEX_NAME: Final = 63
_LONGEST_BIN_NAME: Final = 15
_LONGEST_UDF_NAME: Final = 127
_AGGREGATE: Final = 1
_BACKGROUND: Final = 2


@attrs.frozen(kw_only=True)
class Query:
    """A checked query.

    Attributes:
        request: The message.
        kind: What is done with what is found.
        set_name: Empty for all sets.
        is_set_known: There are or were records of this set.
        partitions: Ids in order, and where each is resumed; None for all that this node masters.
        index: The index to go by, or None.
        range: What to look for in it.
        records_per_second: Quota, 0 for none.
        timeout_ms: Milliseconds for which the client may read nothing, 0 for no limit.
        max_records: Most records, 0 for no limit.
        ops: What is answered of each record; empty for all bins.
        filter: What must hold of a record, or None.
    """

    request: Request
    kind: JobKind
    set_name: bytes
    is_set_known: bool
    partitions: dict[int, Resume | None] | None
    index: Index | None
    range: IndexRange | None
    records_per_second: int
    timeout_ms: int = 0
    max_records: int = 0
    ops: tuple[Op, ...] = ()
    filter: BuiltExpression | None = None

    @property
    def is_short(self) -> bool:
        """Whether the client expects it to take no time."""
        return self.request.info1 & Info1.SHORT_QUERY != 0

    @property
    def has_no_bins(self) -> bool:
        """Whether the client wants no bins."""
        return self.request.info1 & Info1.GET_NO_BINS != 0

    @property
    def drops_repeats(self) -> bool:
        """Whether a record may be found more than once, and is answered once."""
        return (
            self.index is not None
            and self.range is not None
            and self.range.is_range
            and self.index.definition.collection is not Collection.DEFAULT
        )


def kind_of(request: Request) -> JobKind:
    """What a query does with what it finds.

    Raises:
        Refusal: It does not tell, or nothing that is known.
    """
    if FieldType.UDF_FILENAME not in request.fields:
        return JobKind.BACKGROUND_OPS if request.info2 & Info2.WRITE else JobKind.BASIC
    match request.fields.get(FieldType.UDF_OP):
        case b"\x01":
            return JobKind.AGGREGATION
        case b"\x02":
            return JobKind.BACKGROUND_UDF
    raise Refusal(ResultCode.PARAMETER)


def parse_query(namespace: Namespace, request: Request) -> Query:
    """Take a query apart.

    Args:
        namespace: Where it is asked.
        request: The message.

    Raises:
        Refusal: The query can't be.
    """
    kind = kind_of(request)
    if kind is JobKind.BASIC:
        return _parse_basic(namespace, request)
    if request.info1 & Info1.SHORT_QUERY:
        raise Refusal(ResultCode.PARAMETER)
    if kind is JobKind.AGGREGATION and FieldType.FILTER_EXP in request.fields:
        raise Refusal(ResultCode.UNSUPPORTED_FEATURE)
    query = _parse_common(namespace, request, kind, None)
    if not query.is_set_known:
        raise Refusal(ResultCode.NOT_FOUND)
    if kind is JobKind.AGGREGATION:
        query = _with_index(namespace, query)
        query = attrs.evolve(query, timeout_ms=socket_timeout(request))
        _check_udf(request)
        return query
    if query.records_per_second > _MOST_RPS_IN_BACKGROUND:
        raise Refusal(ResultCode.PARAMETER)
    query = attrs.evolve(query, records_per_second=query.records_per_second or _MOST_RPS_IN_BACKGROUND)
    query = _with_index(namespace, query)
    query = attrs.evolve(query, filter=_filter(request))
    if kind is JobKind.BACKGROUND_UDF:
        _check_udf(request)
    else:
        _check_writes(request)
    return query


def _parse_basic(namespace: Namespace, request: Request) -> Query:
    if not request.info3 & Info3.PARTITION_DONE:
        raise Refusal(ResultCode.UNSUPPORTED_FEATURE)
    query_set(request)
    found = partitions(request)
    query = _parse_common(namespace, request, JobKind.BASIC, found)
    if found is None:
        raise Refusal(ResultCode.UNSUPPORTED_FEATURE)
    query = _with_index(namespace, query)
    return attrs.evolve(
        query,
        timeout_ms=socket_timeout(request),
        max_records=number(request, FieldType.MAX_RECORDS, 8) or 0,
        ops=() if query.has_no_bins else _reads(request),
        filter=_filter(request),
    )


def _parse_common(
    namespace: Namespace, request: Request, kind: JobKind, found: dict[int, Resume | None] | None
) -> Query:
    """What all queries tell: set, range, quota and the name of an index."""
    set_name = query_set(request)
    fields = request.fields
    index_range = None
    if FieldType.INDEX_RANGE in fields:
        is_named = FieldType.INDEX_NAME in fields or FieldType.INDEX_EXPRESSION in fields
        index_range = parse_range(fields[FieldType.INDEX_RANGE], is_named=is_named)
        _check_index_fields(request)
    quota = number(request, FieldType.RECORDS_PER_SECOND, 4)
    if quota is not None and request.info1 & Info1.SHORT_QUERY:
        raise Refusal(ResultCode.PARAMETER)
    _check_index_name(request)
    return Query(
        request=request,
        kind=kind,
        set_name=set_name,
        is_set_known=not set_name or set_name in namespace.sets,
        partitions=found,
        index=None,
        range=index_range,
        records_per_second=quota or 0,
    )


def _check_index_fields(request: Request) -> None:
    fields = request.fields
    if fields.get(FieldType.INDEX_TYPE) == b"":
        raise Refusal(ResultCode.PARAMETER)
    expression = fields.get(FieldType.INDEX_EXPRESSION)
    if expression is not None and (FieldType.INDEX_NAME in fields or not expression):
        raise Refusal(ResultCode.PARAMETER)
    index_context(request)


def _check_index_name(request: Request) -> None:
    name = request.fields.get(FieldType.INDEX_NAME)
    if name is None:
        return
    if FieldType.INDEX_EXPRESSION in request.fields or not 0 < len(name) <= _LONGEST_INDEX_NAME:
        raise Refusal(ResultCode.PARAMETER)


def _with_index(namespace: Namespace, query: Query) -> Query:
    """Find the index that the query goes by."""
    if query.range is None:
        return query
    index = _find_index(namespace, query, query.range)
    if index is None:
        raise Refusal(ResultCode.INDEX_NOT_FOUND)
    if not index.is_readable:
        raise Refusal(ResultCode.INDEX_NOT_READABLE)
    return attrs.evolve(query, index=index)


def _find_index(namespace: Namespace, query: Query, wanted: IndexRange) -> Index | None:
    fields = query.request.fields
    name = fields.get(FieldType.INDEX_NAME)
    if name is not None:
        return namespace.indexes.named(name.partition(b"\0")[0].decode("utf-8", "surrogateescape"))
    number_of_type = fields.get(FieldType.INDEX_TYPE, b"\0")[0]
    if number_of_type >= Collection.SET:
        return None
    collection = Collection(number_of_type)
    context, expression = fields.get(FieldType.INDEX_CONTEXT), fields.get(FieldType.INDEX_EXPRESSION)
    for set_name in (query.set_name, b"") if query.is_set_known else (b"",):
        index = namespace.indexes.defined(
            (set_name, wanted.bin_name, wanted.kind, collection, context, expression)
        )
        if index is not None:
            return index
    return None


def _reads(request: Request) -> tuple[Op, ...]:
    """What is answered of each record."""
    names = request.fields.get(FieldType.QUERY_BINLIST)
    if names is not None:
        if request.ops:
            raise Refusal(ResultCode.PARAMETER)
        return tuple((int(OpType.READ), 0, name, b"") for name in _bin_list(names))
    for kind, _, name, _ in request.ops:
        if kind not in _READS or len(name) > _LONGEST_BIN_NAME or 0 in name:
            raise Refusal(ResultCode.PARAMETER)
    return tuple(request.ops)


def _bin_list(field: bytes) -> list[bytes]:
    names, at = [], 1
    for _ in range(field[0] if field else 0):
        size = field[at] if at < len(field) else 0
        names.append(field[at + 1 : at + 1 + size])
        at += 1 + size
    return names


def _filter(request: Request) -> BuiltExpression | None:
    sent = request.fields.get(FieldType.FILTER_EXP)
    return None if sent is None else build_filter(sent)


def _check_udf(request: Request) -> None:
    """Refuse a call of a function that names none, or has no arguments."""
    fields = request.fields
    for kind in (FieldType.UDF_FILENAME, FieldType.UDF_FUNCTION):
        if len(fields.get(kind, bytes(_LONGEST_UDF_NAME + 1))) > _LONGEST_UDF_NAME:
            raise Refusal(ResultCode.PARAMETER)
    if FieldType.UDF_ARGLIST not in fields:
        raise Refusal(ResultCode.PARAMETER)


def _check_writes(request: Request) -> None:
    if request.info1 & Info1.READ or not request.ops:
        raise Refusal(ResultCode.PARAMETER)
    if any(op[0] in _READS for op in request.ops):
        raise Refusal(ResultCode.PARAMETER)
    for kind, _, _, value in request.ops:
        if kind == OpType.EXP_MODIFY:
            check_modify(value)
