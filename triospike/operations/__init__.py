"""Operations for `operate`: what to do to the bins of one record, in order, all or nothing."""

from .operation import Operation as Operation
from .scalar import (
    add as add,
)
from .scalar import (
    append as append,
)
from .scalar import (
    delete as delete,
)
from .scalar import (
    prepend as prepend,
)
from .scalar import (
    read as read,
)
from .scalar import (
    read_all as read_all,
)
from .scalar import (
    touch as touch,
)
from .scalar import (
    write as write,
)
