"""Records that hash passwords by themselves: in a method, a setter, a listener, a schema's hook."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference
from backend_lint.semantics.secret_names import words_of

from ._passwords import is_password_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

# What a record is known by in all files: its class, or the call that makes its model or schema.
Identity = tuple[object, ...]

MAX_VALUES = 40
# Words of types that store something else than what they are given.
_VEILING = frozenset({"encrypt", "encrypted", "encryption", "vault", "cipher", "fernet", "hashed"})
_NAMES = (
    v.ClassValue,
    v.Captured,
    v.Imported,
    v.Global,
    v.Member,
    v.Parameter,
    v.Opaque,
)


class Hooks:
    """Tells which records hash passwords by themselves."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._names: dict[Identity, set[Identity]] = {}
        self._known: dict[tuple[str, int], bool] = {}

    def hash(self, function: FunctionNode, at: int) -> bool:
        """The record that a value is, or is made of, does."""
        if at < 0:
            return False
        if any(self._hashes(hook) for hook in self._own(function, at)):
            return True
        if any(self._is_veiled(reference) for reference in self._classes(function, at)):
            return True
        if not self._hashing:
            return False
        found = self._identities(function, at)
        for name in [identity for identity in found if identity[1] == "named"]:
            found |= self._declared(name)
        return not self._hashing.isdisjoint(found)

    def _declared(self, name: Identity) -> set[Identity]:
        """What is known by a name elsewhere: `mongoose.model("User", schema)`."""
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = set()
            last = str(name[0]).rsplit(".", 1)[-1]
            for function in self.index.all_functions:
                for at, value in enumerate(function.fact.values):
                    if not isinstance(value, v.Invoke) or len(value.args) < 2:
                        continue
                    if getattr(function.fact.values[value.callee], "name", "") == last:
                        made = self._identities(function, at)
                        known |= made if name in made else set()
        return known

    @cached_property
    def _hashing(self) -> set[Identity]:
        """The records for which a function that hashes is registered somewhere."""
        return {
            identity
            for record, handlers in self._registered()
            if any(self._hashes(handler) for handler in handlers)
            for identity in self._identities(*record)
        }

    def _registered(self) -> Iterator[tuple[tuple[FunctionNode, int], list[FunctionNode]]]:
        """Records, with the functions that run before they are stored."""
        for match in self.index.matches("record-hook"):
            handlers = [
                handler
                for value in match.values("handler")
                for handler in self._functions(match, value)
            ]
            for record in match.values("record"):
                yield (match.function, record), handlers
        for function in self.index.all_functions:
            for decorator in function.fact.decorators:
                for record in self._decorated(function, decorator):
                    yield (function, record), [function]
        for file in self.index.files.values():
            for number, fact in enumerate(file.facts.classes):
                scope = file.functions[fact.scope]
                if any(self._rows(scope, decorator) for decorator in fact.decorators):
                    methods = [other for other in file.functions if other.fact.owner == number]
                    for method in methods:
                        for result in method.fact.returns:
                            yield (method, result.value), methods

    def _rows(self, function: FunctionNode, decorator: int) -> list[Row]:
        value = function.fact.values[decorator]
        callee = value.callee if isinstance(value, v.Invoke) else decorator
        return [r for r, _ in self.index.rows(function, callee) if r.concept == "record-hook"]

    def _decorated(self, function: FunctionNode, decorator: int) -> Iterator[int]:
        if self._rows(function, decorator):
            for match in self.index.concepts_of(function, decorator):
                if match.row.concept == "record-hook":
                    yield from match.values("record")

    def _functions(self, match: Match, at: int) -> Iterator[FunctionNode]:
        for inner, _ in made_of(match.function, at):
            for reference in self.index.resolver.references(match.function, inner):
                if isinstance(reference, FunctionReference):
                    yield reference.function

    def _identities(self, function: FunctionNode, at: int) -> set[Identity]:
        found: set[Identity] = set()
        queue = [(function, at)]
        seen = {(function.key, at)}
        for current, number in queue:
            value = current.fact.values[number]
            if isinstance(value, v.Receiver):
                continue  # the service around the record is not the record
            for reference in self.index.resolver.references(current, number):
                if isinstance(reference, ClassReference):
                    found.add((reference.file.path, "class", reference.index))
            following = [(current, inner) for inner in _parts(current, value)]
            if isinstance(value, (v.Captured, v.Imported, v.Global, v.Member, v.Module)):
                following.extend(aliases(self.index, current, number))
            elif isinstance(value, v.Invoke):
                found.add((current.key, number))
                first = current.fact.values[value.args[0]] if value.args else None
                if isinstance(first, v.Constant):  # `mongoose.model("User")`
                    names = self.index.resolver.names(current, value.callee)
                    found.update((name, "named", first.value) for name in names)
            for place in following:
                key = (place[0].key, place[1])
                if key not in seen and len(seen) < MAX_VALUES:
                    seen.add(key)
                    queue.append(place)
        return found

    def _classes(self, function: FunctionNode, at: int) -> Iterator[ClassReference]:
        for inner, value in made_of(function, at):
            # Of a service around a record, the object is no part of the record.
            if isinstance(value, _NAMES) or (inner == at and isinstance(value, v.Receiver)):
                for reference in self.index.resolver.references(function, inner):
                    if isinstance(reference, ClassReference):
                        yield reference

    @staticmethod
    def _is_veiled(reference: ClassReference) -> bool:
        """The class declares its password as of a type that encrypts: `Column(EncryptedType)`."""
        scope = reference.file.functions[reference.fact.scope]
        return any(
            not _VEILING.isdisjoint(words_of(name))
            for field in reference.fact.fields
            if field.value >= 0 and is_password_name(field.name)
            for _, value in made_of(scope, field.value)
            if isinstance(name := getattr(value, "name", ""), str)
        )

    def _own(self, function: FunctionNode, at: int) -> Iterator[FunctionNode]:
        for reference in self._classes(function, at):
            yield from self._class_hooks(reference)
        for inner, value in made_of(function, at):
            if not isinstance(value, _NAMES):
                continue
            for owner, _ in aliases(self.index, function, inner):
                if owner.file is not function.file:  # where a schema and its hooks are declared
                    yield from (other for other in owner.file.functions if not other.fact.name)

    def _class_hooks(self, reference: ClassReference) -> Iterator[FunctionNode]:
        file = reference.file
        yield from self.index.resolver.classes.outer_methods(reference).values()
        for other in file.functions:
            # Its methods, and listeners that a decorator registers beside it.
            if other.fact.owner == reference.index or (
                other.fact.owner < 0 and other.fact.decorators and not self._answers(other)
            ):
                yield other
        for base in self.index.resolver.classes.bases(reference):
            if isinstance(base, ClassReference) and base != reference:
                yield from self._class_hooks(base)

    def _answers(self, function: FunctionNode) -> bool:
        return self.index.is_decorated(function, "route") is not None

    def _hashes(self, function: FunctionNode) -> bool:
        known = self._known.get(function.key)
        if known is None:
            known = self._known[function.key] = function.key in self._hashers or any(
                target.key in self._hashers
                for value in function.fact.values
                if isinstance(value, v.Invoke)
                for target in self.index.targets(function, value)
            )
        return known

    @cached_property
    def _hashers(self) -> set[tuple[str, int]]:
        """The functions that hash a password themselves or in a closure."""
        found = set()
        for match in self.index.matches("password-hash"):
            function = match.function
            while function.number > 0:
                found.add(function.key)
                function = function.file.functions[function.fact.parent]
        return found


def _parts(function: FunctionNode, value: v.Value) -> tuple[int, ...]:
    """What a model, a schema or a record of it is made of."""
    match value:
        case v.Member() | v.Stored() | v.Updated():
            return (value.base,)
        case v.Compute() if value.operator in ("or", "??", "typed"):
            return value.operands
        case v.Invoke() if value.args and type(function.fact.values[value.args[0]]) is v.Constant:
            return value.args  # of `database.define("user", …)`, the database is that of all
        case v.Invoke():
            return (value.callee, *value.args)
        case _:
            return v.alternatives(value)
