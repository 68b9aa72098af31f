"""Expressions of the official client's helper classes, made with `triospike.exp` instead.

Nothing here knows the recorded requests. Over there the arguments stand in the order of the C macros, context and
policy first, the bin last. The functions are used, not the operators, since they say which operand comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from commands.neutral import to_python
from triospike import exp, operations
from triospike.operations import (
    BitOverflow,
    BitResizeFlags,
    BitWriteFlags,
    ContextStep,
    ExpReadFlags,
    ExpWriteFlags,
    HllWriteFlags,
    ListOrder,
    ListSortFlags,
    ListWriteFlags,
    MapOrder,
    MapWriteFlags,
    Operation,
    PathReturn,
    context,
)
from triospike.packed import FilterLike
from triospike.values import ArgumentMark

__all__ = ["CLASSES", "OPERATIONS", "expression_of", "filter_of"]

_Op = dict[str, Any]
_Builder = Callable[..., exp.Expression]


def expression_of(neutral: Any) -> Any:
    """The expression that ``{"$exp": [class, argument...]}`` stands for; anything else is a value."""
    if isinstance(neutral, dict) and "$exp" in neutral:
        name, *arguments = neutral["$exp"]
        return CLASSES[name](*(_argument(argument) for argument in arguments))
    return to_python(neutral)


def filter_of(neutral: Any) -> FilterLike:
    """A filter; one that is neither true nor false must come as bytes, or it is refused."""
    made: exp.Expression = expression_of(neutral)
    return made if isinstance(made, exp.BoolExp | exp.AnyExp) else made.packed


def _argument(neutral: Any) -> Any:
    if isinstance(neutral, list) and neutral and all(_is_step(each) for each in neutral):
        return [_step(each) for each in neutral]
    return expression_of(neutral)


def _is_step(neutral: Any) -> bool:
    return isinstance(neutral, dict) and len(neutral) == 1 and hasattr(context, next(iter(neutral)))


def _step(neutral: _Op) -> ContextStep:
    ((name, arguments),) = neutral.items()
    made: ContextStep = getattr(context, name)(**{key: expression_of(each) for key, each in arguments.items()})
    return made


# Which class is which function.


def _def(name: str, value: Any) -> tuple[str, Any]:
    return name, value


def _let(*arguments: Any) -> exp.Expression:
    *definitions, result = arguments
    made: exp.Expression = exp.let(dict(definitions), result)
    return made


def _cond(*arguments: Any) -> exp.Expression:
    *cases, default = arguments
    made: exp.Expression = exp.cond(*zip(cases[::2], cases[1::2], strict=True), default=default)
    return made


def _val(value: Any) -> exp.Expression:
    if isinstance(value, ArgumentMark):
        return exp.infinity() if value is ArgumentMark.INFINITY else exp.wildcard()
    made: exp.Expression = exp.val(value)
    return made


def _regex(flags: int, pattern: str, text: Any) -> exp.Expression:
    return exp.regex(text, pattern, exp.RegexFlags(flags))


_PLAIN: dict[str, _Builder] = {
    "Val": _val,
    "Unknown": exp.unknown,
    "KeyInt": exp.key_int,
    "KeyStr": exp.key_str,
    "KeyBlob": exp.key_blob,
    "KeyExists": exp.key_exists,
    "BoolBin": exp.bin_bool,
    "IntBin": exp.bin_int,
    "StrBin": exp.bin_str,
    "FloatBin": exp.bin_float,
    "BlobBin": exp.bin_blob,
    "GeoBin": exp.bin_geo,
    "ListBin": exp.bin_list,
    "MapBin": exp.bin_map,
    "HLLBin": exp.bin_hll,
    "BinExists": exp.bin_exists,
    "BinType": exp.bin_type,
    "SetName": exp.set_name,
    "DeviceSize": exp.device_size,
    "MemorySize": exp.memory_size,
    "RecordSize": exp.record_size,
    "LastUpdateTime": exp.last_update,
    "SinceUpdateTime": exp.since_update,
    "VoidTime": exp.void_time,
    "TTL": exp.ttl,
    "IsTombstone": exp.is_tombstone,
    "DigestMod": exp.digest_modulo,
    "Eq": exp.eq,
    "NE": exp.ne,
    "GT": exp.gt,
    "GE": exp.ge,
    "LT": exp.lt,
    "LE": exp.le,
    "CmpRegex": _regex,
    "CmpGeo": exp.geo_compare,
    "Not": exp.not_,
    "And": exp.and_,
    "Or": exp.or_,
    "Exclusive": exp.exclusive,
    "Cond": _cond,
    "Let": _let,
    "Var": exp.var,
    "Add": exp.add,
    "Sub": exp.sub,
    "Mul": exp.mul,
    "Div": exp.div,
    "Pow": exp.pow_,
    "Log": exp.log,
    "Mod": exp.mod,
    "Abs": exp.abs_,
    "Floor": exp.floor,
    "Ceil": exp.ceil,
    "ToInt": exp.to_int,
    "ToFloat": exp.to_float,
    "Min": exp.min_,
    "Max": exp.max_,
    "IntAnd": exp.int_and,
    "IntOr": exp.int_or,
    "IntXOr": exp.int_xor,
    "IntNot": exp.int_not,
    "IntLeftShift": exp.int_lshift,
    "IntRightShift": exp.int_rshift,
    "IntArithmeticRightShift": exp.int_arshift,
    "IntCount": exp.int_count,
    "IntLeftScan": exp.int_lscan,
    "IntRightScan": exp.int_rscan,
    "InList": exp.in_list,
    "MapGetKeys": exp.map_keys,
    "MapGetValues": exp.map_values,
    "RemoveResult": exp.remove_result,
}


_KINDS: dict[int, type[exp.Expression]] = {
    0: exp.NilExp,
    1: exp.BoolExp,
    2: exp.IntExp,
    3: exp.StringExp,
    4: exp.ListExp,
    5: exp.MapExp,
    6: exp.BlobExp,
    7: exp.FloatExp,
    8: exp.GeoExp,
    9: exp.HllExp,
}
_RETURNS = {
    1: "INDEX",
    2: "REVERSE_INDEX",
    3: "RANK",
    4: "REVERSE_RANK",
    5: "COUNT",
    6: "KEY",
    7: "VALUE",
    8: "KEY_VALUE",
    13: "EXISTS",
    16: "UNORDERED_MAP",
    17: "ORDERED_MAP",
}


def _one(returns: int, kind: int) -> Any:
    if returns == 7:
        return _KINDS[kind]
    return exp.One.key(_KINDS[kind]) if returns == 6 else getattr(exp.One, _RETURNS[returns])


def _getter_of_one(function: Callable[..., Any]) -> _Builder:
    def make(ctx: Any, returns: int, kind: int, selector: Any, items: Any) -> exp.Expression:
        made: exp.Expression = function(items, selector, _one(returns, kind), context=ctx)
        return made

    return make


def _getter_of_many(function: Callable[..., Any], selectors: int, *, to_end: bool = False) -> _Builder:
    def make(ctx: Any, returns: int, *more: Any) -> exp.Expression:
        given, (items, *inverted) = more[:selectors], more[selectors:]
        count = (None,) if to_end else ()
        wanted = getattr(exp.Many, _RETURNS[returns])
        flag = bool(inverted and inverted[0])
        made: exp.Expression = function(items, *given, *count, wanted, inverted=flag, context=ctx)
        return made

    return make


def _remover(function: Callable[..., Any], selectors: int) -> _Builder:
    def make(ctx: Any, *more: Any) -> exp.Expression:
        given, (items, *inverted) = more[:selectors], more[selectors:]
        flag = {"inverted": inverted[0]} if inverted else {}
        made: exp.Expression = function(items, *given, context=ctx, **flag)
        return made

    return make


def _plain_call(function: Callable[..., Any]) -> _Builder:
    def make(ctx: Any, *more: Any) -> exp.Expression:
        *arguments, items = more
        made: exp.Expression = function(items, *arguments, context=ctx)
        return made

    return make


def _writer(function: Callable[..., Any], policy_of: Callable[[_Op], dict[str, Any]]) -> _Builder:
    def make(ctx: Any, policy: _Op, *more: Any) -> exp.Expression:
        *arguments, items = more
        made: exp.Expression = function(items, *arguments, context=ctx, **policy_of(policy))
        return made

    return make


def _list_flags(policy: _Op) -> dict[str, Any]:
    return {"flags": ListWriteFlags(policy.get("write_flags", 0))} if policy else {}


def _list_policy(policy: _Op) -> dict[str, Any]:
    return {"order": ListOrder(policy.get("list_order", 0)), **_list_flags(policy)} if policy else {}


def _map_order(policy: _Op) -> dict[str, Any]:
    return {"order": MapOrder(policy.get("map_order", 0))} if policy else {}


def _map_policy(policy: _Op) -> dict[str, Any]:
    return {"flags": MapWriteFlags(policy.get("map_write_flags", 0)), **_map_order(policy)} if policy else {}


def _list_sort(ctx: Any, order: int, items: Any) -> exp.Expression:
    made: exp.Expression = exp.list_sort(items, ListSortFlags(order), context=ctx)
    return made


_LISTS: dict[str, _Builder] = {
    "ListAppend": _writer(exp.list_append, _list_policy),
    "ListAppendItems": _writer(exp.list_append_items, _list_policy),
    "ListInsert": _writer(exp.list_insert, _list_flags),
    "ListInsertItems": _writer(exp.list_insert_items, _list_flags),
    "ListIncrement": _writer(exp.list_increment, _list_policy),
    "ListSet": _writer(exp.list_set, _list_flags),
    "ListClear": _plain_call(exp.list_clear),
    "ListSort": _list_sort,
    "ListRemoveByValue": _remover(exp.list_remove_by_value, 1),
    "ListRemoveByValueList": _remover(exp.list_remove_by_value_list, 1),
    "ListRemoveByValueRange": _remover(exp.list_remove_by_value_range, 2),
    "ListRemoveByValueRelRankToEnd": _remover(exp.list_remove_by_rel_rank_range, 2),
    "ListRemoveByValueRelRankRange": _remover(exp.list_remove_by_rel_rank_range, 3),
    "ListRemoveByIndex": _remover(exp.list_remove_by_index, 1),
    "ListRemoveByIndexRangeToEnd": _remover(exp.list_remove_by_index_range, 1),
    "ListRemoveByIndexRange": _remover(exp.list_remove_by_index_range, 2),
    "ListRemoveByRank": _remover(exp.list_remove_by_rank, 1),
    "ListRemoveByRankRangeToEnd": _remover(exp.list_remove_by_rank_range, 1),
    "ListRemoveByRankRange": _remover(exp.list_remove_by_rank_range, 2),
    "ListSize": _plain_call(exp.list_size),
    "ListJoin": _plain_call(exp.list_join),
    "ListGetByValue": _getter_of_many(exp.list_get_by_value, 1),
    "ListGetByValueRange": _getter_of_many(exp.list_get_by_value_range, 2),
    "ListGetByValueList": _getter_of_many(exp.list_get_by_value_list, 1),
    "ListGetByValueRelRankRangeToEnd": _getter_of_many(exp.list_get_by_rel_rank_range, 2, to_end=True),
    "ListGetByValueRelRankRange": _getter_of_many(exp.list_get_by_rel_rank_range, 3),
    "ListGetByIndex": _getter_of_one(exp.list_get_by_index),
    "ListGetByIndexRangeToEnd": _getter_of_many(exp.list_get_by_index_range, 1, to_end=True),
    "ListGetByIndexRange": _getter_of_many(exp.list_get_by_index_range, 2),
    "ListGetByRank": _getter_of_one(exp.list_get_by_rank),
    "ListGetByRankRangeToEnd": _getter_of_many(exp.list_get_by_rank_range, 1, to_end=True),
    "ListGetByRankRange": _getter_of_many(exp.list_get_by_rank_range, 2),
}
_MAPS: dict[str, _Builder] = {
    "MapPut": _writer(exp.map_put, _map_policy),
    "MapPutItems": _writer(exp.map_put_items, _map_policy),
    "MapIncrement": _writer(exp.map_increment, _map_order),
    "MapClear": _plain_call(exp.map_clear),
    "MapRemoveByKey": _remover(exp.map_remove_by_key, 1),
    "MapRemoveByKeyList": _remover(exp.map_remove_by_key_list, 1),
    "MapRemoveByKeyRange": _remover(exp.map_remove_by_key_range, 2),
    "MapRemoveByKeyRelIndexRangeToEnd": _remover(exp.map_remove_by_key_rel_index_range, 2),
    "MapRemoveByKeyRelIndexRange": _remover(exp.map_remove_by_key_rel_index_range, 3),
    "MapRemoveByValue": _remover(exp.map_remove_by_value, 1),
    "MapRemoveByValueList": _remover(exp.map_remove_by_value_list, 1),
    "MapRemoveByValueRange": _remover(exp.map_remove_by_value_range, 2),
    "MapRemoveByValueRelRankRangeToEnd": _remover(exp.map_remove_by_value_rel_rank_range, 2),
    "MapRemoveByValueRelRankRange": _remover(exp.map_remove_by_value_rel_rank_range, 3),
    "MapRemoveByIndex": _remover(exp.map_remove_by_index, 1),
    "MapRemoveByIndexRangeToEnd": _remover(exp.map_remove_by_index_range, 1),
    "MapRemoveByIndexRange": _remover(exp.map_remove_by_index_range, 2),
    "MapRemoveByRank": _remover(exp.map_remove_by_rank, 1),
    "MapRemoveByRankRangeToEnd": _remover(exp.map_remove_by_rank_range, 1),
    "MapRemoveByRankRange": _remover(exp.map_remove_by_rank_range, 2),
    "MapSize": _plain_call(exp.map_size),
    "MapGetByKey": _getter_of_one(exp.map_get_by_key),
    "MapGetByKeyRange": _getter_of_many(exp.map_get_by_key_range, 2),
    "MapGetByKeyList": _getter_of_many(exp.map_get_by_key_list, 1),
    "MapGetByKeyRelIndexRangeToEnd": _getter_of_many(exp.map_get_by_key_rel_index_range, 2, to_end=True),
    "MapGetByKeyRelIndexRange": _getter_of_many(exp.map_get_by_key_rel_index_range, 3),
    "MapGetByValue": _getter_of_many(exp.map_get_by_value, 1),
    "MapGetByValueRange": _getter_of_many(exp.map_get_by_value_range, 2),
    "MapGetByValueList": _getter_of_many(exp.map_get_by_value_list, 1),
    "MapGetByValueRelRankRangeToEnd": _getter_of_many(exp.map_get_by_value_rel_rank_range, 2, to_end=True),
    "MapGetByValueRelRankRange": _getter_of_many(exp.map_get_by_value_rel_rank_range, 3),
    "MapGetByIndex": _getter_of_one(exp.map_get_by_index),
    "MapGetByIndexRangeToEnd": _getter_of_many(exp.map_get_by_index_range, 1, to_end=True),
    "MapGetByIndexRange": _getter_of_many(exp.map_get_by_index_range, 2),
    "MapGetByRank": _getter_of_one(exp.map_get_by_rank),
    "MapGetByRankRangeToEnd": _getter_of_many(exp.map_get_by_rank_range, 1, to_end=True),
    "MapGetByRankRange": _getter_of_many(exp.map_get_by_rank_range, 2),
}


def _bit_writer(function: Callable[..., exp.Expression]) -> _Builder:
    def make(policy: _Op, *more: Any) -> exp.Expression:
        *arguments, blob = more
        return function(blob, *arguments, flags=BitWriteFlags(policy.get("bit_write_flags", 0)))

    return make


def _bit_reader(function: Callable[..., exp.Expression]) -> _Builder:
    return lambda *arguments: function(arguments[-1], *arguments[:-1])


def _bit_resize(policy: _Op, byte_size: Any, resize_flags: int, blob: Any) -> exp.Expression:
    flags = BitWriteFlags(policy.get("bit_write_flags", 0))
    return exp.bit_resize(blob, byte_size, resize_flags=BitResizeFlags(resize_flags), flags=flags)


def _bit_sum(function: Callable[..., exp.Expression]) -> _Builder:
    def make(policy: _Op, offset: Any, size: Any, value: Any, action: int, blob: Any) -> exp.Expression:
        flags = BitWriteFlags(policy.get("bit_write_flags", 0))
        return function(blob, offset, size, value, overflow=BitOverflow(action), flags=flags)

    return make


def _bit_get_int(offset: Any, size: Any, sign: bool, blob: Any) -> exp.Expression:
    return exp.bit_get_int(blob, offset, size, signed=sign)


def _hll_writer(function: Callable[..., exp.Expression]) -> _Builder:
    def make(policy: _Op, *more: Any) -> exp.Expression:
        *arguments, sketch = more
        return function(sketch, *arguments, flags=HllWriteFlags(policy.get("flags", 0)))

    return make


_BLOBS: dict[str, _Builder] = {
    "BitResize": _bit_resize,
    "BitInsert": _bit_writer(exp.bit_insert),
    "BitRemove": _bit_writer(exp.bit_remove),
    "BitSet": _bit_writer(exp.bit_set),
    "BitOr": _bit_writer(exp.bit_or),
    "BitXor": _bit_writer(exp.bit_xor),
    "BitAnd": _bit_writer(exp.bit_and),
    "BitNot": _bit_writer(exp.bit_not),
    "BitLeftShift": _bit_writer(exp.bit_lshift),
    "BitRightShift": _bit_writer(exp.bit_rshift),
    "BitAdd": _bit_sum(exp.bit_add),
    "BitSubtract": _bit_sum(exp.bit_subtract),
    "BitSetInt": _bit_writer(exp.bit_set_int),
    "BitGet": _bit_reader(exp.bit_get),
    "BitCount": _bit_reader(exp.bit_count),
    "BitLeftScan": _bit_reader(exp.bit_lscan),
    "BitRightScan": _bit_reader(exp.bit_rscan),
    "BitGetInt": _bit_get_int,
    "HLLInit": _hll_writer(exp.hll_init),
    "HLLAdd": _hll_writer(exp.hll_add),
    "HLLGetCount": exp.hll_get_count,
    "HLLGetUnion": _bit_reader(exp.hll_get_union),
    "HLLGetUnionCount": _bit_reader(exp.hll_get_union_count),
    "HLLGetIntersectCount": _bit_reader(exp.hll_get_intersect_count),
    "HLLGetSimilarity": _bit_reader(exp.hll_get_similarity),
    "HLLDescribe": exp.hll_describe,
    "HLLMayContain": _bit_reader(exp.hll_may_contain),
}


def _path_flags(flags: int) -> tuple[PathReturn, bool]:
    return PathReturn(flags & 0xF), bool(flags & 0x10)


def _select_by_path(ctx: Any, kind: int, flags: int, items: Any) -> exp.Expression:
    returns, no_fail = _path_flags(flags)
    return exp.select_by_path(items, ctx, _KINDS[kind], returns=returns, no_fail=no_fail)


def _modify_by_path(ctx: Any, kind: int, change: Any, flags: int, items: Any) -> exp.Expression:
    made: exp.Expression = exp.modify_by_path(items, ctx, change, no_fail=bool(flags & 0x10))
    assert type(made) is _KINDS[kind]
    return made


def _loop_variable(function: Callable[[exp.LoopPart], exp.Expression]) -> _Builder:
    return lambda part: function(exp.LoopPart(part))


_PATHS: dict[str, _Builder] = {
    "SelectByPath": _select_by_path,
    "ModifyByPath": _modify_by_path,
    "LoopVarInt": _loop_variable(exp.loopvar_int),
    "LoopVarFloat": _loop_variable(exp.loopvar_float),
    "LoopVarStr": _loop_variable(exp.loopvar_str),
    "LoopVarBool": _loop_variable(exp.loopvar_bool),
    "LoopVarBlob": _loop_variable(exp.loopvar_blob),
    "LoopVarList": _loop_variable(exp.loopvar_list),
    "LoopVarMap": _loop_variable(exp.loopvar_map),
    "LoopVarGeoJson": _loop_variable(exp.loopvar_geo),
    "LoopVarHLL": _loop_variable(exp.loopvar_hll),
    "LoopVarNil": _loop_variable(exp.loopvar_nil),
}

CLASSES: dict[str, Callable[..., Any]] = {**_PLAIN, "Def": _def, **_LISTS, **_MAPS, **_BLOBS, **_PATHS}


# Operations.


def _read(op: _Op) -> Operation:
    flags = ExpReadFlags(op.get("expression_read_flags", 0))
    return operations.expression.read(op["bin_name"], expression_of(op["expression"]), flags=flags)


def _write(op: _Op) -> Operation:
    flags = ExpWriteFlags(op.get("expression_write_flags", 0))
    return operations.expression.write(op["bin_name"], expression_of(op["expression"]), flags=flags)


def _select(op: _Op) -> Operation:
    returns, no_fail = _path_flags(op["flags"])
    return operations.select_by_path(op["bin_name"], _argument(op["ctx"]), returns=returns, no_fail=no_fail)


def _modify(op: _Op) -> Operation:
    no_fail = bool(op["flags"] & 0x10)
    return operations.modify_by_path(
        op["bin_name"], _argument(op["ctx"]), expression_of(op["expr"]), no_fail=no_fail
    )


OPERATIONS: dict[str, Callable[[_Op], Operation]] = {
    "expression_read": _read,
    "expression_write": _write,
    "select_by_path": _select,
    "modify_by_path": _modify,
}
