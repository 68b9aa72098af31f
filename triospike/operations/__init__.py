"""Operations for `operate`: what to do to the bins of one record, in order, all or nothing."""

from .operation import Operation as Operation
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
