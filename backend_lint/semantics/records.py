"""Mappings that are written in the source: `{ db: new Pool() }`, `HANDLERS = {"add": add}`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.references import FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.references import FunctionNode, Reference
    from backend_lint.semantics.resolver import Resolver

# Values that may be functions, in a mapping of them.
_CALLABLE = (v.Closure, v.Captured, v.Imported, v.Member, v.Global)
# How far a mapping may be from where its member is asked for.
_MAX_STEPS = 4
# Of longer lists, the first elements stand for all.
_MAX_ELEMENTS = 40


class Records:
    """Answers what is under a key of a mapping.

    Args:
        resolver: answers for the values in it.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def member(self, function: FunctionNode, value: v.Member) -> Iterable[Reference]:
        """`store.db` where `store` is a mapping written here or elsewhere: `{ db: new Pool() }`."""
        for owner, members in self.of(function, value.base):
            for item in members.get(value.name, ()):
                yield from self.resolver.references(owner, item)

    def looked_up(self, function: FunctionNode, base: int, at: int) -> Iterable[Reference]:
        """`HANDLERS[kind]`: the function of that name in a mapping, or any in it."""
        key = function.fact.values[at]
        for owner, members in self.of(function, base):
            for name, items in members.items():
                if type(key) is v.Constant and key.value != name:
                    continue
                for item in items:
                    if _is_callable(owner.fact.values[item]):
                        yield from self.resolver.references(owner, item)
        for put in self.resolver.contents.of(function, base):
            if (type(key) is not v.Constant or key.value == put.name) and _is_callable(
                put.writer.fact.values[put.value]
            ):
                yield from self.resolver.references(put.writer, put.value)

    def listed(self, function: FunctionNode, base: int) -> Iterable[Reference]:
        """The elements of a list that a name of the package, or a field, stands for.

        `[]action{{…}, {…}}`, and what was appended to it.
        """
        found = [
            *definitions(self.resolver, function, base),
            *self.resolver.contents.assigned(function, base),
        ]
        for owner, other in found:
            value = owner.fact.values[other]
            elements: tuple[int, ...] = ()
            if type(value) is v.Listing:
                elements = value.elements
            elif type(value) is v.Record:
                elements = value.items
            elif type(value) is v.Invoke and len(value.args) > 1:  # `append(steps, step)`
                elements = value.args[1:]
            for element in elements[:_MAX_ELEMENTS]:
                given = owner.fact.values[element]
                if _is_callable(given) or type(given) is v.Parameter:
                    yield from self.resolver.references(owner, element)

    def of(
        self,
        function: FunctionNode,
        at: int,
        depth: int = 0,
        seen: dict[tuple[FunctionNode, int], int] | None = None,
    ) -> Iterable[tuple[FunctionNode, dict[str, list[int]]]]:
        """The mappings written in the source that a value can be, as values by key."""
        seen = {} if seen is None else seen
        value = function.fact.values[at]
        # The ways that control can take meet again and again.
        if depth > _MAX_STEPS or seen.get((function, at), depth + 1) <= depth:
            return
        seen[(function, at)] = depth
        if type(value) is v.Record:
            yield function, _members_of(function, value)
        elif type(value) is v.Stored:
            yield function, {value.name: [value.value]}
            yield from self.of(function, value.base, depth, seen)
        elif type(value) is v.Updated:
            yield from self.of(function, value.base, depth + 1, seen)
        elif type(value) is v.Invoke:
            for callee in self.resolver.references(function, value.callee):
                if isinstance(callee, FunctionReference):
                    made = callee.function
                    for result in made.fact.returns:
                        yield from self.of(made, result.value, depth + 1, seen)
        elif v.alternatives(value):
            for option in v.alternatives(value):
                yield from self.of(function, option, depth + 1, seen)
        elif type(value) is v.Parameter:
            parameter = function.fact.parameters[value.index]
            if parameter.annotation < 0 and parameter.default < 0 and not parameter.decorators:
                for caller, argument in self.resolver.arguments(function, value.index):
                    yield from self.of(caller, argument, depth + 1, seen)
        else:
            # `options.store`, or `{ store }` as a parameter, of `{ store: makeStore() }`
            if type(value) is v.Member and type(function.fact.values[value.base]) is v.Parameter:
                for owner, members in self.of(function, value.base, depth + 1, seen):
                    for item in members.get(value.name, ()):
                        yield from self.of(owner, item, depth + 1, seen)
            for owner, other in definitions(self.resolver, function, at):
                yield from self.of(owner, other, depth + 1, seen)


def _is_callable(value: v.Value) -> bool:
    """A value may be a function, or an object whose fields are functions."""
    return isinstance(value, _CALLABLE) or (type(value) is v.Invoke and value.new)


def _members_of(function: FunctionNode, record: v.Record) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for key, item in v.entries(function.fact.values, record):
        members.setdefault(key, []).append(item)
    return members
