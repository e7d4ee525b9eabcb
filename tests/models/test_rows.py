"""Model rows name only concepts, roles and attributes that there are, and types that are known."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

import backend_lint.models
from backend_lint.concepts.catalogue import CONCEPTS
from backend_lint.models.library import Models, load
from backend_lint.models.rows import LibraryModel, access_path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILES = sorted(Path(backend_lint.models.__file__).parent.rglob("*.toml"))


def _read(path: Path) -> LibraryModel:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), LibraryModel)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_rows_fit_the_catalogue(path: Path) -> None:
    model = _read(path)
    assert model.docs, "say which pages the rows rest on"
    for row in model.rows:
        assert row.concept in CONCEPTS, row
        concept = CONCEPTS[row.concept]
        assert set(row.roles) <= set(concept.roles), row
        assert set(row.attributes) <= set(concept.attributes), row
        for text in row.roles.values():
            access_path(text)
        assert len(set(row.api)) == len(row.api), row


@pytest.mark.parametrize("path", _FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_types_are_known(path: Path) -> None:
    models = load(path.parent.name)
    for name, row in _read(path).types.items():
        for base in row.bases:
            assert base in models.types, (name, base)
        for kind in row.returns.values():
            assert kind == "" or _is_used(models, kind), (name, kind)


def _is_used(models: Models, kind: str) -> bool:
    """A type that nothing speaks of would be a misspelling."""
    return kind in models.types or any(api.startswith(f"{kind}.") for api in models.rows)


def test_every_concept_is_used_or_asked_for() -> None:
    used = {row.concept for path in _FILES for row in _read(path).rows}
    assert used <= set(CONCEPTS)
