"""What the paths of routes say of the parameters that they name."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.routing.registrations import handlers
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

# How a path names a parameter: as one segment, and as a number or the like, such as a converter of
# the project's own lets through.
_SEGMENT = r"(?<!\?P)[<{](?:(?:string|str)(?:\([^)]*\))?:)?NAME(?::str)?[>}]|\(\?P<NAME>\[\^/\]\+\)"
_NUMBER = (
    r"<(?!(?:string|str|default|path|re)\b)\w+(?:\([^)]*\))?:NAME>|<NAME:(?:int|float)>|"
    r"\{NAME:(?:int|float|uuid)\}|\(\?P<NAME>[^.^)]*\)"
)
# `*name`, `{name:path}`, `{name...}`, `{name:.*}`, `<path:name>`
_REST = re.compile(r"(?<=\*)\w+|\w+(?=:path\}|\.\.\.\}|:\.[*+]\})|(?<=<path:)\w+")
# `{name}` and `{name:[a-z]+}`, and the patterns that let only letters, digits and the like through
_NAMED = re.compile(r"\{(\w+):?([^{}]*(?:\{[\d,]+\}[^{}]*)*)\}")
_WORD = re.compile(r"(?:(?:\[(?:\w-\w|\w|-|\\[dw])+\]|\\[dw])(?:[+*]|\{[\d,]+\})?)+")

# Whatever a path names in any framework, and names that routers make for the records of a view.
_ANY_NAME = re.compile(r"\(\?P<(\w+)>|<(?:[^<>:]*:)?(\w+)(?::[^<>]*)?>|\{(\w+)[^{}]*\}|:(\w+)")
_LOOK_UP = re.compile(r"(?:.*_)?(?:pk|id|uuid|slug|key|name)")


class Paths:
    """Reads them once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index

    @cached_property
    def rests(self) -> frozenset[str]:
        """Names that a route of the project gives to the rest of the path, slashes and all."""
        return frozenset(
            name
            for match in self.index.matches("route")
            for path in _constant(match)
            for name in _REST.findall(path)
        )

    def is_unnamed(self, name: str) -> bool:
        """The project has paths with parameters, and none has one of the name."""
        return bool(self._named) and name not in self._named and not _LOOK_UP.fullmatch(name)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(
            name
            for match in self.index.matches("route")
            for path in _constant(match)
            for names in _ANY_NAME.findall(path)
            for name in names
            if name
        )

    def registered(self, function: FunctionNode) -> Row | None:
        """The row by which a function is registered whose parameters come from the request."""
        return next((match.row for match in self._filling(function)), None)

    def answering(self, function: FunctionNode) -> Row | None:
        """The row by which a function is registered whose result is sent as it is."""
        return next(
            (
                match.row
                for match in self._registrations.get(function.key, ())
                if match.attributes.get("answers")
            ),
            None,
        )

    def is_word(self, function: FunctionNode, name: str) -> bool:
        """The paths of the routes that a function answers limit a name to letters and digits."""
        patterns = [
            pattern
            for match in self._registrations.get(function.key, ())
            for path in _constant(match)
            for other, pattern in _NAMED.findall(path)
            if other == name
        ]
        return bool(patterns) and all(_WORD.fullmatch(pattern) for pattern in patterns)

    def is_number(self, function: FunctionNode, name: str) -> bool:
        """The paths take only numbers, UUIDs and the like for a parameter of the function."""
        return self._is_named(function, _NUMBER, name)

    def is_segment(self, function: FunctionNode, name: str) -> bool:
        """The paths take no slash for a parameter of the function."""
        return self._is_named(function, _SEGMENT, name)

    def _is_named(self, function: FunctionNode, form: str, name: str) -> bool:
        wanted = re.compile(form.replace("NAME", re.escape(name)))
        decorating = [
            match
            for decorator in function.fact.decorators
            for match in self.index.concepts_of(function, decorator)
            if match.row.concept == "route"
        ]
        paths = [
            path
            for match in (*decorating, *self._filling(function))
            if match.attributes.get("segments")
            for path in _constant(match)
        ]
        return bool(paths) and all(wanted.search(path) for path in paths)

    def _filling(self, function: FunctionNode) -> Iterator[Match]:
        for match in self._registrations.get(function.key, ()):
            if match.attributes.get("remote-parameters"):
                yield match

    @cached_property
    def _registrations(self) -> dict[tuple[str, int], list[Match]]:
        found: dict[tuple[str, int], list[Match]] = {}
        for match in self.index.matches("route"):
            if "handler" in match.row.roles or match.attributes.get("decorates-class"):
                for function in handlers(self.index, match):
                    found.setdefault(function.key, []).append(match)
        return found


def _constant(match: Match) -> Iterator[str]:
    """The constant paths of a registration."""
    for value in match.values("path"):
        path = match.function.fact.values[value]
        if type(path) is v.Constant:
            yield str(path.value)
