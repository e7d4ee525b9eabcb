"""From the result of a call to what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.concepts.match import Match
from backend_lint.dataflow.checks.passing import Passing
from backend_lint.dataflow.conditions import applies, constants, places
from backend_lint.dataflow.constructions import given_fields, position_of
from backend_lint.dataflow.dependence import ACCESSORS
from backend_lint.dataflow.frames import MAX_FRAMES, Frame, aliases, is_list_conversion, is_super
from backend_lint.dataflow.sources import Shape
from backend_lint.dataflow.states import ALL_FIELDS, State
from backend_lint.dataflow.texts import host_holes, texts
from backend_lint.dataflow.uses import LAST, Use
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.dataflow.checks.schemas import Schemas
    from backend_lint.dataflow.sources import Sources
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

_CLEANING = frozenset({"escape", "sanitize", "sanitise", "slugify", "encode", "quote", "basename"})
_HASHING = frozenset(
    {"hash", "hashed", "digest", "encrypt", "bcrypt", "argon2", "scrypt", "pbkdf2"}
)
_CONSTRUCTORS = frozenset({"__init__", "constructor"})
# Kinds for which other functions of one's own are a cure, or none at all.
_CLEANING_OF: dict[str, frozenset[str]] = {
    "sql": frozenset(),
    "command": frozenset(),
    "code": frozenset(),
    "password": _HASHING,
}


class Calls:
    """Follows results: into functions of the project, through what rows say of others."""

    def __init__(
        self,
        index: ProjectIndex,
        shape: Shape,
        sources: Sources,
        guards: Guards,
        schemas: Schemas,
    ) -> None:
        self.index = index
        self.shape = shape
        self.sources = sources
        self.guards = guards
        self.schemas = schemas
        self.passing = index.shared(Passing)

    def before(self, state: State, call: v.Invoke) -> Iterator[State]:
        """The values that a result is made of, one step back."""
        function = state.function
        if self.sources.is_sanitized(function, state.at, call):
            return
        if is_list_conversion(function, call):
            yield state.go(call.args[0])
            return
        yield from self._sent(state)
        state = msgspec.structs.replace(state, use=state.use.through(call.context, call.start))
        targets = self.index.targets(function, call)
        depth = 0 if state.frame is None else state.frame.depth
        if targets and depth < MAX_FRAMES:
            for target in targets:
                if self.guards.examinations.examines(target) or self._is_cleaning(target):
                    continue
                frame = Frame(function, state.at, state.frame, depth + 1)
                if target.fact.name in _CONSTRUCTORS:
                    yield from self._constructed(state, target, frame, call)
                    continue
                for result in target.fact.returns:
                    yield state.jump(
                        target,
                        result.value,
                        frame,
                        Use(result.context, LAST),
                        note=f"returned by `{target.fact.qualified}`",
                    )
            return
        matches = self.index.concepts_of(function, state.at)
        for match in matches:
            if match.row.concept == "request-load":
                kept = list(self._kept(state, match))
                yield from kept
                if kept:
                    return
            if match.row.concept == "validation" and "data" in match.attributes:
                yield from self._validated(state, match)
                return
            if match.row.concept == "selection" and match.values("of"):
                yield from self._selected(state, match)
                return
            if match.attributes.get("result") == "kept" and not self._is_number(state):
                for source in match.values("over") or [match.receiver]:
                    yield state.go(source)
                return
        rows = [row for row, _ in self.index.rows(function, call.callee)]
        rows.extend(match.row for match in matches)
        for row in rows:
            if (
                row.concept == "propagator"
                and self.carries(row, state)
                and (
                    not row.is_conditional
                    or any(each.row is row and applies(self.index, each) for each in matches)
                )
            ):
                yield from self._propagated(state, row, call)
                return
        if self._is_number(state) and not self._is_access(function, call):
            return  # of what a call gives, only the models know that it is a number
        mapped = [row for row in rows if row.attributes.get("result") in ("mapped", "joined")]
        if mapped:
            yield from self._mapped(state, mapped[0], call)
            return
        callee = function.fact.values[call.callee]
        if type(callee) is v.Member and not self._is_module(function, callee.base):
            field = self._accessed(function, call) if self._is_access(function, call) else ""
            yield state.go(callee.base, field=field)
        known = self.index.resolver.references(function, call.callee)
        classes = [r for r in known if isinstance(r, ClassReference)]
        if any(r.fact.kind in ("type", "alias") for r in classes):
            for arg in call.args:  # a conversion
                yield state.go(arg)
        elif (classes or call.new) and state.fields:
            asked = position_of(self.index, classes, state.fields[0])
            for arg, name in given_fields(self.index, classes, call):
                if name == "**":
                    yield state.go(arg)
                elif name == asked or (name and asked in ("*", ALL_FIELDS)):
                    yield state.take(arg)

    def _validated(self, state: State, match: Match) -> Iterator[State]:
        """Data that fits a schema, where the schema says that it may carry harm."""
        data, path = match.attributes["data"], state.fields
        if data:
            if path[:1] != (data,):
                return
            path = path[1:]
        if not path or any(
            self.schemas.told(owner, at, (*within, *path)) is False
            for owner, at, within in self.schemas.schemas_of(match, None)
        ):
            for source in match.values("input"):
                yield msgspec.structs.replace(state.go(source), fields=path)

    def _kept(self, state: State, match: Match) -> Iterator[State]:
        """What other functions keep under the same name with the request."""
        names = self._keys(match)
        place = match.attributes.get("place")
        for other in self.index.matches("request-store"):
            if other.attributes.get("place") != place:
                continue
            if names and not names.isdisjoint(self._keys(other)):
                use = Use(other.call.context, other.call.start)
                for value in other.values("value"):
                    note = "kept with the request"
                    yield state.jump(other.function, value, None, use, note=note)

    def _keys(self, match: Match) -> set[object]:
        """What a name that something is kept under stands for."""
        found: set[object] = set()
        for at in match.values("key"):
            found.update(constants(self.index, match.function, at))
            if found:
                continue
            if type(match.function.fact.values[at]) is v.Invoke:  # `userKey{}`
                found.update(self.index.resolver.references(match.function, at))
            else:
                found.update(
                    (owner.key, other) for owner, other in places(self.index, match.function, at)
                )
        return found

    def carries(self, row: Row, state: State) -> bool:
        """What goes into a propagator comes out in a form that can do harm.

        Of rows that list kinds, only those hold that list the kind. What texts and containers hold
        can be parsed, or taken out, but is no number itself.
        """
        if row.kinds:
            return self.guards.kind in row.kinds
        return not self._is_number(state)

    def _is_number(self, state: State) -> bool:
        """Asked is for a number, not for what holds one."""
        return self.shape is Shape.NUMBER and not state.fields and not state.parsed

    @staticmethod
    def _is_access(function: FunctionNode, call: v.Invoke) -> bool:
        callee = function.fact.values[call.callee]
        return type(callee) is v.Member and callee.name in ACCESSORS

    def _sent(self, state: State) -> Iterator[State]:
        """What is put into a channel where it is made, before or after it was handed on."""
        for function, arg in self.passing.sent(state.function).get(state.at, ()):
            # The one variable of a loop over a channel holds what was sent.
            taken = state.fields[:1] in (("*",), ("#",))
            if function is state.function:
                yield state.take(arg) if taken else state.go(arg)
            else:
                inside = state.jump(function, arg, None, Use(), note="sent through the channel")
                fields = state.fields[1:] if taken else state.fields
                yield msgspec.structs.replace(inside, fields=fields)

    @staticmethod
    def _accessed(function: FunctionNode, call: v.Invoke) -> str:
        """The field that `mapping.get(name)` takes."""
        name = function.fact.values[call.args[0]] if call.args else None
        return str(name.value) if type(name) is v.Constant else "*"

    def _selected(self, state: State, match: Match) -> Iterator[State]:
        """`Object.entries(body)`: pairs of what `#`, the keys, and `*` stand for."""
        part, fields = match.attributes.get("part"), state.fields
        if fields[:1] != (ALL_FIELDS,):
            over = state.is_element
            if (part == "keys" and fields) or (part == "fields" and over):
                fields = ("#", *fields[1:])
            elif part == "entries" and len(fields) > 1 and fields[1] in ("0", "1"):
                fields = ("#" if fields[1] == "0" else "*", *fields[2:])
        for source in match.values("of"):
            yield msgspec.structs.replace(state.go(source), fields=fields)

    def _mapped(self, state: State, row: Row, call: v.Invoke) -> Iterator[State]:
        """`ids.map((id) => …)` holds what the function gives, not what it was given."""
        function = state.function
        match = Match(row, "", function, state.at)
        depth = 0 if state.frame is None else state.frame.depth
        fields = state.fields
        if row.attributes["result"] == "mapped" and (
            fields[:1] == ("*",) or (fields and fields[0].isdigit())
        ):
            fields = fields[1:]  # what the function gave is the element
        for callback in match.values("callback"):
            for reference in self.index.resolver.references(function, callback):
                if isinstance(reference, FunctionReference) and depth < MAX_FRAMES:
                    for result in reference.function.fact.returns:
                        use = Use(result.context, LAST)
                        inside = state.jump(reference.function, result.value, None, use)
                        yield msgspec.structs.replace(inside, fields=fields)
                    return
        yield state.go((match.values("over") or [match.receiver])[0])

    def _constructed(
        self, state: State, target: FunctionNode, frame: Frame, call: v.Invoke
    ) -> Iterator[State]:
        """A field of a new object is what its constructor, or that of a base, stores there."""
        if not state.fields:
            return  # an object is no text
        for write in target.fact.writes:
            if state.fields[0] in (write.name, "*", ALL_FIELDS):
                inside = state.jump(target, write.value, frame, Use(write.context, write.start))
                yield msgspec.structs.replace(inside, fields=state.fields[1:])
        if frame.depth >= MAX_FRAMES:
            return
        for at, base in self._bases_asked(target):
            inner = Frame(target, at, frame, frame.depth + 1)
            yield from self._constructed(state, base, inner, target.call(at))

    def _bases_asked(self, constructor: FunctionNode) -> Iterator[tuple[int, FunctionNode]]:
        """What a constructor hands on to: `super().__init__(name)`, `super(name)`."""
        values = constructor.fact.values
        asked = {value.base for value in values if type(value) is v.Member}
        for at, value in enumerate(values):
            if type(value) is not v.Invoke:
                continue
            callee = values[value.callee]
            if type(callee) is v.Member and callee.name in _CONSTRUCTORS:
                for target in self.index.targets(constructor, value):
                    yield at, target
            elif is_super(constructor, value.callee) and at not in asked:
                for base in self.index.resolver.references(constructor, value.callee):
                    if isinstance(base, ClassReference):
                        method = self.index.resolver.classes.method(base, constructor.fact.name)
                        if method is not None:
                            yield at, method

    def _propagated(self, state: State, row: Row, call: v.Invoke) -> Iterator[State]:
        fails = row.attributes.get("fails")
        if fails == "alone" or (fails and state.fields[:1] == ("1",)):
            return  # the error
        if row.attributes.get("appends"):
            for at, name in zip(call.args, call.names, strict=True):
                is_element = at != call.args[0] and not name and state.fields
                yield state.take(at) if is_element and _is_any(state.fields[0]) else state.go(at)
            return
        if row.attributes.get("format") and self.shape is Shape.HOST:
            for form in texts(self.index, state.function, state.at, state.frame):
                for hole in host_holes(form):
                    use = hole.use(state.use.context, state.use.place)
                    if (hole.function, hole.value) != (state.function, state.at):
                        yield state.jump(hole.function, hole.value, hole.frame, use)
            return
        match = Match(row, "", state.function, state.at)
        host = row.attributes.get("host")
        if host is not None and self.shape is Shape.HOST and not state.fields:
            for given in match.values("input") or call.args[:1]:
                yield state.go(given, field=host)
            return
        inputs = match.values("input") if "input" in row.roles else list(call.args)
        receiver = -1 if "input" in row.roles else match.receiver
        if receiver >= 0 and not self._is_module(state.function, receiver):  # `strings.Join`
            inputs.append(receiver)
        for value in inputs:
            field = ALL_FIELDS if row.attributes.get("deep") else ""
            following = state.go(value, field=field)
            if row.attributes.get("parses"):
                following.parsed = True
            yield following

    def _is_cleaning(self, target: FunctionNode) -> bool:
        """A function of the project that by its name makes texts harmless is taken at its word."""
        cleaning = _CLEANING_OF.get(self.guards.kind, _CLEANING)
        return not cleaning.isdisjoint(words_of(target.fact.name))

    def _is_module(self, function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        if type(value) is v.Captured:
            return any(
                isinstance(owner.fact.values[other], (v.Imported, v.Module))
                for owner, other in aliases(self.index, function, at)
            )
        if type(value) is v.Member:  # `os.path`
            return (
                self._is_module(function, value.base)
                and not self.index.rows(function, at)
                and not any(True for _ in aliases(self.index, function, at))
            )
        return isinstance(value, (v.Imported, v.Module, v.Global))


def _is_any(field: str) -> bool:
    """A field is an element of a list."""
    return field == "*" or field.isdigit()
