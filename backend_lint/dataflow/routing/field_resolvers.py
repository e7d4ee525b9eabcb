"""Functions that answer fields of a GraphQL schema; what they are given for it, the client sent.

They are methods of classes that libraries know or generate, or stand in maps by type and field.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import places
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

# A map of types has maps of fields, and a field may have one of its own.
_MAX_DEPTH = 6


class FieldResolvers:
    """Knows which parameters are arguments of a field."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index

    def row(self, function: FunctionNode, position: int) -> Row | None:
        """The row by which a parameter of a function is filled from the request, if it is."""
        mapped = self._mapped.get(function.key)
        if mapped is not None and mapped.attributes["parameter"] == position:
            return mapped
        rows = self.index.resolver.models(function).concept_rows("field-resolver-type")
        return next(
            (
                row
                for row in rows
                if any(fnmatchcase(function.fact.name, name) for name in row.attributes["methods"])
                and self._is_behind(function, position, row.attributes["after"])
                and self._is_of(function, row)
            ),
            None,
        )

    @staticmethod
    def _is_behind(function: FunctionNode, position: int, names: list[str]) -> bool:
        """One of the parameters before has such a name."""
        return any(
            parameter.name.strip("_") in names for parameter in function.fact.parameters[:position]
        )

    def _is_of(self, function: FunctionNode, row: Row) -> bool:
        """The function is a method of such a class."""
        resolver = self.index.resolver
        return any(
            api in row.api
            for owner in resolver.receiver(function)
            if isinstance(owner, ClassReference)
            for api in (
                [f"*.{owner.fact.name}"]
                if row.attributes.get("own-name")
                else resolver.classes.api_bases(owner)
            )
        )

    @cached_property
    def _mapped(self) -> dict[tuple[str, int], Row]:
        found: dict[tuple[str, int], Row] = {}
        for match in self.index.matches("field-resolvers"):
            for at in match.values("resolvers"):
                for function in self._functions(match.function, at, 0):
                    found.setdefault(function.key, match.row)
        return found

    def _functions(self, function: FunctionNode, at: int, depth: int) -> Iterator[FunctionNode]:
        if depth > _MAX_DEPTH:
            return
        for owner, other in places(self.index, function, at):
            value = owner.fact.values[other]
            inner: tuple[int, ...] = ()
            if type(value) is v.Record:
                inner = value.items
            elif type(value) is v.Listing:
                inner = value.elements
            elif type(value) is v.Invoke:
                inner = value.args  # `merge(books, shelves)`
            for each in inner:
                yield from self._functions(owner, each, depth + 1)
            if not inner:
                for reference in self.index.resolver.references(owner, other):
                    if isinstance(reference, FunctionReference):
                        yield from self._of(reference.function, depth)

    def _of(self, function: FunctionNode, depth: int) -> Iterator[FunctionNode]:
        """A function, or those in the map that it gives when asked: `fields: () => ({ … })`."""
        yield function
        if not function.fact.parameters:
            for result in function.fact.returns:
                if type(function.fact.values[result.value]) is v.Record:
                    yield from self._functions(function, result.value, depth + 1)
