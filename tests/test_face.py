"""The face: it hands names on, and each comes from its room when it is first used."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import geo_routes

NAMES = [name for name in geo_routes.__all__ if name != "__version__"]
SOURCE = Path(geo_routes.__file__).read_text(encoding="utf-8")


def imported_for_typing() -> dict[str, str]:
    """The names that a type checker sees, and their modules, from the source alone."""
    names = {}
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("geo_routes."):
            names |= {alias.name: node.module or "" for alias in node.names}
    return names


def test_the_names_are_sorted_and_stand_once() -> None:
    assert sorted(set(NAMES)) == NAMES
    assert sorted(set(geo_routes.__all__)) == sorted(geo_routes.__all__) == dir(geo_routes)


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_that_of_its_room(name: str) -> None:
    value = getattr(geo_routes, name)
    assert value.__name__ == name
    assert value.__module__.startswith("geo_routes.")
    room = importlib.import_module(f"geo_routes.{geo_routes._ROOMS[name]}")
    assert getattr(room, name) is value
    assert value.__doc__


def test_the_type_checker_sees_the_names_that_a_program_gets() -> None:
    seen = imported_for_typing()
    assert seen.pop("__version__") == "geo_routes.version"
    assert sorted(seen) == NAMES
    assert seen == {name: f"geo_routes.{room}" for name, room in geo_routes._ROOMS.items()}


def test_nouns_are_classes_and_verbs_are_functions() -> None:
    for name in NAMES:
        value = getattr(geo_routes, name)
        assert inspect.isclass(value) or inspect.isfunction(value)
        assert inspect.isclass(value) == name[0].isupper()


def test_the_face_defines_nothing_but_its_doors() -> None:
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    defined = [node.name for node in ast.parse(SOURCE).body if isinstance(node, kinds)]
    assert defined == ["__getattr__", "__dir__"]


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = geo_routes.nothing
    assert not hasattr(geo_routes, "numpy")


def test_a_star_import_brings_exactly_the_names() -> None:
    brought: dict[str, object] = {}
    exec("from geo_routes import *", brought)  # noqa: S102 - what a user at a prompt writes
    assert set(brought) - {"__builtins__"} == set(geo_routes.__all__)


def test_the_version_is_that_of_the_installed_package() -> None:
    from importlib.metadata import version  # noqa: PLC0415

    assert geo_routes.__version__ == version("geo-routes")
