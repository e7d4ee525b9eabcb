"""Requests that the program sends, where their type is that of the requests it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.models.library import last_name, load

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 3


class Outgoing:
    """Tells them apart by who handles them; once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[tuple[str, int], int], bool] = {}
        self._asked: set[tuple[tuple[str, int], int]] = set()
        rows = [
            row for family in index.families for row in load(family).concept_rows("request-sender")
        ]
        self._senders = {
            last_name(api) for row in rows for api in row.api if not row.attributes.get("makes")
        }
        self._makers = {api for row in rows for api in row.api if row.attributes.get("makes")}

    def is_sent(self, function: FunctionNode, at: int, depth: int = 0) -> bool:
        """A value is part of a request that the program makes, or is handed to send it."""
        if not self._senders or depth > MAX_DEPTH:
            return False
        values = function.fact.values
        value = values[at]
        while isinstance(value, (v.Member, v.Item, v.Invoke, v.Stored, v.Updated)):
            if isinstance(value, v.Invoke):
                names = self.index.resolver.names(function, value.callee)
                if not self._makers.isdisjoint(names):
                    return True
                value = values[value.callee]
            else:
                value = values[value.base]
        return type(value) is v.Parameter and self._is_given(function, value.index, depth)

    def _is_given(self, function: FunctionNode, position: int, depth: int) -> bool:
        """A parameter of a function that sends requests, or that only such functions call."""
        key = (function.key, position)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._asked:
            return True  # of functions that call each other, who else calls them decides
        self._asked.add(key)
        is_method = function.fact.owner >= 0 or bool(function.fact.receiver_type)
        found = (is_method and function.fact.name in self._senders) or (
            self._is_handed(function, position, depth)
        )
        self._asked.discard(key)
        if not self._asked:  # else it depends on where the question began
            self._known[key] = found
        return found

    def _is_handed(self, function: FunctionNode, position: int, depth: int) -> bool:
        callers = self.index.callers(function)
        for caller, number in callers:
            argument, field = self.index.argument_for(caller.call(number), function, position)
            if argument < 0 or field or not self.is_sent(caller, argument, depth + 1):
                return False
        return bool(callers)
