"""Clients that look at each address before they connect to it.

`http.Client{Transport: &http.Transport{DialContext: refusePrivate}}` checks what it is asked for at
the last moment, also where a redirect or a name leads; whoever sends through it needs no check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.dependence import operands
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.checks.examination import Examinations
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_VALUES = 80


class Senders:
    """Finds what sends a request, and the functions that it was made with.

    Args:
        index: the linked project.
        examinations: tells which functions look at addresses.
    """

    def __init__(self, index: ProjectIndex, examinations: Examinations) -> None:
        self.index = index
        self.examinations = examinations

    def are_guarded(self, match: Match) -> bool:
        """All that sends the request of a call was made with a function that looks at addresses."""
        found = list(self._senders(match))
        late = frozenset(match.attributes.get("late", ()))
        return bool(found) and all(self._is_guarded(match.function, at, late) for at in found)

    def _senders(self, match: Match) -> Iterator[int]:
        """The client that is called, or those that are handed the request which is made."""
        path = match.attributes.get("sent-by")
        if path == "receiver" and match.receiver >= 0:
            yield match.receiver
        elif path == "result":
            values = match.function.fact.values
            for value in values:
                if (
                    type(value) is v.Invoke
                    and type(callee := values[value.callee]) is v.Member
                    and any(self._is_made(match, arg) for arg in value.args)
                ):
                    yield callee.base

    @staticmethod
    def _is_made(match: Match, at: int) -> bool:
        """A value is what the call made, the first of its results."""
        value = match.function.fact.values[unchanged(match.function, at)]
        return type(value) is v.Item and value.base == match.index

    def _is_guarded(self, function: FunctionNode, at: int, late: frozenset[str]) -> bool:
        queue = [(function, at)]
        seen = {(function.key, at)}
        for owner, current in queue:
            for following in self._made_of(owner, current, late):
                if isinstance(following, FunctionReference):
                    if self.examinations.examines(following.function):
                        return True
                elif (following[0].key, following[1]) not in seen and len(seen) < MAX_VALUES:
                    seen.add((following[0].key, following[1]))
                    queue.append(following)
        return False

    def _made_of(
        self, function: FunctionNode, at: int, late: frozenset[str]
    ) -> Iterator[tuple[FunctionNode, int] | FunctionReference]:
        """What a value is made of, in other functions too; functions that it was given."""
        value = function.fact.values[at]
        if type(value) is v.Invoke:
            for target in self.index.targets(function, value):
                for result in target.fact.returns:
                    yield target, result.value
            for arg, name in zip(value.args, value.names, strict=True):
                if name not in late:
                    yield function, arg
            return
        if type(value) is v.Stored and value.name in late:
            yield function, value.base
            return
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, FunctionReference):
                yield reference
        if isinstance(value, (v.Captured, v.Imported, v.Global, v.Member)):
            yield from aliases(self.index, function, at)
        if isinstance(value, v.Member) and any(
            isinstance(known, ClassReference)
            for known in self.index.resolver.references(function, value.base)
        ):
            for owner, write in self.index.field_writes(value.name):
                if owner.file is function.file:
                    yield owner, write.value
        yield from ((function, operand) for operand in operands(value) if operand >= 0)
