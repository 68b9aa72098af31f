"""The operations on lists by their numbers (protocol section 10.4)."""

from __future__ import annotations

from typing import Final

from ...._wire.opcodes import ListOp, ReturnType
from . import list_changes
from .answers import answer_of_list
from .calls import Change, Operations, Selector, Signature
from .list_selectors import (
    by_index_range,
    by_rank_range,
    by_relative_rank_range,
    by_value,
    by_value_interval,
    by_value_list,
)
from .selection import Selection, Want
from .values import ListValue

__all__ = ["LIST_OPERATIONS"]

_INVERTED_COUNT = ReturnType.COUNT | ReturnType.INVERTED


def _by_index(items: ListValue, want: Want, index: int) -> Selection:
    return by_index_range(items, want, index, 1)


def _by_rank(items: ListValue, want: Want, rank: int) -> Selection:
    return by_rank_range(items, want, rank, 1)


_ONE = Signature("i")
_RANGE = Signature("iu", optional=1)

_INDEX = Selector(Signature("ui"), _by_index, single=True)
_INDEX_RANGE = Selector(Signature("uiu", optional=1), by_index_range)
_RANK = Selector(Signature("ui"), _by_rank, single=True)
_RANK_RANGE = Selector(Signature("uiu", optional=1), by_rank_range)
_FIRST_VALUE = Selector(Signature("uk"), by_value, single=True)
_VALUE = Selector(Signature("uk"), by_value)
_VALUE_LIST = Selector(Signature("ul"), by_value_list)
_VALUE_INTERVAL = Selector(Signature("ukk", optional=1), by_value_interval)
_RELATIVE_RANKS = Selector(Signature("ukiu", optional=1), by_relative_rank_range)

_READS: dict[int, Selector] = {
    ListOp.GET: Selector(_ONE, _by_index, single=True, kind=ReturnType.VALUE),
    ListOp.GET_RANGE: Selector(_RANGE, by_index_range, kind=ReturnType.VALUE),
    ListOp.GET_BY_INDEX: _INDEX,
    ListOp.GET_BY_VALUE: _FIRST_VALUE,
    ListOp.GET_BY_RANK: _RANK,
    ListOp.GET_ALL_BY_VALUE: _VALUE,
    ListOp.GET_ALL_BY_VALUE_LIST: _VALUE_LIST,
    ListOp.GET_BY_INDEX_RANGE: _INDEX_RANGE,
    ListOp.GET_BY_VALUE_INTERVAL: _VALUE_INTERVAL,
    ListOp.GET_BY_RANK_RANGE: _RANK_RANGE,
    ListOp.GET_BY_VALUE_REL_RANK_RANGE: _RELATIVE_RANKS,
}

_REMOVALS: dict[int, Selector] = {
    ListOp.POP: Selector(_ONE, _by_index, single=True, kind=ReturnType.VALUE),
    ListOp.POP_RANGE: Selector(_RANGE, by_index_range, kind=ReturnType.VALUE),
    ListOp.REMOVE: Selector(_ONE, _by_index, single=True, kind=ReturnType.COUNT),
    ListOp.REMOVE_RANGE: Selector(_RANGE, by_index_range, kind=ReturnType.COUNT),
    ListOp.TRIM: Selector(Signature("iu"), by_index_range, kind=_INVERTED_COUNT),
    ListOp.REMOVE_BY_INDEX: _INDEX,
    ListOp.REMOVE_BY_VALUE: _FIRST_VALUE,
    ListOp.REMOVE_BY_RANK: _RANK,
    ListOp.REMOVE_ALL_BY_VALUE: _VALUE,
    ListOp.REMOVE_ALL_BY_VALUE_LIST: _VALUE_LIST,
    ListOp.REMOVE_BY_INDEX_RANGE: _INDEX_RANGE,
    ListOp.REMOVE_BY_VALUE_INTERVAL: _VALUE_INTERVAL,
    ListOp.REMOVE_BY_RANK_RANGE: _RANK_RANGE,
    ListOp.REMOVE_BY_VALUE_REL_RANK_RANGE: _RELATIVE_RANKS,
}

_CHANGES: dict[int, Change] = {
    ListOp.SET_TYPE: Change(Signature("u"), list_changes.set_type),
    ListOp.APPEND: Change(Signature("euu", optional=2), list_changes.append),
    ListOp.APPEND_ITEMS: Change(Signature("euu", optional=2), list_changes.append_items),
    ListOp.INSERT: Change(Signature("ieu", optional=1), list_changes.insert),
    ListOp.INSERT_ITEMS: Change(Signature("ieu", optional=1), list_changes.insert_items),
    ListOp.SET: Change(Signature("ieu", optional=1), list_changes.set_at),
    ListOp.CLEAR: Change(Signature(), list_changes.clear, needs=True),
    ListOp.INCREMENT: Change(Signature("inuu", optional=3), list_changes.increment),
    ListOp.SORT: Change(Signature("u", optional=1), list_changes.sort),
}


LIST_OPERATIONS: Final = Operations(
    size=ListOp.SIZE, reads=_READS, removals=_REMOVALS, changes=_CHANGES, answer=answer_of_list
)
"""All operations on lists."""
