"""What a request says about a function to be called (protocol section 7.5)."""

from __future__ import annotations

from typing import Final

import attrs

from ..._wire.flags import FieldType, OpType
from ..._wire.message import pack_op
from ...result_code import ResultCode
from ..refusal import Refusal
from ..request import Request

__all__ = ["NO_LUA", "Call", "failure_bin", "parse_call", "success_bin"]

_SUCCESS: Final = b"SUCCESS"
_FAILURE: Final = b"FAILURE"
"""Names of the one bin of an answer."""
NO_LUA: Final = b"UDF: this server has no Lua: install triospike[lua]"

_LONGEST_NAME: Final = 127
_READ = int(OpType.READ)
_STRING: Final = 3


@attrs.frozen(slots=True)
class Call:
    """A function to be called.

    Attributes:
        module: Name of its module, without extension.
        function: Its name.
        arguments: A packed list.
    """

    module: str
    function: bytes
    arguments: bytes


def parse_call(request: Request) -> Call:
    """The function that a request names.

    Raises:
        Refusal: A part is missing, or a name too long.
    """
    fields = request.fields
    module, function = fields.get(FieldType.UDF_FILENAME), fields.get(FieldType.UDF_FUNCTION)
    arguments = fields.get(FieldType.UDF_ARGLIST)
    if module is None or function is None or arguments is None:
        raise Refusal(ResultCode.PARAMETER)
    if len(module) > _LONGEST_NAME or len(function) > _LONGEST_NAME:
        raise Refusal(ResultCode.PARAMETER)
    name = module.partition(b"\0")[0].decode("utf-8", "surrogateescape")
    return Call(name, function.partition(b"\0")[0], arguments)


def success_bin(kind: int, content: bytes) -> bytes:
    """What a function returned, as the one bin of an answer."""
    return pack_op(_READ, _SUCCESS, kind, content)


def failure_bin(message: bytes) -> bytes:
    """Why a function failed, as the one bin of an answer."""
    return pack_op(_READ, _FAILURE, _STRING, message)
