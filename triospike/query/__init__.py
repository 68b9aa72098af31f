"""What to ask for in a scan or query, which partitions, and how to go on later. No I/O."""

from .cursor import Cursor as Cursor, ResumePoint as ResumePoint
from .filter import Filter as Filter
from .partition_filter import PartitionFilter as PartitionFilter
from .progress import QueryProgress as QueryProgress
from .statement import Statement as Statement
