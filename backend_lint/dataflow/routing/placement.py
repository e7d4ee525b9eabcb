"""Which layers stand on which router, and before what is registered on it.

Layers of an application are before the routes of the routers that are mounted on it, those of a
group before the routes of the group, if they were put there first or their order does not matter,
and for the paths that begin as theirs do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.concepts.match import Match, record_item
from backend_lint.dataflow.conditions import applies, places, unchanged
from backend_lint.dataflow.routing.layers import Layer, Layers
from backend_lint.dataflow.routing.routers import Router, Routers, functions, opening
from backend_lint.dataflow.texts import texts
from backend_lint.dataflow.uses import tests_around
from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_MOUNTS = 6
MAX_TRAIL = 6
_REST = re.compile(r"/?(?:\*\w*|\(\.\*\)|\{\w+\.\.\.\}|\{\w+:\.\*\})$")


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


class Placement:
    """Knows what registrations put on routers."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.layers = index.shared(Layers)
        self.routers = Routers(index)
        self._placed: dict[Router, list[_Placed]] = {}
        self._mounted: dict[Router, list[_Mounted]] = {}
        self._everywhere: dict[str, list[_Placed]] = {}
        self._trails: dict[tuple[tuple[str, int], int], dict[tuple[str, int], int]] = {}
        self._place()

    def _place(self) -> None:
        for match in self.index.matches("router"):
            parents = self.owners(match) if match.receiver >= 0 else ()
            for router in self.routers.of(match.function, match.index):
                self._mount(router, parents, match)
        for match in self.index.matches("mount"):
            self._place_mount(match)
        for match in (*self.index.matches("middleware"), *self._bare_decorators()):
            self._place_middleware(match)

    def _bare_decorators(self) -> Iterator[Match]:
        """Decorators that are no calls: `@app.before_request`."""
        for function in self.index.all_functions:
            for at in function.fact.decorators:
                value = function.fact.values[at]
                if type(value) is v.Member:
                    call = v.Invoke(value.start, value.end, at, (), (), (), new=False, context=-1)
                    for row, name in self.index.rows(function, at):
                        if row.concept == "middleware":
                            yield Match(row, name, function, at, call=call)

    def owners(self, match: Match) -> tuple[Router, ...]:
        """The routers that a registration is made on."""
        own = (*match.function.key, match.index, "")
        return tuple(r for r in self.routers.of(match.function, match.receiver) if r != own)

    def _place_mount(self, match: Match) -> None:
        function = match.function
        parents = self.owners(match) if match.receiver >= 0 else ()
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
                if owner is function and type(call) is v.Invoke and len(layers) < MAX_MOUNTS:
                    for position, arg in enumerate(call.args):
                        layer = self.layers.wrapper(owner, other, position)
                        if layer.runs or layer.names:
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
        layers = (*self.before(match, self.form(match), handlers=handlers), *wrapping)
        mounted = _Mounted(parents, self.text(match, "path"), layers, match)
        self._mounted.setdefault(router, []).append(mounted)

    def _place_middleware(self, match: Match) -> None:
        form = {**self.form(match), "by": match.index}
        if form.get("marks") or not applies(self.index, match):
            return
        if form.get("decorates") and match.index in match.function.fact.decorators:
            runs = (match.function,)
            layers: tuple[Layer, ...] = (Layer(match.function, match.index, (), runs, form),)
        else:
            layers = tuple(self.before(match, form, handlers=True))
        if form.get("applied-by"):
            layers = tuple(self._applied(match, form))
        if not layers:
            return
        anywhere = bool(form.get("anywhere"))
        placed = _Placed(layers, self.text(match, "path"), match, anywhere)
        if form.get("everywhere"):
            everywhere = self._everywhere.setdefault(match.function.file.family, [])
            prefixes = list(self._prefixes(match)) or [placed.prefix]
            everywhere.extend(_Placed(layers, prefix, match, anywhere) for prefix in prefixes)
            return
        for router in self.owners(match) if match.receiver >= 0 else ():
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

    @staticmethod
    def given_before(match: Match, method: str) -> Iterator[int]:
        """What calls of a method before in the chain were given."""
        function = match.function
        call = function.fact.values[match.receiver] if match.receiver >= 0 else None
        while type(call) is v.Invoke:
            callee = function.fact.values[call.callee]
            if type(callee) is not v.Member:
                return
            if callee.name == method:
                yield from call.args[:1]
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
                    yield self.prefix_of(reference) or "/"
            if type(value) is v.Record:
                path = record_item(function, at, "path")
                named = function.fact.values[path] if path >= 0 else None
                yield str(named.value) if type(named) is v.Constant else "{}"

    def form(self, match: Match) -> dict[str, Any]:
        """How layers let requests through that a call registers: as on all routers of the type."""
        models = self.index.resolver.models(match.function)
        for owner in models.bases(match.api.rpartition(".")[0]):
            for row in models.rows.get(owner, ()):
                if row.concept == "layer-form":
                    return {**row.attributes, **match.attributes}
        return match.attributes

    def before(
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
                items = dict(v.entries(values, record))
                named = items.get(form["named-by"], -1)
                if named >= 0 and any(
                    name in form["named"] for name in self.index.resolver.names(function, named)
                ):
                    for key in form["given-by"]:
                        if key in items:
                            yield from self.layers.of(function, items[key], form)

    def everywhere(self, family: str, path: str) -> tuple[Layer, ...]:
        """The layers of the whole project before a path."""
        return tuple(
            layer
            for placed in self._everywhere.get(family, ())
            if not placed.prefix or _covers(placed.prefix, path)
            for layer in placed.layers
        )

    def over(
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
            for above in self.over(
                parent,
                mount.match,
                joined(joined(mount.prefix, prefix), path),
                (*seen, router),
            )
        ]
        made = tuple(layer for mount in roots for layer in mount.layers)
        ways = [
            (joined(joined(above, mount.prefix), prefix), (*layers, *mount.layers, *made))
            for mount, (above, layers) in outside
        ]
        for whole, outer in ways or [(prefix, made)]:
            full = joined(whole, path)
            own = tuple(
                layer
                for each in placed
                if each.anywhere or self._precedes(each.match, match)
                if not each.prefix or _covers(joined(whole, each.prefix), full)
                for layer in each.layers
            )
            yield whole, (*outer, *own)

    def prefix_of(self, owner: ClassReference) -> str:
        """The path that a decorator gives to a class of handlers."""
        scope = owner.file.functions[owner.fact.scope]
        for at in owner.fact.decorators:
            for match in self.index.concepts_of(scope, at):
                if match.row.concept == "router":
                    return self.text(match, "path")
        return ""

    def text(self, match: Match, role: str) -> str:
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


def _is_certain(match: Match) -> bool:
    """The registration depends on no condition."""
    return not any(True for _ in tests_around(match.function, match.call.context))


def joined(prefix: str, path: str) -> str:
    """A path below a prefix, either of which may be empty."""
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
