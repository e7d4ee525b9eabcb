"""Calls that do not come back: `abort(400)`, `sys.exit()`, a function of the project that throws.

What stands behind them in a branch is not reached, so behind the branch its test did not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.uses import LAST, is_under, passes
from backend_lint.facts import values as v
from backend_lint.semantics.classes import NOT_IMPLEMENTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 4


class Endings:
    """Finds such calls, and what they say about where control is."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._endless: dict[tuple[str, int], bool] = {}
        self._ends: dict[tuple[str, int], list[int]] = {}

    def tests(self, function: FunctionNode, context: int, place: int) -> Iterator[tuple[int, bool]]:
        """Tests on the way to a place whose branch ended, each with how it came out."""
        contexts = function.fact.contexts
        for call in self._calls(function):
            invoke = function.call(call)
            branch = contexts[invoke.context]
            if passes(function, call, context, place, of=branch.parent) and not is_under(
                function, context, invoke.context
            ):
                yield branch.value, branch.kind == "unless"

    def passes(self, function: FunctionNode, call: int, context: int, place: int) -> bool:
        """Control that is at a place under a context came back from a call before.

        What the call raises may be caught, as long as that ends there: `except E: abort(404)`.
        """
        contexts = function.fact.contexts
        current = function.call(call).context
        while not passes(function, call, context, place, of=current):
            if (
                current < 0
                or contexts[current].kind != "try"
                or not self._ends_caught(function, current)
            ):
                return False
            current = contexts[current].parent
        return True

    def _ends_caught(self, function: FunctionNode, tried: int) -> bool:
        """Control does not come back from any handler of a `try`."""
        contexts = function.fact.contexts
        handlers: list[int] = []
        for number in range(tried + 1, len(contexts)):
            if contexts[number].parent == contexts[tried].parent:
                if contexts[number].kind != "handler":
                    break
                handlers.append(number)
        return bool(handlers) and all(self._is_ended(function, each, 0) for each in handlers)

    def _calls(self, function: FunctionNode) -> list[int]:
        """The calls in branches of a function that do not come back."""
        known = self._ends.get(function.key)
        if known is None:
            contexts = function.fact.contexts
            known = self._ends[function.key] = [
                at
                for at, value in enumerate(function.fact.values)
                if type(value) is v.Invoke
                and value.context >= 0
                and contexts[value.context].kind in ("if", "unless")
                and self.is_end(function, at)
            ]
        return known

    def is_end(self, function: FunctionNode, call: int, depth: int = 0) -> bool:
        """A call never returns."""
        if any(m.row.concept == "never-returns" for m in self.index.concepts_of(function, call)):
            return True
        targets = self.index.targets(function, function.call(call))
        return bool(targets) and all(self._is_endless(target, depth + 1) for target in targets)

    def _is_endless(self, function: FunctionNode, depth: int) -> bool:
        """Control never reaches the end of a function, nor one of its returns."""
        known = self._endless.get(function.key)
        if known is None:
            self._endless[function.key] = False
            fact = function.fact
            known = self._endless[function.key] = (
                not fact.returns
                and depth < MAX_DEPTH
                and not any(
                    type(value) is v.Global and value.name in NOT_IMPLEMENTED
                    for value in fact.values
                )
                and all(self._is_ended(function, context, depth) for context in fact.exits)
            )
        return known

    def _is_ended(self, function: FunctionNode, context: int, depth: int) -> bool:
        """Control does not reach the end of a context, because of a call before."""
        return any(
            type(value) is v.Invoke
            and passes(function, at, context, LAST)
            and self.is_end(function, at, depth)
            for at, value in enumerate(function.fact.values)
        )
