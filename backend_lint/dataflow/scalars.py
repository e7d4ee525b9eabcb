"""Types whose values carry no text: a number, a UUID, one of a few constants.

What a validating framework has turned into such a type is no vehicle for an attack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


class Scalars:
    """Tells such types by the models and by how they are written.

    Args:
        index: the linked project.
        kind: the taint kind, for validators that are declared at a field.
        texts_count: text types are such types too, because only objects do harm.
    """

    def __init__(self, index: ProjectIndex, kind: str, *, texts_count: bool = False) -> None:
        self.index = index
        self.resolver = index.resolver
        self.kind = kind
        self.concepts = ("scalar-type", "text-type") if texts_count else ("scalar-type",)

    def field(self, owner: ClassReference, name: str) -> bool:
        """A declared field of a class of the project has such a type, or a validator to match."""
        scope = owner.file.functions[owner.fact.scope]
        for field in owner.fact.fields:
            if field.name == name:
                return (
                    field.annotation >= 0 and self.annotation(scope, field.annotation)
                ) or self._is_validated(scope, field.decorators)
        return False

    def _is_validated(self, scope: FunctionNode, decorators: tuple[int, ...]) -> bool:
        for decorator in decorators:
            value = scope.fact.values[decorator]
            callee = value.callee if type(value) is v.Invoke else decorator
            for row, _ in self.index.rows(scope, callee):
                if row.concept == "sanitizer" and ("*" in row.kinds or self.kind in row.kinds):
                    return True
        return False

    def annotation(self, function: FunctionNode, annotation: int) -> bool:
        """An annotation, a value of the function, names such a type, or a container of them."""
        value = function.fact.values[annotation]
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
