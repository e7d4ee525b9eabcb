"""The routes of a project: which function answers which request, and what runs before it.

Who registered a layer does not matter: the application, a router that another is mounted on, a
group, the class of the handler, or the route itself. All of it is read from the model rows of the
concepts `route`, `router`, `mount`, `middleware` and `layer-form`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.routing.layers import Layer, Layers
from backend_lint.dataflow.routing.placement import Placement, joined
from backend_lint.dataflow.routing.registrations import Answer, answering, last
from backend_lint.facts import values as v
from backend_lint.models.library import last_name
from backend_lint.semantics.references import ClassReference, FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.routing.routers import Router
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row

MAX_BASES = 6
# Handlers are looked for among so many functions that run one which reads the request.
MAX_RUNNERS = 40
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
# A pattern that begins with its method: `GET /books/{id}`.
_METHOD_AND_PATH = re.compile(r"([A-Z]+)\s+\S*?(/.*)")


class Route(msgspec.Struct, frozen=True):
    """A route.

    Attributes:
        method: the HTTP method in capitals, `*` for any.
        path: the pattern as far as it is constant, `{}` for the rest, with prefixes of routers.
        handler: the function that answers.
        chain: what runs before it, outermost first.
        function: where it is registered.
        at: the registration there, a call.
    """

    method: str
    path: str
    handler: FunctionNode
    chain: tuple[Layer, ...]
    function: FunctionNode
    at: int


class Routes:
    """Knows all routes of a project, found once when somebody asks."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.layers = index.shared(Layers)
        self._dependencies: dict[tuple[str, int], Row] = {}
        self._leading: dict[tuple[str, int], tuple[Route, ...]] = {}

    @cached_property
    def placement(self) -> Placement:
        """What stands on which router."""
        return Placement(self.index)

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """All routes, by file and place of their registration."""
        found = [route for match in self.index.matches("route") for route in self._routes(match)]
        return tuple(found)

    @cached_property
    def by_handler(self) -> dict[tuple[str, int], list[Route]]:
        """The routes that each function answers."""
        found: dict[tuple[str, int], list[Route]] = {}
        for route in self.all:
            if not _is_only_tested(route.function, route.handler):
                found.setdefault(route.handler.key, []).append(route)
        return found

    def dependency(self, function: FunctionNode) -> Row | None:
        """The row of a route that asks for the result of a function with parameters of its own."""
        return self._dependencies.get(function.key) if self.all else None

    def leading_to(self, function: FunctionNode) -> tuple[Route, ...]:
        """The routes whose handlers run a function; empty if something else may run it, too."""
        known = self._leading.get(function.key)
        if known is None:
            known = self._leading[function.key] = self._find_leading(function)
        return known

    def through(self, function: FunctionNode) -> tuple[Route, ...]:
        """The routes that have a function among their layers, each with those before it alone.

        Empty if something else may run it, too.
        """
        creation = self.index.creation(function)
        if function.key not in self._by_layer or (creation is None and self._is_called(function)):
            return ()
        return self._by_layer[function.key]

    def _is_called(self, function: FunctionNode) -> bool:
        return any(
            not _is_only_tested(caller, function) for caller, _ in self.index.callers(function)
        )

    @cached_property
    def _by_layer(self) -> dict[tuple[str, int], tuple[Route, ...]]:
        found: dict[tuple[str, int], list[Route]] = {}
        for route in self.all:
            for position, layer in enumerate(route.chain):
                for runner in layer.runs:
                    before = msgspec.structs.replace(route, chain=route.chain[:position])
                    found.setdefault(runner.key, []).append(before)
        return {key: tuple(routes) for key, routes in found.items()}

    def _find_leading(self, function: FunctionNode) -> tuple[Route, ...]:
        found: list[Route] = []
        up = [function]
        for current in up:
            own = self.by_handler.get(current.key)
            if own is not None:
                found.extend(own)
                continue
            callers = {
                caller.key: caller
                for caller, _ in self.index.callers(current)
                if not _is_only_tested(caller, current)
            }
            creation = self.index.creation(current)
            if creation is not None and not current.fact.name:
                callers[creation[0].key] = creation[0]
            if current.number == 0 or not callers or len(up) > MAX_RUNNERS:
                return ()
            up.extend(caller for caller in callers.values() if caller not in up)
        return tuple(found)

    def _routes(self, match: Match) -> Iterator[Route]:
        function, form = match.function, self.placement.form(match)
        own_path = self.placement.text(match, "path")
        method, own_path = _method(match, own_path)
        answers: list[Answer] = []
        if not form.get("decorates"):
            answers.extend(answering(self.index, match))
        elif match.index in function.fact.decorators:
            answers.append(Answer(function))
        if not answers:
            return
        before = self._before_handler(match, form)
        above = self._ways_above(match, self.placement.owners(match) if match.receiver >= 0 else ())
        for answer in answers:
            handler = answer.function
            wrapping = tuple(
                self.layers.wrapper(wrapper.function, wrapper.at, wrapper.position)
                for wrapper in answer.wrappers
            )
            if answer.caller is not None:
                above = self._ways_above(match, self._handed_owners(match, answer))
            around = tuple(self._around(answer, match))
            for prefix, outer in above:
                verb, _, below = answer.method.partition(" ")
                path = joined(self._class_prefix(handler) or prefix, own_path)
                path = joined(path, below)
                chain = (*outer, *before, *wrapping, *around)
                if match.attributes.get("remote-parameters"):
                    for layer in chain:
                        if layer.form.get("goes-on") == "back":
                            for runner in layer.runs:
                                self._dependencies.setdefault(runner.key, match.row)
                yield Route(verb or method, path, handler, chain, function, match.index)

    def _before_handler(self, match: Match, form: dict[str, Any]) -> tuple[Layer, ...]:
        """The layers in the registration of a route itself."""
        function = match.function
        layers = list(self.placement.before(match, form))
        for path in form.get("schemas", ()):
            for at in match.values_at(path):
                layers.append(Layer(function, at, (), (), {**form, "schema": "schema"}))
        if "schema-by" in form:
            for at in self.placement.given_before(match, form["schema-by"]):
                layers.append(Layer(function, at, (), (), {**form, "schema": "schema"}))
        behind = {**form, "before": form.get("behind", ()), "entries": ()}
        layers.extend(self.placement.before(match, behind))
        given = match.values("handler")
        answers = set(last(function, given))
        for at in given:
            value = function.fact.values[at]
            elements = value.elements if type(value) is v.Listing else (at,)
            for element in elements:
                if element not in answers and type(function.fact.values[element]) is not v.Record:
                    layers.extend(self.layers.of(function, element, form))
        return tuple(layers)

    def _handed_owners(self, match: Match, answer: Answer) -> tuple[Router, ...]:
        """The routers of a registration by a function that is handed the router, too."""
        function = match.function
        receiver = function.fact.values[unchanged(function, match.receiver)]
        if type(receiver) is not v.Parameter or answer.caller is None:
            return self.placement.owners(match)
        call = answer.caller.call(answer.call)
        argument, _ = self.index.argument_for(call, function, receiver.index)
        return self.placement.routers.of(answer.caller, argument) if argument >= 0 else ()

    def _ways_above(
        self, match: Match, owners: tuple[Router, ...]
    ) -> list[tuple[str, tuple[Layer, ...]]]:
        found: list[tuple[str, tuple[Layer, ...]]] = []
        for way in self._above(match, owners):
            if way not in found:  # mounted twice in one place: `routes()` and `allowedMethods()`
                found.append(way)
        return found

    def _above(
        self, match: Match, owners: tuple[Router, ...]
    ) -> Iterator[tuple[str, tuple[Layer, ...]]]:
        """What the routers of a route add to it: prefix of the path, and layers."""
        family = match.function.file.family
        own_path = self.placement.text(match, "path")
        whole = joined(self._class_prefix(match.function), own_path)
        everywhere = self.placement.everywhere(family, whole)
        found = False
        for router in owners:
            for prefix, layers in self.placement.over(router, match, own_path, ()):
                found = True
                yield prefix, (*everywhere, *layers)
        if not found:
            yield "", everywhere

    def _around(self, answer: Answer, match: Match) -> Iterator[Layer]:
        """What the class and the decorators of a handler, and its parameters, put before it."""
        handler = answer.function
        owner = answer.owner
        if owner is None and handler.fact.owner >= 0:
            owner = ClassReference(handler.file, handler.fact.owner)
        if owner is not None:
            bases = self.index.resolver.classes.api_bases(owner)
            yield from self._of_class(owner, bases, 0)
        yield from self._decorating(handler, match)
        if match.attributes.get("remote-parameters"):
            yield from self.layers.injected(handler, {})

    def _decorating(self, handler: FunctionNode, match: Match) -> Iterator[Layer]:
        form = self.placement.form(match)
        registered = (
            handler.fact.decorators.index(match.index)
            if match.function is handler and match.index in handler.fact.decorators
            else -1
        )
        for position, at in enumerate(handler.fact.decorators):
            # Those above the one that registers the function decorate what nobody asks for;
            # marks, which the framework reads, stand anywhere.
            wraps = position > registered and not form.get("inert")
            yield from self._decorator(handler, at, wraps=wraps)

    def _decorator(self, function: FunctionNode, at: int, *, wraps: bool) -> Iterator[Layer]:
        value = function.fact.values[at]
        callee = value.callee if type(value) is v.Invoke else at
        rows = [row for row, _ in self.index.rows(function, callee)]
        marks = [m for m in self.index.concepts_of(function, at) if m.row.concept == "middleware"]
        if not marks and type(value) is v.Invoke:
            # One of the project that applies others in its turn.
            marks.extend(
                inner
                for target in self.index.targets(function, value)
                for inner in self.index.matches_in(target, "middleware")
                if inner.attributes.get("marks")
            )
        for match in marks:
            yield from self.placement.before(match, self.placement.form(match), handlers=True)
        if marks or not wraps or any(row.concept == "route" for row in rows):
            return
        if not self._registers(rows):
            yield from self.layers.of(function, at, {})

    @staticmethod
    def _registers(rows: list[Row]) -> bool:
        return any(row.concept in ("route", "middleware", "remote-parameter") for row in rows)

    def _of_class(self, owner: ClassReference, apis: list[str], depth: int) -> Iterator[Layer]:
        """The layers that a class, or a base of it, declares for the methods of a class.

        Args:
            owner: the class or its base.
            apis: the library classes that the class of the methods extends.
            depth: how far up the base is.
        """
        scope = owner.file.functions[owner.fact.scope]
        resolver = self.index.resolver
        models = resolver.models(scope)
        for base in resolver.classes.bases(owner):
            if isinstance(base, ClassReference) and depth < MAX_BASES:
                yield from self._of_class(base, apis, depth + 1)
        for at in owner.fact.decorators:
            yield from self._decorator(scope, at, wraps=False)
        for at, name in self._api_bases(owner, scope):
            if any(row.concept == "protection" for row in models.rows_of(name)):
                yield Layer(scope, at, (name,), (), {})
        for name, number in owner.fact.methods.items():
            for api in apis:
                for row in models.rows_of(f"{api}.{name}"):
                    if row.concept == "middleware":
                        method = owner.file.functions[number]
                        yield Layer(method, -1, (), (method,), row.attributes)
        for field in owner.fact.fields:
            if field.value < 0:
                continue
            for api in apis:
                for row in models.rows_of(f"{api}.{field.name}"):
                    if row.concept == "middleware":
                        yield from self.layers.of(scope, field.value, row.attributes)

    def _api_bases(self, owner: ClassReference, scope: FunctionNode) -> Iterator[tuple[int, str]]:
        for at in owner.fact.bases:
            for name in self.index.resolver.names(scope, at):
                yield at, name

    def _class_prefix(self, handler: FunctionNode) -> str:
        """The path that a decorator gives to the class of a handler."""
        if handler.fact.owner < 0:
            return ""
        return self.placement.prefix_of(ClassReference(handler.file, handler.fact.owner))


def routes(index: ProjectIndex) -> tuple[Route, ...]:
    """All routes, by file and place of their registration."""
    return index.shared(Routes).all


def _is_only_tested(user: FunctionNode, used: FunctionNode) -> bool:
    """A test makes use of a function of the service."""
    return user.file.facts.is_test and not used.file.facts.is_test


def _method(match: Match, path: str) -> tuple[str, str]:
    values = match.function.fact.values
    written = _METHOD_AND_PATH.fullmatch(path)
    if written and written[1] in _METHODS:
        return written[1], written[2]
    for value in match.values("methods"):
        listed = values[value]
        elements = listed.elements if type(listed) is v.Listing else (value,)
        for element in elements:
            constant = values[element]
            if type(constant) is v.Constant:
                return str(constant.value).upper(), path
    method = str(match.attributes.get("method", "*"))
    if method == "*":
        # What frameworks take where no method is named.
        return ("GET" if "methods" in match.row.roles else "*"), path
    own = last_name(match.api).upper()
    return (own if own in _METHODS else method), path
