"""Mappings that are written in the source: `{ db: new Pool() }`, `HANDLERS = {"add": add}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.facts import values as v
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.references import Api, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.references import FunctionNode, Reference
    from backend_lint.semantics.resolver import Resolver

# Values that may be functions, in a mapping of them.
_CALLABLE = (v.Closure, v.Captured, v.Imported, v.Member, v.Global, v.Parameter)
# How far a mapping may be from where its member is asked for.
_MAX_STEPS = 4
# Of longer lists, the first elements stand for all.
_MAX_ELEMENTS = 40

# The key of what is put under a name that is not written in the source.
ANY_KEY = ""
# The function whose variable, or the class whose field, holds a mapping, and the name there.
_Place: TypeAlias = "tuple[str, int, str]"


class Records:
    """Answers what is under a key of a mapping.

    Args:
        resolver: answers for the values in it.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._puts: dict[str, dict[_Place, list[tuple[FunctionNode, str, int]]]] = {}

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
                if type(key) is v.Constant and name not in (key.value, ANY_KEY):
                    continue
                for item in items:
                    value = owner.fact.values[item]
                    if _is_callable(value) or (type(value) is v.Invoke and value.new):
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
            for key, item in zip(value.keys, value.items, strict=True):
                if key < 0:
                    yield from self.of(function, item, depth + 1, seen)
        elif type(value) is v.Stored:
            yield function, {value.name: [value.value]}
            yield from self.of(function, value.base, depth, seen)
        elif type(value) is v.Compute and value.operator == "typed":  # `{ … } as const`
            yield from self.of(function, value.operands[0], depth, seen)
        elif type(value) is v.Updated:
            put = _put(function, value.by)
            if put is not None and put[0] == value.base:
                yield function, {put[1]: [put[2]]}
            yield from self.of(function, value.base, depth + 1, seen)
        elif type(value) is v.Invoke:
            for callee in self.resolver.references(function, value.callee):
                if isinstance(callee, FunctionReference):
                    made = callee.function
                    for result in made.fact.returns:
                        yield from self.of(made, result.value, depth + 1, seen)
                elif isinstance(callee, Api) and self._carries(function, callee):
                    for arg in value.args:  # `Object.assign({ read }, options)`
                        yield from self.of(function, arg, depth + 1, seen)
        elif type(value) is v.Element:
            for owner, element in self.elements(function, value.base, depth + 1):
                yield from self.of(owner, element, depth + 1, seen)
        elif v.alternatives(value):
            for option in v.alternatives(value):
                yield from self.of(function, option, depth + 1, seen)
        elif type(value) is v.Parameter:
            parameter = function.fact.parameters[value.index]
            if parameter.annotation < 0 and parameter.default < 0 and not parameter.decorators:
                for caller, argument in self.resolver.arguments(function, value.index):
                    yield from self.of(caller, argument, depth + 1, seen)
                for owner, element in self.handed(function, value.index, depth + 1):
                    yield from self.of(owner, element, depth + 1, seen)
        else:
            # `options.store`, or `{ store }` as a parameter, of `{ store: makeStore() }`
            if type(value) is v.Member and type(function.fact.values[value.base]) is v.Parameter:
                for owner, members in self.of(function, value.base, depth + 1, seen):
                    for item in members.get(value.name, ()):
                        yield from self.of(owner, item, depth + 1, seen)
            for owner, name, item in self.registered(function, at):
                yield owner, {name: [item]}
            for owner, other in definitions(self.resolver, function, at):
                yield from self.of(owner, other, depth + 1, seen)

    def registered(
        self, function: FunctionNode, at: int
    ) -> Iterable[tuple[FunctionNode, str, int]]:
        """What other functions of the file put into a mapping: `this.handlers.set(name, handler)`.

        Each is the function, the key and the value.
        """
        place = _place(function, at)
        if place is None:
            return
        puts = self._puts.get(function.file.path)
        if puts is None:
            puts = self._puts[function.file.path] = {}
            for owner in function.file.functions:
                for base, name, item in _all_puts(owner):
                    kept = _place(owner, base)
                    if kept is not None:
                        puts.setdefault(kept, []).append((owner, name, item))
        yield from puts.get(place, ())

    def _carries(self, function: FunctionNode, callee: Api) -> bool:
        """What a library's function gives holds all that it is given."""
        rows = self.resolver.models(function).rows_of(callee.name)
        return any(row.concept == "propagator" and not row.roles for row in rows)

    def elements(
        self, function: FunctionNode, at: int, depth: int = 0
    ) -> Iterable[tuple[FunctionNode, int]]:
        """The elements of the lists written in the source that a value can be."""
        value = function.fact.values[at]
        if depth > _MAX_STEPS:
            return
        if type(value) is v.Listing:
            for element in value.elements:
                spread = function.fact.values[element]
                if type(spread) is v.Element:
                    yield from self.elements(function, spread.base, depth + 1)
                else:
                    yield function, element
        elif type(value) is v.Updated:
            added = function.call(value.by)
            put = function.fact.values[added.callee]
            if type(put) is v.Member and put.base == value.base:  # `routes.push({ … })`
                yield from ((function, arg) for arg in added.args)
            yield from self.elements(function, value.base, depth)
        elif type(value) is v.Invoke:
            for callee in self.resolver.references(function, value.callee):
                if isinstance(callee, FunctionReference):
                    for result in callee.function.fact.returns:
                        yield from self.elements(callee.function, result.value, depth + 1)
                elif isinstance(callee, Api) and self._selects(function, callee) == "values":
                    for owner, members in self.of(function, value.args[0]) if value.args else ():
                        yield from ((owner, item) for items in members.values() for item in items)
        elif v.alternatives(value):
            for option in v.alternatives(value):
                yield from self.elements(function, option, depth + 1)
        elif type(value) is v.Parameter:
            for caller, argument in self.resolver.arguments(function, value.index):
                yield from self.elements(caller, argument, depth + 1)
        else:
            for owner, other in definitions(self.resolver, function, at):
                yield from self.elements(owner, other, depth + 1)

    def handed(
        self, function: FunctionNode, position: int, depth: int = 0
    ) -> Iterable[tuple[FunctionNode, int]]:
        """The elements that a function written in place is called with: `routes.forEach(…)`."""
        for owner, collection in self.resolver.iterated(function, position):
            yield from self.elements(owner, collection, depth)

    def valued(self, function: FunctionNode, at: int) -> Iterable[tuple[FunctionNode, int]]:
        """The values of a mapping of which a pair of key and value is one: `Object.entries(…)`."""
        value = function.fact.values[at]
        if type(value) is v.Element:
            pairs = [(function, value.base)]
        elif type(value) is v.Parameter:
            pairs = list(self.resolver.iterated(function, value.index))
        else:
            return
        for owner, of_pairs in pairs:
            call = owner.fact.values[of_pairs]
            if type(call) is not v.Invoke or not call.args:
                continue
            for callee in self.resolver.references(owner, call.callee):
                if isinstance(callee, Api) and self._selects(owner, callee) == "entries":
                    for place, members in self.of(owner, call.args[0]):
                        yield from ((place, item) for items in members.values() for item in items)

    def _selects(self, function: FunctionNode, callee: Api) -> str:
        """Which part of a mapping a library's function gives."""
        rows = self.resolver.models(function).rows_of(callee.name)
        parts = (row.attributes.get("part", "") for row in rows if row.concept == "selection")
        return next(parts, "")


