"""Operations on a string bin (C: ``as_operations_string_*``; server 8.1.3).

Vocabulary of the arguments:

- ``bin_name``: a bin with a string, at most 15 bytes of name.
- Positions count characters, which are Unicode code points, from 0; below zero they count from the end. The end of
  a range is not part of it; None is the end of the string.
- ``flags``: what to make of a refusal, see `StringWriteFlags`.
- ``context``: the path to a nested string, made by `triospike.operations.context`.

Errors of the functions themselves, before anything is sent: TypeError or ValueError that names the argument.
Servers before 8.1.3 answer `InvalidRequest`.
"""

from .flags import (
    NumericType as NumericType,
    StringRegexFlags as StringRegexFlags,
    StringWriteFlags as StringWriteFlags,
)
from .read import (
    b64_decode as b64_decode,
    byte_length as byte_length,
    char_at as char_at,
    contains as contains,
    ends_with as ends_with,
    find as find,
    is_lower as is_lower,
    is_numeric as is_numeric,
    is_upper as is_upper,
    regex_compare as regex_compare,
    split as split,
    starts_with as starts_with,
    strlen as strlen,
    substr as substr,
    to_blob as to_blob,
    to_double as to_double,
    to_integer as to_integer,
    to_string as to_string,
)
from .write import (
    append as append,
    case_fold as case_fold,
    concat as concat,
    insert as insert,
    lower as lower,
    normalize_nfc as normalize_nfc,
    overwrite as overwrite,
    pad_end as pad_end,
    pad_start as pad_start,
    prepend as prepend,
    regex_replace as regex_replace,
    repeat as repeat,
    replace as replace,
    replace_all as replace_all,
    snip as snip,
    trim as trim,
    trim_end as trim_end,
    trim_start as trim_start,
    upper as upper,
)
