"""Objects that are made of the values of their fields, without a constructor that says how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.classes import MAX_BASES
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend_lint.index import ProjectIndex

_CONCEPT = "field-constructor"


def given_fields(
    index: ProjectIndex, classes: Iterable[ClassReference], call: v.Invoke
) -> Iterator[tuple[int, str]]:
    """The arguments of a call that makes an object, each with the field that it becomes.

    `**` and `*` stand for the fields of a mapping, and for the elements of a list, that is spread.
    """
    order = next(filter(None, (_ordered(index, each, 0) for each in classes)), ())
    position = 0
    for value, name in zip(call.args, call.names, strict=True):
        if name:
            yield value, name
        else:
            yield value, order[position] if position < len(order) else ""
            position += 1


def position_of(index: ProjectIndex, classes: Iterable[ClassReference], field: str) -> str:
    """The field at a position of an object that is a tuple of its fields, else the field itself."""
    if field.isdigit():
        for each in classes:
            order = _ordered(index, each, 0)
            if int(field) < len(order):
                return order[int(field)]
    return field


def _ordered(index: ProjectIndex, owner: ClassReference, depth: int) -> tuple[str, ...]:
    """The fields of a class in the order in which its constructor takes them, as far as known."""
    fact = owner.fact
    if fact.kind == "struct":
        return tuple(field.name for field in fact.fields)
    if not _takes_fields(index, owner):
        return ()
    inherited = [
        name
        for base in index.resolver.classes.bases(owner)
        if isinstance(base, ClassReference) and depth < MAX_BASES
        for name in _ordered(index, base, depth + 1)
    ]
    own = [field.name for field in fact.fields if field.annotation >= 0]
    return tuple(dict.fromkeys((*inherited, *own)))


def _takes_fields(index: ProjectIndex, owner: ClassReference) -> bool:
    scope = owner.file.functions[owner.fact.scope]
    models = index.resolver.models(scope)
    if any(
        row.concept == _CONCEPT
        for base in index.resolver.classes.bases(owner)
        if isinstance(base, Api)
        for row in models.rows_of(base.name)
    ):
        return True
    for decorator in owner.fact.decorators:
        value = scope.fact.values[decorator]
        callee = value.callee if type(value) is v.Invoke else decorator
        if any(row.concept == _CONCEPT for row, _ in index.rows(scope, callee)):
            return True
    return False
