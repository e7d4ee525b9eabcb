"""What a parameter is given: by callers, frameworks, and who calls it per element."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.handovers import Handovers
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.routing.layers import Layers
from backend_lint.dataflow.states import ALL_FIELDS, State
from backend_lint.dataflow.uses import LAST, Use
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.index import ProjectIndex

MAX_CALLER_HOPS = 6


class Parameters:
    """Goes from parameters to what they are given, for one taint kind."""

    def __init__(self, index: ProjectIndex, scalars: Scalars) -> None:
        self.index = index
        self.scalars = scalars

    def before(self, state: State, value: v.Parameter) -> Iterator[State]:
        """The arguments of the calls that were followed, else of all; what frameworks give."""
        function = state.function
        frame = state.frame
        if function.fact.parameters[value.index].kind == "**" and state.fields:
            yield from self._named(state)
            return
        if frame is None:
            injected = list(self._injected(state, value))
            if injected:
                yield from injected
                return
        if frame is not None:
            call = frame.caller.call(frame.call)
            argument, field = self.index.argument_for(call, function, value.index)
            if argument < 0:
                argument = function.fact.parameters[value.index].default
                if argument >= 0:
                    yield state.go(argument)
                return
            use = Use(call.context, call.start)
            if function.fact.parameters[value.index].kind == "*":
                for given, fields in _rest(state, call, value.index):
                    following = state.jump(frame.caller, given, frame.outer, use)
                    yield msgspec.structs.replace(following, fields=fields)
                return
            yield state.jump(frame.caller, argument, frame.outer, use, field=field)
            return
        parameter = function.fact.parameters[value.index]
        if parameter.annotation >= 0 and self.scalars.annotation(function, parameter.annotation):
            return
        if state.hops >= MAX_CALLER_HOPS:
            return
        callers = self.index.callers(function)
        if not callers and state.fields:
            yield from self._message(state, parameter)
        for caller, index in callers:
            call = caller.call(index)
            argument, field = self.index.argument_for(call, function, value.index)
            if argument < 0:
                argument = parameter.default
                if argument >= 0:
                    yield state.go(argument)
                continue
            use = Use(call.context, call.start)
            note = f"passed to `{function.fact.qualified}`"
            if parameter.name:
                note += f" as `{parameter.name}`"
            if parameter.kind == "*":
                for given, fields in _rest(state, call, value.index):
                    following = state.jump(caller, given, None, use, hops=1, note=note)
                    yield msgspec.structs.replace(following, fields=fields)
                continue
            yield state.jump(caller, argument, None, use, field=field, hops=1, note=note)
        yield from self._callback_input(state, value)

    def _injected(self, state: State, value: v.Parameter) -> Iterator[State]:
        """What the framework gives a parameter: the result of a function, an object of a class."""
        function = state.function
        parameter = function.fact.parameters[value.index]
        layers = self.index.shared(Layers)
        for owner, at in layers.injections(function, parameter):
            given_by = owner.call(at).args[:1] or (
                (parameter.annotation,) if owner is function and parameter.annotation >= 0 else ()
            )
            for provider in given_by:
                for reference in self.index.resolver.references(owner, provider):
                    target = None
                    if isinstance(reference, FunctionReference):
                        target = reference.function
                    elif isinstance(reference, ClassReference) and reference.instance:
                        target = self.index.resolver.classes.method(reference, "__call__")
                    if target is not None:
                        for result in target.fact.returns:
                            use = Use(result.context, LAST)
                            note = f"given by `{target.fact.qualified}`"
                            yield state.jump(target, result.value, None, use, hops=1, note=note)
                    elif isinstance(reference, ClassReference) and state.fields:
                        yield from self._made_with(state, reference)

    def _message(self, state: State, parameter: v.ParameterFact) -> Iterator[State]:
        """An object that a framework hands over holds what it was made with, wherever that was.

        `execute(command: ReadCommand)`, where somebody sends `new ReadCommand(name)`.
        """
        if parameter.annotation < 0 or parameter.decorators:
            return
        for reference in self.index.resolver.instances(state.function, parameter.annotation):
            if (
                isinstance(reference, ClassReference)
                and reference.fact.kind == "class"
                and not is_record_type(self.index, state.function, reference)
            ):
                yield from self._made_with(state, reference)

    def _made_with(self, state: State, owner: ClassReference) -> Iterator[State]:
        """What the methods of a class put into the field that is asked about."""
        stored = self.index.resolver.classes.field_writes(owner)
        for writer, given in stored.get(state.fields[0], ()):
            for write in writer.fact.writes:
                if write.value == given and write.name == state.fields[0]:
                    use = Use(write.context, write.start)
                    following = state.jump(writer, given, None, use, hops=1)
                    yield msgspec.structs.replace(following, fields=state.fields[1:])

    def _named(self, state: State) -> Iterator[State]:
        """A field of `**options` is the argument of that name."""
        frame = state.frame
        if frame is not None:
            calls = [(frame.caller, frame.call, frame.outer)]
        elif state.hops < MAX_CALLER_HOPS:
            calls = [(caller, at, None) for caller, at in self.index.callers(state.function)]
        else:
            return
        for caller, at, outer in calls:
            call = caller.call(at)
            use = Use(call.context, call.start)
            for argument, name in zip(call.args, call.names, strict=True):
                if name == "**":
                    yield state.jump(caller, argument, outer, use, hops=1)
                elif name and state.fields[0] in (name, "*", ALL_FIELDS):
                    following = state.jump(caller, argument, outer, use, hops=1)
                    yield msgspec.structs.replace(following, fields=state.fields[1:])

    def _callback_input(self, state: State, value: v.Parameter) -> Iterator[State]:
        """A closure that is called per element gets the elements; so does a function by name."""
        for handed in self.index.shared(Handovers).of(state.function):
            use, note = Use(handed.context, handed.start), f"handed to `{state.function.fact.name}`"
            if handed.call is not None:
                argument, field = self.index.argument_for(handed.call, state.function, value.index)
                taken = len(handed.within)
                if argument >= 0 and state.fields[:taken] == handed.within:
                    given = state.jump(
                        handed.caller, argument, None, use, field=field, hops=1, note=note
                    )
                    yield msgspec.structs.replace(given, fields=given.fields[taken:])
            elif value.index == 0 and handed.elements >= 0:
                yield state.jump(
                    handed.caller, handed.elements, None, use, field="*", hops=1, note=note
                )
            elif value.index == 0 and handed.result >= 0:
                yield state.jump(handed.caller, handed.result, None, use, hops=1, note=note)
        creation = self.index.creation(state.function)
        if creation is None:
            return
        owner, closure = creation
        for index, other in enumerate(owner.fact.values):
            if type(other) is not v.Invoke or closure not in other.args:
                continue
            for match in self.index.concepts_of(owner, index):
                if match.row.concept == "awaited-call" and value.index == 0:
                    use = Use(other.context, other.start)
                    yield state.jump(owner, match.receiver, None, use)
                    return
                if match.row.concept == "iteration" and value.index == 0:
                    sources = match.values("over") or [match.receiver]
                    for source in sources:
                        use = Use(other.context, other.start)
                        yield state.jump(owner, source, None, use, field="*")
                    return
            return


def _rest(state: State, call: v.Invoke, position: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The arguments that a parameter of all further ones holds, and what of each is meant."""
    fields = state.fields
    number = 0
    for at, name in zip(call.args, call.names, strict=True):
        if name == "*":
            yield at, fields
        elif not name:
            number += 1
            if number <= position:
                continue
            if not fields or fields[0] == ALL_FIELDS:
                yield at, fields
            elif fields[0] == "*" or fields[0] == str(number - 1 - position):
                yield at, fields[1:]
