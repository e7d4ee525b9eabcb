"""What a field of an object holds: what was stored there, here or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.checks.passing import Passing
from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.frames import MAX_FRAMES, Frame, aliases, is_super
from backend_lint.dataflow.parameters import MAX_CALLER_HOPS
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.sources import Shape
from backend_lint.dataflow.states import ALL_FIELDS, State
from backend_lint.dataflow.uses import LAST, Use
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# A field that is set in more places says little about any of them.
MAX_WRITERS = 8
# What stands for an object of a library that several functions are handed.
_HANDED = frozenset({v.Parameter, v.Imported, v.Captured, v.Global, v.Stored, v.Updated})


class Fields:
    """Goes from fields to what they were given, for one taint kind and one shape of harm."""

    def __init__(self, index: ProjectIndex, kind: str, shape: Shape, scalars: Scalars) -> None:
        self.index = index
        self.kind = kind
        self.shape = shape
        self.scalars = scalars
        self.passing = index.shared(Passing)

    def before(self, state: State, value: v.Member) -> Iterator[State]:
        """What a member was given, where that is known; else the object, of which it is taken."""
        function = state.function
        if self.scalars.is_count(value):
            return
        elsewhere = list(aliases(self.index, function, state.at))
        if elsewhere:
            for owner, other in elsewhere:
                yield state.jump(owner, other, None, Use())
            return
        resolver = self.index.resolver
        yield from self.contents(state)
        owners = [
            r for r in resolver.references(function, value.base) if isinstance(r, ClassReference)
        ]
        for holder in owners:
            if self.scalars.field(holder, value.name):
                return
            method = resolver.classes.method(holder, value.name)
            if method is not None and resolver.classes.is_property(method):
                frame = Frame(function, state.at, state.frame, 1)
                for result in method.fact.returns:
                    use = Use(result.context, LAST)
                    yield state.jump(method, result.value, frame, use)
                return
        base = function.fact.values[value.base]
        if type(base) is v.Receiver and owners:
            literals = self._literals(owners, value.name)
            if literals:  # whatever object of the class it is
                for writer, stored in literals:
                    yield state.jump(writer, stored, None, Use())
                return
        if type(base) is v.Receiver and owners:
            receivers = list(self.receivers(state, value.name))
            if receivers:
                yield from receivers
                return
        if owners and isinstance(base, (v.Receiver, v.Captured, v.Imported, v.Global)):
            # A field of a long-lived object: anything that is ever stored there.
            for holder in owners:
                scope = holder.file.functions[holder.fact.scope]
                for field in holder.fact.fields:
                    if field.name == value.name and field.value >= 0:
                        yield state.jump(scope, field.value, None, Use())
                if not holder.instance or is_record_type(self.index, function, holder):
                    # The field of a class is no object's, and what a database keeps of one is
                    # another source than what is put there.
                    continue
                for writer, stored in resolver.classes.field_writes(holder).get(value.name, ()):
                    yield state.jump(
                        writer, stored, None, Use(), note=f"kept in the field `{value.name}`"
                    )
            return
        attached = list(self._attached(state, value))
        yield from attached
        if not attached:
            there = state.go(value.base, field=value.name)
            yield from self.put_in(there, value.start)
            yield there

    def contents(self, state: State) -> Iterator[State]:
        """What is put, elsewhere or here, into a collection that has a name."""
        if not state.fields:
            return
        wanted = state.fields[0]
        for put in self.index.resolver.contents.of(state.function, state.at):
            use = Use(put.context, put.start)
            if put.name and wanted not in (put.name, "*", "#", ALL_FIELDS):
                continue
            # The one variable of a loop over a channel holds what was sent.
            at = put.key if wanted == "#" and put.key >= 0 else put.value
            inside = state.jump(put.writer, at, None, use, note="put into the collection")
            if wanted != ALL_FIELDS:
                inside.fields = state.fields[1:]
            yield inside

    def _literals(self, owners: list[ClassReference], name: str) -> list[tuple[FunctionNode, int]]:
        """What a field is given by the methods of its class, if nothing else and all literals."""
        own = [
            place
            for holder in owners
            for place in self.index.resolver.classes.field_writes(holder).get(name, ())
        ]
        if all(type(writer.fact.values[at]) is v.Constant for writer, at in own) and all(
            type(writer.fact.values[unchanged(writer, write.base)]) is v.Receiver
            and (
                type(writer.fact.values[write.value]) is v.Constant
                or not self._is_of_family(writer, owners)
            )
            for writer, write in self.index.field_writes(name)
        ):
            return own
        return []

    def _is_of_family(self, method: FunctionNode, owners: list[ClassReference]) -> bool:
        """A method is that of one of the classes, of one that extends it or that it extends."""
        classes = self.index.resolver.classes
        return any(
            classes.extends(one, other) or classes.extends(other, one)
            for one in self.index.resolver.receiver(method)
            if isinstance(one, ClassReference)
            for other in owners
        )

    def _attached(self, state: State, value: v.Member) -> Iterator[State]:
        """What another function attached to an object of a library: `req.user = …`, `g.db = …`."""
        resolver, function = self.index.resolver, state.function
        if type(function.fact.values[value.base]) not in _HANDED and not any(
            row.concept == "request-members" for row, _ in self.index.rows(function, value.base)
        ):
            return
        names = set(resolver.names(function, value.base))
        if not names:
            return
        for writer, write in self.index.field_writes(value.name)[:MAX_WRITERS]:
            if writer is not function and not names.isdisjoint(resolver.names(writer, write.base)):
                use = Use(write.context, write.start)
                note = f"kept in the field `{value.name}`"
                yield state.jump(writer, write.value, None, use, note=note)

    def receivers(self, state: State, field: str) -> Iterator[State]:
        """The objects that a method is called on: the one of the call we came through, or all."""
        function, frame = state.function, state.frame
        if frame is not None:
            called = frame.caller.fact.values[frame.call]
            use = Use()
            if type(called) is v.Invoke:
                use = Use(called.context, called.start)
                called = frame.caller.fact.values[called.callee]
            if type(called) is v.Member:  # of a method, or a property
                if is_super(frame.caller, called.base):
                    asking = state.jump(frame.caller, called.base, frame.outer, use)
                    yield from self.receivers(asking, field)
                    return
                there = state.jump(frame.caller, called.base, frame.outer, use, field=field)
                yield from self._given(there, use.place)
                yield from self.put_in(there, use.place)
                yield there
            return
        if state.hops >= MAX_CALLER_HOPS:
            return
        for caller, index in self.index.callers(function):
            call = caller.call(index)
            callee = caller.fact.values[call.callee]
            if type(callee) is v.Member:
                use = Use(call.context, call.start)
                if is_super(caller, callee.base):
                    asking = state.jump(caller, callee.base, None, use, hops=1)
                    yield from self.receivers(asking, field)
                    continue
                there = state.jump(caller, callee.base, None, use, field=field, hops=1)
                yield from self._given(there, use.place)
                yield from self.put_in(there, use.place)
                # What only shares the name of the method (`body.get("id")`) may be no such object.
                if self.index.resolver.references(caller, call.callee):
                    yield there

    def put_in(self, state: State, place: int) -> Iterator[State]:
        """What functions of the project put into a field of an object before a place, or into it.

        Args:
            state: the object, and first of the fields the one that is asked for.
            place: the byte where it is asked for.
        """
        function = state.function
        depth = 0 if state.frame is None else state.frame.depth
        names = {v.POINTED, *state.fields[:1]}
        if depth >= MAX_FRAMES or not any(self.index.field_writes(name) for name in names):
            return
        root = unchanged(function, state.at)
        for at in self.passing.given(function).get(root, ()):
            call = function.call(at)
            callee = function.fact.values[call.callee]
            if call.start > place or (
                type(callee) is v.Member and not self.index.may_write(callee.name, names)
            ):
                continue
            for target in self.index.targets(function, call):
                frame = Frame(function, at, state.frame, depth + 1)
                for write in target.fact.writes:
                    if write.name in names and self._is_handed(
                        function, call, root, target, unchanged(target, write.base)
                    ):
                        yield _written(state, target, write, frame)
        yield from self._put_in_by_closures(state, root, place)

    def _put_in_by_closures(self, state: State, root: int, place: int) -> Iterator[State]:
        """`run(func() { book.name = … })`: what a closure writes into what it captured."""
        function = state.function
        if not state.fields or function.number == 0 or not function.fact.cells:
            return
        for writer, write in self.index.field_writes(state.fields[0]):
            if writer.file is not function.file or writer.fact.start > place:
                continue
            captured = writer.fact.values[unchanged(writer, write.base)]
            if (
                type(captured) is v.Captured
                and captured.function == function.number
                and self._may_be(function, function.fact.cells.get(captured.name, -1), root)
            ):
                yield _written(state, writer, write, None)

    @staticmethod
    def _may_be(function: FunctionNode, cell: int, root: int) -> bool:
        """One of all that a variable is ever given is the value, changed or not."""
        if cell < 0:
            return False
        options = v.alternatives(function.fact.values[cell]) or (cell,)
        return any(unchanged(function, option) == root for option in options)

    def _is_handed(
        self, function: FunctionNode, call: v.Invoke, root: int, target: FunctionNode, at: int
    ) -> bool:
        """A value of a called function is an object of the call."""
        value = target.fact.values[at]
        if type(value) is v.Parameter:
            argument, field = self.index.argument_for(call, target, value.index)
            return argument >= 0 and not field and unchanged(function, argument) == root
        callee = function.fact.values[call.callee]
        return (
            type(value) is v.Receiver
            and type(callee) is v.Member
            and unchanged(function, callee.base) == root
        )

    def _given(self, state: State, place: int) -> Iterator[State]:
        """What an object is given in a field before one of its methods is called at a place.

        The method is a member of the object as it was before; the field is one of it as it is.
        """
        function, fact = state.function, state.function.fact
        if not state.fields or not fact.writes:
            return
        root = unchanged(function, state.at)
        for write in fact.writes:
            if (
                write.name == state.fields[0]
                and (place < 0 or write.start < place)
                and unchanged(function, write.base) == root
            ):
                use = Use(write.context, write.start)
                note = f"kept in the field `{write.name}`"
                given = state.jump(function, write.value, state.frame, use, note=note)
                yield msgspec.structs.replace(given, fields=state.fields[1:])

    def stored(self, state: State, value: v.Stored) -> Iterator[State]:
        """An object that was given a field, or what the field was given."""
        if self.shape is Shape.HOST and not state.fields and self._is_host(state, value.name):
            yield state.take(value.value)  # whatever the host of the address was before
            return
        # Without fields, an object is no text, whatever is put into it, and neither is what is put
        # under a key one of the keys.
        if (
            state.fields
            and (not value.name or state.fields[0] in (value.name, "*", ALL_FIELDS))
            and state.fields[0] != "#"
        ):
            yield state.take(value.value)
            if state.fields[0] == value.name:
                return
        yield state.go(value.base)

    def _is_host(self, state: State, name: str) -> bool:
        """The models call a field of the name, whatever has it, what an address is judged by."""
        return any(
            row.concept == "part" and self.kind in row.kinds
            for row in self.index.resolver.models(state.function).any_receiver.get(name, ())
        )


def _written(state: State, writer: FunctionNode, write: v.FieldWrite, frame: Frame | None) -> State:
    """What another function wrote into a field of an object, or over all of it."""
    use = Use(write.context, write.start)
    if write.name == v.POINTED:
        return state.jump(writer, write.value, frame, use, note="put where a pointer leads")
    note = f"kept in the field `{write.name}`"
    inside = state.jump(writer, write.value, frame, use, note=note)
    return msgspec.structs.replace(inside, fields=state.fields[1:])
