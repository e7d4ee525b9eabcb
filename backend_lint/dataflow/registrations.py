"""Which functions the registration of a route makes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
MAX_WRAPPERS = 4


def handlers(index: ProjectIndex, match: Match) -> Iterator[FunctionNode]:
    """The functions, and the methods of a class that is made a view: `FileView.as_view()`."""
    for function, _, _ in answering(index, match):
        yield function


def answering(
    index: ProjectIndex, match: Match
) -> Iterator[tuple[FunctionNode, str, tuple[tuple[int, int], ...]]]:
    """The functions with the HTTP method that each alone is for, and the calls that wrap it.

    Of a call, there is its value and the position of the argument that it wraps.
    """
    for at in last(match.function, match.values("handler")):
        yield from _answering(index, match, at, ())


def last(function: FunctionNode, handlers: list[int]) -> list[int]:
    """The value that answers, of those a registration takes for its handlers."""
    at = handlers[-1:]
    while at and type(listed := function.fact.values[at[0]]) is v.Listing:
        at = list(listed.elements[-1:])
    return at


def _answering(
    index: ProjectIndex, match: Match, at: int, wrappers: tuple[tuple[int, int], ...]
) -> Iterator[tuple[FunctionNode, str, tuple[tuple[int, int], ...]]]:
    function = match.function
    value, named = function.fact.values[at], at
    maker = match.attributes.get("view", "")
    if type(value) is v.Invoke:
        callee = function.fact.values[value.callee]
        if maker and type(callee) is v.Member and callee.name == maker:
            named = callee.base
        else:
            found = False
            if len(wrappers) < MAX_WRAPPERS:
                is_form = any(
                    row.concept == "wrapper" for row, _ in index.rows(function, value.callee)
                )
                for position, arg in enumerate(value.args):
                    around = wrappers if is_form else (*wrappers, (at, position))
                    for inner in _answering(index, match, arg, around):
                        found = True
                        yield inner
            if found:
                return
    for reference in index.resolver.references(function, named):
        if isinstance(reference, FunctionReference):
            yield reference.function, "", wrappers
        elif isinstance(reference, ClassReference):
            actions: dict[str, str] = match.attributes.get("actions", {})
            for name in (*actions, *METHODS):
                method = index.resolver.classes.method(reference, name)
                if method is not None:
                    yield method, actions.get(name, name.upper()), wrappers
