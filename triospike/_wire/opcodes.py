"""Numbers of the operations on lists, maps, bits, sketches and in expressions (protocol sections 10 to 12)."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "BitOp",
    "CdtCall",
    "CollectionKind",
    "ContextCreate",
    "ContextType",
    "ExpCallSystem",
    "ExpOp",
    "ExpType",
    "HllOp",
    "ListOp",
    "MapOp",
    "ReturnType",
    "SelectFlag",
    "StringOp",
]


class ListOp(IntEnum):
    """Operations on a list (protocol section 10.4)."""

    SET_TYPE = 0
    APPEND = 1
    APPEND_ITEMS = 2
    INSERT = 3
    INSERT_ITEMS = 4
    POP = 5
    POP_RANGE = 6
    REMOVE = 7
    REMOVE_RANGE = 8
    SET = 9
    TRIM = 10
    CLEAR = 11
    INCREMENT = 12
    SORT = 13
    SIZE = 16
    GET = 17
    GET_RANGE = 18
    GET_BY_INDEX = 19
    GET_BY_VALUE = 20
    GET_BY_RANK = 21
    GET_ALL_BY_VALUE = 22
    GET_ALL_BY_VALUE_LIST = 23
    GET_BY_INDEX_RANGE = 24
    GET_BY_VALUE_INTERVAL = 25
    GET_BY_RANK_RANGE = 26
    GET_BY_VALUE_REL_RANK_RANGE = 27
    JOIN = 28
    REMOVE_BY_INDEX = 32
    REMOVE_BY_VALUE = 33
    REMOVE_BY_RANK = 34
    REMOVE_ALL_BY_VALUE = 35
    REMOVE_ALL_BY_VALUE_LIST = 36
    REMOVE_BY_INDEX_RANGE = 37
    REMOVE_BY_VALUE_INTERVAL = 38
    REMOVE_BY_RANK_RANGE = 39
    REMOVE_BY_VALUE_REL_RANK_RANGE = 40


class MapOp(IntEnum):
    """Operations on a map (protocol section 10.5)."""

    SET_TYPE = 64
    ADD = 65
    ADD_ITEMS = 66
    PUT = 67
    PUT_ITEMS = 68
    REPLACE = 69
    REPLACE_ITEMS = 70
    INCREMENT = 73
    DECREMENT = 74
    CLEAR = 75
    REMOVE_BY_KEY = 76
    REMOVE_BY_INDEX = 77
    REMOVE_BY_VALUE = 78
    REMOVE_BY_RANK = 79
    REMOVE_BY_KEY_LIST = 81
    REMOVE_ALL_BY_VALUE = 82
    REMOVE_BY_VALUE_LIST = 83
    REMOVE_BY_KEY_INTERVAL = 84
    REMOVE_BY_INDEX_RANGE = 85
    REMOVE_BY_VALUE_INTERVAL = 86
    REMOVE_BY_RANK_RANGE = 87
    REMOVE_BY_KEY_REL_INDEX_RANGE = 88
    REMOVE_BY_VALUE_REL_RANK_RANGE = 89
    SIZE = 96
    GET_BY_KEY = 97
    GET_BY_INDEX = 98
    GET_BY_VALUE = 99
    GET_BY_RANK = 100
    GET_ALL_BY_VALUE = 102
    GET_BY_KEY_INTERVAL = 103
    GET_BY_INDEX_RANGE = 104
    GET_BY_VALUE_INTERVAL = 105
    GET_BY_RANK_RANGE = 106
    GET_BY_KEY_LIST = 107
    GET_BY_VALUE_LIST = 108
    GET_BY_KEY_REL_INDEX_RANGE = 109
    GET_BY_VALUE_REL_RANK_RANGE = 110


class CdtCall(IntEnum):
    """Leading numbers of a packed call that is more than one operation (protocol section 10.1)."""

    SELECT = 0xFE
    CONTEXT = 0xFF


class ReturnType(IntEnum):
    """What a selector returns of the elements that it selects (protocol section 10.3)."""

    NONE = 0
    INDEX = 1
    REVERSE_INDEX = 2
    RANK = 3
    REVERSE_RANK = 4
    COUNT = 5
    KEY = 6
    VALUE = 7
    KEY_VALUE = 8
    EXISTS = 13
    UNORDERED_MAP = 16
    ORDERED_MAP = 17
    INVERTED = 0x10000


class ContextType(IntEnum):
    """Steps of a path into nested lists and maps (protocol section 10.6)."""

    EXPRESSION = 0x04
    LIST_INDEX = 0x10
    LIST_RANK = 0x11
    LIST_VALUE = 0x13
    MAP_INDEX = 0x20
    MAP_RANK = 0x21
    MAP_KEY = 0x22
    MAP_VALUE = 0x23
    MAP_KEYS_IN = 0x2A
    AND_EXPRESSION = 0x204


class ContextCreate(IntEnum):
    """Added to a step that may make its element (protocol section 10.6)."""

    UNORDERED = 0x40
    UNORDERED_PADDED_OR_KEY_ORDERED = 0x80
    ORDERED = 0xC0
    PERSIST_INDEX = 0x100


class SelectFlag(IntEnum):
    """What a selection over a path returns (protocol section 10.6)."""

    MATCHING_TREE = 0
    VALUES = 1
    MAP_KEYS = 2
    MAP_KEY_VALUES = 3
    APPLY = 4
    NO_FAIL = 0x10


class BitOp(IntEnum):
    """Operations on the bits of a blob (protocol section 11)."""

    RESIZE = 0
    INSERT = 1
    REMOVE = 2
    SET = 3
    OR = 4
    XOR = 5
    AND = 6
    NOT = 7
    LSHIFT = 8
    RSHIFT = 9
    ADD = 10
    SUBTRACT = 11
    SET_INT = 12
    GET = 50
    COUNT = 51
    LSCAN = 52
    RSCAN = 53
    GET_INT = 54
    B64_ENCODE = 55


class HllOp(IntEnum):
    """Operations on a HyperLogLog sketch (protocol section 11)."""

    INIT = 0
    ADD = 1
    SET_UNION = 2
    REFRESH_COUNT = 3
    FOLD = 4
    GET_COUNT = 50
    GET_UNION = 51
    GET_UNION_COUNT = 52
    GET_INTERSECT_COUNT = 53
    GET_SIMILARITY = 54
    DESCRIBE = 55
    MAY_CONTAIN = 56


class StringOp(IntEnum):
    """Operations on a string (protocol section 11; server 8.1.3)."""

    STRLEN = 0
    SUBSTR = 1
    CHAR_AT = 2
    FIND = 3
    CONTAINS = 4
    STARTS_WITH = 5
    ENDS_WITH = 6
    TO_INTEGER = 7
    TO_DOUBLE = 8
    BYTE_LENGTH = 9
    IS_NUMERIC = 10
    IS_UPPER = 11
    IS_LOWER = 12
    TO_BLOB = 13
    SPLIT = 14
    B64_DECODE = 15
    REGEX_COMPARE = 16
    INSERT = 50
    OVERWRITE = 51
    CONCAT = 52
    SNIP = 53
    REPLACE = 54
    REPLACE_ALL = 55
    UPPER = 56
    LOWER = 57
    CASE_FOLD = 58
    NORMALIZE_NFC = 59
    TRIM_START = 60
    TRIM_END = 61
    TRIM = 62
    PAD_START = 63
    PAD_END = 64
    REPEAT = 65
    REGEX_REPLACE = 66
    APPEND = 67
    PREPEND = 68


class ExpType(IntEnum):
    """Result types of expressions; these are not particle types (protocol section 12.1)."""

    NIL = 0
    BOOL = 1
    INT = 2
    STRING = 3
    LIST = 4
    MAP = 5
    BLOB = 6
    FLOAT = 7
    GEOJSON = 8
    HLL = 9


class ExpOp(IntEnum):
    """Operations of expressions (protocol section 12.2)."""

    UNKNOWN = 0
    EQ = 1
    NE = 2
    GT = 3
    GE = 4
    LT = 5
    LE = 6
    CMP_REGEX = 7
    CMP_GEO = 8
    IN_LIST = 9
    AND = 16
    OR = 17
    NOT = 18
    EXCLUSIVE = 19
    ADD = 20
    SUB = 21
    MUL = 22
    DIV = 23
    POW = 24
    LOG = 25
    MOD = 26
    ABS = 27
    FLOOR = 28
    CEIL = 29
    TO_INT = 30
    TO_FLOAT = 31
    INT_AND = 32
    INT_OR = 33
    INT_XOR = 34
    INT_NOT = 35
    INT_LSHIFT = 36
    INT_RSHIFT = 37
    INT_ARSHIFT = 38
    INT_COUNT = 39
    INT_LSCAN = 40
    INT_RSCAN = 41
    MIN = 50
    MAX = 51
    DIGEST_MODULO = 64
    DEVICE_SIZE = 65
    LAST_UPDATE = 66
    SINCE_UPDATE = 67
    VOID_TIME = 68
    TTL = 69
    SET_NAME = 70
    KEY_EXISTS = 71
    IS_TOMBSTONE = 72
    MEMORY_SIZE = 73
    RECORD_SIZE = 74
    KEY = 80
    BIN = 81
    BIN_TYPE = 82
    TO_STRING = 99
    REMOVE_RESULT = 100
    MAP_KEYS = 101
    MAP_VALUES = 102
    LOOP_VAR = 122
    COND = 123
    VAR = 124
    LET = 125
    QUOTE = 126
    CALL = 127


class ExpCallSystem(IntEnum):
    """Whose operations an expression's call uses (protocol section 12.3)."""

    CDT = 0
    BITS = 1
    HLL = 2
    STRING = 3
    MODIFY = 0x40


class CollectionKind(IntEnum):
    """What of a bin an index holds (protocol section 3, field 26)."""

    DEFAULT = 0
    """The bin's value itself."""
    LIST = 1
    """Each element of a list."""
    MAP_KEYS = 2
    """Each key of a map."""
    MAP_VALUES = 3
    """Each value of a map."""
