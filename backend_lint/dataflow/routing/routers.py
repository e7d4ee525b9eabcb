"""Which router an expression is: the same one under other names, in other functions and files."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_ROUTERS = 8
MAX_DEPTH = 12

Router: TypeAlias = tuple[str, int, int, str]
"""File, function and value that made it; for a field of an object the file, the class and its name.
"""


class Routers:
    """Finds where routers were made, whoever registers on them."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[tuple[str, int], int], tuple[Router, ...]] = {}

    def of(self, function: FunctionNode, at: int, depth: int = 0) -> tuple[Router, ...]:
        """The routers that a value can be; a parameter that nobody gives is one itself."""
        at = unchanged(function, at)
        key = (function.key, at)
        known = self._known.get(key)
        if known is None:
            self._known[key] = ()  # what is made of itself
            if depth > MAX_DEPTH:
                return ()
            found = dict.fromkeys(self._find(function, at, depth + 1))
            known = self._known[key] = tuple(found)[:MAX_ROUTERS]
        return known

    def _find(self, function: FunctionNode, at: int, depth: int) -> Iterator[Router]:
        value = function.fact.values[at]
        match value:
            case v.Invoke():
                yield from self._made(function, at, value, depth)
            case v.Member():
                yield from self._member(function, at, value, depth)
            case v.Parameter():
                yield from self._handed(function, at, value, depth)
            case v.Module() | v.Imported() | v.Captured() | v.Global():
                for owner, other in aliases(self.index, function, at):
                    yield from self.of(owner, other, depth)
            case v.Merge() | v.Compute(operator="conditional" | "kept"):
                for option in v.alternatives(value):
                    yield from self.of(function, option, depth)
            case v.Compute(operator="typed"):
                yield from self.of(function, value.operands[0], depth)
            case v.Item():
                yield from self.of(function, value.base, depth)
            case v.Listing(elements=(first, *_)):
                yield from self.of(function, first, depth)

    def _made(
        self, function: FunctionNode, at: int, call: v.Invoke, depth: int
    ) -> Iterator[Router]:
        own = (*function.key, at, "")
        matches = self.index.concepts_of(function, at)
        if any(match.row.concept == "router" for match in matches):
            yield own
            return
        targets = list(self.index.targets(function, call))
        for target in targets:
            for result in target.fact.returns:
                yield from self.of(target, result.value, depth)
        if targets:
            return
        callee = function.fact.values[call.callee]
        if type(callee) is v.Member and self._is_object(function, callee.base):
            yield from self.of(function, callee.base, depth)  # a step of a chain of calls
            return
        yield own

    def _is_object(self, function: FunctionNode, at: int) -> bool:
        return any(
            isinstance(reference, Api) and reference.instance
            for reference in self.index.resolver.references(function, at)
        )

    def _member(
        self, function: FunctionNode, at: int, value: v.Member, depth: int
    ) -> Iterator[Router]:
        elsewhere = list(aliases(self.index, function, at))
        for owner, other in elsewhere:
            yield from self.of(owner, other, depth)
        if elsewhere:
            return
        resolver = self.index.resolver
        for reference in resolver.references(function, value.base):
            if isinstance(reference, ClassReference):
                stored = [
                    *resolver.classes.field_writes(reference).get(value.name, ()),
                    *self._literals(reference.fact.name, value.name),
                ]
                for owner, other in stored:
                    yield from self.of(owner, other, depth)
                if not stored:
                    yield (reference.file.path, -1, reference.index, value.name)
            elif isinstance(reference, Api) and reference.instance:
                yield from self.of(function, value.base, depth)  # `app.router`
                return

    def _literals(self, owner: str, field: str) -> Iterator[tuple[FunctionNode, int]]:
        """What objects of a class are made with in a field, by the names of both."""
        for function, at in self.index.calls_of(owner):
            call = function.call(at)
            if call.new and isinstance(function.fact.values[call.callee], (v.Captured, v.Global)):
                for name, arg in zip(call.names, call.args, strict=True):
                    if name == field:
                        yield function, arg

    @cached_property
    def opened(self) -> frozenset[tuple[str, int]]:
        """The functions that are handed a router of their own, as their first parameter."""
        return frozenset(key for key, (_, own) in self._plugins.items() if own)

    @cached_property
    def _plugins(self) -> dict[tuple[str, int], tuple[list[Match], bool]]:
        """The functions that are handed a router, with where, and whether it is one of its own."""
        found: dict[tuple[str, int], tuple[list[Match], bool]] = {}
        for match in self.index.matches("mount"):
            if match.attributes.get("opened"):
                for at in match.values("router"):
                    own = not self._is_unscoped(match.function, at)
                    for reference in functions(self.index, match.function, at):
                        places, _ = found.setdefault(reference.function.key, ([], own))
                        places.append(match)
        return found

    def _is_unscoped(self, function: FunctionNode, at: int) -> bool:
        for owner, other in ((function, at), *aliases(self.index, function, at)):
            call = owner.fact.values[other]
            if type(call) is v.Invoke and any(
                row.concept == "wrapper" and row.attributes.get("unscoped")
                for row, _ in self.index.rows(owner, call.callee)
            ):
                return True
        return False

    def _handed(
        self, function: FunctionNode, at: int, value: v.Parameter, depth: int
    ) -> Iterator[Router]:
        if value.index == 0 and function.key in self.opened:
            yield opening(function)
            return
        if value.index == 0 and function.key in self._plugins:
            for match in self._plugins[function.key][0]:
                yield from self.of(match.function, match.receiver, depth)
            return
        found = False
        for caller, call in self.index.callers(function)[:MAX_ROUTERS]:
            argument, field = self.index.argument_for(caller.call(call), function, value.index)
            if argument >= 0 and not field:
                found = True
                yield from self.of(caller, argument, depth)
        if not found:
            yield (*function.key, at, "")


def opening(function: FunctionNode) -> Router:
    """The router that a function is handed as its first parameter."""
    return (*function.key, -1, "")


def functions(index: ProjectIndex, function: FunctionNode, at: int) -> list[FunctionReference]:
    """The functions of the project that a value is."""
    return [
        reference
        for reference in index.resolver.references(function, at)
        if isinstance(reference, FunctionReference)
    ]
