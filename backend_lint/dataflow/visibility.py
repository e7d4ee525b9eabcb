"""Functions that other programs can call: what a library gives to its users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FileNode, FunctionNode

_PROGRAM = "main"


class Visibility:
    """Tells them by how modules say it: by a list, by upper case, or by no leading underscore."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._listed: dict[str, frozenset[tuple[str, object]]] = {}

    def is_public(self, function: FunctionNode) -> bool:
        """Users of the module can call the function, directly or as a method of its class."""
        fact = function.fact
        file = function.file
        if not fact.name or fact.parent > 0 or function.number == 0:
            return False
        if file.facts.package:
            owner = fact.receiver_type.lstrip("*")
            return (
                file.facts.package != _PROGRAM
                and fact.name[:1].isupper()
                and (not owner or owner[:1].isupper())
            )
        if file.facts.exports:
            listed = self._exported(file)
            return not fact.name.startswith(("_", "#")) and (
                ("class", fact.owner) in listed
                if fact.owner >= 0
                else ("function", function.number) in listed
            )
        if file.family == "javascript":
            return False
        owners = [file.facts.classes[fact.owner].name] if fact.owner >= 0 else []
        return not any(_is_private(name) for name in (fact.name, *owners))

    def _exported(self, file: FileNode) -> frozenset[tuple[str, object]]:
        known = self._listed.get(file.path)
        if known is None:
            known = self._listed[file.path] = frozenset(self._listing(file))
        return known

    def _listing(self, file: FileNode) -> Iterator[tuple[str, object]]:
        for export in file.facts.exports:
            if export.module or export.value < 0:
                continue
            place = file.functions[export.function]
            value = place.fact.values[export.value]
            given = value.items if type(value) is v.Record else (export.value,)
            for at in given:
                for reference in self.index.resolver.references(place, at):
                    if isinstance(reference, FunctionReference):
                        yield ("function", reference.function.number)
                    elif isinstance(reference, ClassReference):
                        yield ("class", reference.index)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")
