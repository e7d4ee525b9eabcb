"""Where layers let requests through.

A layer does so at certain places of its code: where it calls what comes next, or where it comes
back. What it does before those places, the handler can rely on.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.dependence import calls_with
from backend_lint.dataflow.frames import is_super
from backend_lint.dataflow.routing.requested import Requested
from backend_lint.dataflow.uses import LAST, is_under, passes, tests_around
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.index import ProjectIndex

MAX_ENDS = 3
# By these a handler is called that is an object, or an older form of a function.
_CALLING = frozenset({"ServeHTTP", "handle", "call", "apply", "dispatch"})
# What a layer gives on when it has nothing to complain of.
_NOTHING = frozenset({None, "route", "router"})


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


class Passages:
    """Finds such places, and what is known there."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._ending: dict[tuple[str, int], list[int]] = {}

    def of(self, layer: Layer) -> list[Passage] | None:
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
            is_under(place.function, place.context, context)
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
        function = place.function
        tests = (*self.spared(place), *tests_around(function, place.context))
        return not any(
            self._truth(layer, function, test) is (not outcome) for test, outcome in tests
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
        for at in calls_with(owner, closure):
            start = owner.fact.values[closure].start
            yield Passage(owner, owner.call(at).context, start), at
            return

    def _calls_next(self, runner: FunctionNode, layer: Layer) -> Iterator[Passage]:
        """The calls of what comes next, in a function and the closures that it makes."""
        position = int(layer.form.get("next", 0))
        for function in runner.nested():
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
            if is_super(function, value.base):  # `super().dispatch(request)`
                return True
            value = function.fact.values[value.base]
        if type(value) is v.Parameter:
            return value.index == position
        if type(value) is not v.Captured or value.function == 0:
            return False
        owner = function.file.functions[value.function]
        cell = owner.fact.cells.get(value.name, -1)
        given = owner.fact.values[cell] if cell >= 0 else None
        if type(given) is not v.Parameter:
            return False
        return given.index == position and any(owner is other for other in runner.nested())


def _complains(function: FunctionNode, call: v.Invoke) -> bool:
    """`next(error)` goes to what answers errors."""
    if not call.args:
        return False
    given = function.fact.values[call.args[0]]
    return type(given) is not v.Constant or given.value not in _NOTHING
