"""The routes of a project: which function answers which request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.texts import texts
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex


class Route(msgspec.Struct, frozen=True):
    """A route.

    Attributes:
        method: the HTTP method in capitals, `*` for any.
        path: the pattern as far as it is constant, without prefixes of routers.
        handler: the function that answers.
    """

    method: str
    path: str
    handler: FunctionNode


def routes(index: ProjectIndex) -> Iterator[Route]:
    """All routes, by file and place of their registration or decorated function."""
    for match in index.matches("route"):
        if match.attributes.get("decorates"):
            continue
        path = _path(index, match)
        for handler in _handlers(index, match):
            yield Route(_method(match), path, handler)
    for function in index.functions():
        for decorator in function.fact.decorators:
            for match in index.concepts_of(function, decorator):
                if match.row.concept == "route" and match.attributes.get("decorates"):
                    yield Route(_method(match), _path(index, match), function)


def _method(match: Match) -> str:
    method = str(match.attributes.get("method", "*"))
    values = match.function.fact.values
    for value in match.values("methods"):
        listed = values[value]
        if type(listed) is v.Listing:
            names = [
                element.value
                for number in listed.elements
                if type(element := values[number]) is v.Constant
            ]
            if names:
                return str(names[0]).upper()
        elif type(listed) is v.Constant:
            return str(listed.value).upper()
    if method == "*" and "methods" in match.row.roles:
        return "GET"  # what frameworks take where no method is named
    return method


def _path(index: ProjectIndex, match: Match) -> str:
    for value in match.values("path"):
        for form in texts(index, match.function, value):
            return "".join(piece if isinstance(piece, str) else "{}" for piece in form.pieces)
    return ""


def _handlers(index: ProjectIndex, match: Match) -> Iterator[FunctionNode]:
    values = match.values("handler")
    if not values:
        return
    for number in _flat(match.function, values[-1]):
        for reference in index.resolver.references(match.function, number):
            if isinstance(reference, FunctionReference):
                yield reference.function


def _flat(function: FunctionNode, at: int) -> list[int]:
    value = function.fact.values[at]
    if type(value) is v.Listing:
        return list(value.elements[-1:])
    if type(value) is v.Invoke:  # a wrapper such as `catchAsync(async (req, res) => …)`
        return [at, *value.args]
    return [at]
