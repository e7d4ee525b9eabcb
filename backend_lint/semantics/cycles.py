"""What values stand for that depend on one another, whichever of them is asked for first.

Values and those they depend on form a graph. In a component of it, where every value leads to every
other, the answers are the least fixed point: all begin with nothing, and the component is gone
round until no answer changes. A component is found as in Tarjan's algorithm ("Depth-first search
and linear graph algorithms", 1972), while the questions are asked: the first of its values to be
asked for is the one at which the rounds begin and end.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_lint.semantics.references import FunctionNode, Reference

# An answer that still changes after so many rounds swings.
MAX_ROUNDS = 16
_NOWHERE = sys.maxsize


class Pending:
    """The approximation of an answer.

    Attributes:
        found: what was found last.
        depth: how deep in the questions the first one is that it depends on.
        is_read: somebody asked for it before it was found again in this round.
        is_old: it belongs to the last round.
        is_assumed: it rests on an assumption, and is final as long as that holds.
    """

    __slots__ = ("depth", "found", "is_assumed", "is_old", "is_read")

    def __init__(self, depth: int) -> None:
        self.found: tuple[Reference, ...] = ()
        self.depth = depth
        self.is_read = False
        self.is_old = False
        self.is_assumed = False


class Cycles:
    """The questions that are being answered.

    Args:
        find: finds what a value stands for, asking for other values; the more these stand for, the
            more it gives.

    Attributes:
        reads: how often an approximation was given for an answer. Where that has changed, what was
            found out in between is one, too.
        assumptions: how often an answer rested on an assumption. Where that has changed, what was
            found out in between rests on one, too.
        is_assuming: what is assumed now may turn out to be otherwise.
    """

    def __init__(self, find: Callable[[FunctionNode, int], tuple[Reference, ...]]) -> None:
        self.reads = 0
        self.assumptions = 0
        self.is_assuming = False
        self._find = find
        self._depth = 0
        self._first = _NOWHERE  # the depth of the first question that the present one depends on
        self._changes = 0
        self._waiting: list[tuple[FunctionNode, int, Pending]] = []
        self._assumed: list[tuple[dict[Any, Any], object]] = []

    def assume(self) -> None:
        """Tell that what is being found out rests on an assumption."""
        self.assumptions += self.is_assuming

    def keep_assumed(self, memory: dict[Any, Any], question: object, answer: object) -> None:
        """Let a memory keep an answer that rests on an assumption, as long as that holds."""
        memory[question] = answer
        self._assumed.append((memory, question))

    def forget_assumed(self) -> None:
        """Forget the answers that rest on an assumption, and assume nothing any more."""
        for memory, question in self._assumed:
            memory.pop(question, None)
        self._assumed.clear()
        self.is_assuming = False

    def answer(self, function: FunctionNode, index: int) -> tuple[Reference, ...]:
        """What a value stands for; the function keeps it once it is final."""
        pending = function.known.get(index)
        if isinstance(pending, tuple):
            return pending
        if pending is None or (isinstance(pending, Pending) and pending.is_old):
            return self._answer(function, index, pending)
        if isinstance(pending, int):  # asked for on the way round for the first time
            pending = function.known[index] = Pending(pending)
        if pending.is_assumed:
            self.assumptions += 1
            return pending.found
        self.reads += 1
        pending.is_read = True
        self._first = min(self._first, pending.depth)
        return pending.found

    def _answer(
        self, function: FunctionNode, index: int, pending: Pending | None
    ) -> tuple[Reference, ...]:
        """Find an answer, and those of all values of its component if it is the first of them."""
        known, outer, waiting = function.known, self._first, len(self._waiting)
        assumptions = self.assumptions
        found: tuple[Reference, ...] = ()
        self._depth += 1
        depth = self._depth
        if pending is None:
            known[index] = depth  # nothing more is needed for most
        else:
            pending.depth = depth
            pending.is_old = pending.is_read = False
        try:
            for _ in range(MAX_ROUNDS):
                self._first = _NOWHERE
                changes = self._changes
                found = self._find(function, index)
                if self._first > depth:
                    break
                state = known[index]
                pending = state if isinstance(state, Pending) else Pending(depth)
                changed = pending.is_read and found != pending.found
                pending.found = found
                if self._first < depth:  # a component that was entered before goes on from here
                    known[index] = pending
                    self._changes += changed
                    pending.depth = self._first
                    self._waiting.append((function, index, pending))
                    self._first = min(outer, self._first)
                    return found
                if not changed and changes == self._changes:
                    break
                pending.is_read = False
                for _, _, other in self._waiting[waiting:]:
                    other.is_old = True
                del self._waiting[waiting:]
        except BaseException:
            known.pop(index)
            for place, key, _ in self._waiting[waiting:]:
                place.known.pop(key)
            del self._waiting[waiting:]
            self._first = outer
            raise
        finally:
            self._depth -= 1
        self._first = outer
        if len(self._waiting) == waiting and self.assumptions == assumptions:
            known[index] = found
            return found
        pending = pending or Pending(depth)
        pending.found = found
        component = [*self._waiting[waiting:], (function, index, pending)]
        del self._waiting[waiting:]
        self._keep(component, is_assumed=self.assumptions != assumptions)
        return found

    def _keep(
        self, component: list[tuple[FunctionNode, int, Pending]], *, is_assumed: bool
    ) -> None:
        """Keep what the values of a component stand for."""
        for function, index, pending in component:
            pending.is_assumed = is_assumed
            if is_assumed:
                self.keep_assumed(function.known, index, pending)
            else:
                function.known[index] = pending.found
