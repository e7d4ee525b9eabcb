"""Types whose values carry no text: a number, a UUID, one of a few constants.

What a validating framework has turned into such a type is no vehicle for an attack.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.guards import Guards
from backend_lint.dataflow.checks.patterns import is_limit
from backend_lint.dataflow.dependence import COUNTS
from backend_lint.dataflow.sources import OBJECTS, Shape, covers
from backend_lint.facts import values as v
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode


MAX_ALIASES = 3
MAX_BASES = 4
_CONCEPTS: dict[Shape, tuple[str, ...]] = {
    **dict.fromkeys(OBJECTS, ("scalar-type", "text-type")),
    Shape.NUMBER: ("bounded-type",),
    Shape.CHOICE: (),
}
# The parts of a field's tag: `json:"name" binding:"required,oneof=a b"`.
_TAG = re.compile(r'(\w+):"([^"]*)"')


class Scalars:
    """Tells such types by the models and by how they are written.

    Args:
        index: the linked project.
        kind: the taint kind, for validators that are declared at a field.
        shape: what about the data does harm. If only objects do, text types are such types too; if
            large numbers do, only types of small ones are.
    """

    def __init__(self, index: ProjectIndex, kind: str, shape: Shape = Shape.TEXT) -> None:
        self.index = index
        self.resolver = index.resolver
        self.kind = kind
        self.shape = shape
        self.concepts = _CONCEPTS.get(shape, ("scalar-type",))

    def is_count(self, member: v.Member) -> bool:
        """The member is the number of what an object holds, whatever has it.

        What a client names `size` may be any number.
        """
        return member.name in COUNTS and not (self.shape is Shape.NUMBER and member.name == "size")

    def field(self, owner: ClassReference, name: str, depth: int = 0) -> bool:
        """A declared field of a class has such a type, or a validator to match; or it inherits it.

        Args:
            owner: a class of the project.
            name: the name of the field.
            depth: how many classes inherit from the class.
        """
        scope = owner.file.functions[owner.fact.scope]
        for field in owner.fact.fields:
            if field.name == name:
                return (
                    (field.annotation >= 0 and self.annotation(scope, field.annotation))
                    or self._is_validated(scope, field.decorators)
                    or self._is_tagged(owner, field.tag)
                    or (field.value >= 0 and self._declares(scope, field.value))
                    or self._is_checked(owner, name)
                )
        return depth < MAX_BASES and any(
            self.field(base, name, depth + 1)
            for base in self.resolver.classes.bases(owner)
            if isinstance(base, ClassReference)
        )

    def _is_tagged(self, owner: ClassReference, tag: str) -> bool:
        """The tag of a field has a check to match: `binding:"required,oneof=name age"`."""
        models = self.resolver.models(owner.file.module)
        return any(
            self._cleans(row)
            for key, checks in _TAG.findall(tag)
            for check in checks.split(",")
            for row in models.rows_of(f"{key}:{check.partition('=')[0]}")
        )

    def _is_checked(self, owner: ClassReference, name: str) -> bool:
        """A method of the class that is declared to check the field refuses what does harm."""
        for number in owner.fact.methods.values():
            method = owner.file.functions[number]
            for decorator in method.fact.decorators:
                for match in self.index.concepts_of(method, decorator):
                    if (
                        match.row.concept == "field-check"
                        and any(
                            name == getattr(method.fact.values[at], "value", None)
                            for at in match.values("fields")
                        )
                        and self.guards.checkers.refuses(method)
                    ):
                        return True
        return False

    @cached_property
    def guards(self) -> Guards:
        """Tells the checks of methods that are declared to check a field."""
        return Guards(self.index, self.kind, self.shape)

    def keys(self, owner: ClassReference) -> bool:
        """The keys of an object of a class of the project are the names that it declares."""
        models = self.resolver.models(owner.file.module)
        return any(
            row.concept == "validated-type"
            for base in self.resolver.classes.api_bases(owner)
            for row in models.rows_of(base)
        )

    def default(self, function: FunctionNode, at: int) -> bool:
        """A parameter's default says what texts it takes: `Query(pattern="^(name|age)$")`."""
        return at >= 0 and self.is_limited(function, at)

    def is_limited(self, function: FunctionNode, at: int) -> bool:
        """A call declares a text that must match a pattern from its beginning to its end.

        Where large numbers do harm, it declares the largest.
        """
        values = function.fact.values
        if type(values[at]) is not v.Invoke:
            return False
        for match in self.index.concepts_of(function, at):
            if self.shape is Shape.NUMBER:
                if match.row.concept == "number-limit" and (
                    match.values("most")
                    or any(self.is_limited(function, each) for each in self._checks(match))
                ):
                    return True
            elif match.row.concept == "text-limit" and (
                any(is_limit(function, pattern) for pattern in match.values("pattern"))
                or (match.values("choices") and self.shape is not Shape.CHOICE)
                or any(self.is_limited(function, each) for each in self._checks(match))
            ):
                return True
        return False

    @staticmethod
    def _checks(match: Match) -> Iterator[int]:
        """What a declaration lists as the checks of its values."""
        for given in match.values("checks"):
            value = match.function.fact.values[given]
            yield from value.elements if type(value) is v.Listing else (given,)

    def _declares(self, scope: FunctionNode, at: int) -> bool:
        """A field is declared by its value: `page = IntegerField()`."""
        value = scope.fact.values[at]
        return self.is_limited(scope, at) or (
            type(value) is v.Invoke
            and any(row.concept in self.concepts for row, _ in self.index.rows(scope, value.callee))
        )

    def _is_validated(self, scope: FunctionNode, decorators: tuple[int, ...]) -> bool:
        for decorator in decorators:
            value = scope.fact.values[decorator]
            if self.is_limited(scope, decorator):
                return True
            callee = value.callee if type(value) is v.Invoke else decorator
            for row, _ in self.index.rows(scope, callee):
                if self._cleans(row):
                    return True
        return False

    def _cleans(self, row: Row) -> bool:
        return row.concept == "sanitizer" and covers(row, self.kind, self.shape)

    def annotation(self, function: FunctionNode, annotation: int, depth: int = 0) -> bool:
        """An annotation, a value of the function, names such a type, or a container of them."""
        value = function.fact.values[annotation]
        if self.is_limited(function, annotation):
            return True
        if isinstance(value, (v.Captured, v.Imported)) and depth < MAX_ALIASES:
            for owner, other in definitions(self.resolver, function, annotation):
                if isinstance(owner.fact.values[other], (v.Item, v.Invoke)):
                    return self.annotation(owner, other, depth + 1)
        if type(value) is v.Compute and value.operator == "|":
            constants = (function.fact.values[operand] for operand in value.operands)
            if all(type(constant) is v.Constant for constant in constants):
                return True  # one of these texts and no other
        if type(value) is v.Item and self._is_literal(function, value.base):
            return True
        if type(value) is v.Item and not isinstance(
            next(iter(self.resolver.references(function, value.base)), None), ClassReference
        ):
            # `Sequence[UUID]`, `[]int`, `Annotated[int, …]`; all of `dict[str, int]` counts.
            inner = function.fact.values[value.key]
            if type(inner) is v.Listing and inner.elements:
                names = {
                    r.name
                    for r in self.resolver.references(function, value.base)
                    if isinstance(r, Api)
                }
                first_only = any(name.endswith("Annotated") for name in names)
                if first_only and any(self.is_limited(function, e) for e in inner.elements[1:]):
                    return True
                elements = inner.elements[:1] if first_only else inner.elements
                return all(self.annotation(function, element) for element in elements)
            return self.annotation(function, value.key)
        found = list(self.resolver.instances(function, annotation))
        return bool(found) and all(self._is_scalar(function, reference) for reference in found)

    def _is_literal(self, function: FunctionNode, at: int) -> bool:
        return any(name.endswith(".Literal") for name in self.resolver.names(function, at))

    def _is_scalar(self, function: FunctionNode, reference: object) -> bool:
        if isinstance(reference, Api) and reference.instance:
            rows = self.resolver.models(function).rows_of(reference.name)
            return any(row.concept in self.concepts for row in rows)
        if not isinstance(reference, ClassReference):
            return False
        models = self.resolver.models(function)
        return reference.fact.kind == "enum" or any(
            row.concept in self.concepts
            for base in self.resolver.classes.api_bases(reference)
            if "." in base
            for row in models.rows_of(base)
        )
