"""The tests that control passed on its way to a place, and which of them can tell of a value.

What a test says depends on the taint kind. Which tests there are does not, and mostly there is none
that mentions the value: that is found once for all kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.endings import Endings
from backend_lint.dataflow.checks.sameness import is_same
from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.routing.requested import Requested
from backend_lint.dataflow.uses import tests_around
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.uses import Test
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


class PassedTests:
    """Remembers the tests of functions; made once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self._endings = index.shared(Endings)
        self._requested = index.shared(Requested)
        self._passed: dict[tuple[FunctionNode, int, int], tuple[Test, ...]] = {}
        self._telling: dict[tuple[FunctionNode, int, int, int], tuple[Test, ...]] = {}
        self._mentioned: dict[tuple[FunctionNode, int], frozenset[int]] = {}

    def telling(
        self, function: FunctionNode, at: int, context: int, place: int
    ) -> tuple[Test, ...]:
        """The tests passed on the way to a place that can tell of a value."""
        key = (function, at, context, place)
        known = self._telling.get(key)
        if known is None:
            known = self._telling[key] = tuple(
                outcome
                for outcome in self.tests(function, context, place)
                if self.may_tell(function, outcome[0], at)
            )
        return known

    def tests(self, function: FunctionNode, context: int, place: int) -> tuple[Test, ...]:
        """All tests passed on the way to a place."""
        key = (function, context, place)
        known = self._passed.get(key)
        if known is None:
            known = self._passed[key] = (
                *self._endings.tests(function, context, place),
                *tests_around(function, context),
            )
        return known

    def may_tell(self, function: FunctionNode, test: int, at: int) -> bool:
        """A test tells only of what it is made of, which may be written twice."""
        key = (function, test)
        mentioned = self._mentioned.get(key)
        if mentioned is None:
            mentioned = frozenset(_mentioned(function, test))
            self._mentioned[key] = mentioned
        if at in mentioned:
            return True
        return isinstance(function.fact.values[at], (v.Invoke, v.Member, v.Item)) and any(
            is_same(function, at, inner) or self._requested.is_same(function, at, inner)
            for inner in mentioned
        )


def _mentioned(function: FunctionNode, test: int) -> Iterator[int]:
    """What a test is made of, and what the functions that are written in it take from outside."""
    for number, value in made_of(function, test):
        yield number
        if type(value) is v.Closure:
            for inner in function.file.functions[value.function].fact.values:
                if type(inner) is v.Captured and inner.function == function.number:
                    cell = function.fact.cells.get(inner.name, -1)
                    if cell >= 0:
                        yield from (taken for taken, _ in made_of(function, cell))
