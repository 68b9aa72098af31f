"""Operations for `operate`: what to do to the bins of one record, in order, all or nothing."""

from . import (
    bits as bits,
    context as context,
    expression as expression,
    hll as hll,
    lists as lists,
    maps as maps,
    strings as strings,
)
from .bits import BitOverflow as BitOverflow, BitResizeFlags as BitResizeFlags, BitWriteFlags as BitWriteFlags
from .context import ContextStep as ContextStep
from .enums import (
    ListOrder as ListOrder,
    ListReturnType as ListReturnType,
    ListSortFlags as ListSortFlags,
    ListWriteFlags as ListWriteFlags,
    MapOrder as MapOrder,
    MapReturnType as MapReturnType,
    MapWriteFlags as MapWriteFlags,
    PathReturn as PathReturn,
)
from .expression import ExpReadFlags as ExpReadFlags, ExpWriteFlags as ExpWriteFlags
from .hll import HllWriteFlags as HllWriteFlags
from .operation import Operation as Operation
from .paths import modify_by_path as modify_by_path, select_by_path as select_by_path
from .scalar import (
    add as add,
    append as append,
    delete as delete,
    prepend as prepend,
    read as read,
    read_all as read_all,
    touch as touch,
    write as write,
)
from .strings import (
    NumericType as NumericType,
    StringRegexFlags as StringRegexFlags,
    StringWriteFlags as StringWriteFlags,
)
