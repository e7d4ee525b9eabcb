"""Which functions run while a request is answered, as far as calls tell.

What nobody is seen to call for a request may run for one all the same: a command, a job and the
start of the program are told from it by nothing else.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.called import Called
from backend_lint.dataflow.routing.field_resolvers import FieldResolvers
from backend_lint.dataflow.routing.registrations import registered_classes
from backend_lint.dataflow.routing.routes import Routes
from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# So many functions are looked at on the way back to a handler.
MAX_RUNNERS = 300
# Base classes of which a library calls the methods while it answers a request.
_SERVING = ("filled-methods", "field-resolver-type", "form-class", "page-class")


class Reach:
    """Tells them; made once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[str, int], bool] = {}

    def is_served(self, function: FunctionNode) -> bool:
        """A request is seen to lead to a function."""
        known = self._known.get(function.key)
        if known is None:
            known = self._known[function.key] = self._search(function)
        return known

    def _search(self, function: FunctionNode) -> bool:
        up, seen = [function], {function.key}
        for current in up:
            if self._known.get(current.key) or self._answers(current):
                return True
            if current.number == 0 or len(up) > MAX_RUNNERS:
                continue
            runners = [caller for caller, _ in self.index.callers(current)]
            creation = self.index.creation(current)
            if creation is not None:
                runners.append(creation[0])
            for runner in runners:
                if runner.key not in seen and not runner.file.facts.is_test:
                    seen.add(runner.key)
                    up.append(runner)
        return False

    def _answers(self, function: FunctionNode) -> bool:
        """A library calls the function with a request, or for one."""
        routes = self.index.shared(Routes)
        return (
            function.key in routes.by_handler
            or bool(routes.through(function))
            or self._is_given_request(function)
            or self._is_of_serving_class(function)
        )

    def _is_given_request(self, function: FunctionNode) -> bool:
        parameters = range(len(function.fact.parameters))
        shared = self.index.shared
        return any(
            shared(FieldResolvers).row(function, at) or shared(Called).row(function, at)
            for at in parameters
        ) or any(
            self._is_request(function, at)
            if type(value) is v.Parameter
            else self._reads_request(function, at, value)
            for at, value in enumerate(function.fact.values)
        )

    def _is_request(self, function: FunctionNode, at: int) -> bool:
        """A parameter is a request, or an object of the project that is one and more."""
        models = self.index.resolver.models(function)
        requests = self._requests[function.file.family]
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, Api):
                names = [reference.name]
            elif isinstance(reference, ClassReference):
                names = self.index.resolver.classes.api_bases(reference)
            else:
                continue
            if any(base in requests for name in names for base in models.bases(name)):
                return True
        return False

    def _reads_request(self, function: FunctionNode, at: int, value: v.Value) -> bool:
        return isinstance(value, (v.Member, v.Item)) and any(
            row.concept == "remote-input" and not row.kinds and "subject" not in row.attributes
            for row, _ in self.index.rows(function, at)
        )

    def _is_of_serving_class(self, function: FunctionNode) -> bool:
        for owner in self.index.resolver.receiver(function):
            if isinstance(owner, ClassReference) and (
                (owner.file.path, owner.index) in self._serving_classes
                or not self._serving_bases[function.file.family].isdisjoint(
                    base
                    for api in self.index.resolver.classes.api_bases(owner)
                    for base in self.index.resolver.models(function).bases(api)
                )
            ):
                return True
        return False

    @cached_property
    def _requests(self) -> dict[str, frozenset[str]]:
        """The types of which a field or a method gives what a client sent, by language family."""
        return {
            family: frozenset(
                api.rpartition(".")[0]
                for row in load(family).concept_rows("remote-input")
                for api in row.api
            )
            for family in self.index.families
        }

    @cached_property
    def _serving_bases(self) -> dict[str, frozenset[str]]:
        return {
            family: frozenset(
                api
                for concept in _SERVING
                for row in load(family).concept_rows(concept)
                for api in row.api
            )
            for family in self.index.families
        }

    @cached_property
    def _serving_classes(self) -> frozenset[tuple[str, int]]:
        """The classes with a method that answers requests, and their bases."""
        classes = self.index.resolver.classes
        found: dict[tuple[str, int], None] = {}
        open_ = [
            *(
                ClassReference(route.handler.file, route.handler.fact.owner)
                for route in self.index.shared(Routes).all
                if route.handler.fact.owner >= 0
            ),
            *(
                owner
                for match in self.index.matches("route")
                for owner in registered_classes(self.index, match)
            ),
        ]
        for owner in open_:
            if (owner.file.path, owner.index) not in found:
                found[owner.file.path, owner.index] = None
                open_.extend(
                    base for base in classes.bases(owner) if isinstance(base, ClassReference)
                )
        return frozenset(found)
