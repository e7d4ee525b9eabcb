"""Answers that are remembered as long as what values stand for stays the same.

What is found while values that depend on one another are still being found out is no answer to
keep: it would be the approximation of a round (`cycles.py`).
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import TypeVarTuple, Unpack

    from backend_lint.semantics.resolver import Resolver

    Ts = TypeVarTuple("Ts")


class _Asker(Protocol):
    resolver: Resolver


class _Assumed:
    """An answer that rests on an assumption."""

    def __init__(self, answer: object) -> None:
        self.answer = answer


S = TypeVar("S", bound=_Asker)
T = TypeVar("T")


def remembered(
    find: Callable[[S, Unpack[Ts]], T],
) -> Callable[[S, Unpack[Ts]], T]:
    """Let the resolver remember what a method gives for its arguments, which have no names.

    For classes of which a resolver has one object: the object is no part of the question.
    """

    @wraps(find)
    def answer(self: S, /, *args: Unpack[Ts]) -> T:
        resolver, cycles = self.resolver, self.resolver.cycles
        memory = resolver.memory[find]
        known = memory.get(args, resolver)  # itself for none: no answer is a resolver
        if type(known) is _Assumed:
            cycles.assume()
            known = known.answer
        elif known is resolver:
            reads, assumptions = cycles.reads, cycles.assumptions
            known = find(self, *args)
            if reads != cycles.reads:
                pass
            elif assumptions != cycles.assumptions:
                cycles.keep_assumed(memory, args, _Assumed(known))
            else:
                memory[args] = known
        return cast("T", known)

    return answer
