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
        resolver = self.index.resolver
        annotation = function.fact.parameters[position].annotation
        typed = self._typed(function, annotation) if annotation >= 0 else []
        for row in self._service_rows("service-message", function, position):
            if any(fnmatchcase(name, api) for name in typed for api in row.api):
                return row
        rows = self._service_rows("service-type", function, position)
        if not rows:
            return None
        packages = [name.rpartition(".")[0] for name in typed]
        for owner in resolver.receiver(function):
            if not isinstance(owner, ClassReference):
                continue
            scope = owner.file.functions[owner.fact.scope]
            bases = [name for base in owner.fact.bases for name in self._typed(scope, base)]
            for base in (*resolver.classes.api_bases(owner), *bases):
                for row in rows:
                    beside = not row.attributes.get("beside") or base.rpartition(".")[0] in packages
                    if beside and any(fnmatchcase(base, api) for api in row.api):
                        return row
        return None

    def _typed(self, function: FunctionNode, at: int) -> list[str]:
        """The canonical names of a type; one that no file declares is generated in the package."""
        value = function.fact.values[at]
        if type(value) is v.Global and not self.index.resolver.references(function, at):
            return [f".{value.name}"]
        return self.index.resolver.names(function, at)

    def _service_rows(self, concept: str, function: FunctionNode, position: int) -> list[Row]:
        """The rows of services whose methods are of the form, with the message at the position."""
        return [
            row
            for row in self.index.resolver.models(function).concept_rows(concept)
            if row.attributes["parameter"] == position
            and row.attributes["parameters"] == len(function.fact.parameters)
        ]

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
