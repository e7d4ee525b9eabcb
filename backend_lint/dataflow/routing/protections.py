"""What a layer protects the routes behind it from.

Of a library's, the models say. A function of the project is told by what it does: it lets a request
through depending on who sent it, on what they may do, on how often they asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.dataflow.checks.guards import Guards
from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.routing.passages import Passage, Passages
from backend_lint.dataflow.uses import LAST, Use, passed_by, passes, ways_out
from backend_lint.facts import values as v
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 2
AUTHENTICATION = "authentication"
AUTHORIZATION = "authorization"
RATE_LIMIT = "rate-limit"
VALIDATION = "validation"
CSRF = "csrf"
# Words of what a test asks about, by what it protects from.
_WORDS = {
    AUTHENTICATION: frozenset(
        {
            "user",
            "session",
            "token",
            "authorization",
            "authenticated",
            "auth",
            "authed",
            "bearer",
            "jwt",
            "login",
            "logged",
            "identity",
            "principal",
            "credentials",
            "apikey",
            "anonymous",
        }
    ),
    AUTHORIZATION: frozenset(
        {
            "role",
            "roles",
            "permission",
            "permissions",
            "admin",
            "admins",
            "superuser",
            "staff",
            "owner",
            "scope",
            "scopes",
            "ability",
            "policy",
            "forbidden",
        }
    ),
    RATE_LIMIT: frozenset({"limiter", "ratelimit", "throttle", "throttled", "attempts", "quota"}),
    CSRF: frozenset({"csrf", "xsrf"}),
}
_Told: TypeAlias = tuple[str, tuple[tuple[str, int], int] | None, bool]
# Concepts of calls that check data of the request.
_CHECKS = ("validation", "validation-outcome", "request-schema", "field-schema")


class Protections:
    """Tells the protections of layers, each once."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.guards = Guards(index, "")
        self.passages = index.shared(Passages)
        self._known: dict[tuple[object, ...], frozenset[str]] = {}

    def of(self, layer: Layer) -> frozenset[str]:
        """The kinds of protection that a layer is; none for one that protects from nothing."""
        key = (layer.function.key, layer.at, layer.names, tuple(f.key for f in layer.runs))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = frozenset(self._find(layer))
        return known

    def _find(self, layer: Layer) -> Iterator[str]:
        models = self.index.resolver.models(layer.function)
        rows = [row for name in layer.names for row in models.rows_of(name.removesuffix("()"))]
        for row in rows:
            if row.concept == "protection":
                yield from row.kinds
        if not rows and not layer.runs:
            yield from self._named(layer)  # nothing is known of it but its name
        if layer.form.get("schema") or any(
            match.row.concept in _CHECKS
            for at in self._written(layer)
            for match in self.index.concepts_of(layer.function, at)
        ):
            yield VALIDATION
        for runner in layer.runs:
            for function in (*runner.nested(), *_around(runner)):
                yield from self._called(function)
        passages = self.passages.of(layer)
        if passages:
            told = [self._told(place, 0) for place in passages]
            yield from _common(told, decided=self._has_way_out(passages))

    def _has_way_out(self, passages: list[Passage]) -> bool:
        """A function that lets requests through somewhere ends otherwise without that."""
        for function in {place.function for place in passages}:
            ways = ways_out(function)
            here = [place for place in passages if place.function is function]
            if any(place.place == LAST for place in here):
                return False  # it lets them through by coming back
            if any(not any(_went_through(function, place, way) for place in here) for way in ways):
                return True
        return False

    @staticmethod
    def _named(layer: Layer) -> Iterator[str]:
        value = layer.function.fact.values[layer.at] if layer.at >= 0 else None
        if type(value) is v.Invoke:
            value = layer.function.fact.values[value.callee]
        words = words_of(getattr(value, "name", ""))
        for kind, telling in _WORDS.items():
            if not telling.isdisjoint(words):
                yield kind

    @staticmethod
    def _written(layer: Layer) -> Iterator[int]:
        if layer.at >= 0:
            for at, value in made_of(layer.function, layer.at):
                if type(value) is v.Invoke:
                    yield at

    def _called(self, function: FunctionNode) -> Iterator[str]:
        """What the libraries that a function calls protect from."""
        for match in self.index.matches_in(function, "protection"):
            yield from match.row.kinds
        for concept in _CHECKS:
            if self.index.matches_in(function, concept):
                yield VALIDATION

    def _told(self, place: Passage, depth: int) -> set[_Told]:
        """What was asked of a request that came to a place, by which test, and how it came out."""
        function = place.function
        use = Use(place.context, place.place)
        tests = [*self.guards.outcomes(function, use), *self.passages.spared(place)]
        if place.value >= 0:
            tests.append((place.value, True))
        found: set[_Told] = set()
        if depth < MAX_DEPTH:
            for outer, call in self.passages.outside(place):
                found |= self._told(outer, depth + 1)
                found |= self._verified(outer.function, call)
        for test, outcome in tests:
            words = {word for name in _names(function, test) for word in words_of(name)}
            for kind, telling in _WORDS.items():
                if not words.isdisjoint(telling):
                    found.add((kind, (function.key, test), outcome))
        for at, value in enumerate(function.fact.values):
            if type(value) is not v.Invoke or not passes(function, at, place.context, place.place):
                continue
            found |= self._verified(function, at)
            if depth < MAX_DEPTH:
                for target in self.index.targets(function, value):
                    found.update((kind, None, True) for kind in self._demanded(target, depth + 1))
        return found

    def _verified(self, function: FunctionNode, call: int) -> set[_Told]:
        return {
            (AUTHENTICATION, None, True)
            for match in self.index.concepts_of(function, call)
            if match.row.concept == "token-verification"
        }

    def _demanded(self, function: FunctionNode, depth: int) -> set[str]:
        """What a function asks before it comes back, on all its ways and with one outcome."""
        ways = ways_out(function)
        told = [self._told(Passage(function, way, LAST), depth) for way in ways]
        return _common(told)


def _common(told: list[set[_Told]], *, decided: bool = False) -> set[str]:
    """What was asked on all ways; what went either way did not matter, unless others ended."""
    if not told:
        return set()
    outcomes = set().union(*told)
    return set.intersection(
        *(
            {
                kind
                for kind, test, outcome in each
                if decided or test is None or (kind, test, not outcome) not in outcomes
            }
            for each in told
        )
    )


def _around(function: FunctionNode) -> Iterator[FunctionNode]:
    """The functions that a closure is made in."""
    while function.fact.parent > 0:
        function = function.file.functions[function.fact.parent]
        yield function


def _went_through(function: FunctionNode, place: Passage, context: int) -> bool:
    """Control that leaves a function from a context was at a place before."""
    return passed_by(function, place.context, place.place, context, LAST)


def _names(function: FunctionNode, at: int) -> Iterator[str]:
    """The names and texts that a test is made of."""
    for _, value in made_of(function, at):
        if isinstance(value, (v.Member, v.Captured, v.Global, v.Imported)):
            yield value.name
        elif type(value) is v.Parameter:
            yield function.fact.parameters[value.index].name
        elif type(value) is v.Constant and isinstance(value.value, str):
            yield value.value
