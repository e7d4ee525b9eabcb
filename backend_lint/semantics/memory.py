"""Answers that are remembered as long as what values stand for stays the same.

A value that depends on itself stands for nothing on the way round. What was found there depends on
where the question began, so it is no answer to keep.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_lint.semantics.resolver import Resolver


class _Asker(Protocol):
    resolver: Resolver


S = TypeVar("S", bound=_Asker)
P = ParamSpec("P")
T = TypeVar("T")


def remembered(find: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Let the resolver remember what a method gives for its arguments."""

    @wraps(find)
    def answer(self: S, /, *args: P.args, **named: P.kwargs) -> T:
        resolver = self.resolver
        key = (find, args, *named.items())
        known = resolver.memory.get(key, resolver)  # itself for none: no answer is a resolver
        if known is resolver:
            cuts = resolver.cuts
            known = find(self, *args, **named)
            if cuts == resolver.cuts:
                resolver.memory[key] = known
        return cast("T", known)

    return answer
