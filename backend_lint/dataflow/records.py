"""Stored records: which classes are tables, and which of their fields clients must not set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import places, unchanged
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode, Reference


def is_record_type(index: ProjectIndex, function: FunctionNode, reference: Reference) -> bool:
    """A class is, or an object is one of, a stored record of an object-relational mapper."""
    models = index.resolver.models(function)
    if isinstance(reference, Api):
        return any(row.concept == "record-type" for row in models.rows_of(reference.name))
    if not isinstance(reference, ClassReference):
        return False
    for base in index.resolver.classes.api_bases(reference):
        for row in models.rows_of(base):
            needed = row.attributes.get("keyword")
            if row.concept == "record-type" and (not needed or needed in reference.fact.keywords):
                return True
    scope = reference.file.functions[reference.fact.scope]
    for decorator in reference.fact.decorators:
        value = scope.fact.values[decorator]
        callee = value.callee if isinstance(value, v.Invoke) else decorator
        if any(row.concept == "record-type" for row, _ in index.rows(scope, callee)):
            return True
    return False


def is_record(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """A value is a stored record, or a class of such, by its type or because a query gave it."""
    if any(
        is_record_type(index, function, known) for known in index.resolver.references(function, at)
    ):
        return True
    return any(
        match.row.concept in ("query", "record-read", "record-lookup")
        and match.attributes.get("reads") not in ("none", "count")
        for owner, other in places(index, function, unchanged(function, at))
        for match in index.concepts_of(owner, unchanged(owner, other))
    )


def lacks(index: ProjectIndex, function: FunctionNode, at: int, name: str) -> bool:
    """A value is of a type that declares its fields, and none of the name that others fill.

    Of a struct, nobody but its package sees the fields with small letters.
    """
    known = [
        reference
        for reference in index.resolver.references(function, at)
        if isinstance(reference, ClassReference)
    ]
    if not known:
        return name[:1].islower() and name.isidentifier() and _is_of_some_type(function, at)
    return name.isidentifier() and all(
        reference.fact.kind == "struct"
        and not (reference.fact.bases and name[0].isupper())
        and all(field.name != name or name[0].islower() for field in reference.fact.fields)
        for reference in known
    )


def _is_of_some_type(function: FunctionNode, at: int) -> bool:
    """`var request T` of a package: a type that is chosen where the function is called."""
    value = function.fact.values[unchanged(function, at)]
    if not function.file.facts.package or type(value) is not v.Opaque or not value.children:
        return False
    declared = function.fact.values[value.children[0]]
    return value.kind == "unset" and type(declared) is v.Global and declared.name != "any"
