"""What runs before a handler: middleware, decorators, dependencies, guards, schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.dataflow.conditions import places
from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference, FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

MAX_DEPTH = 12


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


class Layers:
    """Finds what a registration puts before a handler."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index

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
        if type(value) is v.Record:  # `{ assign: "user", method: loadUser }`
            items = dict(v.entries(function.fact.values, value))
            for key in form.get("given-by", ()):
                if key in items:
                    given = items[key]
                    yield from self.of(function, given, form, always=always, depth=depth + 1)
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


def extras(function: FunctionNode, at: int) -> tuple[int, ...]:
    """What stands behind the type in `Annotated[type, …]`."""
    value = function.fact.values[at]
    if type(value) is not v.Item:
        return ()
    inner = function.fact.values[value.key]
    return inner.elements[1:] if type(inner) is v.Listing else ()
