"""Names of the protocol's bits and small numbers (protocol sections 1 to 4). Nothing numeric stands elsewhere."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = ["FieldType", "FrameType", "Info1", "Info2", "Info3", "Info4", "OpType", "ParticleType"]


class FrameType(IntEnum):
    """Type of a frame, the second byte of its header."""

    INFO = 1
    ADMIN = 2
    MESSAGE = 3
    COMPRESSED = 4
    XDR = 5


class Info1:
    """First byte of bits of a message: reading. Plain ints, since the hot path combines them."""

    READ: Final = 0x01
    GET_ALL: Final = 0x02
    SHORT_QUERY: Final = 0x04
    BATCH: Final = 0x08
    XDR: Final = 0x10
    GET_NO_BINS: Final = 0x20
    READ_MODE_AP_ALL: Final = 0x40
    COMPRESS_RESPONSE: Final = 0x80


class Info2:
    """Second byte of bits of a message: writing."""

    WRITE: Final = 0x01
    DELETE: Final = 0x02
    GENERATION: Final = 0x04
    GENERATION_GT: Final = 0x08
    DURABLE_DELETE: Final = 0x10
    CREATE_ONLY: Final = 0x20
    RELAX_AP_LONG_QUERY: Final = 0x40
    RESPOND_ALL_OPS: Final = 0x80


class Info3:
    """Third byte of bits of a message: general."""

    LAST: Final = 0x01
    COMMIT_LEVEL_MASTER: Final = 0x02
    PARTITION_DONE: Final = 0x04
    UPDATE_ONLY: Final = 0x08
    CREATE_OR_REPLACE: Final = 0x10
    REPLACE_ONLY: Final = 0x20
    SC_READ_TYPE: Final = 0x40
    SC_READ_RELAX: Final = 0x80


class Info4:
    """Fourth byte of bits of a message: transactions."""

    MRT_VERIFY_READ: Final = 0x01
    MRT_ROLL_FORWARD: Final = 0x02
    MRT_ROLL_BACK: Final = 0x04
    MRT_ON_LOCKING_ONLY: Final = 0x10


class FieldType(IntEnum):
    """Type of a message's field."""

    NAMESPACE = 0
    SET = 1
    KEY = 2
    RECORD_VERSION = 3
    DIGEST = 4
    MRT_ID = 5
    MRT_DEADLINE = 6
    TASK_ID = 7
    SOCKET_TIMEOUT = 9
    RECORDS_PER_SECOND = 10
    PARTITION_IDS = 11
    DIGESTS = 12
    MAX_RECORDS = 13
    LAST_UPDATE_TIME = 14
    BIN_VALUES = 15
    INDEX_NAME = 21
    INDEX_RANGE = 22
    INDEX_CONTEXT = 23
    INDEX_EXPRESSION = 24
    INDEX_TYPE = 26
    UDF_FILENAME = 30
    UDF_FUNCTION = 31
    UDF_ARGLIST = 32
    UDF_OP = 33
    QUERY_BINLIST = 40
    BATCH_INDEX = 41
    BATCH_INDEX_WITH_SET = 42
    FILTER_EXP = 43
    ERROR_DETAILS = 45


class OpType(IntEnum):
    """Type of an operation on a bin."""

    READ = 1
    WRITE = 2
    CDT_READ = 3
    CDT_MODIFY = 4
    INCR = 5
    EXP_READ = 7
    EXP_MODIFY = 8
    APPEND = 9
    PREPEND = 10
    TOUCH = 11
    BITS_READ = 12
    BITS_MODIFY = 13
    DELETE_ALL = 14
    HLL_READ = 15
    HLL_MODIFY = 16
    STRING_READ = 17
    STRING_MODIFY = 18
    TO_STRING = 19


class ParticleType(IntEnum):
    """Type of a bin's value."""

    NULL = 0
    INTEGER = 1
    FLOAT = 2
    STRING = 3
    BLOB = 4
    JAVA_BLOB = 7
    CSHARP_BLOB = 8
    PYTHON_BLOB = 9
    RUBY_BLOB = 10
    PHP_BLOB = 11
    ERLANG_BLOB = 12
    VECTOR = 16
    BOOL = 17
    HLL = 18
    MAP = 19
    LIST = 20
    GEOJSON = 23
