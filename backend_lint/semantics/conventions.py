"""Types that parameters have because of their names, or of what a file exports a function as."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.models.library import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.models.rows import ConventionRow
    from backend_lint.semantics.references import FileNode, FunctionNode

# What a module exports as a whole.
_WHOLE = "="


class Conventions:
    """Answers which convention holds for the parameters of a function."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[ConventionRow, ...]] = {}
        self._exported: dict[str, dict[int, set[str]]] = {}

    def of(self, function: FunctionNode) -> ConventionRow | None:
        """The first that holds."""
        names = tuple(parameter.name for parameter in function.fact.parameters)
        for row in self._of_file(function.file):
            if (
                len(names) >= len(row.parameters)
                and all(
                    name in allowed for name, allowed in zip(names, row.parameters, strict=False)
                )
                and (not row.exported or self._is_exported(function, row))
            ):
                return row
        return None

    def _of_file(self, file: FileNode) -> tuple[ConventionRow, ...]:
        known = self._rows.get(file.path)
        if known is None:
            known = self._rows[file.path] = tuple(
                row
                for row in load(file.family).conventions
                if any(fnmatchcase(file.path, pattern) for pattern in row.files)
            )
        return known

    def _is_exported(self, function: FunctionNode, row: ConventionRow) -> bool:
        path = function.file.path
        known = self._exported.get(path)
        if known is None:
            known = self._exported[path] = {}
            for name, number in _exported(function.file):
                known.setdefault(number, set()).add(name)
        return not known.get(function.number, set()).isdisjoint(row.exported)


def _exported(file: FileNode) -> Iterator[tuple[str, int]]:
    """The names that a file exports functions under, and what it exports holds them under."""
    for export in file.facts.exports:
        if export.value >= 0:
            place = file.functions[export.function]
            for name, number in _functions(place, export.value):
                inner = name if export.name == _WHOLE else export.name
                yield inner or export.name, number


def _functions(function: FunctionNode, at: int) -> Iterator[tuple[str, int]]:
    """The functions that a value is, wraps (`withUser(async (request) => …)`) or has members of."""
    values = function.fact.values
    value = values[at]
    while isinstance(value, (v.Stored, v.Updated)):
        value = values[value.base]
    if type(value) is v.Closure:
        yield "", value.function
    elif type(value) is v.Captured:
        owner = function.file.functions[value.function]
        cell = owner.fact.cells.get(value.name, -1)
        if cell >= 0 and type(owner.fact.values[cell]) is v.Closure:
            yield from _functions(owner, cell)
    elif type(value) is v.Invoke:
        for arg in value.args:
            if type(values[arg]) in (v.Closure, v.Captured):
                yield from _functions(function, arg)
    elif type(value) is v.Record:
        for name, item in v.entries(values, value):
            if type(values[item]) in (v.Closure, v.Captured):
                for _, number in _functions(function, item):
                    yield name, number
