"""What runs before a handler: middleware, decorators, dependencies, guards, schemas.

A layer lets a request through at certain places of its code: where it calls what comes next, or
where it comes back. What it does before those places, the handler can rely on.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.dataflow.conditions import places
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.requested import Requested
from backend_lint.dataflow.uses import LAST, passes
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference, FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

MAX_DEPTH = 12
MAX_ENDS = 3
# By these a handler is called that is an object, or an older form of a function.
_CALLING = frozenset({"ServeHTTP", "handle", "call", "apply", "dispatch"})
# What a layer gives on when it has nothing to complain of.
_NOTHING = frozenset({None, "route", "router"})


class Layer(msgspec.Struct, frozen=True):
    """Something that runs before a handler.

    Attributes:
        function: where it is put before the handler.
        at: the value there, -1 for a method of the handler's class.
        names: the canonical names of what runs, if it is a library's.
        runs: the functions that run, if they are the project's.
        form: how it lets requests through; the attributes of `layer-form` in the catalogue.
        always: it runs for all requests of the route, whatever the settings.
    """

    function: FunctionNode
    at: int
    names: tuple[str, ...]
    runs: tuple[FunctionNode, ...]
    form: dict[str, Any]
    always: bool = True

    @property
    def label(self) -> str:
        """What a message calls it."""
        if self.runs:
            return self.runs[0].fact.qualified
        return self.names[0].removesuffix("()") if self.names else self.form.get("schema", "")


class Passage(msgspec.Struct, frozen=True):
    """A place where a layer lets a request through.

    Attributes:
        function: the function of the place.
        context: the control context.
        place: the byte where control is.
        value: what is given back there if that decides, else -1.
    """

    function: FunctionNode
    context: int
    place: int
    value: int = -1


class Layers:
    """Finds what a registration puts before a handler, and where that lets requests through."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._ending: dict[tuple[str, int], list[int]] = {}

    def of(
        self,
        function: FunctionNode,
        at: int,
        form: dict[str, Any],
        *,
        always: bool = True,
        depth: int = 0,
    ) -> Iterator[Layer]:
        """The layers that a value of a registration stands for, in order."""
        if depth > MAX_DEPTH:
            return
        value = function.fact.values[at]
        if type(value) is v.Constant or self._is_router(function, at):
            return
        if type(value) is v.Element:  # `...checks`
            at, value = value.base, function.fact.values[value.base]
        listed = self._listing(function, at)
        if listed is not None:
            owner, elements = listed
            for element in elements:
                yield from self.of(owner, element, form, always=always, depth=depth + 1)
            return
        if type(value) is v.Invoke:
            if any(
                row.concept == "injection" for row, _ in self.index.rows(function, value.callee)
            ):
                yield from self._provided(function, value, form, always=always, depth=depth)
                return
            for arg in value.args:
                for reference in self.index.resolver.references(function, arg):
                    if isinstance(reference, FunctionReference):  # `wrap(check)`
                        yield Layer(function, at, (), (reference.function,), form, always)
        names = self._names(function, at, value)
        runs = self._runs(function, at, value, form)
        if names or runs:
            yield Layer(function, at, names, runs, form, always)
        for runner in runs:
            yield from self._needed(runner, form, always=always, depth=depth)

    def wrapper(self, function: FunctionNode, at: int, handler: int) -> Layer:
        """What a call is that is handed the handler as its argument at a position."""
        value = function.fact.values[at]
        call = function.call(at)
        runs = tuple(
            reference.function
            for reference in self.index.resolver.references(function, call.callee)
            if isinstance(reference, FunctionReference)
        )
        return Layer(function, at, self._names(function, at, value), runs, {"next": handler})

    def _listing(
        self, function: FunctionNode, at: int
    ) -> tuple[FunctionNode, tuple[int, ...]] | None:
        for owner, other in ((function, at), *aliases(self.index, function, at)):
            value = owner.fact.values[other]
            if type(value) is v.Listing:
                return owner, value.elements
        return None

    def _provided(
        self,
        function: FunctionNode,
        call: v.Invoke,
        form: dict[str, Any],
        *,
        always: bool,
        depth: int,
        annotated: tuple[int, ...] = (),
    ) -> Iterator[Layer]:
        """What a parameter, or a list of dependencies, asks to be run, perhaps by its type."""
        back = {**form, "goes-on": "back"}
        for arg in call.args[:1] or annotated:
            yield from self.of(function, arg, back, always=always, depth=depth + 1)

    def _needed(
        self, function: FunctionNode, form: dict[str, Any], *, always: bool, depth: int
    ) -> Iterator[Layer]:
        """What the parameters of a dependency ask to be run before it."""
        if form.get("goes-on") == "back":
            yield from self.injected(function, form, always=always, depth=depth + 1)

    def injected(
        self, function: FunctionNode, form: dict[str, Any], *, always: bool = True, depth: int = 0
    ) -> Iterator[Layer]:
        """What the parameters of a function ask to be run before it."""
        for parameter in function.fact.parameters:
            for owner, at in self.injections(function, parameter):
                call = owner.call(at)
                own = (parameter.annotation,) if owner is function else ()
                yield from self._provided(
                    owner, call, form, always=always, depth=depth + 1, annotated=own
                )

    def injections(
        self, function: FunctionNode, parameter: v.ParameterFact
    ) -> Iterator[tuple[FunctionNode, int]]:
        """The calls by which a parameter asks for what the framework gives it."""
        asking = [(function, parameter.default)]
        for owner, whole in places(self.index, function, parameter.annotation):
            asking.extend((owner, at) for at in extras(owner, whole))
        for owner, at in asking:
            value = owner.fact.values[at] if at >= 0 else None
            if type(value) is v.Invoke and any(
                row.concept == "injection" for row, _ in self.index.rows(owner, value.callee)
            ):
                yield owner, at

    def _names(self, function: FunctionNode, at: int, value: v.Value) -> tuple[str, ...]:
        resolver = self.index.resolver
        named = value.callee if type(value) is v.Invoke else at
        names: list[str] = []
        for reference in resolver.references(function, named):
            if isinstance(reference, Api):
                names.append(reference.name)
            elif isinstance(reference, ClassReference):
                names.extend(resolver.classes.api_bases(reference))
        return tuple(names)

    def _is_router(self, function: FunctionNode, at: int) -> bool:
        models = self.index.resolver.models(function)
        return any(
            row.concept == "layer-form"
            for name in self.index.resolver.names(function, at)
            for owner in models.bases(name)
            for row in models.rows.get(owner, ())
        )

    def _runs(
        self, function: FunctionNode, at: int, value: v.Value, form: dict[str, Any]
    ) -> tuple[FunctionNode, ...]:
        found: list[FunctionNode] = []
        targets: list[FunctionNode] = []
        if type(value) is v.Invoke:
            targets.extend(
                reference.function
                for reference in self.index.resolver.references(function, value.callee)
                if isinstance(reference, FunctionReference)
            )
            found.extend(made for target in targets for made in self.given_back(target))
            if found:
                return tuple(dict.fromkeys(found))
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, FunctionReference):
                found.append(reference.function)
            elif isinstance(reference, ClassReference):
                found.extend(self._methods(reference, form))
        # One that makes nothing to be run is handed what comes next.
        return tuple(dict.fromkeys(found or targets))

    def _methods(self, owner: ClassReference, form: dict[str, Any]) -> Iterator[FunctionNode]:
        for name in form.get("methods", ("__call__",) if owner.instance else ("__init__",)):
            method = self.index.resolver.classes.method(owner, name)
            if method is not None:
                yield method

    def given_back(self, function: FunctionNode, depth: int = 0) -> Iterator[FunctionNode]:
        """The closures that a function makes and gives back, through calls that wrap them."""
        for result in function.fact.returns:
            yield from self._closures(function, result.value, depth)

    def _closures(self, function: FunctionNode, at: int, depth: int) -> Iterator[FunctionNode]:
        value = function.fact.values[at]
        if type(value) is v.Closure:
            yield function.file.functions[value.function]
        elif type(value) is v.Invoke and depth < MAX_DEPTH:
            for arg in (*value.args, value.callee):
                yield from self._closures(function, arg, depth + 1)
            for target in self.index.targets(function, value):
                yield from self.given_back(target, depth + 1)
        elif type(value) is v.Listing and depth < MAX_DEPTH:
            for element in value.elements:
                yield from self._closures(function, element, depth + 1)

    def passages(self, layer: Layer) -> list[Passage] | None:
        """All places where a layer lets a request through; None if they cannot be told."""
        goes_on = layer.form.get("goes-on", "called")
        if goes_on == "called":
            found = [place for runner in layer.runs for place in self._calls_next(runner, layer)]
            return [place for place in found if self._is_possible(layer, place)] or None
        found = []
        for runner in layer.runs:
            calls = list(self._calls_next(runner, layer)) if "next" in layer.form else []
            found.extend(calls)
            if calls and layer.form["next"] >= 0:
                continue  # it may be told so instead
            for result in runner.fact.returns:
                if self._lets_through(runner, result.value, goes_on):
                    value = result.value if goes_on == "true" else -1
                    found.append(Passage(runner, result.context, LAST, value))
            if goes_on != "true":
                found.extend(Passage(runner, context, LAST) for context in runner.fact.exits)
        if not layer.runs:
            return None
        return [
            place
            for place in found
            if not self._is_refused(place) and self._is_possible(layer, place)
        ]

    @staticmethod
    def _lets_through(function: FunctionNode, at: int, goes_on: str) -> bool:
        value = function.fact.values[at]
        if goes_on == "nothing":
            return type(value) is v.Constant and value.value is None
        return goes_on != "true" or type(value) is not v.Constant or bool(value.value)

    def _is_refused(self, place: Passage) -> bool:
        """The request was ended on the way to the place."""
        return any(
            _stands_around(place.function, context, place.context)
            for context in self.refusals(place.function)
        )

    def refusals(self, function: FunctionNode) -> list[int]:
        """The contexts of calls that end the request and come back."""
        return [function.call(end).context for end in self._ends(function)]

    def _ends(self, function: FunctionNode) -> list[int]:
        """The calls that end the request and come back, by themselves or by what they run."""
        known = self._ending.get(function.key)
        if known is None:
            known = [match.index for match in self.index.matches_in(function, "request-end")]
            if self._can_end:
                known.extend(
                    at
                    for at, value in enumerate(function.fact.values)
                    if type(value) is v.Invoke
                    and any(self._always_ends(t, 1) for t in self.index.targets(function, value))
                )
            self._ending[function.key] = known
        return known

    def _always_ends(self, function: FunctionNode, depth: int) -> bool:
        """A function ends the request whatever it is given."""
        if any(match.call.context < 0 for match in self.index.matches_in(function, "request-end")):
            return True
        return depth < MAX_ENDS and any(
            self._always_ends(target, depth + 1)
            for value in function.fact.values
            if type(value) is v.Invoke and value.context < 0
            for target in self.index.targets(function, value)
        )

    @cached_property
    def _can_end(self) -> bool:
        return bool(self.index.matches("request-end"))

    def spared(self, place: Passage) -> Iterator[tuple[int, bool]]:
        """Tests with the outcome that did not end the request, though what is behind runs on."""
        function = place.function
        contexts = function.fact.contexts
        ends = [
            end
            for end in self._ends(function)
            if function.call(end).context >= 0
            and contexts[function.call(end).context].kind in ("if", "unless")
        ]
        # Where one branch ended the request, control was in the other, with branches of its own.
        reached: set[int] = set()
        while True:
            found = [
                end
                for end in ends
                if contexts[function.call(end).context].parent in reached
                or passes(
                    function,
                    end,
                    place.context,
                    place.place,
                    of=contexts[function.call(end).context].parent,
                )
            ]
            if not found:
                return
            for end in found:
                ends.remove(end)
                branch = contexts[function.call(end).context]
                yield branch.value, branch.kind == "unless"
                reached.update(
                    number
                    for number, other in enumerate(contexts)
                    if other.value == branch.value
                    and other.parent == branch.parent
                    and other.kind != branch.kind
                )

    def _is_possible(self, layer: Layer, place: Passage) -> bool:
        """No test on the way is of what the layer was made with, and came out otherwise."""
        contexts = place.function.fact.contexts
        tests = list(self.spared(place))
        current = place.context
        while current >= 0:
            if contexts[current].kind in ("if", "unless"):
                tests.append((contexts[current].value, contexts[current].kind == "if"))
            current = contexts[current].parent
        return not any(
            self._truth(layer, place.function, test) is (not outcome) for test, outcome in tests
        )

    def _truth(self, layer: Layer, function: FunctionNode, test: int) -> bool | None:
        """What a test comes to by what the layer was made with."""
        value = function.fact.values[test]
        if type(value) is v.Compute and value.operator == "not":
            inner = self._truth(layer, function, value.operands[0])
            return None if inner is None else not inner
        if type(value) is not v.Captured:
            return None
        argument = self.index.shared(Requested).argument(function, test, layer)
        given = argument[0].fact.values[argument[1]] if argument is not None else None
        return bool(given.value) if type(given) is v.Constant else None

    def outside(self, place: Passage) -> Iterator[tuple[Passage, int]]:
        """Where the closure of a place is handed on, with the call that it is handed to."""
        creation = self.index.creation(place.function)
        if creation is None or place.function.fact.name:
            return
        owner, closure = creation
        for at, value in enumerate(owner.fact.values):
            if type(value) is v.Invoke and closure in value.args:
                start = owner.fact.values[closure].start
                yield Passage(owner, value.context, start), at
                return

    def _calls_next(self, runner: FunctionNode, layer: Layer) -> Iterator[Passage]:
        """The calls of what comes next, in a function and the closures that it makes."""
        position = int(layer.form.get("next", 0))
        for function in nested(runner):
            for at, value in enumerate(function.fact.values):
                if type(value) is not v.Invoke:
                    continue
                if (
                    self._is_next(runner, function, value.callee, position)
                    and not (layer.form.get("bare") and _complains(function, value))
                ) or any(
                    match.row.concept == "continuation"
                    for match in self.index.concepts_of(function, at)
                ):
                    yield Passage(function, value.context, value.start)

    def _is_next(
        self, runner: FunctionNode, function: FunctionNode, callee: int, position: int
    ) -> bool:
        value = function.fact.values[callee]
        if type(value) is v.Member and value.name in _CALLING:
            value = function.fact.values[value.base]
            if type(value) is v.Invoke:  # `super().dispatch(request)`
                named = function.fact.values[value.callee]
                return type(named) is v.Global and named.name == "super"
        if type(value) is v.Parameter:
            return value.index == position
        if type(value) is not v.Captured or value.function == 0:
            return False
        owner = function.file.functions[value.function]
        cell = owner.fact.cells.get(value.name, -1)
        given = owner.fact.values[cell] if cell >= 0 else None
        if type(given) is not v.Parameter:
            return False
        return given.index == position and any(owner is other for other in nested(runner))


def nested(function: FunctionNode) -> Iterator[FunctionNode]:
    """A function and the closures in it."""
    yield function
    for other in function.file.functions[function.number + 1 :]:
        if other.fact.parent == function.number:
            yield from nested(other)


def extras(function: FunctionNode, at: int) -> tuple[int, ...]:
    """What stands behind the type in `Annotated[type, …]`."""
    value = function.fact.values[at]
    if type(value) is not v.Item:
        return ()
    inner = function.fact.values[value.key]
    return inner.elements[1:] if type(inner) is v.Listing else ()


def _complains(function: FunctionNode, call: v.Invoke) -> bool:
    """`next(error)` goes to what answers errors."""
    if not call.args:
        return False
    given = function.fact.values[call.args[0]]
    return type(given) is not v.Constant or given.value not in _NOTHING


def _stands_around(function: FunctionNode, outer: int, context: int) -> bool:
    while context >= 0 and context != outer:
        context = function.fact.contexts[context].parent
    return context == outer
