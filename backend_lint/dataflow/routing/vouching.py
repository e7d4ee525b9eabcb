"""Checks that ran before a handler and vouch for what it reads of the request.

A part of the request is safe where all routes that lead to the function have a layer that lets the
request through only if a check of its own holds for that part, or that puts something safe in its
place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.checkers import is_refusal
from backend_lint.dataflow.routing.layers import Layer
from backend_lint.dataflow.routing.passages import Passage, Passages
from backend_lint.dataflow.routing.requested import PARAMETERS, Part, Requested
from backend_lint.dataflow.routing.routes import Route, Routes
from backend_lint.dataflow.sources import Origin
from backend_lint.dataflow.states import ALL_FIELDS
from backend_lint.dataflow.uses import LAST, Use, passed_by, passes, ways_out
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.dataflow.trace import Tracer
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_CALLS = 30
MAX_DEPTH = 2
# What the flow takes by no name of its own.
_ANY = frozenset({"*", "#", ALL_FIELDS})


class Vouching:
    """Tells whether layers vouch for parts of requests, for one taint kind.

    Args:
        index: the linked project.
        tracer: follows what layers put in the place of a part.
    """

    def __init__(self, index: ProjectIndex, tracer: Tracer) -> None:
        self.index = index
        self.tracer = tracer
        self.guards = tracer.guards
        self.requested = index.shared(Requested)
        self._known: dict[tuple[object, ...], bool] = {}

    def holds(self, function: FunctionNode, at: int, fields: tuple[str, ...], use: Use) -> bool:
        """What ran before vouches for a part of the request that a function reads.

        Args:
            function: the function.
            at: the value that it reads.
            fields: what of the value is meant, outermost first.
            use: the place of its use.
        """
        read = self.requested.part(function, at)
        if read is None:
            return False
        value = function.fact.values[at]
        if type(value) is v.Parameter and self.tracer.schemas.parsed(function, value.index, fields):
            return True
        named: list[str] = []
        for field in fields:
            if field in _ANY:
                break
            named.append(field)
        part = (read[0], (*read[1], *named))
        if not part[1]:
            return False
        itself = Layer(function, -1, (), (function,), {})
        if any(
            self._is_called(itself, Passage(function, context, place), part, 0)
            or self._is_told(itself, Passage(function, context, place), part, 0)
            for context, place in use.places
        ):
            return True
        known = self.index.shared(Routes)
        routes = known.leading_to(function) or known.through(function)
        return bool(routes) and all(
            any(layer.always and self._vouches(layer, part) for layer in route.chain)
            or self._is_noted(route, part)
            for route in routes
        )

    def _is_noted(self, route: Route, part: Part) -> bool:
        """One layer notes what is wrong with the part, another or the handler acts upon it."""
        validations = self.tracer.validations
        if not any(layer.always and validations.notes(layer, part) for layer in route.chain):
            return False
        return validations.is_asked(route.handler) or any(
            layer.always and self._heeds(layer) for layer in route.chain
        )

    def _heeds(self, layer: Layer) -> bool:
        passages = self.index.shared(Passages).of(layer)
        return bool(passages) and all(
            self.tracer.validations.came_out_well(place.function, Use(place.context, place.place))
            for place in passages or ()
        )

    def _vouches(self, layer: Layer, part: Part) -> bool:
        if self.tracer.schemas.layer_declares(layer, part):
            return True
        key = (layer.function.key, layer.at, tuple(runner.key for runner in layer.runs), part)
        known = self._known.get(key)
        if known is None:
            self._known[key] = False  # a layer that asks about itself
            passages = self.index.shared(Passages).of(layer)
            known = self._known[key] = bool(passages) and all(
                self._is_checked(layer, place, part) for place in passages or ()
            )
        return known

    def _is_checked(self, layer: Layer, place: Passage, part: Part, depth: int = 0) -> bool:
        """Whoever comes to a place in a layer, the part of the request was found to be safe."""
        function = place.function
        use = Use(place.context, place.place)
        for at in self.requested.read(function, part, layer):
            if self.guards.holds(function, at, use):
                return True
            if place.value >= 0 and self.guards.implies(function, place.value, at, positive=True):
                return True
            if self._is_refused(function, place, at):
                return True
        return (
            self.tracer.validations.hold_part(function, part, layer, use)
            or self._is_replaced(layer, place, part)
            or self._is_called(layer, place, part, depth)
            or self._is_told(layer, place, part, depth)
            or self._is_checked_outside(layer, place, part, depth)
        )

    def _is_refused(self, function: FunctionNode, place: Passage, at: int) -> bool:
        """A branch ended the request, though what stands behind it runs on."""
        return any(
            self.guards.implies(function, test, at, positive=outcome)
            for test, outcome in self.index.shared(Passages).spared(place)
        )

    def _is_replaced(self, layer: Layer, place: Passage, part: Part) -> bool:
        """Something safe was put in the place of the part, or of what holds it."""
        function = place.function
        for write in function.fact.writes:
            base = self.requested.part(function, write.base, layer)
            written: list[Part]
            if base is None:
                names = self.index.resolver.names(function, write.base)
                written = [(f"{name}.{write.name}", ()) for name in names]
            else:
                written = [(base[0], (*base[1], write.name))]
            for source, taken in written:
                if source != part[0] or part[1][: len(taken)] != taken:
                    continue
                if not passed_by(function, write.context, write.start, place.context, place.place):
                    continue
                flows = self.tracer.flows(
                    function,
                    write.value,
                    use=Use(write.context, write.start),
                    fields=part[1][len(taken) :],
                )
                if not any(
                    flow.origin in (Origin.REMOTE, Origin.LIMIT, Origin.PARAMETER) for flow in flows
                ):
                    return True
        return False

    def _is_called(self, layer: Layer, place: Passage, part: Part, depth: int) -> bool:
        """A function of the project was called that comes back only for what is safe."""
        if depth > MAX_DEPTH:
            return False
        function = place.function
        calls = 0
        for at, value in enumerate(function.fact.values):
            if type(value) is not v.Invoke or not passes(function, at, place.context, place.place):
                continue
            for target in self.index.targets(function, value):
                calls += 1
                if calls > MAX_CALLS:
                    return False
                if self.comes_back_checked(layer, target, part, depth + 1):
                    return True
        return False

    def _is_told(self, layer: Layer, place: Passage, part: Part, depth: int) -> bool:
        """A function of the project was asked, and is true only for what is safe."""
        if depth > MAX_DEPTH or part[0] == PARAMETERS:
            return False
        function = place.function
        tests = [
            *self.guards.outcomes(function, Use(place.context, place.place)),
            *self.index.shared(Passages).spared(place),
        ]
        return any(
            self._tells(layer, function, test, part, depth, positive=outcome)
            for test, outcome in tests
        )

    def _tells(
        self,
        layer: Layer,
        function: FunctionNode,
        test: int,
        part: Part,
        depth: int,
        *,
        positive: bool,
    ) -> bool:
        value = function.fact.values[test]
        if type(value) is v.Compute and value.operator == "not":
            return self._tells(
                layer, function, value.operands[0], part, depth, positive=not positive
            )
        if type(value) is not v.Invoke or not positive:
            return False
        return any(
            target.fact.returns
            and not target.fact.exits
            and all(
                is_refusal(target, result.value)
                or self._is_checked(
                    layer,
                    Passage(target, result.context, LAST, result.value),
                    part,
                    depth + 1,
                )
                for result in target.fact.returns
            )
            for target in self.index.targets(function, value)
        )

    def comes_back_checked(
        self, layer: Layer, function: FunctionNode, part: Part, depth: int
    ) -> bool:
        """A function comes back only if a check of its own holds for a part of the request."""
        if part[0] == PARAMETERS:
            return False  # parameters of any function are no parts of the request
        ways = ways_out(function)
        return bool(ways) and all(
            self._is_checked(layer, Passage(function, way, LAST), part, depth) for way in ways
        )

    def _is_checked_outside(self, layer: Layer, place: Passage, part: Part, depth: int) -> bool:
        """The function that makes a closure checked the part before."""
        if place.function in layer.runs or depth > MAX_DEPTH:
            return False
        return any(
            self._is_checked(layer, outer, part, depth + 1)
            for outer, _ in self.index.shared(Passages).outside(place)
        )
