"""Records as columns: arrays of NumPy (extra ``numpy``), tables of Arrow (extra ``arrow``), whole or streamed.

Use as ``from triospike import columns``. Neither library is loaded before a function needs it.
"""

from .batches import Batches as Batches
from .calls import (
    arrow_batches as arrow_batches,
    arrow_table as arrow_table,
    numpy_array as numpy_array,
    numpy_batches as numpy_batches,
)
