"""The linked project: what rules ask.

`link` puts the facts of all files together; everything else is found when a rule asks for it and
remembered. Nothing here needs a syntax tree.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from backend_lint.call_graph import CallGraph
from backend_lint.concepts.match import Match
from backend_lint.dataflow.conditions import applies
from backend_lint.facts import values as v
from backend_lint.finding import Location, Step
from backend_lint.layout import ProjectLayout
from backend_lint.models.library import load
from backend_lint.recognition import Recognition
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.modules import ModuleMap
from backend_lint.semantics.references import (
    FileNode,
    FunctionNode,
    FunctionReference,
)
from backend_lint.semantics.resolver import Resolver
from backend_lint.source import Language, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence, Set

    from backend_lint.models.rows import Row

T = TypeVar("T")

# Values that are no functions.
_NO_FUNCTIONS = frozenset({v.Constant, v.Text, v.Record})


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
        self._shared: dict[object, object] = {}
        self._written: dict[str, list[tuple[FunctionNode, v.FieldWrite]]] | None = None
        self._writing: dict[str, set[str]] | None = None
        self._graph = CallGraph(
            resolver,
            list(files.values()),
            lambda function: self.is_decorated(function, "background-task") is not None,
        )

    @cached_property
    def _recognition(self) -> Recognition:
        self._bind_handlers()
        return Recognition(self, self._graph.inventory)

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

    def matches(self, concept: str, kind: str = "") -> list[Match]:
        """All calls recognised as a concept, or those of a taint kind, by file and place."""
        return self._recognition.of(concept, kind)

    def asked_matches(self, concept: str, kind: str = "") -> list[Match]:
        """Those in the files in which findings are wanted, by file and place."""
        if len(self._asked) == len(self.files):
            return self.matches(concept, kind)
        return [
            match
            for function in self.asked_functions
            for match in self.matches_in(function, concept)
            if not kind or kind in match.row.kinds
        ]

    def matches_in(self, function: FunctionNode, concept: str) -> list[Match]:
        """The calls in one function that are recognised as a concept, by place."""
        return self._recognition.inside(function).get(concept, [])

    def concepts_of(self, function: FunctionNode, index: int) -> Sequence[Match]:
        """The concepts that one call is recognised as; none for what is no call."""
        return self._recognition.at(function, index)

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

    def _bind_handlers(self) -> None:
        """Give the parameters of handlers the types that their registration implies.

        What parameters stand for on the way is an assumption.
        """
        self.resolver.cycles.is_assuming = True
        calls = self._graph.inventory.calls_of
        names = {
            name
            for family in {file.family for file in self.files.values()}
            for name in load(family).binding_names
        }
        places = [place for name in names for place in calls.get(name, ())]
        places.extend(  # `app[route.method](route.path, route.handler)`
            (function, index)
            for function, index, _, callee in self.calls()
            if type(callee) is v.Item
        )
        for function, index in sorted(places, key=lambda place: (place[0].key, place[1])):
            call = function.call(index)
            callee = function.fact.values[call.callee]
            if (
                not isinstance(callee, (v.Member, v.Item))
                or (
                    type(callee) is v.Member
                    and callee.name not in load(function.file.family).binding_names
                )
                or not self._may_register(function, index, call)
            ):
                continue
            for row, name in self.rows(function, call.callee):
                types = row.attributes.get("parameters")
                match = Match(row, name, function, index)
                if types and (not row.is_conditional or applies(self, match)):
                    self._bind(match, tuple(types), row.attributes.get("answers-errors", -1))
        self.resolver.knows_bindings = True
        self.resolver.cycles.forget_assumed()
        self._graph.choose()

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

    def _bind(self, match: Match, types: tuple[str, ...], most: int) -> None:
        if match.index in match.function.fact.decorators:
            self.resolver.bindings.setdefault(match.function.key, types)
        for handler in match.values("handler"):
            for number in self._flat(match.function, handler):
                for reference in self.resolver.all_references(match.function, number):
                    if isinstance(reference, FunctionReference):
                        answers_errors = len(reference.function.fact.parameters) == most
                        given = ("", *types) if answers_errors else types
                        self.resolver.bindings.setdefault(reference.function.key, given)

    @staticmethod
    def _flat(function: FunctionNode, index: int) -> list[int]:
        value = function.fact.values[index]
        if type(value) is v.Listing:
            return list(value.elements)
        if type(value) is v.Record:  # one by name: `Meteor.methods({ rename(id, name) {…} })`
            return list(value.items)
        if (
            type(value) is v.Invoke
        ):  # `show.bind(this)`, a wrapper such as `asyncHandler(async (req, res) => …)`
            return [index, *value.args]
        return [index]

    def calls(self) -> list[tuple[FunctionNode, int, v.Invoke, v.Value]]:
        """Every call of the project with what is called, by file and place."""
        return self._graph.inventory.calls

    def calls_of(self, name: str) -> Sequence[tuple[FunctionNode, int]]:
        """The calls of the project that are made through a name, by file and place."""
        return self._graph.inventory.calls_of.get(name, ())

    def comparisons(self) -> list[tuple[FunctionNode, v.Compute]]:
        """Every `==` and `!=` of the project, by file and place."""
        return self._graph.inventory.comparisons

    def products(self) -> list[tuple[FunctionNode, int]]:
        """Every `*` of two operands of the project, by file and place."""
        return self._graph.inventory.products

    def field_writes(self, name: str) -> list[tuple[FunctionNode, v.FieldWrite]]:
        """All places where a field of a name is set, whatever has it, by file and place."""
        if self._written is None:
            self._written = {}
            for function in self.all_functions:
                for write in function.fact.writes:
                    self._written.setdefault(write.name, []).append((function, write))
        return self._written.get(name, [])

    def may_write(self, method: str, fields: Set[str]) -> bool:
        """What is called as a member of this name may set a field of one of the names."""
        if self._writing is None:
            self._writing = {}
            for function in self.all_functions:
                if function.fact.writes:
                    names = self._writing.setdefault(function.fact.name, set())
                    names.update(write.name for write in function.fact.writes)
        return method in self._graph.inventory.renamed or not fields.isdisjoint(
            self._writing.get(method, ())
        )

    def callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """See `CallGraph.callers`."""
        return self._graph.callers(function)

    def all_callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """See `CallGraph.all_callers`."""
        return self._graph.all_callers(function)

    def targets(self, caller: FunctionNode, call: v.Invoke) -> list[FunctionNode]:
        """See `CallGraph.targets`."""
        return self._graph.targets(caller, call)

    def creation(self, function: FunctionNode) -> tuple[FunctionNode, int] | None:
        """See `CallGraph.creation`."""
        return self._graph.creation(function)

    def argument_for(
        self, call: v.Invoke, function: FunctionNode, position: int
    ) -> tuple[int, str]:
        """See `CallGraph.argument_for`."""
        return self._graph.argument_for(call, function, position)

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
