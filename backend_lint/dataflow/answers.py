"""What handlers give back, where their framework sends it as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.routing.paths import Paths
from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.semantics.references import FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode


def answers(
    index: ProjectIndex, kind: str, functions: list[FunctionNode]
) -> Iterator[tuple[Row, FunctionNode, int, int, str]]:
    """The values that are sent as something that can do harm of a kind.

    Each with the row of the route, the function, the control context where it is given back, and
    the shape in which it does harm.
    """
    if not any(
        kind in row.attributes.get("answers", {})
        for family in index.families
        for row in load(family).concept_rows("route")
    ):
        return
    paths = index.shared(Paths)
    for function in functions:
        row = (
            index.is_decorated(function, "route")
            if function.fact.decorators
            else paths.answering(function)
        )
        shape = row.attributes.get("answers", {}).get(kind) if row is not None else None
        if row is None or shape is None or _is_reworked(index, function):
            continue
        for result in function.fact.returns:
            for at in _answered(function, result.value, whole=shape == "deep"):
                yield row, function, at, result.context, shape


def _answered(function: FunctionNode, at: int, *, whole: bool) -> list[int]:
    """What is sent: `return text, 404` answers with the text; a mapping is no text."""
    value = function.fact.values[at]
    if type(value) is v.Listing and value.kind == "tuple":
        return list(value.elements[:1])
    if isinstance(value, (v.Listing, v.Record)) and not whole:
        return []
    return [at]


def _is_reworked(index: ProjectIndex, function: FunctionNode) -> bool:
    """A decorator of the project answers with something else than what the function gives back."""
    values = function.fact.values
    for at in function.fact.decorators:
        value = values[at]
        callee = value.callee if type(value) is v.Invoke else at
        for reference in index.resolver.references(function, callee):
            if isinstance(reference, FunctionReference) and any(
                _gives_back_another(inner) for inner in reference.function.nested()
            ):
                return True
    return False


def _gives_back_another(inner: FunctionNode) -> bool:
    """A closure calls a function that the one around it was given, and not to give back as it is.

    `def handler(**given): return answer_json(function(**given))`
    """
    values = inner.fact.values
    given_back = {
        at
        for result in inner.fact.returns
        for at in (result.value, *v.alternatives(values[result.value]))
    }
    for at, value in enumerate(values):
        callee = values[value.callee] if type(value) is v.Invoke else None
        if type(callee) is v.Captured and at not in given_back:
            around = inner.file.functions[callee.function]
            if any(parameter.name == callee.name for parameter in around.fact.parameters):
                return bool(given_back)
    return False
