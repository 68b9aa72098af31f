"""The public surface: what `import triospike` offers, and that type checkers see the same."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from importlib import metadata
from importlib.resources import files
from typing import Any

import attrs
import pytest

import triospike
from sources import PACKAGE, ROOT, Source, sources
from triospike import AerospikeError, errors, operations, policy

PACKAGES = [source for source in sources(PACKAGE) if source.is_package]
MODULES = [
    source
    for source in sources(PACKAGE)
    if not source.is_package and source.path.stem not in {"_version", "__main__"}
]
EVERYDAY = {
    "AerospikeError",
    "Client",
    "ClientPolicy",
    "CommandTimeout",
    "EventLoop",
    "EventLoops",
    "EventPolicy",
    "GeoJSON",
    "Host",
    "Key",
    "QueueFull",
    "ReadPolicy",
    "Record",
    "ResultCode",
    "WritePolicy",
    "open_client",
    "open_embedded_server",
    "open_event_loops",
    "operations",
}


def exported(source: Source) -> dict[str, str]:
    """The names that a package's ``__init__`` imports: as what, to from where."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }


@pytest.mark.parametrize("source", PACKAGES, ids=lambda source: source.module)
def test_packages_re_export_under_the_same_name(source: Source) -> None:
    aliases = [
        alias
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    ]
    has_all = "__all__" in source.text  # says as clearly what is offered
    assert has_all or not [alias.name for alias in aliases if alias.asname != alias.name]


@pytest.mark.parametrize("source", PACKAGES, ids=lambda source: source.module)
def test_packages_hold_what_they_re_export(source: Source) -> None:
    package = importlib.import_module(source.module)
    assert not [name for name in exported(source) if not hasattr(package, name)]


@pytest.mark.parametrize("source", MODULES, ids=lambda source: source.module)
def test_modules_hold_what_they_list(source: Source) -> None:
    module = importlib.import_module(source.module)
    assert not [name for name in module.__all__ if not hasattr(module, name)]


def test_the_everyday_names_are_there() -> None:
    assert exported(PACKAGES[0]).keys() >= EVERYDAY


def test_every_error_is_exported_at_the_top() -> None:
    classes = {name for name in errors.__all__ if name[0].isupper() and name != "AttemptTimes"}
    assert exported(PACKAGES[0]).keys() >= classes
    assert all(issubclass(getattr(triospike, name), AerospikeError) for name in classes)


def test_every_policy_is_exported_at_the_top() -> None:
    [package] = [source for source in PACKAGES if source.module == policy.__name__]
    assert exported(PACKAGES[0]).keys() >= exported(package).keys() - {"BasePolicy"}


def test_policies_are_frozen_and_take_keywords_only() -> None:
    classes: list[Any] = [cls for name in dir(policy) if attrs.has(cls := getattr(policy, name))]
    assert len(classes) >= 7
    for cls in classes:
        value = cls()
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(value, attrs.fields(cls)[0].name, None)
        with pytest.raises(TypeError):
            cls(1)


def test_every_policy_field_is_documented_with_its_default() -> None:
    for name in dir(policy):
        cls = getattr(policy, name)
        if not attrs.has(cls):
            continue
        told = " ".join(base.__doc__ or "" for base in cls.__mro__)
        fields = [field.name for field in attrs.fields(cls) if field.init]
        assert not [field for field in fields if f" {field}: " not in told], name


def test_operations_are_functions_that_make_operations() -> None:
    made = [operations.read("a"), operations.write("a", 1), operations.touch()]
    assert all(isinstance(operation, operations.Operation) for operation in made)


def test_type_information_is_shipped() -> None:
    assert files("triospike").joinpath("py.typed").is_file()


def test_the_version_is_one_and_the_changelog_knows_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+|\+dev)?", triospike.__version__)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[?([^\]\n ]+)\]?", changelog, re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert triospike.__version__.partition("+")[0] in headings


def test_the_installed_version_is_this_one() -> None:
    try:
        installed = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        pytest.skip("the package runs from its source, without being installed")
    assert installed == triospike.__version__


def test_the_command_line_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["triospike"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))


def test_the_changelog_keeps_the_order_of_its_sections() -> None:
    order = ["Breaking", "Added", "Changed", "Deprecated", "Fixed"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for release in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (\w+)", release, re.MULTILINE)
        assert sections == [name for name in order if name in sections]
