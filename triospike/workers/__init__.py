"""More than one core: worker processes with a client each, for the length of a block.

Use as ``from triospike import workers``. The processes are new interpreters, not forks; POSIX systems only.
"""

from .died import WorkerDied as WorkerDied
from .mapping import MappedResults as MappedResults
from .opening import open_workers as open_workers
from .team import Workers as Workers
