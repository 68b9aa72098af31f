"""Operations on maps (C: ``as_operations_map_*``, protocol section 10.5).

Vocabulary of the arguments:

- ``bin_name``: a bin with a map, at most 15 bytes of name. What adds something makes the bin; any other operation
  on a bin that is not there has no result.
- ``key``, ``keys``: an int, str or bytes.
- ``index``: a position among the sorted keys, from 0; below zero it counts from the end, -1 being the highest key.
- ``rank``: a position among the sorted values, 0 being the lowest; below zero it counts from the highest. Values
  of different types are ordered by type: nil, bool, int, str, list, dict, bytes, float, GeoJSON.
- ``begin``, ``end``: a range of keys or values, the end not among them; None for no bound.
- ``value``, ``values``: to be stored, any value that `Client.put` takes in a dict. To compare with, the same, and
  `triospike.values.wildcard` and `triospike.values.infinity`.
- ``return_type``: what a selection gives, see `MapReturnType`. By default reads give values, removals nothing.
- ``order``, ``flags``: how to keep a map that is made, and what the write may do. Of an existing map, the order
  stays.
- ``context``: the path to a nested map, made by `triospike.operations.context`.

With an operation on a map in it, a call of `operate` answers every operation: those without a result give None.

Errors of the functions themselves, before anything is sent: TypeError or ValueError that names the argument.
Errors of the server, for all of them: `BinTypeError` if there is no map, `OperationNotApplicable` for a path or a
position that leads nowhere, `ElementError` for what the write flags forbid, `RecordNotFound`.
"""

from ..enums import (
    MapOrder as MapOrder,
    MapReturnType as MapReturnType,
    MapWriteFlags as MapWriteFlags,
)
from .read import (
    get_by_index as get_by_index,
    get_by_index_range as get_by_index_range,
    get_by_key as get_by_key,
    get_by_key_list as get_by_key_list,
    get_by_key_range as get_by_key_range,
    get_by_key_rel_index_range as get_by_key_rel_index_range,
    get_by_rank as get_by_rank,
    get_by_rank_range as get_by_rank_range,
    get_by_value as get_by_value,
    get_by_value_list as get_by_value_list,
    get_by_value_range as get_by_value_range,
    get_by_value_rel_rank_range as get_by_value_rel_rank_range,
    size as size,
)
from .remove import (
    remove_by_index as remove_by_index,
    remove_by_index_range as remove_by_index_range,
    remove_by_key as remove_by_key,
    remove_by_key_list as remove_by_key_list,
    remove_by_key_range as remove_by_key_range,
    remove_by_key_rel_index_range as remove_by_key_rel_index_range,
    remove_by_rank as remove_by_rank,
    remove_by_rank_range as remove_by_rank_range,
    remove_by_value as remove_by_value,
    remove_by_value_list as remove_by_value_list,
    remove_by_value_range as remove_by_value_range,
    remove_by_value_rel_rank_range as remove_by_value_rel_rank_range,
)
from .write import (
    add as add,
    add_items as add_items,
    clear as clear,
    create as create,
    decrement as decrement,
    increment as increment,
    put as put,
    put_items as put_items,
    replace as replace,
    replace_items as replace_items,
    set_order as set_order,
)
