"""Habits that a reader can count on in every file: length, docstrings, `__all__`, no blanket ignores."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from sources import PACKAGE, Source, sources

MOST_LINES = 500
MOST_LINES_OF_A_FUNCTION = 60

ALL = sources(PACKAGE, "tests", "examples", "benchmarks")
OURS = sources(PACKAGE)
TOLD = sources(PACKAGE, "examples")
BLANKET = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:\s*[A-Z])|#\s*(ruff|mypy|flake8):")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_definitions(source: Source) -> Iterator[tuple[str, Definition]]:
    """Functions, classes and methods without a leading underscore anywhere in their names."""
    yield from _public("", source.tree)


def _public(prefix: str, parent: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Definition]]:
    for node in parent.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if any(ast.unparse(decorator).endswith("overload") for decorator in node.decorator_list):
            continue
        name = f"{prefix}{node.name}"
        yield name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(f"{name}.", node)


def all_of(source: Source) -> list[str] | None:
    """The file's `__all__`, or None."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            assert isinstance(names, list)
            return names
    return None


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {source.name: source.text.count("\n") for source in ALL}
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_LINES}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines without the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function):
        docstring = function.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    lengths = {
        f"{source.name}:{node.lineno} {node.name}": length(node)
        for source in ALL
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION}


def test_every_module_says_what_it_is() -> None:
    assert not [source.name for source in TOLD if source.text and not ast.get_docstring(source.tree)]


def test_every_public_name_has_a_docstring() -> None:
    assert not [
        f"{source.name}:{node.lineno} {name}"
        for source in OURS
        for name, node in public_definitions(source)
        if not ast.get_docstring(node)
    ]


@pytest.mark.parametrize(
    "source",
    [source for source in OURS if not source.is_package and source.path.stem not in {"_version", "__main__"}],
    ids=lambda source: source.name,
)
def test_a_module_lists_what_it_offers(source: Source) -> None:
    offered = all_of(source)
    assert offered is not None, "no __all__"
    assert len(offered) == len(set(offered))


def test_nothing_is_silenced_without_saying_what() -> None:
    assert not [
        f"{source.name}:{number} {line.strip()}"
        for source in ALL
        for number, line in enumerate(source.text.splitlines(), 1)
        if BLANKET.search(line)
    ]


def test_what_catches_everything_raises_it_again() -> None:
    caught = [
        (source, node)
        for source in OURS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "BaseException")
    ]
    assert not [
        f"{source.name}:{node.lineno}" for source, node in caught if not isinstance(node.body[-1], ast.Raise)
    ]


def test_nothing_is_left_undone() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert not [
        f"{source.name}:{number}"
        for source in ALL
        for number, line in enumerate(source.text.splitlines(), 1)
        if marks.search(line)
    ]
