"""Functions that clients call: those of generated services, and those a directive says it of."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FileNode, FunctionNode


class Called:
    """Finds them; made once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._exported: dict[str, frozenset[int]] = {}

    def row(self, function: FunctionNode, position: int) -> Row | None:
        """The row that says that clients decide the argument at a position."""
        return self._service(function, position) or self._directive(function)

    def _directive(self, function: FunctionNode) -> Row | None:
        """`"use server"`: it stands in the function, or begins a file that exports it."""
        for row in load(function.file.family).concept_rows("remote-directive"):
            if _says(function, row) or (
                function.fact.parent == 0
                and _says(function.file.module, row)
                and function.number in self._exports(function.file)
            ):
                return row
        return None

    def _service(self, function: FunctionNode, position: int) -> Row | None:
        """The row of the generated service whose methods have the message at a position."""
        rows = [
            row
            for row in self.index.resolver.models(function).concept_rows("service-type")
            if row.attributes["parameter"] == position
            and row.attributes["parameters"] == len(function.fact.parameters)
        ]
        if not rows:
            return None
        resolver = self.index.resolver
        annotation = function.fact.parameters[position].annotation
        packages = [name.rpartition(".")[0] for name in resolver.names(function, annotation)]
        for owner in resolver.receiver(function):
            if not isinstance(owner, ClassReference):
                continue
            for base in resolver.classes.api_bases(owner):
                for row in rows:
                    beside = not row.attributes.get("beside") or base.rpartition(".")[0] in packages
                    if beside and any(fnmatchcase(base, api) for api in row.api):
                        return row
        return None

    def _exports(self, file: FileNode) -> frozenset[int]:
        """The numbers of the functions that a file exports."""
        known = self._exported.get(file.path)
        if known is None:
            exported = (
                file.functions[export.function].fact.values[export.value]
                for export in file.facts.exports
                if export.value >= 0
            )
            known = self._exported[file.path] = frozenset(
                value.function for value in exported if type(value) is v.Closure
            )
        return known


def _says(function: FunctionNode, row: Row) -> bool:
    return any(
        type(value) is v.Constant and value.value in row.api for value in function.fact.values
    )
