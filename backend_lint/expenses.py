"""What functions spend time on beside reading the database: each is a wait of its own.

Writing to the database, asking other services, starting programs, reading and writing files. A
loop that does one of these per element is slow whether or not it reads per element, too.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.queries import HOLE, Query, queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# So many calls deep is looked for them.
MAX_DEPTH = 3
# Sinks of these kinds are calls that leave the program.
_LEAVING = frozenset({"ssrf", "command", "path"})
# Statements that take a lock, one per row.
_LOCKS = re.compile(r"(?i)\bfor\s+(no\s+key\s+)?update\b|\badvisory_(xact_)?lock\b")
# Steps of query builders that take one.
_LOCKING = frozenset({"with_for_update", "select_for_update", "forUpdate", "setLock"})
# What records of any library are told to be stored, or deleted, with.
_STORING = frozenset({"save", "asave", "destroy"})
# Those that a collection has, too, which then is told what to delete.
_DELETING = frozenset({"delete", "adelete", "remove"})


class Expenses:
    """Finds them; made once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[tuple[str, int], int], bool] = {}

    def in_loop(self, function: FunctionNode, loop: int) -> bool:
        """The body of a loop, a context of a function, has such a call."""
        return any(
            self._is_expense(function, at, call, 0)
            for at, call in _calls(function)
            if _is_inside(function, call.context, loop)
        )

    def of(self, function: FunctionNode, depth: int = 0) -> bool:
        """A function, or one that it calls, has such a call."""
        key = (function.key, depth)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = any(
                self._is_expense(function, at, call, depth) for at, call in _calls(function)
            )
        return known

    def _is_expense(self, function: FunctionNode, at: int, call: v.Invoke, depth: int) -> bool:
        if (function.key, at) in self._own:
            return True
        inner = self.index.targets(function, call)
        callee = function.fact.values[call.callee]
        if (
            type(callee) is v.Member
            and not inner
            and (
                callee.name in _STORING
                or callee.name in _LOCKING
                or (callee.name in _DELETING and not call.args)
            )
        ):
            return True
        closures = [
            function.file.functions[value.function]
            for arg in call.args
            if type(value := function.fact.values[arg]) is v.Closure
        ]
        return any(self.of(closure, depth) for closure in closures) or any(
            self.of(target, depth + 1) for target in inner if depth < MAX_DEPTH
        )

    @cached_property
    def _own(self) -> frozenset[tuple[tuple[str, int], int]]:
        """The calls themselves, by function and place."""
        found = {
            (query.function.key, query.call) for query in queries(self.index) if _writes(query)
        }
        for match in self.index.matches("record-write"):
            found.add((match.function.key, match.index))
        for match in self.index.matches("sink"):
            if not _LEAVING.isdisjoint(match.row.kinds):
                found.add((match.function.key, match.index))
        return frozenset(found)


def _writes(query: Query) -> bool:
    return (
        query.reads == "none"
        or query.writes
        or any(_LOCKS.search(form.filled(HOLE)) for form in query.forms)
    )


def _calls(function: FunctionNode) -> Iterator[tuple[int, v.Invoke]]:
    for at, value in enumerate(function.fact.values):
        if type(value) is v.Invoke:
            yield at, value


def _is_inside(function: FunctionNode, context: int, loop: int) -> bool:
    while context >= 0:
        if context == loop:
            return True
        context = function.fact.contexts[context].parent
    return False
