"""All models of one language, loaded and indexed by canonical name."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec

from backend_lint.errors import InstallationError
from backend_lint.models.rows import (
    AccessPath,
    ConventionRow,
    LibraryModel,
    Row,
    TypeRow,
    access_path,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ITEM = "[]"
"""Ends the name of an API that stands for what is put under a name of it."""

COMPUTED = "[method]"
"""Ends the name of an API that stands for a method whose name is computed: `app[method](…)`."""


class Models:
    """The rows and types of a language.

    Attributes:
        types: by canonical name.
        instances: the type of the value that a canonical name stands for.
        rows: by canonical name.
        any_receiver: rows for methods of any receiver that has no row of its own, by method name.
        unresolved: rows that hold for unknown receivers, by method name.
        conventions: in order of the files.
        stand_ins: the module whose functions another one has, by its name.
        roots: first components of all canonical names: a name without a binding that is none of
            them is nothing we know.
        binding_names: last components of those whose handlers get typed parameters.
        own_names: last components of those with rows of their own receivers or modules.
        names: last components of all canonical names with rows: a call of any other name is
            nothing we know.
    """

    def __init__(self, files: list[LibraryModel]) -> None:
        self.types: dict[str, TypeRow] = {}
        self.instances: dict[str, str] = {}
        self.rows: dict[str, list[Row]] = {}
        self.unresolved: dict[str, list[Row]] = {}
        self.any_receiver: dict[str, list[Row]] = {}
        self.conventions: list[ConventionRow] = []
        self.stand_ins: dict[str, str] = {}
        for file in files:
            self.types.update(file.types)
            self.stand_ins.update(file.stand_ins)
            for name, kind in file.types.items():
                for origin in kind.from_:
                    self.instances[origin] = name
            for row in file.rows:
                for api in row.api:
                    if api.startswith("*."):
                        self.any_receiver.setdefault(api[2:], []).append(row)
                        continue
                    self.rows.setdefault(api, []).append(row)
                    if row.unresolved:
                        known = self.unresolved.setdefault(api.rsplit(".", 1)[-1], [])
                        if row not in known:
                            known.append(row)
            self.conventions.extend(file.conventions)
        self._by_concept: dict[str, list[Row]] = {}
        for file in files:
            for row in file.rows:
                self._by_concept.setdefault(row.concept, []).append(row)
        self.roots = {api.split(".", 1)[0].removesuffix("()") for api in self.rows}
        self.roots.update(name.split(".", 1)[0].removesuffix("()") for name in self.instances)
        self.binding_names = {
            last_name(api)
            for file in files
            for row in file.rows
            for api in row.api
            if row.attributes.get("parameters")
        }
        self.own_names = {last_name(api) for api in self.rows}
        self.names = self.own_names | self.any_receiver.keys()

    def bases(self, name: str) -> list[str]:
        """A type and all it has the methods of, nearest first."""
        found = [name]
        for current in found:
            row = self.types.get(current)
            if row is not None:
                found.extend(base for base in row.bases if base not in found)
        return found

    def rows_of(self, api: str) -> list[Row]:
        """The rows of a canonical name, its own or those of a base of its type."""
        rows = self.rows.get(api)
        if rows is not None:
            return rows
        owner, _, name = api.rpartition(".")
        if owner in self.types:
            for base in self.bases(owner)[1:]:
                rows = self.rows.get(f"{base}.{name}")
                if rows is not None:
                    return rows
        return []

    def concept_rows(self, concept: str) -> list[Row]:
        """The rows of a concept, in order of the files."""
        return self._by_concept.get(concept, [])

    def field_type(self, owner: str, name: str) -> str:
        """The type of a field of a type, or empty."""
        for base in self.bases(owner):
            row = self.types.get(base)
            if row is None:
                continue
            if name in row.fields:
                return row.fields[name]
            if "*" in row.fields and f"{base}.{name}" not in self.rows:
                return row.fields["*"]
        return ""

    def result_type(self, api: str) -> str:
        """The type of the result of calling a canonical name, or empty."""
        known = self.instances.get(api + "()") or self.instances.get(f"*.{last_name(api)}()")
        if known:
            return known
        if api in self.types:
            return api
        owner, _, name = api.rpartition(".")
        if owner in self.types:
            fluent = ""
            for base in self.bases(owner):
                row = self.types.get(base)
                if row is None:
                    continue
                if name in row.returns:
                    return row.returns[name]
                known = self.instances.get(f"{base}.{name}()")
                if known:
                    return known
                if row.fluent and not fluent:
                    fluent = owner
            return fluent
        return ""


def last_name(api: str) -> str:
    """The last component of a canonical name."""
    return api.removesuffix("()").rsplit(".", 1)[-1]


@cache
def path_of(text: str) -> AccessPath:
    """A parsed access path; the same few are asked for again and again."""
    return access_path(text)


@cache
def load(family: str) -> Models:
    """The models of a language family (`python`, `javascript`, `go`).

    Raises:
        InstallationError: a model file does not fit its schema.
    """
    folder = Path(__file__).parent / family
    files = []
    if not folder.is_dir():
        return Models([])
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".toml"):
            continue
        try:
            raw = tomllib.loads(entry.read_text(encoding="utf-8"))
            files.append(msgspec.convert(raw, LibraryModel))
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            msg = f"models/{family}/{entry.name}: {error}"
            raise InstallationError(msg) from error
    return Models(files)
