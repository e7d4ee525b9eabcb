"""The members of classes of the project: own, inherited, implemented elsewhere, set by methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.references import (
    Api,
    ClassReference,
    FunctionNode,
    FunctionReference,
    Reference,
)
from backend_lint.semantics.signatures import Spelling, agree, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.resolver import Resolver

# An inheritance chain longer than this is a cycle or not for us.
MAX_BASES = 12
NOT_IMPLEMENTED = frozenset({"NotImplementedError", "NotImplementedException"})
"""What methods raise that are there for subclasses to fill."""
# More implementations than this are no answer.
MAX_IMPLEMENTATIONS = 8
# More literals of a struct than this say no more about a field of it.
MAX_LITERALS = 40


class Classes:
    """Answers what members of classes stand for.

    Args:
        resolver: answers for the values that members hold.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._field_writes: dict[tuple[str, int], dict[str, list[tuple[FunctionNode, int]]]] = {}
        self._outer_methods: dict[tuple[str, str], dict[str, dict[str, FunctionNode]]] = {}
        self._implementers: dict[tuple[str, str], list[ClassReference]] | None = None
        self._literals: dict[str, list[tuple[FunctionNode, v.Invoke]]] | None = None

    def method(self, owner: ClassReference, name: str, depth: int = 0) -> FunctionNode | None:
        """The method of a class of the project by name, own or inherited."""
        fact = owner.fact
        number = fact.methods.get(name, -1)
        if number >= 0:
            return owner.file.functions[number]
        if owner.file.family == "go":
            outer = self.outer_methods(owner).get(name)
            if outer is not None:
                return outer
        if depth < MAX_BASES:
            for base in self.bases(owner):
                if isinstance(base, ClassReference) and base.fact.kind != "interface":
                    found = self.method(base, name, depth + 1)
                    if found is not None:
                        return found
        return None

    @remembered
    def bases(self, owner: ClassReference) -> list[Reference]:
        """What the bases of a class stand for."""
        scope = owner.file.functions[owner.fact.scope]
        found: list[Reference] = []
        for index in owner.fact.bases:
            value = scope.fact.values[index]
            plain = value.base if type(value) is v.Item else index  # `Repository[User]`
            found.extend(self.resolver.references(scope, plain))
        return found

    def api_bases(self, owner: ClassReference, depth: int = 0) -> list[str]:
        """The canonical names of library classes that a class of the project extends."""
        found = []
        for base in self.bases(owner):
            if isinstance(base, Api):
                found.append(base.name)
            elif isinstance(base, ClassReference) and depth < MAX_BASES:
                found.extend(self.api_bases(base, depth + 1))
        return found

    def member(self, owner: ClassReference, name: str, depth: int = 0) -> Iterable[Reference]:
        """What a member of a class, or of an object of it, stands for."""
        if depth > MAX_BASES:
            return
        if owner.fact.kind == "interface":
            implementations = self._implementations(owner, name)
            if implementations:
                yield from implementations
                return
        method = self.method(owner, name)
        if method is not None:
            if self.is_property(method):
                yield from self.resolver.returned(method)
                return
            if _is_empty(method):
                yield from self._overriding(owner, name)
            yield FunctionReference(method)
            return
        if owner.fact.kind == "class":
            overriding = self._overriding(owner, name)
            if overriding:
                yield from overriding
                return
        fact = owner.fact
        scope = owner.file.functions[fact.scope]
        found = False
        for field in fact.fields:
            if field.name != name:
                continue
            for reference in self._declared(scope, field):
                found = True
                yield reference
        for writer, value in self.field_writes(owner).get(name, ()):
            for reference in self.resolver.references(writer, value):
                found = True
                yield reference
        if not found:
            for writer, value in self.literal_values(owner, name):
                for reference in self.resolver.references(writer, value):
                    found = True
                    yield reference
        if found:
            return
        for base in self.bases(owner):
            if isinstance(base, Api):
                yield from self.resolver.member(scope, base, name)
            elif isinstance(base, ClassReference):
                yield from self.member(
                    ClassReference(base.file, base.index, owner.instance), name, depth + 1
                )

    def _declared(self, scope: FunctionNode, field: v.FieldFact) -> Iterable[Reference]:
        found = False
        for reference in self.resolver.instances(scope, field.annotation):
            found = True
            yield reference
        if not found:
            yield from self.resolver.references(scope, field.value)

    @remembered
    def _implementations(self, owner: ClassReference, name: str) -> list[Reference]:
        """The methods of classes that have all methods an interface asks for.

        Where an interface is whatever has its methods, those of other types are those of another.
        """
        methods = self.implementations(owner, name)[:MAX_IMPLEMENTATIONS]
        return [FunctionReference(method) for method in methods]

    @remembered
    def implementations(self, owner: ClassReference, name: str) -> list[FunctionNode]:
        """The same, however many there are."""
        if owner.file.family == "go":
            candidates = self._fitting(owner) if name in self.asked(owner) else []
        else:
            wanted = owner.fact.methods.keys()
            candidates = [
                candidate
                for candidate in self._classes_with(owner.file.family, name)
                if name in wanted and all(self.method(candidate, other) for other in wanted)
            ]
        methods = (self.method(each, name) for each in candidates)
        return list(dict.fromkeys(method for method in methods if method is not None))

    @remembered
    def asked(self, interface: ClassReference) -> dict[str, FunctionNode]:
        """The methods that an interface asks for, those of embedded ones included, by name."""
        methods = interface.file.functions
        found = {name: methods[number] for name, number in interface.fact.methods.items()}
        for base in self.bases(interface):
            if isinstance(base, ClassReference) and base.fact.kind == "interface":
                found = {**self.asked(base), **found}
        return found

    def _offers(self, candidate: ClassReference, name: str) -> bool:
        """A type has a method, be it that of something embedded in it."""
        return self.method(candidate, name) is not None or any(
            isinstance(base, ClassReference)
            and base.fact.kind == "interface"
            and name in self.asked(base)
            for base in self.bases(candidate)
        )

    @remembered
    def _fitting(self, interface: ClassReference) -> list[ClassReference]:
        """The types with all methods of an interface; those with the same types, if there are."""
        wanted = self.asked(interface)
        family = interface.file.family
        some = (candidate for name in wanted for candidate in self._classes_with(family, name))
        named = [
            candidate
            for candidate in dict.fromkeys(some)
            if all(self._offers(candidate, other) for other in wanted)
        ]
        return [each for each in named if self._fits(each, interface)] or named

    def _fits(self, candidate: ClassReference, interface: ClassReference) -> bool:
        for name, wanted in self.asked(interface).items():
            method = self.method(candidate, name)
            if method is not None and not agree(self._signature(method), self._signature(wanted)):
                return False
        return True

    @remembered
    def _signature(self, function: FunctionNode) -> Spelling:
        return spelled(function)

    @remembered
    def _overriding(self, owner: ClassReference, name: str) -> list[Reference]:
        """The methods of subclasses that a class calls without having a body for them itself."""
        found: list[Reference] = []
        for candidate in self._classes_with(owner.file.family, name):
            method = self.method(candidate, name)
            if method is None or candidate.fact is owner.fact:
                continue
            if self.extends(candidate, owner):
                found.append(FunctionReference(method))
                if len(found) == MAX_IMPLEMENTATIONS:
                    break
        return found

    def extends(self, candidate: ClassReference, owner: ClassReference, depth: int = 0) -> bool:
        """A class is below another one of the project."""
        return any(
            isinstance(base, ClassReference)
            and (
                base.fact is owner.fact
                or (depth < MAX_BASES and self.extends(base, owner, depth + 1))
            )
            for base in self.bases(candidate)
        )

    def _classes_with(self, family: str, name: str) -> list[ClassReference]:
        """The classes and Go types that define a method of a name themselves."""
        if self._implementers is None:
            self._implementers = {}
            for file in self.resolver.files.values():
                for index, fact in enumerate(file.facts.classes):
                    methods = set(fact.methods)
                    if fact.kind == "interface":
                        continue
                    reference = ClassReference(file, index)
                    methods.update(self.outer_methods(reference))
                    for method in methods:
                        self._implementers.setdefault((file.family, method), []).append(reference)
        return self._implementers.get((family, name), [])

    def is_property(self, method: FunctionNode) -> bool:
        """A method that is read like a field."""
        for index in method.fact.decorators:
            value = method.fact.values[index]
            if isinstance(value, (v.Global, v.Captured, v.Imported)) and value.name in (
                "property",
                "cached_property",
                "get",
            ):
                return True
        return False

    def field_writes(self, owner: ClassReference) -> dict[str, list[tuple[FunctionNode, int]]]:
        """What the methods of a class put into the fields of their receiver, by field."""
        key = (owner.file.path, owner.index)
        known = self._field_writes.get(key)
        if known is not None:
            return known
        result: dict[str, list[tuple[FunctionNode, int]]] = {}
        self._field_writes[key] = result
        own = (owner.file.functions[number] for number in owner.fact.methods.values())
        for method in (*own, *self.outer_methods(owner).values()):
            for write in method.fact.writes:
                if self._is_receiver(method, write.base):
                    result.setdefault(write.name, []).append((method, write.value))
        return result

    @remembered
    def literal_values(self, owner: ClassReference, name: str) -> list[tuple[FunctionNode, int]]:
        """What the literals of a struct give to a field: `action{"start", start}`."""
        positions = [at for at, field in enumerate(owner.fact.fields) if field.name == name]
        found: list[tuple[FunctionNode, int]] = []
        for writer, made in self._literals_of(owner.fact.name) if positions else ():
            value = -1
            if name in made.names:
                value = made.args[made.names.index(name)]
            elif "" in made.names and positions[0] < len(made.args):
                value = made.args[positions[0]]
            if value >= 0 and any(
                isinstance(reference, ClassReference) and reference.fact is owner.fact
                for reference in self.resolver.references(writer, made.callee)
            ):
                found.append((writer, value))
                if len(found) == MAX_LITERALS:
                    break
        return found

    def _literals_of(self, name: str) -> list[tuple[FunctionNode, v.Invoke]]:
        """The literals of Go's structs of a name, with the functions that hold them."""
        if self._literals is None:
            self._literals = {}
            for file in self.resolver.files.values():
                for function in file.functions if file.family == "go" else ():
                    values = function.fact.values
                    for value in values:
                        if type(value) is v.Invoke and value.new and value.args:
                            typed = values[value.callee]
                            named = getattr(typed, "name", "")
                            if type(typed) is v.ClassValue:
                                named = file.facts.classes[typed.index].name
                            self._literals.setdefault(named, []).append((function, value))
        return self._literals.get(name, [])

    @staticmethod
    def _is_receiver(method: FunctionNode, index: int) -> bool:
        value = method.fact.values[index]
        while isinstance(value, (v.Stored, v.Updated)):
            value = method.fact.values[value.base]
        return type(value) is v.Receiver

    def outer_methods(self, owner: ClassReference) -> dict[str, FunctionNode]:
        """The methods declared outside of a type, as Go does, by name."""
        file = owner.file
        if file.family != "go":
            return {}
        key = (file.path.rpartition("/")[0], file.facts.package)
        known = self._outer_methods.get(key)
        if known is None:
            known = self._outer_methods[key] = {}
            for other in self.resolver.modules.go_package(file):
                for function in other.functions:
                    if function.fact.receiver_type:
                        methods = known.setdefault(function.fact.receiver_type, {})
                        methods[function.fact.name] = function
        return known.get(owner.fact.name, {})


def _is_empty(method: FunctionNode) -> bool:
    """A method is there for subclasses to fill: it calls nothing and gives back nothing made."""
    fact = method.fact
    return not any(
        type(value) is v.Invoke
        and getattr(fact.values[value.callee], "name", "") not in {*NOT_IMPLEMENTED, "Error"}
        for value in fact.values
    ) and all(type(fact.values[result.value]) is v.Constant for result in fact.returns)
