"""Functions of the project that look at the telling part of what they are given.

Who compares the host of an address with others, or asks whether it is private, checks the address.
How exactly is more than the flow form shows: such a function is taken at its word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.facts import values as v
from backend_lint.models.library import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 3
_COMPARISONS = frozenset({"in", "not in", "==", "!="})


class Examinations:
    """Finds such functions, for one taint kind.

    Attributes:
        has_parts: there are such parts for the kind at all.
    """

    def __init__(self, index: ProjectIndex, kind: str) -> None:
        self.index = index
        self.kind = kind
        self._known: dict[tuple[str, int], bool] = {}
        self.has_parts = any(
            kind in row.kinds
            for family in index.families
            for row in load(family).concept_rows("part")
        )

    def examines(self, function: FunctionNode, depth: int = 0) -> bool:
        """The function, or one it calls, compares such a part with something."""
        if not self.has_parts:
            return False
        known = self._known.get(function.key)
        if known is None:
            self._known[function.key] = False
            known = self._known[function.key] = self._compares(function) or (
                depth < MAX_DEPTH
                and any(
                    self.examines(target, depth + 1)
                    for value in function.fact.values
                    if type(value) is v.Invoke
                    for target in self.index.targets(function, value)
                )
            )
        return known

    def accuses(self, function: FunctionNode, depth: int = 0) -> bool:
        """What it gives back is true for a wrong address: `return ip.IsPrivate()`."""
        values, contexts = function.fact.values, function.fact.contexts
        for result in function.fact.returns if self.has_parts else ():
            value = values[result.value]
            said = result.value
            if type(value) is v.Constant and value.value is True and result.context >= 0:
                context = contexts[result.context]
                said = context.value if context.kind == "if" else -1
            if said >= 0 and self._says(function, said, depth):
                return True
        return False

    def _says(self, function: FunctionNode, at: int, depth: int) -> bool:
        """A test is true because of such a part, alone or among others."""
        value = function.fact.values[at]
        if type(value) is v.Compute and value.operator in ("and", "or"):
            return any(self._says(function, operand, depth) for operand in value.operands)
        if type(value) is not v.Invoke:
            return False
        return self._row(function, at, tells=True) or (
            depth < MAX_DEPTH
            and any(
                self.accuses(target, depth + 1) for target in self.index.targets(function, value)
            )
        )

    def _compares(self, function: FunctionNode) -> bool:
        values = function.fact.values
        if any(
            context.kind == "if" and self._tests_part(function, context.value)
            for context in self._refusing(function)
        ):
            return True
        for at, value in enumerate(values):
            if type(value) is v.Compute and value.operator in _COMPARISONS:
                # That there is such a part says nothing of it.
                if not any(_is_empty(values[operand]) for operand in value.operands) and any(
                    self._holds_part(function, operand) for operand in value.operands
                ):
                    return True
            elif isinstance(value, (v.Member, v.Invoke)) and self._row(function, at, tells=True):
                return True
        return False

    def compares(self, function: FunctionNode, position: int) -> bool:
        """The function compares a parameter, or what is made of it, with something."""
        return any(
            (
                (type(value) is v.Compute and value.operator in _COMPARISONS)
                or (
                    type(value) is v.Invoke
                    and any(
                        match.row.concept == "guard"
                        for match in self.index.concepts_of(function, at)
                    )
                )
            )
            and any(
                type(inner) is v.Parameter and inner.index == position
                for _, inner in made_of(function, at)
            )
            for at, value in enumerate(function.fact.values)
        )

    @staticmethod
    def _refusing(function: FunctionNode) -> Iterator[v.Context]:
        """The branches in which the function gives back that something is not so."""
        for result in function.fact.returns:
            value = function.fact.values[result.value]
            if result.context >= 0 and type(value) is v.Constant and not value.value:
                yield function.fact.contexts[result.context]

    def _tests_part(self, function: FunctionNode, test: int) -> bool:
        """`if parts.netloc: return False`, alone or among other tests."""
        value = function.fact.values[test]
        if type(value) is v.Compute and value.operator in ("and", "or"):
            return any(self._tests_part(function, operand) for operand in value.operands)
        return type(value) is v.Member and self._row(function, test, tells=False)

    def _holds_part(self, function: FunctionNode, at: int) -> bool:
        return any(
            isinstance(value, (v.Member, v.Invoke)) and self._row(function, inner, tells=False)
            for inner, value in made_of(function, at)
        )

    def _row(self, function: FunctionNode, at: int, *, tells: bool) -> bool:
        value = function.fact.values[at]
        named = value.callee if type(value) is v.Invoke else at
        return any(
            row.concept == "part"
            and self.kind in row.kinds
            and bool(row.attributes.get("tells")) == tells
            for row, _ in self.index.rows(function, named)
        )


def _is_empty(value: v.Value) -> bool:
    return type(value) is v.Constant and not value.value
