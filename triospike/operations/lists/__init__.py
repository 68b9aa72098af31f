"""Operations on lists (C: ``as_operations_list_*``, protocol section 10.4).

Vocabulary of the arguments:

- ``bin_name``: a bin with a list, at most 15 bytes of name. What adds something makes the bin; any other operation
  on a bin that is not there has no result.
- ``index``: a position, from 0; below zero it counts from the end, -1 being the last element.
- ``rank``: a position among the sorted values, 0 being the lowest; below zero it counts from the highest. Values
  of different types are ordered by type: nil, bool, int, str, list, dict, bytes, float, GeoJSON.
- ``begin``, ``end``: a range of values, the end not among them; None for no bound.
- ``value``, ``values``: to be stored, any value that `Client.put` takes in a list. To compare with, the same, and
  `triospike.values.wildcard` and `triospike.values.infinity`.
- ``return_type``: what a selection gives, see `ListReturnType`. By default reads give values, removals nothing.
- ``order``, ``flags``: how to keep a list that is made, and what the write may do. None leaves both to the server:
  unordered, everything allowed. Of an existing list, the order stays.
- ``context``: the path to a nested list, made by `triospike.operations.context`.

Errors of the functions themselves, before anything is sent: TypeError or ValueError that names the argument.
Errors of the server, for all of them: `BinTypeError` if there is no list, `OperationNotApplicable` for a path or a
position that leads nowhere, `ElementError` for what the write flags forbid, `RecordNotFound`.
"""

from ..enums import (
    ListOrder as ListOrder,
    ListReturnType as ListReturnType,
    ListSortFlags as ListSortFlags,
    ListWriteFlags as ListWriteFlags,
)
from .read import (
    get as get,
    get_by_index as get_by_index,
    get_by_index_range as get_by_index_range,
    get_by_rank as get_by_rank,
    get_by_rank_range as get_by_rank_range,
    get_by_value as get_by_value,
    get_by_value_list as get_by_value_list,
    get_by_value_range as get_by_value_range,
    get_by_value_rel_rank_range as get_by_value_rel_rank_range,
    get_range as get_range,
    join as join,
    size as size,
)
from .remove import (
    pop as pop,
    pop_range as pop_range,
    remove as remove,
    remove_by_index as remove_by_index,
    remove_by_index_range as remove_by_index_range,
    remove_by_rank as remove_by_rank,
    remove_by_rank_range as remove_by_rank_range,
    remove_by_value as remove_by_value,
    remove_by_value_list as remove_by_value_list,
    remove_by_value_range as remove_by_value_range,
    remove_by_value_rel_rank_range as remove_by_value_rel_rank_range,
    remove_range as remove_range,
)
from .write import (
    append as append,
    append_items as append_items,
    clear as clear,
    create as create,
    increment as increment,
    insert as insert,
    insert_items as insert_items,
    set_ as set_,
    set_order as set_order,
    sort as sort,
    trim as trim,
)
