"""Where in a function a value is used, and what control went through on its way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.semantics.references import FunctionNode

# A value that was tested, and how the test came out.
Test: TypeAlias = tuple[int, bool]

# Behind everything that is written under the same control context.
LAST = 2**62


class Use(msgspec.Struct, frozen=True):
    """A place whose checks count for a value.

    Attributes:
        context: the control context, -1 for the body of the function.
        place: the byte where control is, -1 if that is not known.
        tests: further tests that decided that it is this value, those of a comprehension and of
            the branches where a variable was given it; each with how it came out.
        made: contexts and places of calls that the value went through before.
    """

    context: int = -1
    place: int = -1
    tests: tuple[Test, ...] = ()
    made: tuple[tuple[int, int], ...] = ()

    def through(self, context: int, place: int) -> Use:
        """The same use of a value that a call took before."""
        if (context, place) in self.made or context < 0:
            return self
        return Use(self.context, self.place, self.tests, (*self.made, (context, place)))

    def under(self, tests: tuple[Test, ...]) -> Use:
        """The same use of a value that was made under tests."""
        if not tests or set(tests) <= set(self.tests):
            return self
        return Use(self.context, self.place, (*self.tests, *tests), self.made)

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """All contexts and places whose checks count."""
        return ((self.context, self.place), *self.made)


def passes(
    function: FunctionNode, call: int, context: int, place: int, *, of: int | None = None
) -> bool:
    """Control that is at a place under a context went through a call before.

    Args:
        function: the function of all of them.
        call: the call.
        context: the context of the place.
        place: the byte where control is, -1 if that is not known.
        of: the context to take the call for one of, if not its own.
    """
    invoke = function.call(call)
    wanted = invoke.context if of is None else of
    return passed_by(function, wanted, invoke.start, context, place)


def passed_by(function: FunctionNode, wanted: int, start: int, context: int, place: int) -> bool:
    """Control that is at a place under a context was at another before.

    Args:
        function: the function of both.
        wanted: the context of the other.
        start: the byte of the other.
        context: the context of the place.
        place: the byte where control is, -1 if that is not known.
    """
    contexts = function.fact.contexts
    current, before = context, place
    while current != wanted:
        if current < 0:
            return False
        before = contexts[current].start
        current = contexts[current].parent
    return start < before


def is_under(function: FunctionNode, context: int, outer: int) -> bool:
    """A control context is another, or inside of it."""
    while context >= 0 and context != outer:
        context = function.fact.contexts[context].parent
    return context == outer


def tests_around(function: FunctionNode, context: int) -> Iterator[Test]:
    """The tests that decide whether control comes into a context, innermost first."""
    while context >= 0:
        around = function.fact.contexts[context]
        if around.kind in ("if", "unless"):
            yield around.value, around.kind == "if"
        context = around.parent


def ways_out(function: FunctionNode) -> list[int]:
    """The control contexts in which a function comes back: its returns, then its open ends."""
    return [*(result.context for result in function.fact.returns), *function.fact.exits]
