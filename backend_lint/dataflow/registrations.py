"""Which functions the registration of a route makes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
MAX_WRAPPERS = 4


class Answer(msgspec.Struct, frozen=True):
    """A function that answers requests.

    Attributes:
        function: the function.
        method: the HTTP method that it alone is for, perhaps with a path; empty if all are its.
        owner: the class that is registered, of which the function is a method.
        wrappers: the calls that wrap it, each with the position of the argument that it wraps.
    """

    function: FunctionNode
    method: str = ""
    owner: ClassReference | None = None
    wrappers: tuple[tuple[int, int], ...] = ()


def handlers(index: ProjectIndex, match: Match) -> Iterator[FunctionNode]:
    """The functions, and the methods of a class that is made a view: `FileView.as_view()`."""
    for answer in answering(index, match):
        yield answer.function


def answering(index: ProjectIndex, match: Match) -> Iterator[Answer]:
    """The functions with how they are registered."""
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
) -> Iterator[Answer]:
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
                rows = index.rows(function, value.callee)
                is_form = any(row.concept == "wrapper" for row, _ in rows)
                for position, arg in enumerate(value.args):
                    around = wrappers if is_form else (*wrappers, (at, position))
                    for inner in _answering(index, match, arg, around):
                        found = True
                        yield inner
            if found:
                return
    known = index.resolver.references(function, named)
    if type(value) is v.Invoke and not any(isinstance(r, FunctionReference) for r in known):
        # `list(db)`, which says of its result no more than that it answers
        for target in index.targets(function, value):
            for result in target.fact.returns:
                made = target.fact.values[result.value]
                if type(made) is v.Closure:
                    yield Answer(target.file.functions[made.function], wrappers=wrappers)
    for reference in known:
        if isinstance(reference, FunctionReference):
            yield Answer(reference.function, wrappers=wrappers)
        elif isinstance(reference, ClassReference):
            actions: dict[str, str] = match.attributes.get("actions", {})
            for name in (*actions, *METHODS):
                method = index.resolver.classes.method(reference, name)
                if method is not None:
                    verb = actions.get(name, name.upper())
                    yield Answer(method, verb, reference, wrappers)
