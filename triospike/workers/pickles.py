"""How calls, values and errors cross the border between processes.

Functions cross it by name. Those of the main program need care: what is ``__main__`` here must be loaded under
another name there, lest the worker begin to run the whole program. It is loaded when a call first needs it.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import io
import pickle
import sys
import traceback
from contextlib import suppress
from typing import Any

import attrs

__all__ = ["MainProgram", "dumps", "loads", "pack_error", "unpack_error"]

_ALIAS = "__worker_main__"


@attrs.frozen
class MainProgram:
    """Where the functions of ``__main__`` come from.

    Attributes:
        name: Module name under which a worker has it.
        path: Its file, or None for a module that is imported by that name.
    """

    name: str = _ALIAS
    path: str | None = None

    @classmethod
    def of_this_process(cls) -> MainProgram:
        """The main program of the process that opens workers."""
        main = sys.modules["__main__"]
        spec = getattr(main, "__spec__", None)
        if spec is not None and spec.name != "__main__":
            return cls(spec.name)
        return cls(path=getattr(main, "__file__", None))

    def load(self) -> None:
        """Load it in a worker, once.

        Raises:
            RuntimeError: It can't be loaded.
        """
        if self.name in sys.modules:
            return
        try:
            self._load()
        except Exception as error:
            sys.modules.pop(self.name, None)
            raise RuntimeError(
                f"the main program ({self.path or self.name}) can't be loaded by a worker: does it begin its work "
                'under `if __name__ == "__main__":`?'
            ) from error

    def _load(self) -> None:
        if self.name != _ALIAS:
            importlib.import_module(self.name)
            return
        if self.path is None:
            raise ImportError("it has no file; put the function into a module")
        loader = importlib.machinery.SourceFileLoader(_ALIAS, self.path)
        spec = importlib.util.spec_from_file_location(_ALIAS, self.path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[_ALIAS] = module
        loader.exec_module(module)


class _Unpickler(pickle.Unpickler):
    """Finds the names of the main program on either side."""

    def __init__(self, file: io.BytesIO, main: MainProgram, *, in_worker: bool) -> None:
        # The file comes first, as in the base class: PyPy's takes it in __new__ already.
        super().__init__(file)
        self._main = main
        self._in_worker = in_worker

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if self._in_worker and module_name == "__main__":
            self._main.load()
            module_name = self._main.name
        elif not self._in_worker and module_name == self._main.name:
            module_name = "__main__"
        return super().find_class(module_name, global_name)


def dumps(value: object, what: str) -> bytes:
    """Pickle.

    Args:
        value: Anything.
        what: Its name in messages.

    Raises:
        TypeError: It can't be pickled.
    """
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # what a pickle fails with is up to each class
        raise TypeError(f"{what} can't be pickled: {error}") from error


def loads(data: bytes, main: MainProgram, *, in_worker: bool) -> Any:
    """What `dumps` made in the other process.

    Args:
        data: The pickle.
        main: The parent's main program.
        in_worker: On which side this is.
    """
    return _Unpickler(io.BytesIO(data), main, in_worker=in_worker).load()


def pack_error(error: Exception) -> bytes:
    """An error for the other side, with what is known of it in case that it can't be unpickled there."""
    try:
        pickled = pickle.dumps(error, pickle.HIGHEST_PROTOCOL)
    except Exception:  # the error is told in words then
        pickled = b""
    words = f"{type(error).__module__}.{type(error).__qualname__}: {error}"
    return pickle.dumps((pickled, words, "".join(traceback.format_exception(error))))


def unpack_error(data: bytes, main: MainProgram, where: str) -> Exception:
    """The error that `pack_error` packed; a `RuntimeError` in its place if it can't be unpickled.

    Args:
        data: What was packed.
        main: This process's main program.
        where: What raised it, for the note with the traceback.
    """
    pickled, words, trace = pickle.loads(data)
    error: Exception = RuntimeError(f"an error that can't be pickled: {words}")
    with suppress(Exception):  # what unpickling fails with is up to each class
        found = loads(pickled, main, in_worker=False)
        if isinstance(found, Exception):
            error = found
    error.add_note(f"In {where}:\n{trace}")
    return error
