"""What every info command is: a function of the node, the connection, and what stands behind the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..ports import NodeView
from ..session import Session
from .params import Params

__all__ = ["Command"]

Command: TypeAlias = Callable[[NodeView, Session, Params], str]
