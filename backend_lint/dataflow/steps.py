"""One step against the flow of data: from a value to those it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.addresses import leaves_host_open
from backend_lint.dataflow.calls import Calls
from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.dependence import calls_with
from backend_lint.dataflow.fields import Fields
from backend_lint.dataflow.fillings import Fillings
from backend_lint.dataflow.frames import MAX_FRAMES, Frame, aliases
from backend_lint.dataflow.kept_items import KeptItems
from backend_lint.dataflow.parameters import Parameters
from backend_lint.dataflow.records import lacks
from backend_lint.dataflow.sources import OBJECTS, PARSED, Shape
from backend_lint.dataflow.states import ALL_FIELDS, State
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.facts.expressions import MUTATORS
from backend_lint.models.library import last_name, load
from backend_lint.semantics.elements import MAPPINGS
from backend_lint.semantics.records import ANY_KEY
from backend_lint.semantics.references import Api

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.dataflow.checks.schemas import Schemas
    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.dataflow.sources import Sources
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Of what the result of an operator can become large: what is divided, but not by what; of a
# remainder, what is divided by.
_ARITHMETIC = {
    "+": slice(None),
    "*": slice(None),
    "**": slice(None),
    "|": slice(None),
    "-": slice(1),
    "/": slice(1),
    "//": slice(1),
    "<<": slice(None),
    ">>": slice(1),
    "%": slice(1, None),
    "&": slice(0),
}
# Operators that texts have, too.
_OF_TEXTS = frozenset({"+", "/", "%", "|"})
# Kinds whose harm is done by how a text begins.
_BEGIN = frozenset({"option"})
# Kinds whose sinks read a quoted text as one literal.
_READS_LITERALS = frozenset({"code"})


class Steps:
    """Knows how data gets into a value, for one taint kind and one shape of harm."""

    def __init__(
        self,
        index: ProjectIndex,
        kind: str,
        shape: Shape,
        sources: Sources,
        guards: Guards,
        scalars: Scalars,
        schemas: Schemas,
    ) -> None:
        self.index = index
        self.kind = kind
        self.shape = shape
        self.guards = guards
        self.scalars = scalars
        self._literal: dict[str, frozenset[str]] = {}
        self.fillings = index.shared(Fillings)
        self.kept_items = index.shared(KeptItems)
        self.calls = Calls(index, shape, sources, guards, schemas)
        self.parameters = Parameters(index, scalars)
        self.fields = Fields(index, kind, shape, scalars)

    def before(self, state: State) -> Iterator[State]:
        """The values that data can have come from, one step back."""
        function = state.function
        value = function.fact.values[state.at]
        match value:
            case v.Parameter():
                yield from self.parameters.before(state, value)
            case v.Invoke():
                yield from self._asked_of_memory(state, value)
                yield from self.calls.before(state, value)
                yield from self._filled_later(state, value)
            case v.Member():
                yield from self.fields.before(state, value)
            case v.Item():
                yield from self._kept(state, value)
                key = function.fact.values[value.key]
                if type(key) is v.Constant and isinstance(key.value, (str, int)):
                    yield state.go(value.base, field=str(key.value))
                else:
                    yield state.go(value.base, field="*")
            case v.Element():
                yield state.go(value.base, field="*" if value.part == "value" else "#")
            case v.Text() | v.Hole() if self._is_harmless_text(state):
                return
            case v.Text():
                for part in self._told_parts(function, value.parts):
                    yield state.go(part, note="becomes part of this text")
            case v.Hole():
                yield from self._hole(state, value)
            case v.Compute():
                yield from self._compute(state, value)
            case v.Merge():
                yield from self._merged(state, value)
            case v.Listing():
                yield from self._listing(state, value)
            case v.Record():
                yield from self._record(state, value)
            case v.Stored():
                yield from self.fields.stored(state, value)
            case v.Opaque(kind="exception"):
                yield from self._raised(state, value)
            case v.Receiver():
                if state.fields or self._is_text(function):
                    yield from self.fields.receivers(state, "")
            case v.Updated():
                yield state.go(value.base)
                yield from self._update(state, value)
            case v.Captured() | v.Imported() | v.Global():
                yield from self.fields.contents(state)
                for owner, other in aliases(self.index, function, state.at):
                    use = self._creation(function, owner)
                    given = self._given_before(function, owner, other)
                    yield state.jump(owner, given, None, use)
            case _:
                return

    def _kept(self, state: State, value: v.Item) -> Iterator[State]:
        """What is put under the name that an item is asked for, elsewhere."""
        for owner, write in self.kept_items.of(state.function, value):
            use = Use(write.context, write.start)
            yield state.jump(owner, write.value, None, use, note="kept in the session")
        yield from self._kept_in_memory(state, value.base, value.key)

    def _asked_of_memory(self, state: State, call: v.Invoke) -> Iterator[State]:
        callee = state.function.fact.values[call.callee]
        if type(callee) is v.Member and callee.name == "get" and len(call.args) == 1:
            yield from self._kept_in_memory(state, callee.base, call.args[0])

    def _kept_in_memory(self, state: State, base: int, at: int) -> Iterator[State]:
        """What other functions put into a mapping that is asked for a name: `cache.get(name)`."""
        resolver, key = self.index.resolver, state.function.fact.values[at]
        known = resolver.references(state.function, base)
        if not all(isinstance(r, Api) and r.name in MAPPINGS for r in known):
            return  # an object of a library, which may be one for each request
        for owner, name, item in resolver.records.registered(state.function, base):
            if owner is not state.function and (
                type(key) is not v.Constant or name in (key.value, ANY_KEY)
            ):
                yield state.jump(owner, item, None, Use(), hops=1, note="kept in memory")

    def _is_text(self, method: FunctionNode) -> bool:
        """A method is that of a type of texts: `func (a Address) Resolve() string`."""
        return bool(method.fact.receiver_type) and any(
            isinstance(owner, Api) for owner in self.index.resolver.receiver(method)
        )

    def _filled_later(self, state: State, value: v.Invoke) -> Iterator[State]:
        """What is handed on as a whole may have been filled by whoever else was handed it."""
        before = state.previous
        if value.new and before is not None:
            is_read = before.function is state.function and type(before.value) is v.Member
            if not is_read:
                yield from self.fields.put_in(state, state.function.fact.end)

    @staticmethod
    def _merged(state: State, value: v.Merge) -> Iterator[State]:
        """What a value is by the way control went; a list may have been changed place by place."""
        function, wanted = state.function, state.fields[:1]
        changed = _changed_all(function, value) if wanted and wanted != ("#",) else (-1, -1)
        for option in value.options:
            if option == changed[1]:
                stored = function.fact.values[option]
                if type(stored) is v.Stored:
                    yield state.take(stored.value)
            elif option != changed[0]:
                yield state.go(option)

    @staticmethod
    def _raised(state: State, value: v.Opaque) -> Iterator[State]:
        """The text of an exception is made of what it was made with."""
        for raised in value.children:
            made = state.function.fact.values[raised]
            for arg in made.args if type(made) is v.Invoke else (raised,):
                yield msgspec.structs.replace(state.go(arg), fields=())

    def _given_before(self, function: FunctionNode, owner: FunctionNode, at: int) -> int:
        """Of all that a captured variable is ever given, the last if a closure is made after it."""
        value = owner.fact.values[at]
        if type(value) is not v.Merge or owner.number == 0 or owner.file is not function.file:
            return at
        current = function
        while current.fact.parent >= 0 and current.fact.parent != owner.number:
            current = function.file.functions[current.fact.parent]
        made = current.fact.start
        last = value.options[-1]
        before = all(owner.fact.values[option].start < made for option in value.options)
        return last if before and current.fact.parent == owner.number else at

    def _creation(self, function: FunctionNode, owner: FunctionNode) -> Use:
        """The checks around a closure count for what it captures."""
        if owner.number == 0 or owner.file is not function.file:
            return Use()
        current = function
        while current.fact.parent >= 0 and current.fact.parent != owner.number:
            current = function.file.functions[current.fact.parent]
        creation = self.index.creation(current)
        if creation is None:
            return Use()
        for at in calls_with(owner, creation[1]):
            call = owner.call(at)
            return Use(call.context, call.start)
        return Use()

    def _compute(self, state: State, value: v.Compute) -> Iterator[State]:
        operator, operands = value.operator, value.operands
        if operator == "conditional":
            test, then, otherwise = operands
            for option, outcome in ((then, True), (otherwise, False)):
                use = state.use.under(((test, outcome),))
                yield msgspec.structs.replace(state.go(option), use=use)
        elif self.shape is Shape.NUMBER and operator in _ARITHMETIC:
            for operand in operands[_ARITHMETIC[operator]]:
                following = state.go(operand)
                following.parsed |= operator not in _OF_TEXTS
                yield following
        elif operator in ("+", "|") and len(operands) == 1:
            return  # a unary plus makes a number
        elif operator == "|" and self._is_number(state.function, operands[1]):
            return  # `value | 0` makes a number
        elif operator in ("+", "%") and self._is_harmless_text(state):
            return
        elif operator == "+":
            for operand in self._told_parts(state.function, operands):
                yield state.go(operand)
        elif operator == "%":
            template, given = operands
            yield state.go(template)
            is_mapping = type(state.function.fact.values[given]) is v.Record
            yield state.go(given, field="*" if is_mapping else "")
        elif operator in ("or", "??", "|", "/"):
            # A slash joins paths; the quotient of two numbers is no text, but neither are they.
            for operand in operands:
                yield state.go(operand)
        elif operator == "kept":
            use = state.use.under(tuple((test, True) for test in operands[1:]))
            yield msgspec.structs.replace(state.go(operands[0]), use=use)
        elif operator in ("and", "typed", "*", "receive"):
            yield state.go(operands[-1] if operator == "and" else operands[0])

    def _hole(self, state: State, value: v.Hole) -> Iterator[State]:
        if value.conversion in ("d", "f") or (
            value.conversion == "q" and self.kind in _READS_LITERALS
        ):
            return
        use = state.use.through(value.context, value.start)
        following = msgspec.structs.replace(state.go(value.value), use=use)
        if not value.conversion and self._makes_own_text(state, value.value):
            following.fields = ()
        yield following

    @staticmethod
    def _makes_own_text(state: State, at: int) -> bool:
        """An object is in a text what it says of itself; a mapping is what was put into it."""
        values = state.function.fact.values
        return (
            state.fields[:1] == (ALL_FIELDS,)
            and type(values[at]) is v.Stored
            and not isinstance(values[unchanged(state.function, at)], (v.Record, v.Listing))
        )

    def _is_harmless_text(self, state: State) -> bool:
        return self.shape in PARSED and not state.parsed

    def _told_parts(self, function: FunctionNode, parts: tuple[int, ...]) -> Iterator[int]:
        """The parts of a text that can do harm; of an address, those that decide its host."""
        if self.kind in _BEGIN:
            yield from parts[:1]
            return
        before = ""
        for part in parts:
            if self.shape is not Shape.HOST or leaves_host_open(before):
                yield part
            else:
                return
            value = function.fact.values[part]
            if type(value) is v.Hole:
                value = function.fact.values[value.value]
            before += str(value.value) if type(value) is v.Constant else "\0"

    @staticmethod
    def _is_number(function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        return type(value) is v.Constant and type(value.value) is int

    def _listing(self, state: State, value: v.Listing) -> Iterator[State]:
        if self.shape is Shape.NUMBER and not state.fields:
            return
        if state.fields and state.fields[0].isdigit() and value.kind != "each":
            position = int(state.fields[0])
            if position < len(value.elements):
                yield state.take(value.elements[position])
            return
        for element in value.elements:
            yield state.take(element)

    def _record(self, state: State, value: v.Record) -> Iterator[State]:
        values = state.function.fact.values
        if not state.fields:
            # A mapping is no text; who writes it out asks for its fields. As an object, it has
            # all fields of those spread in it.
            for key, item in zip(value.keys, value.items, strict=True):
                if key < 0 and self.shape in OBJECTS:
                    yield state.go(item)
            return
        wanted = state.fields[0]
        if state.is_element:
            wanted = "#"  # what goes over a mapping goes over its keys
        if wanted == "#":
            for key in value.keys:
                if key >= 0:
                    yield state.take(key)
            return
        literal = self._literal_keys(state.function)
        for key, item in zip(value.keys, value.items, strict=True):
            constant = values[key] if key >= 0 else None
            if key < 0:
                yield state.go(item)
            elif type(constant) is v.Constant and constant.value in literal:
                continue
            elif (
                wanted in ("*", ALL_FIELDS)
                or type(constant) is not v.Constant
                or str(constant.value) == wanted
            ):
                yield state.take(item)

    def _literal_keys(self, function: FunctionNode) -> frozenset[str]:
        """The keys of a record under which nothing does harm."""
        family = function.file.family
        known = self._literal.get(family)
        if known is None:
            known = self._literal[family] = frozenset(
                last_name(api)
                for row in load(family).concept_rows("literal-key")
                if self.kind in row.kinds
                for api in row.api
            )
        return known

    def _update(self, state: State, value: v.Updated) -> Iterator[State]:
        call = state.function.fact.values[value.by]
        if type(call) is not v.Invoke:
            return
        state = msgspec.structs.replace(state, use=state.use.through(call.context, call.start))
        callee = state.function.fact.values[call.callee]
        if self.index.targets(state.function, call):
            yield from self.fields.put_in(state.go(value.base), call.start)
        elif (
            type(callee) is v.Member and callee.base == value.base and callee.name in MUTATORS
        ):  # `list.append(item)`
            for arg in call.args:
                yield state.go(arg)
            return
        if state.fields and lacks(self.index, state.function, value.base, state.fields[0]):
            return
        # Of what else a call fills, only the models know with what.
        for match in self.index.concepts_of(state.function, value.by):
            yield from self._filling(state, match, value.base)
        yield from self._filled_inside(state, value.by, unchanged(state.function, value.base))

    def _filled_inside(self, state: State, call: int, given: int) -> Iterator[State]:
        """What the calls inside of a called function fill with what it was given."""
        depth = 0 if state.frame is None else state.frame.depth
        if depth >= MAX_FRAMES:
            return
        frame = Frame(state.function, call, state.frame, depth + 1)
        for target, at, filled in self.fillings.calls(state.function, call, given):
            inner = target.call(at)
            inside = state.jump(target, filled, frame, Use(inner.context, inner.start))
            yield from self._filled_inside(inside, at, filled)
            callee = target.fact.values[inner.callee]
            if type(callee) is v.Member and callee.base == filled and callee.name in MUTATORS:
                for arg in inner.args:
                    yield inside.go(arg)
            for match in self.index.concepts_of(target, at):
                # What is written to stands first: `fmt.Fprintf(out, …)`.
                if "input" in match.row.roles and (
                    match.attributes.get("parses") or inner.args[:1] == (filled,)
                ):
                    yield from self._filling(inside, match, filled)

    def _filling(self, state: State, match: Match, filled: int) -> Iterator[State]:
        """What a call of a library fills one of its arguments with."""
        if match.row.concept == "propagator" and self.calls.carries(match.row, state):
            given = match.values("input") if "input" in match.row.roles else match.call.args
            for source in given:
                if source != filled:
                    following = state.go(source)
                    following.parsed |= bool(match.attributes.get("parses"))
                    yield following


def _changed_all(function: FunctionNode, merge: v.Merge) -> tuple[int, int]:
    """A list before and after a loop over it that gave each place in it another value, else -1.

    `for i, one := range list { list[i] = copied(one) }`
    """
    values = function.fact.values
    for after in merge.options:
        stored = values[after]
        for write in function.fact.writes if type(stored) is v.Stored else ():
            key = values[write.key] if write.start == stored.start and write.key >= 0 else None
            if (
                type(key) is v.Element
                and key.part == "key"
                and key.loop == write.context
                and key.base in merge.options
            ):
                return key.base, after
    return -1, -1
