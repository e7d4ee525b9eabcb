"""The linked project: what rules ask.

`link` puts the facts of all files together; everything else is found when a rule asks for it and
remembered. Nothing here needs a syntax tree.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

from backend_lint.concepts.match import Match
from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.handovers import deferred
from backend_lint.facts import values as v
from backend_lint.finding import Location, Step
from backend_lint.inventory import WHOLE, Inventory
from backend_lint.layout import ProjectLayout
from backend_lint.models.library import load
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.modules import ModuleMap
from backend_lint.semantics.references import (
    Api,
    ClassReference,
    FileNode,
    FunctionNode,
    FunctionReference,
)
from backend_lint.semantics.resolver import Resolver
from backend_lint.source import Language, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import Reference

T = TypeVar("T")

# More callers than this say no more about a parameter.
MAX_CALLERS = 40
# Calls of a function that are counted at all.
MAX_ALL_CALLERS = 1000
# So many callers say what type a parameter has that declares none.
MAX_TYPING_CALLERS = 4
# A method name that so many classes define says nothing about an unknown receiver.
MAX_NAMESAKES = 3

# Values that are no functions.
_NO_FUNCTIONS = frozenset({v.Constant, v.Text, v.Record})
# Declared types of which a field holds no function that a call of the field would run.
_COLLECTIONS = frozenset({"[]", "map", "chan"})
_OBJECT_KINDS = frozenset({"struct", "interface", "enum"})
# Callees that are no names.
_UNNAMED = frozenset({v.Item, v.Invoke, v.Parameter, v.Element})


def link(
    files: Iterable[v.FileFacts],
    layout: ProjectLayout | None = None,
    is_asked: Callable[[str], bool] = lambda _path: True,
    wants_doubts: Callable[[str], bool] = lambda _path: True,
) -> ProjectIndex:
    """Put the facts of all files together; the order of the files does not matter.

    Args:
        files: the facts.
        layout: where modules lie.
        is_asked: tells the paths of which findings are wanted.
        wants_doubts: tells those of which findings of low confidence are wanted, too.
    """
    layout = layout or ProjectLayout()
    nodes = {
        facts.path: FileNode(facts, Language(facts.language).family)
        for facts in sorted(files, key=lambda facts: facts.path)
    }
    modules = ModuleMap(nodes, layout.go_modules, layout.aliases, layout.packages)
    asked = frozenset(path for path in nodes if is_asked(path))
    doubted = frozenset(path for path in asked if wants_doubts(path))
    return ProjectIndex(nodes, Resolver(nodes, modules), asked, doubted)


class ProjectIndex:
    """The project as rules see it.

    Attributes:
        files: all files by path.
        resolver: what values stand for.
    """

    def __init__(
        self,
        files: dict[str, FileNode],
        resolver: Resolver,
        asked: frozenset[str],
        doubted: frozenset[str],
    ) -> None:
        self.files = files
        self._asked = asked
        self._doubted = doubted
        self.resolver = resolver
        self._matches: dict[str, list[Match]] | None = None
        self._at: dict[tuple[str, int, int], list[Match]] = {}
        self._by_function: dict[str, dict[FunctionNode, list[Match]]] = {}
        self._callers: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = {}
        self._chosen_calls: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = {}
        self._shared: dict[object, object] = {}
        self._written: dict[str, list[tuple[FunctionNode, v.FieldWrite]]] | None = None
        resolver.arguments = self._arguments

    @cached_property
    def all_functions(self) -> list[FunctionNode]:
        """All functions, by file and place."""
        return [function for file in self.files.values() for function in file.functions]

    @cached_property
    def asked_functions(self) -> list[FunctionNode]:
        """The functions of the files in which findings are wanted, by file and place."""
        return [function for function in self.all_functions if self.is_asked(function.file)]

    def is_asked(self, file: FileNode) -> bool:
        """Findings in the file are wanted; a rule need not look for others."""
        return file.path in self._asked

    def wants_doubts(self, file: FileNode) -> bool:
        """Findings of low confidence in the file are wanted; else a rule need not look for them."""
        return file.path in self._doubted

    def shared(self, asker: Callable[[ProjectIndex], T]) -> T:
        """The one object made by a class that answers about this project, whoever asks."""
        known = self._shared.get(asker)
        if known is None:
            known = self._shared[asker] = asker(self)
        return cast("T", known)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The language families of the files, sorted."""
        return tuple(sorted({file.family for file in self.files.values()}))

    def location(self, function: FunctionNode, index: int) -> Location:
        """Where a value is written."""
        value = function.fact.values[index]
        return Location(function.file.path, Region(value.start, value.end))

    def step(self, function: FunctionNode, index: int, message: str) -> Step:
        """A value as a step of a flow."""
        return Step(self.location(function, index), message)

    def matches(self, concept: str) -> list[Match]:
        """All calls recognised as a concept, by file and place."""
        return self._recognised().get(concept, [])

    def matches_in(self, function: FunctionNode, concept: str) -> list[Match]:
        """The calls in one function that are recognised as a concept, by place."""
        known = self._by_function.get(concept)
        if known is None:
            known = self._by_function[concept] = {}
            for match in self.matches(concept):
                known.setdefault(match.function, []).append(match)
        return known.get(function, [])

    def concepts_of(self, function: FunctionNode, index: int) -> list[Match]:
        """The concepts that one call is recognised as."""
        self._recognised()
        return self._at.get((*function.key, index), [])

    @remembered
    def rows(self, function: FunctionNode, index: int) -> list[tuple[Row, str]]:
        """The model rows that speak of a value, with the name each was found by."""
        models = load(function.file.family)
        found = [
            (row, name)
            for name in self.resolver.names(function, index)
            for row in models.rows_of(name)
        ]
        if not found:
            value = function.fact.values[index]
            if type(value) is v.Member:
                found = [(row, value.name) for row in models.any_receiver.get(value.name, ())]
        return found

    def _recognised(self) -> dict[str, list[Match]]:
        if self._matches is not None:
            return self._matches
        self._bind_handlers()
        found: dict[str, list[Match]] = defaultdict(list)
        self._matches = found
        for function, index, call, callee in self.calls():
            matches = self._recognise(function, index, call, callee)
            if matches:
                matches = [*matches, *self._deferred(matches)]
                self._at[(*function.key, index)] = matches
                for match in matches:
                    found[match.row.concept].append(match)
        return found

    def _recognise(
        self, function: FunctionNode, index: int, call: v.Invoke, callee: v.Value
    ) -> list[Match]:
        if type(callee) is not v.Member:
            # Calling an object is not what calling its type is: `knex.Knex()` names the first.
            references = tuple(
                Api(f"{r.name}()") if isinstance(r, Api) and r.instance and not call.new else r
                for r in self.resolver.references(function, call.callee)
            )
            return self._by_name(function, index, references) if references else []
        models = load(function.file.family)
        name = callee.name
        unresolved = models.unresolved.get(name, ())
        if name in models.own_names or unresolved:
            references = self.resolver.references(function, call.callee)
            matches = self._by_name(function, index, references)
            if matches:
                return matches
            if unresolved and not self._is_ours(references):
                for row in unresolved:
                    match = Match(row, name, function, index, certain=False)
                    if self._looks_like_sql(match):
                        return [match]  # the rows of other drivers would say the same
        # What is asked of any receiver needs none to be found out: most calls of `map` end here.
        return [Match(row, name, function, index) for row in models.any_receiver.get(name, ())]

    def _deferred(self, matches: list[Match]) -> Iterator[Match]:
        """What a function that is handed over with its arguments is recognised as."""
        for match in matches:
            if match.row.concept != "deferred-call":
                continue
            for callee in match.values("function"):
                call = deferred(match, callee)
                for reference in self.resolver.references(match.function, callee):
                    if isinstance(reference, Api):
                        for row in load(match.function.file.family).rows_of(reference.name):
                            yield Match(row, reference.name, match.function, match.index, call=call)

    @staticmethod
    def _by_name(
        function: FunctionNode, index: int, references: tuple[Reference, ...]
    ) -> list[Match]:
        found: list[Match] = []
        for reference in references:
            if isinstance(reference, Api):
                rows = load(function.file.family).rows_of(reference.name)
                found.extend(Match(row, reference.name, function, index) for row in rows)
        return found

    @staticmethod
    def _is_ours(references: tuple[object, ...]) -> bool:
        # A function of the project is looked into instead.
        return any(isinstance(r, FunctionReference) for r in references)

    def _looks_like_sql(self, match: Match) -> bool:
        from backend_lint.dataflow.sites import sites
        from backend_lint.sql.template import begins_like_sql, is_sql

        return any(
            begins_like_sql(text.leading()) and is_sql(text.filled("hole"))
            for site in sites(self, match)
            for text in site.forms
        )

    def _bind_handlers(self) -> None:
        """Give the parameters of handlers the types that their registration implies."""
        calls = self._inventory.calls_of
        names = {
            name
            for family in {file.family for file in self.files.values()}
            for name in load(family).binding_names
        }
        places = [place for name in names for place in calls.get(name, ())]
        for function, index in sorted(places, key=lambda place: (place[0].key, place[1])):
            call = function.call(index)
            callee = function.fact.values[call.callee]
            if (
                type(callee) is not v.Member
                or callee.name not in load(function.file.family).binding_names
                or not self._may_register(function, index, call)
            ):
                continue
            for row, name in self.rows(function, call.callee):
                types = row.attributes.get("parameters")
                match = Match(row, name, function, index)
                if types and (not row.is_conditional or applies(self, match)):
                    self._bind(match, tuple(types))
        self._choose()
        # What was found on the way did not know of either.
        self.resolver.forget()
        self._callers.clear()

    @staticmethod
    def _may_register(function: FunctionNode, index: int, call: v.Invoke) -> bool:
        """Who is handed a function, or decorates one: not `settings.get("name")`."""
        values = function.fact.values
        return (
            index in function.fact.decorators
            or any(type(values[arg]) not in _NO_FUNCTIONS for arg in call.args)
            # All about a route in one mapping: `server.route({ path, handler })`.
            or any(type(values[arg]) is v.Record for arg in call.args[:1])
        )

    def _bind(self, match: Match, types: tuple[str, ...]) -> None:
        if match.index in match.function.fact.decorators:
            self.resolver.bindings.setdefault(match.function.key, types)
        for handler in match.values("handler"):
            for number in self._flat(match.function, handler):
                for reference in self.resolver.references(match.function, number):
                    if isinstance(reference, FunctionReference):
                        self.resolver.bindings.setdefault(reference.function.key, types)

    @staticmethod
    def _flat(function: FunctionNode, index: int) -> list[int]:
        value = function.fact.values[index]
        if type(value) is v.Listing:
            return list(value.elements)
        if type(value) is v.Record:  # one by name: `Meteor.methods({ rename(id, name) {…} })`
            return list(value.items)
        if type(value) is v.Invoke:  # a wrapper such as `asyncHandler(async (req, res) => …)`
            return [index, *value.args]
        return [index]

    def calls(self) -> list[tuple[FunctionNode, int, v.Invoke, v.Value]]:
        """Every call of the project with what is called, by file and place."""
        return self._inventory.calls

    def comparisons(self) -> list[tuple[FunctionNode, v.Compute]]:
        """Every `==` and `!=` of the project, by file and place."""
        return self._inventory.comparisons

    def products(self) -> list[tuple[FunctionNode, int]]:
        """Every `*` of two operands of the project, by file and place."""
        return self._inventory.products

    @cached_property
    def _inventory(self) -> Inventory:
        return Inventory(self.all_functions)

    def field_writes(self, name: str) -> list[tuple[FunctionNode, v.FieldWrite]]:
        """All places where a field of a name is set, whatever has it, by file and place."""
        if self._written is None:
            self._written = {}
            for function in self.all_functions:
                for write in function.fact.writes:
                    self._written.setdefault(write.name, []).append((function, write))
        return self._written.get(name, [])

    def callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """The calls of a function of the project, at most `MAX_CALLERS`, by file and place.

        A method called on a receiver nobody knows counts if few functions have its name.
        """
        return self.all_callers(function)[:MAX_CALLERS]

    def all_callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """All calls of a function of the project, for questions about each of them."""
        known = self._callers.get(function.key)
        if known is None:
            known = self._callers[function.key] = []
            known.extend(islice(self._calling(function), MAX_ALL_CALLERS))
        return known

    def _calling(self, function: FunctionNode) -> Iterator[tuple[FunctionNode, int]]:
        calls = self._inventory.calls_of
        name = function.fact.name
        candidates = [*calls.get(name, ())] if name else []
        if not name and function.key in self._inventory.closures:
            # `require("./routes")(app)`: what a module exports as a whole needs no name.
            candidates = [*calls.get(WHOLE, ()), *calls.get("default", ())]
        candidates += self._inventory.closure_calls.get(function.key, ())
        candidates += self._chosen_calls.get(function.key, ())
        if name in ("__init__", "constructor") and function.fact.owner >= 0:
            candidates = list(calls.get(function.file.facts.classes[function.fact.owner].name, ()))
        # What nobody knows may be an object with this method.
        guessed = len(self._inventory.named.get(name, ())) <= MAX_NAMESAKES and self._may_be_asked(
            function
        )
        most = len(function.fact.parameters)
        family = function.file.family
        for caller, index in candidates:
            if caller.file.family != family:
                continue
            call = caller.call(index)
            ran = self._run_by(caller, call.callee)
            if function in ran or (
                guessed
                and not ran
                and type(caller.fact.values[call.callee]) is v.Member
                and len(call.args) <= most
                and not self.resolver.references(caller, call.callee)
            ):
                yield caller, index

    def _choose(self) -> None:
        """Find the calls under no name of a function, by the functions that they may run.

        `HANDLERS[kind](data)`, `callback(data)`, `service.notify(data)` of a field `notify`.
        """
        fields = {
            field.name
            for file in self.files.values()
            for fact in file.facts.classes
            for field in fact.fields
            if self._may_hold_function(file.functions[fact.scope], field.annotation)
        }
        found: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = defaultdict(list)
        for caller, at, call, callee in self._inventory.calls:
            if (
                type(callee) in _UNNAMED
                or (type(callee) is v.Captured and callee.name not in self._inventory.named)
                or (type(callee) is v.Member and callee.name in fields)
            ):
                name = callee.name if type(callee) is v.Member else ""
                for target in self.targets(caller, call):
                    if not name or target.fact.name != name:
                        found[target.key].append((caller, at))
        self._chosen_calls = found

    def _may_hold_function(self, scope: FunctionNode, annotation: int) -> bool:
        """A field may hold a function unless it is declared to hold something else."""
        if annotation < 0:
            return True
        value = scope.fact.values[annotation]
        if type(value) is v.Item:
            return getattr(scope.fact.values[value.base], "name", "") not in _COLLECTIONS
        references = self.resolver.references(scope, annotation)
        return not references or not all(
            "." not in reference.name
            if isinstance(reference, Api)
            else isinstance(reference, ClassReference) and reference.fact.kind in _OBJECT_KINDS
            for reference in references
        )

    @remembered
    def _arguments(
        self, function: FunctionNode, position: int
    ) -> tuple[tuple[FunctionNode, int], ...]:
        found = []
        for caller, index in islice(self._calling(function), MAX_TYPING_CALLERS):
            value, field = self.argument_for(caller.call(index), function, position)
            if value >= 0 and not field:
                found.append((caller, value))
        return tuple(found)

    def targets(self, caller: FunctionNode, call: v.Invoke) -> list[FunctionNode]:
        """The functions of the project that a call may run; constructors for classes.

        A method called on a receiver nobody knows is the only one of its name, if there is one.
        """
        return self._run_by(caller, call.callee) or self._only_one(caller, call)

    def _only_one(self, caller: FunctionNode, call: v.Invoke) -> list[FunctionNode]:
        callee = caller.fact.values[call.callee]
        if type(callee) is not v.Member:
            return []
        named = self._inventory.named.get(callee.name, ())
        if len(named) != 1 or len(call.args) > len(named[0].fact.parameters):
            return []
        (function,) = named
        if (
            function.file.family != caller.file.family
            or not self._may_be_asked(function)
            or callee.name in load(caller.file.family).names
            or self.resolver.references(caller, call.callee)
            or self.is_decorated(function, "background-task") is not None
        ):
            return []
        return [function]

    def _may_be_asked(self, function: FunctionNode) -> bool:
        """An object that nobody knows may be one of those that have the function as a member."""
        models, name = load(function.file.family), function.fact.name
        if function.fact.owner >= 0 or function.fact.receiver_type:
            # By such a name, a list or a text is asked.
            return not any(
                row.concept in ("propagator", "selection")
                for row in models.any_receiver.get(name, ())
            )
        return function.key in self._inventory.members and name not in models.names

    @remembered
    def _run_by(self, caller: FunctionNode, callee: int) -> list[FunctionNode]:
        found: list[FunctionNode] = []
        for reference in self.resolver.references(caller, callee):
            if isinstance(reference, FunctionReference):
                if self.is_decorated(reference.function, "background-task") is None:
                    found.append(reference.function)
            elif isinstance(reference, ClassReference):
                names = ("__call__",) if reference.instance else ("__init__", "constructor")
                for name in names:
                    method = self.resolver.classes.method(reference, name)
                    if method is not None:
                        found.append(method)
        return found

    def creation(self, function: FunctionNode) -> tuple[FunctionNode, int] | None:
        """Where a closure is written as a value: its surrounding function and the value."""
        index = self._inventory.closures.get(function.key)
        if index is None:
            return None
        return function.file.functions[function.fact.parent], index

    def argument_for(
        self, call: v.Invoke, function: FunctionNode, position: int
    ) -> tuple[int, str]:
        """The value that a call gives to a parameter, -1 if none is told apart.

        The second result is the field of that value which is the parameter: empty for the value
        itself, the parameter's name for `**mapping`, `*` for an element of `*sequence`.
        """
        parameter = function.fact.parameters[position]
        at = 0
        spread = (-1, "")
        for value, name in zip(call.args, call.names, strict=True):
            if name in ("*", "**"):
                spread = (value, parameter.name if name == "**" else "*")
            elif name:
                if name == parameter.name:
                    return value, ""
            else:
                if at == position or (parameter.kind == "*" and at >= position):
                    return value, ""
                at += 1
        return spread

    @remembered
    def is_decorated(self, function: FunctionNode, concept: str) -> Row | None:
        """The row of a concept that decorates a function, if any."""
        for index in function.fact.decorators:
            value = function.fact.values[index]
            callee = value.callee if type(value) is v.Invoke else index
            for row, _ in self.rows(function, callee):
                if row.concept == concept:
                    return row
            for reference in self.resolver.references(function, callee):
                if isinstance(reference, FunctionReference):
                    applied = self._applied_inside(reference.function, concept)
                    if applied is not None:
                        return applied
        return None

    def _applied_inside(self, decorator: FunctionNode, concept: str) -> Row | None:
        """The row of a concept that a decorator of the project applies in its turn."""
        inside = [decorator]
        for function in inside:
            if function.number > 0:
                inside.extend(function.inner)
            for value in function.fact.values:
                if type(value) is v.Invoke:
                    for row, _ in self.rows(function, value.callee):
                        if row.concept == concept:
                            return row
        return None
