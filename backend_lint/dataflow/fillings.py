"""Functions of the project that fill what they are given with a request: `readJSON(r, &input)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.dependence import calls_with
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 3


class Fillings:
    """Finds them by the calls in them that the models know to fill an argument."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[tuple[str, int], int], Row | None] = {}

    def row(self, function: FunctionNode, call: int, given: int, depth: int = 0) -> Row | None:
        """The row of the call that fills what a call is given, inside of the called function."""
        invoke = function.fact.values[call]
        if type(invoke) is not v.Invoke or depth > MAX_DEPTH:
            return None
        for target in self.index.targets(function, invoke):
            for position in range(len(target.fact.parameters)):
                argument, field = self.index.argument_for(invoke, target, position)
                if argument >= 0 and not field and unchanged(function, argument) == given:
                    row = self._filled(target, position, depth)
                    if row is not None:
                        return row
        return None

    def calls(
        self, function: FunctionNode, call: int, given: int
    ) -> Iterator[tuple[FunctionNode, int, int]]:
        """The calls inside of a called function that are given what it was given.

        Each is the function, the call and the value there.
        """
        invoke = function.fact.values[call]
        if type(invoke) is not v.Invoke:
            return
        for target in self.index.targets(function, invoke):
            values = target.fact.values
            for position in range(len(target.fact.parameters)):
                argument, field = self.index.argument_for(invoke, target, position)
                if argument < 0 or field or unchanged(function, argument) != given:
                    continue
                for at, value in enumerate(values):
                    if type(value) is v.Parameter and value.index == position:
                        for inner in calls_with(target, at):
                            yield target, inner, at

    def _filled(self, function: FunctionNode, position: int, depth: int) -> Row | None:
        key = (function.key, position)
        if key in self._known:
            return self._known[key]
        self._known[key] = None  # for functions that call each other
        values = function.fact.values
        found: Row | None = None
        for match in self.index.matches_in(function, "remote-input"):
            for target in match.values("target"):
                value = values[unchanged(function, target)]
                if type(value) is v.Parameter and value.index == position:
                    found = match.row
        for at, value in enumerate(values):
            if found is not None:
                break
            if type(value) is v.Parameter and value.index == position:
                calls = calls_with(function, at)
                rows = (self.row(function, call, at, depth + 1) for call in calls)
                found = next((row for row in rows if row is not None), None)
        self._known[key] = found
        return found
