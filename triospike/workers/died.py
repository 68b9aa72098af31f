"""What a call raises whose worker is no more."""

from __future__ import annotations

from ..errors import AerospikeError
from ..result_code import ResultCode

__all__ = ["WorkerDied"]


class WorkerDied(AerospikeError):
    """A worker process ended although nobody asked it to; the message says how.

    ``in_doubt`` is True for a call that was on its way to the worker or there already: it may have written. For
    the whole block it is True when that holds for one of its calls.
    """

    default_code = ResultCode.CLIENT
