"""The operations on maps by their numbers (protocol section 10.5)."""

from __future__ import annotations

from typing import Final

from ...._wire.opcodes import MapOp
from ....result_code import ResultCode
from . import map_changes
from .answers import answer_of_map
from .calls import Change, Operations, Selector, Signature
from .map_selectors import (
    by_index_range,
    by_key,
    by_key_interval,
    by_key_list,
    by_rank_range,
    by_relative_index_range,
    by_relative_rank_range,
    by_value,
    by_value_interval,
    by_value_list,
)
from .selection import Selection, Want
from .values import MapValue

__all__ = ["MAP_OPERATIONS"]


def _by_index(items: MapValue, want: Want, index: int) -> Selection:
    return by_index_range(items, want, index, 1)


def _by_rank(items: MapValue, want: Want, rank: int) -> Selection:
    return by_rank_range(items, want, rank, 1)


_KEY = Selector(Signature("uk"), by_key, single=True)
_INDEX = Selector(Signature("ui"), _by_index, single=True)
_FIRST_VALUE = Selector(Signature("uk"), by_value, single=True)
_RANK = Selector(Signature("ui"), _by_rank, single=True)
_VALUE = Selector(Signature("uk"), by_value)
_KEY_LIST = Selector(Signature("ul"), by_key_list)
_VALUE_LIST = Selector(Signature("ul"), by_value_list)
_KEY_INTERVAL = Selector(Signature("ukk", optional=1), by_key_interval)
_INDEX_RANGE = Selector(Signature("uiu", optional=1), by_index_range)
_VALUE_INTERVAL = Selector(Signature("ukk", optional=1), by_value_interval)
_RANK_RANGE = Selector(Signature("uiu", optional=1), by_rank_range)
_RELATIVE_INDEXES = Selector(Signature("ukiu", optional=1), by_relative_index_range)
_RELATIVE_RANKS = Selector(Signature("ukiu", optional=1), by_relative_rank_range)

_READS: dict[int, Selector] = {
    MapOp.GET_BY_KEY: _KEY,
    MapOp.GET_BY_INDEX: _INDEX,
    MapOp.GET_BY_VALUE: _FIRST_VALUE,
    MapOp.GET_BY_RANK: _RANK,
    MapOp.GET_ALL_BY_VALUE: _VALUE,
    MapOp.GET_BY_KEY_INTERVAL: _KEY_INTERVAL,
    MapOp.GET_BY_INDEX_RANGE: _INDEX_RANGE,
    MapOp.GET_BY_VALUE_INTERVAL: _VALUE_INTERVAL,
    MapOp.GET_BY_RANK_RANGE: _RANK_RANGE,
    MapOp.GET_BY_KEY_LIST: _KEY_LIST,
    MapOp.GET_BY_VALUE_LIST: _VALUE_LIST,
    MapOp.GET_BY_KEY_REL_INDEX_RANGE: _RELATIVE_INDEXES,
    MapOp.GET_BY_VALUE_REL_RANK_RANGE: _RELATIVE_RANKS,
}

_REMOVALS: dict[int, Selector] = {
    MapOp.REMOVE_BY_KEY: _KEY,
    MapOp.REMOVE_BY_INDEX: _INDEX,
    MapOp.REMOVE_BY_VALUE: _FIRST_VALUE,
    MapOp.REMOVE_BY_RANK: _RANK,
    MapOp.REMOVE_BY_KEY_LIST: _KEY_LIST,
    MapOp.REMOVE_ALL_BY_VALUE: _VALUE,
    MapOp.REMOVE_BY_VALUE_LIST: _VALUE_LIST,
    MapOp.REMOVE_BY_KEY_INTERVAL: _KEY_INTERVAL,
    MapOp.REMOVE_BY_INDEX_RANGE: _INDEX_RANGE,
    MapOp.REMOVE_BY_VALUE_INTERVAL: _VALUE_INTERVAL,
    MapOp.REMOVE_BY_RANK_RANGE: _RANK_RANGE,
    MapOp.REMOVE_BY_KEY_REL_INDEX_RANGE: _RELATIVE_INDEXES,
    MapOp.REMOVE_BY_VALUE_REL_RANK_RANGE: _RELATIVE_RANKS,
}

_CHANGES: dict[int, Change] = {
    MapOp.SET_TYPE: Change(Signature("u"), map_changes.set_type),
    MapOp.ADD: Change(Signature("eeu", optional=1), map_changes.create),
    MapOp.ADD_ITEMS: Change(Signature("eu", optional=1), map_changes.create_items),
    MapOp.PUT: Change(Signature("eeuu", optional=2), map_changes.put),
    MapOp.PUT_ITEMS: Change(Signature("euu", optional=2), map_changes.put_items),
    MapOp.REPLACE: Change(Signature("ee"), map_changes.replace),
    MapOp.REPLACE_ITEMS: Change(Signature("e"), map_changes.replace_items, refuses=ResultCode.ELEMENT_NOT_FOUND),
    MapOp.INCREMENT: Change(Signature("nnu", optional=2), map_changes.increment),
    MapOp.DECREMENT: Change(Signature("nnu", optional=2), map_changes.decrement),
    MapOp.CLEAR: Change(Signature(), map_changes.clear, needs=True),
}


MAP_OPERATIONS: Final = Operations(
    size=MapOp.SIZE, reads=_READS, removals=_REMOVALS, changes=_CHANGES, answer=answer_of_map
)
"""All operations on maps."""
