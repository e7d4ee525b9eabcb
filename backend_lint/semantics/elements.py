"""What lists and mappings hold, by the types that are declared for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.references import FunctionNode, Reference
    from backend_lint.semantics.resolver import Resolver

# Types of lists, whose elements are of the type in brackets.
_LISTS = frozenset({"[]", "list", "List", "Sequence", "Iterable", "Array", "ReadonlyArray"})
# Types of mappings: those whose loops go over their values, and those whose loops do not.
RANGED = frozenset({"map"})
MAPPINGS = RANGED | {"dict", "Dict", "Mapping", "defaultdict", "Record", "Map"}


class Elements:
    """Answers what an element of a value is.

    Args:
        resolver: answers for the types.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of(self, function: FunctionNode, at: int, mappings: frozenset[str]) -> Iterable[Reference]:
        """Objects of the type that the elements of a value are declared to have."""
        value = function.fact.values[at]
        if type(value) is v.Parameter and function.fact.parameters[value.index].kind == "*":
            # `books ...Book`, `*books: Book`: what is declared is one of them.
            yield from self.resolver.references(function, at)
        for owner, annotation in self._declared(function, at):
            yield from self.resolver.instances(owner, _element_type(owner, annotation, mappings))

    def _declared(self, function: FunctionNode, at: int) -> Iterable[tuple[FunctionNode, int]]:
        """The types that are declared for a value, as values of the functions with the words."""
        value = function.fact.values[at]
        match value:
            case v.Parameter():
                yield function, function.fact.parameters[value.index].annotation
            case v.Opaque(kind="unset", children=(annotation,)):
                yield function, annotation
            case v.Updated() | v.Stored():
                yield from self._declared(function, value.base)
            case v.Member():
                for base in self.resolver.references(function, value.base):
                    if isinstance(base, ClassReference):
                        scope = base.file.functions[base.fact.scope]
                        for field in base.fact.fields:
                            if field.name == value.name:
                                yield scope, field.annotation
            case v.Invoke():
                for callee in self.resolver.references(function, value.callee):
                    if isinstance(callee, FunctionReference):
                        yield callee.function, callee.function.fact.annotation
            case v.Item(base=base, key=key):
                # The first of several results.
                first = function.fact.values[key]
                if type(first) is v.Constant and first.value == 0:
                    for owner, several in self._declared(function, base):
                        given = owner.fact.values[several] if several >= 0 else None
                        if type(given) is v.Listing and given.elements:
                            yield owner, given.elements[0]


def _element_type(function: FunctionNode, annotation: int, mappings: frozenset[str]) -> int:
    """The type of what a declared list, or one of such mappings, holds; -1 for anything else."""
    values = function.fact.values
    value = values[annotation] if annotation >= 0 else None
    if type(value) is v.Item:
        name, held = getattr(values[value.base], "name", ""), values[value.key]
        if name in _LISTS:
            return value.key
        if name in mappings and type(held) is v.Listing and len(held.elements) == 2:
            return held.elements[1]
    return -1