def _is_callable(value: v.Value) -> bool:
    """A value may be a function, or an object whose fields are functions."""
    return isinstance(value, _CALLABLE) or (type(value) is v.Invoke and value.new)


def _members_of(function: FunctionNode, record: v.Record) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for key, item in v.entries(function.fact.values, record):
        members.setdefault(key, []).append(item)
    return members


def _put(function: FunctionNode, at: int) -> tuple[int, str, int] | None:
    """What a call puts where under which key: `handlers.set("read", read)`."""
    call = function.fact.values[at]
    if type(call) is not v.Invoke or len(call.args) != 2:
        return None
    callee = function.fact.values[call.callee]
    if type(callee) is not v.Member or callee.name != "set":
        return None
    key = function.fact.values[call.args[0]]
    name = key.value if type(key) is v.Constant and isinstance(key.value, str) else ANY_KEY
    return callee.base, name, call.args[1]


def _all_puts(function: FunctionNode) -> Iterable[tuple[int, str, int]]:
    for write in function.fact.writes:
        if write.key >= 0 or write.name:
            yield write.base, write.name, write.value
    for at, value in enumerate(function.fact.values):
        if type(value) is v.Invoke:
            put = _put(function, at)
            if put is not None:
                yield put


def _place(function: FunctionNode, at: int) -> _Place | None:
    value = function.fact.values[at]
    while isinstance(value, (v.Updated, v.Stored)):
        value = function.fact.values[value.base]
    if type(value) is v.Captured:
        return ("", value.function, value.name)
    if type(value) is not v.Member:
        return None
    base = function.fact.values[value.base]
    if type(base) is v.Receiver:
        return ("class", function.fact.owner, value.name)
    if type(base) is v.Captured and base.name == "this":  # in a closure of a method
        return ("class", function.file.functions[base.function].fact.owner, value.name)
    return None
