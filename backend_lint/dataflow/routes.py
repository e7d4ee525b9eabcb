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

from backend_lint.concepts.match import Match, record_item
from backend_lint.dataflow.conditions import applies, places, unchanged
from backend_lint.dataflow.layers import Layer, Layers
from backend_lint.dataflow.registrations import Answer, answering, last
from backend_lint.dataflow.routers import Router, Routers, functions, opening
from backend_lint.dataflow.texts import texts
from backend_lint.facts import values as v
from backend_lint.models.library import last_name
from backend_lint.semantics.references import ClassReference, FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row

MAX_MOUNTS = 6
MAX_TRAIL = 6
# Handlers are looked for among so many functions that run one which reads the request.
MAX_RUNNERS = 40
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
# A pattern that begins with its method: `GET /books/{id}`.
_METHOD_AND_PATH = re.compile(r"([A-Z]+)\s+\S*?(/.*)")
_REST = re.compile(r"/?(?:\*\w*|\(\.\*\)|\{\w+\.\.\.\}|\{\w+:\.\*\})$")


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


class _Placed(msgspec.Struct, frozen=True):
    """Layers on a router, for paths that begin with a prefix."""

    layers: tuple[Layer, ...]
    prefix: str
    match: Match
    anywhere: bool


class _Mounted(msgspec.Struct, frozen=True):
    """A router below another."""

    parents: tuple[Router, ...]
    prefix: str
    layers: tuple[Layer, ...]
    match: Match


