"""Types whose values carry no text: a number, a UUID, one of a few constants.

What a validating framework has turned into such a type is no vehicle for an attack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode
    from backend_lint.semantics.resolver import Resolver


class Scalars:
    """Tells such types by the models and by how they are written."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def field(self, owner: ClassReference, name: str) -> bool:
        """A declared field of a class of the project has such a type."""
        scope = owner.file.functions[owner.fact.scope]
        for field in owner.fact.fields:
            if field.name == name and field.annotation >= 0:
                return self.annotation(scope, field.annotation)
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
            return any(row.concept == "scalar-type" for row in rows)
        if not isinstance(reference, ClassReference):
            return False
        models = self.resolver.models(function)
        return reference.fact.kind == "enum" or any(
            row.concept == "scalar-type"
            for base in self.resolver.classes.api_bases(reference)
            if "." in base
            for row in models.rows_of(base)
        )
