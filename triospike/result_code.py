"""Every result code of the server and of the client, with what is known of each (protocol sections 15 and 16.9).

A number, its meaning and its facts stand on one line, so that they cannot drift apart.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ResultCode", "describe", "facts_of"]


class ResultCode(IntEnum):
    """Result of a command: 0 is success, positive codes come from a server, negative ones from this client.

    Negative codes are those of the C client (``as_status.h``). They differ from one Aerospike client to the
    next and never travel.

    Attributes:
        meaning: One line for people.
        retryable: The C client tries again by itself after this code, within ``max_retries``.
        closes_connection: The stream can't be trusted after this code.
        counts_as_error: The code counts towards a node's ``max_error_rate``.
    """

    meaning: str
    retryable: bool
    closes_connection: bool
    counts_as_error: bool

    def __new__(cls, value: int, meaning: str, flags: str = "") -> ResultCode:
        """Make one member; flags is any of ``r`` retry, ``c`` close, ``e`` counts as an error of its node."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.retryable = "r" in flags
        member.closes_connection = "c" in flags
        member.counts_as_error = "e" in flags
        return member

    # --- this client ---------------------------------------------------------------------------------------
    TXN_ALREADY_ABORTED = -19, "transaction was already aborted"
    TXN_ALREADY_COMMITTED = -18, "transaction was already committed"
    TXN_FAILED = -17, "transaction failed"
    BATCH_FAILED = -16, "one or more keys of a batch failed"
    NO_RESPONSE = -15, "no response was received for this key"
    MAX_ERROR_RATE = -14, "the node's max_error_rate is exceeded", "r"
    MAX_RETRIES_EXCEEDED = -12, "max_retries exceeded"
    ASYNC_QUEUE_FULL = -11, "the event loop's command queue is full"
    CONNECTION = -10, "connection failed or broke", "rce"
    TLS_ERROR = -9, "TLS handshake failed", "ce"
    INVALID_NODE = -8, "no node owns the partition"
    NO_MORE_CONNECTIONS = -7, "the node's connection limit is reached", "r"
    ASYNC_CONNECTION = -6, "asynchronous connection failed", "rce"
    CLIENT_ABORT = -5, "aborted by the program", "ce"
    INVALID_HOST = -4, "host is not valid"
    NO_MORE_RECORDS = -3, "no more records"
    PARAM = -2, "invalid argument"
    CLIENT = -1, "client error", "ce"

    # --- every command -------------------------------------------------------------------------------------
    OK = 0, "success"
    SERVER = 1, "generic server error"
    NOT_FOUND = 2, "record not found"
    GENERATION = 3, "generation check failed"
    PARAMETER = 4, "the server found the request invalid"
    RECORD_EXISTS = 5, "record exists already"
    BIN_EXISTS = 6, "bin exists already"
    CLUSTER_CHANGE = 7, "the cluster changed during the command"
    SERVER_FULL = 8, "the server is out of space"
    TIMEOUT = 9, "timeout", "re"
    ALWAYS_FORBIDDEN = 10, "operation is never allowed"
    UNAVAILABLE = 11, "partition is not available", "re"
    BIN_TYPE = 12, "operation does not fit the bin's type"
    RECORD_TOO_BIG = 13, "record is too big"
    KEY_BUSY = 14, "too many commands at once on this record"
    SCAN_ABORTED = 15, "scan or query was aborted", "ce"
    UNSUPPORTED_FEATURE = 16, "the server does not support this feature"
    BIN_NOT_FOUND = 17, "bin not found"
    DEVICE_OVERLOAD = 18, "the server's storage device can't keep up", "re"
    KEY_MISMATCH = 19, "stored key differs from the key sent"
    NAMESPACE = 20, "unknown namespace"
    BIN_NAME = 21, "bin name is too long or not valid"
    FORBIDDEN = 22, "operation is not allowed at this time"
    ELEMENT_NOT_FOUND = 23, "map element not found"
    ELEMENT_EXISTS = 24, "list or map element exists already"
    ENTERPRISE_ONLY = 25, "feature of the Enterprise Edition only"
    OP_NOT_APPLICABLE = 26, "operation does not apply to the bin's value"
    FILTERED_OUT = 27, "filter expression was false"
    LOST_CONFLICT = 28, "write lost a conflict"
    INVALID_ENCODING = 29, "string is not valid UTF-8"
    XDR_KEY_BUSY = 32, "record waits to be shipped by XDR"

    # --- security ------------------------------------------------------------------------------------------
    QUERY_END = 50, "end of an admin query"
    SECURITY_NOT_SUPPORTED = 51, "the server does not support security"
    SECURITY_NOT_ENABLED = 52, "security is not enabled on the server"
    SECURITY_SCHEME = 53, "security scheme is not supported"
    INVALID_COMMAND = 54, "invalid admin command"
    INVALID_FIELD = 55, "invalid admin field"
    ILLEGAL_STATE = 56, "security protocol was not followed"
    INVALID_USER = 60, "invalid user"
    USER_EXISTS = 61, "user exists already"
    INVALID_PASSWORD = 62, "invalid password"
    EXPIRED_PASSWORD = 63, "password has expired"
    FORBIDDEN_PASSWORD = 64, "password can't be used"
    INVALID_CREDENTIAL = 65, "invalid credential"
    EXPIRED_SESSION = 66, "session has expired"
    INVALID_ROLE = 70, "invalid role"
    ROLE_EXISTS = 71, "role exists already"
    INVALID_PRIVILEGE = 72, "invalid privilege"
    INVALID_WHITELIST = 73, "invalid address whitelist"
    QUOTAS_NOT_ENABLED = 74, "quotas are not enabled on the server"
    INVALID_QUOTA = 75, "invalid quota"
    NOT_AUTHENTICATED = 80, "not authenticated", "ce"
    ROLE_VIOLATION = 81, "the user's roles do not allow this"
    NOT_WHITELISTED = 82, "address is not on the role's whitelist"
    QUOTA_EXCEEDED = 83, "the user's quota is exceeded"
    LDAP_NOT_CONFIGURED = 90, "LDAP is not configured"
    LDAP_SETUP = 91, "LDAP setup failed"
    LDAP_TLS_SETUP = 92, "LDAP TLS setup failed"
    LDAP_AUTHENTICATION = 93, "LDAP authentication failed"
    LDAP_QUERY = 94, "LDAP query failed"

    # --- functions, transactions, batch, geo, indexes ------------------------------------------------------
    UDF = 100, "user-defined function failed"
    MRT_BLOCKED = 120, "another transaction holds the record"
    MRT_VERSION_MISMATCH = 121, "record changed since the transaction read it"
    MRT_EXPIRED = 122, "transaction has expired"
    MRT_TOO_MANY_WRITES = 123, "transaction writes too many records"
    MRT_COMMITTED = 124, "transaction was committed"
    MRT_ABORTED = 125, "transaction was aborted"
    MRT_ALREADY_LOCKED = 126, "transaction holds the record already"
    MRT_MONITOR_EXISTS = 127, "transaction's monitor exists already"
    BATCH_DISABLED = 150, "batch is disabled on the server"
    BATCH_MAX_REQUESTS = 151, "batch is larger than the server allows"
    BATCH_QUEUES_FULL = 152, "the server's batch queues are full"
    GEO_INVALID_GEOJSON = 160, "GeoJSON is not valid"
    INDEX_FOUND = 200, "index exists already"
    INDEX_NOT_FOUND = 201, "index not found"
    INDEX_OOM = 202, "index is out of memory"
    INDEX_NOT_READABLE = 203, "index is not readable yet"
    INDEX_GENERIC = 204, "index failed"
    INDEX_NAME_MAX_LENGTH = 205, "index name is too long"
    INDEX_MAX_COUNT = 206, "too many indexes"
    QUERY_ABORTED = 210, "query was aborted", "ce"
    QUERY_QUEUE_FULL = 211, "the server's query queue is full"
    QUERY_TIMEOUT = 212, "query timed out on the server"
    QUERY_GENERIC = 213, "query failed"


_BY_NUMBER: dict[int, ResultCode] = {member.value: member for member in ResultCode}


def facts_of(code: int) -> ResultCode:
    """The member for a code; for one that this client does not know, SERVER, whose facts are the cautious ones."""
    return _BY_NUMBER.get(code, ResultCode.SERVER)


def describe(code: int) -> str:
    """Name, number and meaning of a result code, also of one that this client does not know."""
    try:
        known = _BY_NUMBER[code]
    except KeyError:
        return f"result code {code}"
    return f"{known.name} ({code}): {known.meaning}"
