"""The project's own source files as data, for tests that guard the walls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "triospike"


@attrs.frozen
class Source:
    """One file."""

    path: Path
    text: str = attrs.field(repr=False, eq=False)

    @property
    def tree(self) -> ast.Module:
        """What it says, parsed when somebody asks for the first time."""
        return _tree(self)

    @property
    def name(self) -> str:
        """Its path in the project, for messages."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """Dotted name; that of the package for an ``__init__.py``."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """What stands directly under the package: a file's stem or a folder's name."""
        return room_of(self.module)

    @property
    def is_package(self) -> bool:
        """It is an ``__init__.py``."""
        return self.path.name == "__init__.py"


@cache
def _tree(source: Source) -> ast.Module:
    return ast.parse(source.text)


@attrs.frozen
class Import:
    """One imported module, named in full; ``from . import x`` gives x."""

    importer: Source
    module: str
    line: int
    at_run_time: bool
    """Carried out when the importer is imported: not inside a function, not for type checkers only."""

    def __str__(self) -> str:
        return f"{self.importer.name}:{self.line} imports {self.module}"


def room_of(module: str) -> str:
    """The room of a module of the package; the package itself is the room ``__init__``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file under the folders, in the order of their paths."""
    return tuple(source for folder in folders for source in _sources(folder))


@cache
def _sources(folder: str) -> tuple[Source, ...]:
    return tuple(Source(path, path.read_text(encoding="utf-8")) for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def imports_of(source: Source) -> tuple[Import, ...]:
    """All imports of a file, wherever they stand."""
    return tuple(_imports(source, source.tree, at_run_time=True))


def _imports(source: Source, parent: ast.AST, *, at_run_time: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in _modules(source, node):
                yield Import(source, module, node.lineno, at_run_time)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_type_checkers(node):
            yield from _imports(source, node, at_run_time=False)
        else:
            yield from _imports(source, node, at_run_time=at_run_time)


def _is_for_type_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _modules(source: Source, node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        package = source.module.split(".") if source.is_package else source.module.split(".")[:-1]
        base = ".".join(package[: len(package) - node.level + 1] + ([node.module] if node.module else []))
    names = [f"{base}.{alias.name}" for alias in node.names]
    modules = [name for name in names if _is_module(name)]
    return modules if len(modules) == len(names) else [base, *modules]


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