class Routes:
    """Knows all routes of a project, found once when somebody asks."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.layers = index.shared(Layers)
        self.routers = Routers(index)
        self._placed: dict[Router, list[_Placed]] = {}
        self._mounted: dict[Router, list[_Mounted]] = {}
        self._everywhere: dict[str, list[_Placed]] = {}
        self._trails: dict[tuple[tuple[str, int], int], dict[tuple[str, int], int]] = {}
        self._dependencies: dict[tuple[str, int], Row] = {}
        self._leading: dict[tuple[str, int], tuple[Route, ...]] = {}

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """All routes, by file and place of their registration."""
        self._place()
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

    # What stands on which router

    def _place(self) -> None:
        for match in self.index.matches("router"):
            parents = self._owners(match) if match.receiver >= 0 else ()
            for router in self.routers.of(match.function, match.index):
                self._mount(router, parents, match)
        for match in self.index.matches("mount"):
            self._place_mount(match)
        for match in (*self.index.matches("middleware"), *self._bare_decorators()):
            self._place_middleware(match)

    def _bare_decorators(self) -> Iterator[Match]:
        """Decorators that are no calls: `@app.before_request`."""
        for function in self.index.functions():
            for at in function.fact.decorators:
                value = function.fact.values[at]
                if type(value) is v.Member:
                    call = v.Invoke(value.start, value.end, at, (), (), (), new=False, context=-1)
                    for row, name in self.index.rows(function, at):
                        if row.concept == "middleware":
                            yield Match(row, name, function, at, call=call)

    def _owners(self, match: Match) -> tuple[Router, ...]:
        own = (*match.function.key, match.index, "")
        return tuple(r for r in self.routers.of(match.function, match.receiver) if r != own)

    def _place_mount(self, match: Match) -> None:
        function = match.function
        parents = self._owners(match) if match.receiver >= 0 else ()
        for at in match.values("router"):
            if match.attributes.get("opened"):
                for reference in functions(self.index, function, at):
                    if reference.function.key in self.routers.opened:
                        self._mount(opening(reference.function), parents, match)
                continue
            for router, layers in self._wrapped(match, at, ()):
                if router not in parents:
                    self._mount(router, parents, match, layers)

    def _wrapped(
        self, match: Match, at: int, layers: tuple[Layer, ...]
    ) -> Iterator[tuple[Router, tuple[Layer, ...]]]:
        """A router with the layers that are called around it: `auth(mux)`."""
        function = match.function
        value = function.fact.values[unchanged(function, at)]
        if isinstance(value, (v.Constant, v.Closure, v.Listing)):
            return
        if match.attributes.get("wraps"):
            for owner, other in places(self.index, function, at):
                call = owner.fact.values[other]
                if type(call) is v.Invoke and call.args and len(layers) < MAX_MOUNTS:
                    for position, arg in enumerate(call.args):
                        layer = self.layers.wrapper(owner, other, position)
                        inner = match if owner is function else None
                        if inner is not None and (layer.runs or layer.names):
                            yield from self._wrapped(match, arg, (*layers, layer))
        for router in self.routers.of(function, at):
            yield router, layers

    def _mount(
        self,
        router: Router,
        parents: tuple[Router, ...],
        match: Match,
        wrapping: tuple[Layer, ...] = (),
    ) -> None:
        handlers = match.row.concept == "router"
        layers = (*self._before(match, self._form(match), handlers=handlers), *wrapping)
        mounted = _Mounted(parents, self._text(match, "path"), layers, match)
        self._mounted.setdefault(router, []).append(mounted)

    def _place_middleware(self, match: Match) -> None:
        form = {**self._form(match), "by": match.index}
        if form.get("marks") or not applies(self.index, match):
            return
        if form.get("decorates") and match.index in match.function.fact.decorators:
            runs = (match.function,)
            layers: tuple[Layer, ...] = (Layer(match.function, match.index, (), runs, form),)
        else:
            layers = tuple(self._before(match, form, handlers=True))
        if form.get("applied-by"):
            layers = tuple(self._applied(match, form))
        if not layers:
            return
        anywhere = bool(form.get("anywhere"))
        placed = _Placed(layers, self._text(match, "path"), match, anywhere)
        if form.get("everywhere"):
            everywhere = self._everywhere.setdefault(match.function.file.family, [])
            prefixes = list(self._prefixes(match)) or [placed.prefix]
            everywhere.extend(_Placed(layers, prefix, match, anywhere) for prefix in prefixes)
            return
        for router in self._owners(match) if match.receiver >= 0 else ():
            self._placed.setdefault(router, []).append(placed)

    def _applied(self, match: Match, form: dict[str, Any]) -> Iterator[Layer]:
        """Layers that a call before in the chain was given."""
        function = match.function
        call = function.fact.values[match.receiver]
        always = _is_certain(match)
        while type(call) is v.Invoke:
            callee = function.fact.values[call.callee]
            if type(callee) is not v.Member:
                return
            always = always and callee.name != form.get("excepted-by")
            if callee.name == form["applied-by"]:
                for at in call.args:
                    yield from self.layers.of(function, at, form, always=always)
            call = function.fact.values[callee.base]

    def _prefixes(self, match: Match) -> Iterator[str]:
        """The prefixes of paths, or of classes of handlers, that a registration names."""
        function = match.function
        for at in match.values("paths"):
            value = function.fact.values[at]
            if type(value) is v.Constant:
                yield str(value.value)
            for reference in self.index.resolver.references(function, at):
                if isinstance(reference, ClassReference):
                    yield self._prefix_of(reference) or "/"
            if type(value) is v.Record:
                path = record_item(function, at, "path")
                named = function.fact.values[path] if path >= 0 else None
                yield str(named.value) if type(named) is v.Constant else "{}"

    def _form(self, match: Match) -> dict[str, Any]:
        """How layers let requests through that a call registers: as on all routers of the type."""
        models = self.index.resolver.models(match.function)
        for owner in models.bases(match.api.rpartition(".")[0]):
            for row in models.rows.get(owner, ()):
                if row.concept == "layer-form":
                    return {**row.attributes, **match.attributes}
        return match.attributes

    def _before(
        self, match: Match, form: dict[str, Any], *, handlers: bool = False
    ) -> Iterator[Layer]:
        """The layers among the arguments of a registration."""
        given = [at for path in form.get("before", ()) for at in match.values_at(path)]
        if handlers:
            given.extend(match.values("handler"))
        always = _is_certain(match)
        for at in given:
            yield from self.layers.of(match.function, at, form, always=always)
        for path in form.get("entries", ()):
            yield from self._entries(match, path, form)

    def _entries(self, match: Match, path: str, form: dict[str, Any]) -> Iterator[Layer]:
        """Layers that a list of settings gives under certain names."""
        function = match.function
        values = function.fact.values
        for at in match.values_at(path):
            listed = values[at]
            for element in listed.elements if type(listed) is v.Listing else ():
                record = values[element]
                if type(record) is not v.Record:
                    continue
                items = {
                    key.value: item
                    for number, item in zip(record.keys, record.items, strict=True)
                    if number >= 0 and type(key := values[number]) is v.Constant
                }
                named = items.get(form["named-by"], -1)
                if named >= 0 and any(
                    name in form["named"] for name in self.index.resolver.names(function, named)
                ):
                    for key in form["given-by"]:
                        if key in items:
                            yield from self.layers.of(function, items[key], form)

    # Routes

    def _routes(self, match: Match) -> Iterator[Route]:
        function, form = match.function, self._form(match)
        own_path = self._text(match, "path")
        method, own_path = _method(match, own_path)
        answers: list[Answer] = []
        if not form.get("decorates"):
            answers.extend(answering(self.index, match))
        elif match.index in function.fact.decorators:
            answers.append(Answer(function))
        if not answers:
            return
        before = self._before_handler(match, form)
        above = self._ways_above(match, self._owners(match) if match.receiver >= 0 else ())
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
                path = _joined(self._class_prefix(handler) or prefix, own_path)
                path = _joined(path, below)
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
        layers = list(self._before(match, form))
        for path in form.get("schemas", ()):
            for at in match.values_at(path):
                layers.append(Layer(function, at, (), (), {**form, "schema": "schema"}))
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
            return self._owners(match)
        call = answer.caller.call(answer.call)
        argument, _ = self.index.argument_for(call, function, receiver.index)
        return self.routers.of(answer.caller, argument) if argument >= 0 else ()

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
        own_path = self._text(match, "path")
        whole = _joined(self._class_prefix(match.function), own_path)
        everywhere = tuple(
            layer
            for placed in self._everywhere.get(family, ())
            if not placed.prefix or _covers(placed.prefix, whole)
            for layer in placed.layers
        )
        found = False
        for router in owners:
            for prefix, layers in self._over(router, match, own_path, ()):
                found = True
                yield prefix, (*everywhere, *layers)
        if not found:
            yield "", everywhere

    def _over(
        self, router: Router, match: Match, path: str, seen: tuple[Router, ...]
    ) -> Iterator[tuple[str, tuple[Layer, ...]]]:
        """What a router and those above it add to what a call registers on it."""
        placed = self._placed.get(router, ())
        if router in seen or len(seen) > MAX_MOUNTS:
            return
        mounts = self._mounted.get(router, ())[:MAX_MOUNTS]
        # Where a router was made is no place of its own beside those where it is mounted.
        roots = [mount for mount in mounts if not mount.parents]
        prefix = "".join(mount.prefix for mount in roots)
        outside = [
            (mount, above)
            for mount in mounts
            for parent in mount.parents
            for above in self._over(
                parent,
                mount.match,
                _joined(_joined(mount.prefix, prefix), path),
                (*seen, router),
            )
        ]
        made = tuple(layer for mount in roots for layer in mount.layers)
        ways = [
            (_joined(_joined(above, mount.prefix), prefix), (*layers, *mount.layers, *made))
            for mount, (above, layers) in outside
        ]
        for whole, outer in ways or [(prefix, made)]:
            full = _joined(whole, path)
            own = tuple(
                layer
                for each in placed
                if each.anywhere or self._precedes(each.match, match)
                if not each.prefix or _covers(_joined(whole, each.prefix), full)
                for layer in each.layers
            )
            yield whole, (*outer, *own)

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
        form = self._form(match)
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
            yield from self._before(match, self._form(match), handlers=True)
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
            if isinstance(base, ClassReference) and depth < MAX_MOUNTS:
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
        return self._prefix_of(ClassReference(handler.file, handler.fact.owner))

    def _prefix_of(self, owner: ClassReference) -> str:
        scope = owner.file.functions[owner.fact.scope]
        for at in owner.fact.decorators:
            for match in self.index.concepts_of(scope, at):
                if match.row.concept == "router":
                    return self._text(match, "path")
        return ""

    def _text(self, match: Match, role: str) -> str:
        """The constant text in a role, with `{}` for what is not constant."""
        for value in match.values(role):
            if isinstance(match.function.fact.values[value], (v.Closure, v.Listing)):
                continue
            for form in texts(self.index, match.function, value):
                text = "".join(piece if isinstance(piece, str) else "{}" for piece in form.pieces)
                return "" if text == "{}" else text
        return ""

    # Order

    def _precedes(self, one: Match, other: Match) -> bool:
        """A registration comes before another; so it is taken to be where that cannot be told."""
        first, second = self._trail(one), self._trail(other)
        for key, place in first.items():
            if key in second and place != second[key]:
                return place < second[key]
        return True

    def _trail(self, match: Match) -> dict[tuple[str, int], int]:
        """Where a call stands in its function, that function is called in another, and so on."""
        key = (match.function.key, match.index)
        known = self._trails.get(key)
        if known is None:
            known = self._trails[key] = {}
            function: FunctionNode | None = match.function
            place = match.call.end
            while function is not None and function.key not in known and len(known) < MAX_TRAIL:
                known[function.key] = place
                function, place = self._run_by(function)
        return known

    def _run_by(self, function: FunctionNode) -> tuple[FunctionNode | None, int]:
        creation = self.index.creation(function) if not function.fact.name else None
        if creation is not None:
            return creation[0], creation[0].fact.values[creation[1]].end
        callers = self.index.callers(function)
        if len(callers) != 1:
            return None, 0
        caller, call = callers[0]
        return caller, caller.call(call).end


def routes(index: ProjectIndex) -> tuple[Route, ...]:
    """All routes, by file and place of their registration."""
    return index.shared(Routes).all


def _is_only_tested(user: FunctionNode, used: FunctionNode) -> bool:
    """A test makes use of a function of the service."""
    return user.file.facts.is_test and not used.file.facts.is_test


def _is_certain(match: Match) -> bool:
    """The registration depends on no condition."""
    contexts, context = match.function.fact.contexts, match.call.context
    while context >= 0:
        if contexts[context].kind in ("if", "unless"):
            return False
        context = contexts[context].parent
    return True


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


def _joined(prefix: str, path: str) -> str:
    if not prefix or not path:
        return prefix or path
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}"


def _covers(pattern: str, path: str) -> bool:
    """Requests for a path of a route go through what stands at a pattern."""
    wanted = [part for part in _REST.sub("", pattern).split("/") if part]
    given = [part for part in path.split("/") if part]
    return len(wanted) <= len(given) and all(
        one in (other, "*") or one[:1] in ":{<" or other[:1] in ":{<"
        for one, other in zip(wanted, given, strict=False)
    )
