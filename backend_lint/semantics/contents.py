"""What is put, one by one, into the mappings, lists and channels that variables and fields hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.facts import values as v
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.references import ClassReference, FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from backend_lint.semantics.resolver import Resolver

SEND = "<-"
"""The method that front ends call to put something into a channel."""
# What is filled in more places says little of any of them.
MAX_PLACES = 16


class Put(msgspec.Struct, frozen=True):
    """Something is put into a collection.

    Attributes:
        writer: the function that does it.
        variable: the name of the variable that holds the collection, or of the field.
        owner: the object whose field it is, -1 for a variable.
        value: what is put in.
        key: what it is put under, -1 for a channel.
        name: the constant text that is, else empty.
        context: the control context of the place.
        start: its first byte.
    """

    writer: FunctionNode
    variable: str
    owner: int
    value: int
    key: int
    name: str
    context: int
    start: int


class Contents:
    """Answers what is put into a collection that has a name, in whatever function.

    Args:
        resolver: answers for the objects whose fields they are.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._known: dict[str, list[Put]] | None = None
        self._given: dict[str, list[tuple[FunctionNode, int, int]]] | None = None

    @remembered
    def of(self, function: FunctionNode, at: int) -> list[Put]:
        """What is put into the collection that a variable of the package or a field holds."""
        value = function.fact.values[at]
        if not _is_global(value) and type(value) is not v.Member:
            return []
        name = value.name
        named = self._named().get(name, [])
        if not named or len(named) > MAX_PLACES:
            return []
        owner = value.base if type(value) is v.Member else -1
        held = self._holders(function, name, owner)
        if owner >= 0:  # `tables.BY_NAME` of a module
            held |= {(place.key, cell) for place, cell in definitions(self.resolver, function, at)}
        return [
            put
            for put in named
            if held & self._holders(put.writer, put.variable, put.owner)
            and not self._is_anything(put)
        ]

    @remembered
    def assigned(self, function: FunctionNode, at: int) -> list[tuple[FunctionNode, int]]:
        """The lists and mappings that are written out where a field is given one, or extended."""
        value = function.fact.values[at]
        if type(value) is not v.Member:
            return []
        named = self._lists().get(value.name, [])
        if not named or len(named) > MAX_PLACES:
            return []
        held = self._holders(function, value.name, value.base)
        return [
            (writer, given)
            for writer, owner, given in named
            if held & self._holders(writer, value.name, owner)
        ]

    def _lists(self) -> dict[str, list[tuple[FunctionNode, int, int]]]:
        """The lists that fields are given: the writer, the object and the list, by the field."""
        if self._given is None:
            self._given = {}
            for file in self.resolver.files.values():
                for function in file.functions:
                    values = function.fact.values
                    for write in function.fact.writes:
                        if write.key < 0 and _is_list(values, write.value):
                            given = (function, write.base, write.value)
                            self._given.setdefault(write.name, []).append(given)
                    for at, value in enumerate(values):
                        if type(value) is v.Invoke and value.new:
                            for arg, name in zip(value.args, value.names, strict=True):
                                if name and _is_list(values, arg):
                                    self._given.setdefault(name, []).append((function, at, arg))
        return self._given

    def _is_anything(self, put: Put) -> bool:
        """`func (s *Store) Set(key string, value any)`: a store of whatever anybody keeps there."""
        value = put.writer.fact.values[put.value]
        if type(value) is not v.Parameter:
            return False
        declared = put.writer.fact.parameters[value.index].annotation
        return not any(
            isinstance(reference, ClassReference) and reference.fact.kind != "interface"
            for reference in self.resolver.instances(put.writer, declared)
        )

    @remembered
    def _holders(self, function: FunctionNode, name: str, owner: int) -> set[object]:
        """What tells a variable or field apart from others of the name."""
        if owner >= 0:
            return {
                (reference.file.path, reference.index)
                for reference in self.resolver.references(function, owner)
                if isinstance(reference, ClassReference)
            }
        if function.file.family == "go":
            found = self.resolver.exports.go_symbols(function.file).get(name)
            return set() if found is None else {(found[0].key, found[1])}
        module = function.file.module
        return {(module.key, module.fact.cells[name])} if name in module.fact.cells else set()

    def _named(self) -> dict[str, list[Put]]:
        """All that is put somewhere, by the name of the variable or field."""
        if self._known is None:
            self._known = {}
            for file in self.resolver.files.values():
                for function in file.functions:
                    for put in _puts(function):
                        self._known.setdefault(put.variable, []).append(put)
        return self._known


def _puts(function: FunctionNode) -> Iterator[Put]:
    values = function.fact.values
    for write in function.fact.writes:
        if write.key >= 0:
            place = write.context, write.start
            for name, owner in _held_by(function, write.base):
                yield Put(function, name, owner, write.value, write.key, write.name, *place)
    for value in values:
        if type(value) is v.Invoke and len(value.args) == 1:
            callee = values[value.callee]
            if type(callee) is v.Member and callee.name == SEND:
                place = value.context, value.start
                for name, owner in _held_by(function, callee.base):
                    yield Put(function, name, owner, value.args[0], -1, "", *place)


def _held_by(function: FunctionNode, at: int) -> Iterator[tuple[str, int]]:
    """The variables of others, and the fields of objects (these with the object), that hold it."""
    at = _before(function, at)
    value = function.fact.values[at]
    if _is_global(value):
        yield value.name, -1
    elif type(value) is v.Member:
        yield value.name, value.base
    elif isinstance(value, (v.Record, v.Listing, v.Invoke)):
        for write in function.fact.writes:
            if write.value == at and write.key < 0:
                yield write.name, write.base
        for name, cell in function.fact.cells.items():
            options = v.alternatives(function.fact.values[cell]) or (cell,)
            if any(_before(function, option) == at for option in options):
                yield name, -1


def _is_list(values: tuple[v.Value, ...], at: int) -> bool:
    """A list or mapping that is written here, or `append` of one."""
    value = values[at]
    if type(value) is v.Invoke:
        callee = values[value.callee]
        return type(callee) is v.Global and callee.name == "append"
    return isinstance(value, (v.Listing, v.Record))


def _is_global(value: v.Value) -> TypeGuard[v.Captured | v.Global]:
    """A variable of the module or package."""
    return type(value) is v.Global or (type(value) is v.Captured and value.function == 0)


def _before(function: FunctionNode, at: int) -> int:
    """A collection before anything was put into it."""
    value = function.fact.values[at]
    while isinstance(value, (v.Stored, v.Updated)):
        at = value.base
        value = function.fact.values[at]
    return at
