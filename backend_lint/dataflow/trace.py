"""From a value back to where it comes from.

The search goes against the flow of data: from a value to what it was made of, from a parameter to
the arguments of the calls (those of the frames we came through, else those of all callers), from a
call to what its function returns, from a field to all that is ever stored in it. It stops at
origins, at values that a sanitizer or their type makes safe, and at values that a check guards on
the way. It is field-sensitive: names taken from a value must be the names put in.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from backend_lint.concepts.match import Match
from backend_lint.dataflow.addresses import leaves_host_open
from backend_lint.dataflow.dependence import COUNTS
from backend_lint.dataflow.frames import Frame, aliases, is_list_conversion
from backend_lint.dataflow.guards import Guards
from backend_lint.dataflow.origins import Beginning, Origin, Origins, Shape, Sources
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.scalars import Scalars
from backend_lint.dataflow.uses import LAST, Use
from backend_lint.facts import values as v
from backend_lint.finding import Location, Step
from backend_lint.models.rows import Row
from backend_lint.semantics.references import ClassReference, FunctionNode, FunctionReference
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

# One question looks at so many values at the most; what lies further is an origin of its own kind.
MAX_STATES = 1500
MAX_FRAMES = 5
MAX_CALLER_HOPS = 6
MAX_FIELDS = 3

# Methods that take one item out of their receiver, whatever the language.
_ACCESSORS = frozenset({"get", "getlist", "getAll", "get_list", "pop", "at", "Get", "Values"})

# Shapes of harm that a text does not carry.
_OBJECTS = frozenset({Shape.OBJECT, Shape.WHOLE})
# Kinds whose sinks read a quoted text as one literal.
_READS_LITERALS = frozenset({"code"})

# The field that stands for all that a value holds, at any depth; `*` is any one field.
ALL_FIELDS = "**"


class Flow(msgspec.Struct, frozen=True):
    """One way a value can come about.

    Attributes:
        origin: the kind of its beginning.
        function: the function where it begins.
        value: the value there.
        steps: from the origin to the value asked about, both included.
        fields: the names that are taken from it on the way.
        row: the model row that makes it an origin, None where none does.
        name: the name that makes it one, of a secret.
        hops: how many callers the search went through.
    """

    origin: Origin
    function: FunctionNode
    value: int
    steps: tuple[Step, ...]
    fields: tuple[str, ...] = ()
    row: Row | None = None
    name: str = ""
    hops: int = 0


class _State(msgspec.Struct):
    function: FunctionNode
    at: int
    fields: tuple[str, ...]
    frame: Frame | None
    use: Use
    hops: int
    previous: _State | None
    note: str
    parsed: bool = False


class Tracer:
    """Answers where values come from, for one taint kind.

    Args:
        index: the linked project.
        kind: the taint kind, which decides what sanitizes and guards (`sql`, …).
        shape: what about the data does harm. An object that becomes part of a text does none.
        sources: where flows begin, if not with what others decide.
    """

    def __init__(
        self,
        index: ProjectIndex,
        kind: str,
        shape: Shape = Shape.TEXT,
        sources: Sources | None = None,
    ) -> None:
        self.index = index
        self.kind = kind
        self.shape = shape
        self.guards = Guards(index, kind)
        self.scalars = Scalars(index, kind, texts_count=shape in _OBJECTS)
        self.origins: Sources = sources or Origins(index, kind, self.scalars, shape)

    def flows(
        self,
        function: FunctionNode,
        at: int,
        *,
        context: int = -1,
        use: Use | None = None,
        frame: Frame | None = None,
        fields: tuple[str, ...] = (),
    ) -> list[Flow]:
        """All ways a value comes about, shortest first.

        Args:
            function: where the value is.
            at: the value.
            context: the control context of its use, whose checks count.
            use: the same with the place of the use, for calls that check or end before it.
            frame: the calls that were followed to get here.
            fields: what of the value is asked about, outermost first; `ALL_FIELDS` for all of it.
        """
        start = _State(function, at, fields, frame, use or Use(context), 0, None, "")
        queue = deque([start])
        seen: set[tuple[object, ...]] = set()
        flows: list[Flow] = []
        while queue:
            state = queue.popleft()
            key = (
                state.function.key,
                state.at,
                state.fields,
                state.parsed,
                None if state.frame is None else state.frame.key,
            )
            if key in seen or self._is_guarded(state):
                continue
            seen.add(key)
            if len(seen) > MAX_STATES:
                flows.append(self._flow(Beginning(Origin.LIMIT), state))
                break
            begins = self.origins.at(state.function, state.at, state.fields, parsed=state.parsed)
            if begins is not None:
                if begins.origin is not Origin.CLEAN:
                    flows.append(self._flow(begins, state))
                continue
            following = list(self._previous(state))
            if following:
                queue.extend(following)
            elif not (
                self.origins.is_safe(state.function, state.at) or self._is_scalar_member(state)
            ):
                ends = self.origins.dead_end(state.function, state.at)
                flows.append(self._flow(Beginning(ends), state))
        return flows

    def _is_guarded(self, state: _State) -> bool:
        """A check vouches for the value, or for what the flow takes from it."""
        if not self.origins.can_be_checked:
            return False
        guards, part = self.guards, self._part(state)
        if guards.holds(state.function, state.at, state.use):
            return True
        if not part:
            return False
        return guards.holds(state.function, state.at, state.use, part) or any(
            match.attributes.get("result") == "kept"
            and guards.collections.keeps(match, state.fields[1:2])
            for match in self.index.concepts_of(state.function, state.at)
        )

    def _part(self, state: _State) -> str:
        """What the flow takes from a collection: `key`, `element`, or empty for anything else."""
        if not state.fields and state.previous is not None:
            return "element" if self._is_joined(state.previous) else ""
        if state.fields[:1] == ("#",):
            return "key"
        if state.fields[:1] != ("*",):
            return ""
        return "element" if isinstance(_taker(state), (v.Element, v.Parameter)) else ""

    def _is_joined(self, state: _State) -> bool:
        """A collection becomes a text of its elements, directly or as a list of another kind."""
        current: _State | None = state
        while current is not None:
            function, value = current.function, current.function.fact.values[current.at]
            if type(value) is not v.Invoke:
                return False
            if getattr(function.fact.values[value.callee], "name", "") in ("join", "Join"):
                return True
            if not any(
                match.row.concept == "selection" or match.attributes.get("result") == "kept"
                for match in self.index.concepts_of(function, current.at)
            ):
                return False
            current = current.previous
        return False

    def _flow(self, beginning: Beginning, state: _State) -> Flow:
        origin = beginning.origin
        steps: list[Step] = []
        current: _State | None = state
        words = {
            Origin.REMOTE: "sent by the client",
            Origin.PARAMETER: "parameter of a function that others call",
            Origin.SECRET: "a secret, by its name",
        }
        note = words.get(origin, "comes from here")
        while current is not None:
            value = current.function.fact.values[current.at]
            place = Location(current.function.file.path, Region(value.start, value.end))
            message = current.note
            if current is state:
                message = f"{note}, {message}" if message else note
            if message and (not steps or steps[-1].location != place):
                steps.append(Step(place, message))
            current = current.previous
        return Flow(
            origin,
            state.function,
            state.at,
            tuple(steps),
            state.fields,
            beginning.row,
            beginning.name,
            state.hops,
        )

    # One step back

    def _previous(self, state: _State) -> Iterator[_State]:
        function = state.function
        value = function.fact.values[state.at]
        match value:
            case v.Parameter():
                yield from self._arguments(state, value)
            case v.Invoke():
                yield from self._call(state, value)
            case v.Member():
                yield from self._member(state, value)
            case v.Item():
                key = function.fact.values[value.key]
                if type(key) is v.Constant and isinstance(key.value, (str, int)):
                    yield self._go(state, value.base, field=str(key.value))
                else:
                    yield self._go(state, value.base, field="*")
            case v.Element():
                yield self._go(state, value.base, field="*" if value.part == "value" else "#")
            case v.Text() | v.Hole() if self._is_harmless_text(state):
                return
            case v.Text():
                for part in self._told_parts(function, value.parts):
                    yield self._go(state, part, note="becomes part of this text")
            case v.Hole():
                if value.conversion not in ("d", "f") and not (
                    value.conversion == "q" and self.kind in _READS_LITERALS
                ):
                    use = state.use.through(value.context, value.start)
                    yield msgspec.structs.replace(self._go(state, value.value), use=use)
            case v.Compute():
                yield from self._compute(state, value)
            case v.Merge():
                for option in value.options:
                    yield self._go(state, option)
            case v.Listing():
                yield from self._listing(state, value)
            case v.Record():
                yield from self._record(state, value)
            case v.Stored():
                if state.fields and value.name and state.fields[0] in (value.name, "*", ALL_FIELDS):
                    yield self._take(state, value.value)
                    if state.fields[0] != value.name:
                        yield self._go(state, value.base)
                elif state.fields and value.name:
                    yield self._go(state, value.base)
                else:
                    yield self._go(state, value.base)
                    yield self._take(state, value.value)
            case v.Updated():
                yield self._go(state, value.base)
                yield from self._update(state, value)
            case v.Captured() | v.Imported() | v.Global():
                for owner, other in aliases(self.index, function, state.at):
                    use = self._creation(function, owner)
                    yield self._jump(state, owner, other, None, use)
            case _:
                return

    def _go(self, state: _State, at: int, *, field: str = "", note: str = "") -> _State:
        fields = state.fields
        if field and len(fields) < MAX_FIELDS:
            fields = (field, *fields)
        return _State(
            state.function,
            at,
            fields,
            state.frame,
            state.use,
            state.hops,
            state,
            note,
            state.parsed,
        )

    @staticmethod
    def _take(state: _State, at: int) -> _State:
        fields = state.fields
        if not fields or fields[0] != ALL_FIELDS:
            fields = fields[1:]
        return _State(
            state.function,
            at,
            fields,
            state.frame,
            state.use,
            state.hops,
            state,
            "",
            state.parsed,
        )

    @staticmethod
    def _jump(
        state: _State,
        function: FunctionNode,
        at: int,
        frame: Frame | None,
        use: Use,
        *,
        field: str = "",
        hops: int = 0,
        note: str = "",
    ) -> _State:
        fields = state.fields
        if field and len(fields) < MAX_FIELDS:
            fields = (field, *fields)
        return _State(
            function, at, fields, frame, use, state.hops + hops, state, note, state.parsed
        )

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
        for value in owner.fact.values:
            if type(value) is v.Invoke and creation[1] in value.args:
                return Use(value.context, value.start)
        return Use()

    def _arguments(self, state: _State, value: v.Parameter) -> Iterator[_State]:
        function = state.function
        frame = state.frame
        if frame is not None:
            call = frame.caller.call(frame.call)
            argument, field = self.index.argument_for(call, function, value.index)
            if argument < 0:
                argument = function.fact.parameters[value.index].default
                if argument >= 0:
                    yield self._go(state, argument)
                return
            use = Use(call.context, call.start)
            yield self._jump(state, frame.caller, argument, frame.outer, use, field=field)
            return
        parameter = function.fact.parameters[value.index]
        if parameter.annotation >= 0 and self.scalars.annotation(function, parameter.annotation):
            return
        if state.hops >= MAX_CALLER_HOPS:
            return
        for caller, index in self.index.callers(function):
            call = caller.call(index)
            argument, field = self.index.argument_for(call, function, value.index)
            if argument < 0:
                argument = parameter.default
                if argument >= 0:
                    yield self._go(state, argument)
                continue
            yield self._jump(
                state,
                caller,
                argument,
                None,
                Use(call.context, call.start),
                field=field,
                hops=1,
                note=f"passed to `{function.fact.qualified}`"
                + (f" as `{parameter.name}`" if parameter.name else ""),
            )
        yield from self._callback_input(state, value)

    def _callback_input(self, state: _State, value: v.Parameter) -> Iterator[_State]:
        """A closure that is called per element gets the elements."""
        creation = self.index.creation(state.function)
        if creation is None:
            return
        owner, closure = creation
        for index, other in enumerate(owner.fact.values):
            if type(other) is not v.Invoke or closure not in other.args:
                continue
            callee = owner.fact.values[other.callee]
            for match in self.index.concepts_of(owner, index):
                if match.row.concept == "iteration" and value.index == 0:
                    sources = match.values("over") or [match.receiver]
                    for source in sources:
                        use = Use(other.context, other.start)
                        yield self._jump(state, owner, source, None, use, field="*")
                    return
            if type(callee) is v.Member and callee.name == "then" and value.index == 0:
                use = Use(other.context, other.start)
                yield self._jump(state, owner, callee.base, None, use)
            return

    def _call(self, state: _State, call: v.Invoke) -> Iterator[_State]:
        function = state.function
        if self.origins.is_sanitized(function, state.at, call):
            return
        if is_list_conversion(function, call):
            yield self._go(state, call.args[0])
            return
        state = msgspec.structs.replace(state, use=state.use.through(call.context, call.start))
        targets = list(self.index.targets(function, call))
        depth = 0 if state.frame is None else state.frame.depth
        if targets and depth < MAX_FRAMES:
            for target in targets:
                if self.guards.examinations.examines(target):
                    continue
                frame = Frame(function, state.at, state.frame, depth + 1)
                if target.fact.name in ("__init__", "constructor"):
                    yield from self._constructed(state, target, frame, call)
                    continue
                for result in target.fact.returns:
                    yield self._jump(
                        state,
                        target,
                        result.value,
                        frame,
                        Use(result.context, LAST),
                        note=f"returned by `{target.fact.qualified}`",
                    )
            return
        matches = self.index.concepts_of(function, state.at)
        for match in matches:
            if match.row.concept == "selection" and match.values("of"):
                yield from self._selected(state, match)
                return
            if match.attributes.get("result") == "kept":
                for source in match.values("over") or [match.receiver]:
                    yield self._go(state, source)
                return
        rows = [row for row, _ in self.index.rows(function, call.callee)]
        rows.extend(match.row for match in matches)
        for row in rows:
            if row.concept == "propagator":
                yield from self._propagated(state, row, call)
                return
        mapped = [row for row in rows if row.attributes.get("result") == "mapped"]
        if mapped:
            yield from self._mapped(state, mapped[0], call)
            return
        callee = function.fact.values[call.callee]
        if type(callee) is v.Member and not self._is_module(function, callee.base):
            field = self._accessed(function, call) if callee.name in _ACCESSORS else ""
            yield self._go(state, callee.base, field=field)
        known = self.index.resolver.references(function, call.callee)
        classes = [r for r in known if isinstance(r, ClassReference)]
        if any(r.fact.kind in ("type", "alias") for r in classes):
            for arg in call.args:  # a conversion
                yield self._go(state, arg)
        elif (classes or call.new) and state.fields:
            for arg, name in zip(call.args, call.names, strict=True):
                if name == "**":
                    yield self._go(state, arg)
                elif name == state.fields[0] or (name and state.fields[0] in ("*", ALL_FIELDS)):
                    yield self._take(state, arg)

    @staticmethod
    def _accessed(function: FunctionNode, call: v.Invoke) -> str:
        """The field that `mapping.get(name)` takes."""
        name = function.fact.values[call.args[0]] if call.args else None
        return str(name.value) if type(name) is v.Constant else "*"

    def _selected(self, state: _State, match: Match) -> Iterator[_State]:
        """`Object.entries(body)`: pairs of what `#`, the keys, and `*` stand for."""
        part, fields = match.attributes.get("part"), state.fields
        if fields[:1] != (ALL_FIELDS,):
            over = fields[:1] == ("*",) and isinstance(_taker(state), v.Element)
            if (part == "keys" and fields) or (part == "fields" and over):
                fields = ("#", *fields[1:])
            elif part == "entries" and len(fields) > 1 and fields[1] in ("0", "1"):
                fields = ("#" if fields[1] == "0" else "*", *fields[2:])
        for source in match.values("of"):
            yield msgspec.structs.replace(self._go(state, source), fields=fields)

    def _mapped(self, state: _State, row: Row, call: v.Invoke) -> Iterator[_State]:
        """`ids.map((id) => …)` holds what the function gives, not what it was given."""
        function = state.function
        match = Match(row, "", function, state.at)
        depth = 0 if state.frame is None else state.frame.depth
        for callback in match.values("callback"):
            for reference in self.index.resolver.references(function, callback):
                if isinstance(reference, FunctionReference) and depth < MAX_FRAMES:
                    for result in reference.function.fact.returns:
                        use = Use(result.context, LAST)
                        yield self._jump(state, reference.function, result.value, None, use)
                    return
        yield self._go(state, match.receiver if match.receiver >= 0 else call.args[0])

    def _constructed(
        self, state: _State, target: FunctionNode, frame: Frame, call: v.Invoke
    ) -> Iterator[_State]:
        """A field of a new object is what its constructor stores there."""
        if not state.fields:
            return  # an object is no text
        for write in target.fact.writes:
            if state.fields[0] in (write.name, "*", ALL_FIELDS):
                inside = self._jump(
                    state, target, write.value, frame, Use(write.context, write.start)
                )
                yield msgspec.structs.replace(inside, fields=state.fields[1:])

    def _propagated(self, state: _State, row: Row, call: v.Invoke) -> Iterator[_State]:
        if row.attributes.get("fails") and state.fields[:1] == ("1",):
            return  # the error
        match = Match(row, "", state.function, state.at)
        inputs = match.values("input") if "input" in row.roles else list(call.args)
        receiver = -1 if "input" in row.roles else match.receiver
        if receiver >= 0 and not self._is_module(state.function, receiver):  # `strings.Join`
            inputs.append(receiver)
        for value in inputs:
            field = ALL_FIELDS if row.attributes.get("deep") else ""
            following = self._go(state, value, field=field)
            if row.attributes.get("parses"):
                following.parsed = True
            yield following

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

    def _member(self, state: _State, value: v.Member) -> Iterator[_State]:
        function = state.function
        if value.name in COUNTS:
            return
        elsewhere = list(aliases(self.index, function, state.at))
        if elsewhere:
            for owner, other in elsewhere:
                yield self._jump(state, owner, other, None, Use())
            return
        resolver = self.index.resolver
        owners = [
            r for r in resolver.references(function, value.base) if isinstance(r, ClassReference)
        ]
        for holder in owners:
            if self.scalars.field(holder, value.name):
                return
        base = function.fact.values[value.base]
        if owners and isinstance(base, (v.Receiver, v.Captured, v.Imported, v.Global)):
            # A field of a long-lived object: anything that is ever stored there.
            for holder in owners:
                scope = holder.file.functions[holder.fact.scope]
                for field in holder.fact.fields:
                    if field.name == value.name and field.value >= 0:
                        yield self._jump(state, scope, field.value, None, Use())
                if not holder.instance or is_record_type(self.index, function, holder):
                    # The field of a class is no object's, and what a database keeps of one is
                    # another source than what is put there.
                    continue
                for writer, stored in resolver.classes.field_writes(holder).get(value.name, ()):
                    yield self._jump(
                        state, writer, stored, None, Use(), note=f"kept in the field `{value.name}`"
                    )
                for maker, given, use in self.index.given_fields(holder, value.name):
                    note = f"kept in the field `{value.name}`"
                    yield self._jump(state, maker, given, None, Use(*use), note=note)
            return
        yield self._go(state, value.base, field=value.name)

    def _is_scalar_member(self, state: _State) -> bool:
        value = state.function.fact.values[state.at]
        return type(value) is v.Member and any(
            isinstance(reference, ClassReference) and self.scalars.field(reference, value.name)
            for reference in self.index.resolver.references(state.function, value.base)
        )

    def _compute(self, state: _State, value: v.Compute) -> Iterator[_State]:
        operator, operands = value.operator, value.operands
        if operator == "conditional":
            test, then, otherwise = operands
            if not self.guards.implies(state.function, test, then, positive=True):
                yield self._go(state, then)
            if not self.guards.implies(state.function, test, otherwise, positive=False):
                yield self._go(state, otherwise)
        elif operator in ("+", "|") and len(operands) == 1:
            return  # a unary plus makes a number
        elif operator == "|" and self._is_number(state.function, operands[1]):
            return  # `value | 0` makes a number
        elif operator in ("+", "%") and self._is_harmless_text(state):
            return
        elif operator == "+":
            for operand in self._told_parts(state.function, operands):
                yield self._go(state, operand)
        elif operator in ("or", "??", "%", "|", "/"):
            # A slash joins paths; the quotient of two numbers is no text, but neither are they.
            for operand in operands:
                yield self._go(state, operand)
        elif operator == "kept":
            use = state.use.under(operands[1:])
            yield msgspec.structs.replace(self._go(state, operands[0]), use=use)
        elif operator in ("and", "typed", "*", "receive"):
            yield self._go(state, operands[-1] if operator == "and" else operands[0])

    def _is_harmless_text(self, state: _State) -> bool:
        return self.shape in _OBJECTS and not state.parsed

    def _told_parts(self, function: FunctionNode, parts: tuple[int, ...]) -> Iterator[int]:
        """The parts of a text that can do harm; of an address, those that decide its host."""
        before = ""
        for part in parts:
            if self.shape is not Shape.HOST or leaves_host_open(before):
                yield part
            else:
                return
            value = function.fact.values[part]
            if type(value) is v.Hole:
                value = function.fact.values[value.value]
            texts = [value.value] if type(value) is v.Constant else []
            before += str(texts[0]) if texts else "\0"

    @staticmethod
    def _is_number(function: FunctionNode, at: int) -> bool:
        value = function.fact.values[at]
        return type(value) is v.Constant and type(value.value) is int

    def _listing(self, state: _State, value: v.Listing) -> Iterator[_State]:
        if state.fields and state.fields[0].isdigit() and value.kind != "each":
            position = int(state.fields[0])
            if position < len(value.elements):
                yield self._take(state, value.elements[position])
            return
        for element in value.elements:
            yield self._take(state, element)

    def _record(self, state: _State, value: v.Record) -> Iterator[_State]:
        values = state.function.fact.values
        if not state.fields:
            # A mapping is no text; who writes it out asks for its fields. As an object, it has
            # all fields of those spread in it.
            for key, item in zip(value.keys, value.items, strict=True):
                if key < 0 and self.shape in _OBJECTS:
                    yield self._go(state, item)
            return
        wanted = state.fields[0]
        if wanted == "*" and isinstance(_taker(state), v.Element):
            wanted = "#"  # what goes over a mapping goes over its keys
        if wanted == "#":
            for key in value.keys:
                if key >= 0:
                    yield self._take(state, key)
            return
        for key, item in zip(value.keys, value.items, strict=True):
            constant = values[key] if key >= 0 else None
            if key < 0:
                yield self._go(state, item)
            elif (
                wanted in ("*", ALL_FIELDS)
                or type(constant) is not v.Constant
                or str(constant.value) == wanted
            ):
                yield self._take(state, item)

    def _update(self, state: _State, value: v.Updated) -> Iterator[_State]:
        call = state.function.fact.values[value.by]
        if type(call) is v.Invoke:
            use = state.use.through(call.context, call.start)
            for arg in call.args:
                if arg != value.base:
                    yield msgspec.structs.replace(self._go(state, arg), use=use)


def _taker(state: _State) -> v.Value | None:
    """The value that takes the outermost field of a state from what it holds."""
    current = state
    while current.previous is not None and len(current.previous.fields) >= len(state.fields):
        current = current.previous
    if current.previous is None:
        return None
    return current.previous.function.fact.values[current.previous.at]
