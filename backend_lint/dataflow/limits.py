"""The limit of an SQL statement: what stands behind `LIMIT`, in the text or bound to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match, record_item
from backend_lint.dataflow.texts import TextHole, texts
from backend_lint.facts import values as v
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.sinks import Sink
    from backend_lint.index import ProjectIndex

_HOLE = "\0"
# `LIMIT 10`, MySQL's `LIMIT offset, 10`, `FETCH FIRST 10 ROWS`
_LIMIT = re.compile(
    r"(?i)\b(?:limit\s+(?:[^\s,;]+\s*,\s*)?|fetch\s+(?:first|next)\s+)"
    r"(?P<held>\0|\?|%s|\$(?P<position>\d+)|(?::|@|%\()(?P<name>[a-z_]\w*))"
)


def limit_holes(index: ProjectIndex, sink: Sink) -> Iterator[TextHole]:
    """The dynamic limits of the statement that a sink's call runs."""
    match = Match(sink.row, "", sink.function, sink.call)
    for form in texts(index, sink.function, sink.value):
        text = form.filled(_HOLE)
        for found in _LIMIT.finditer(text):
            before = text[: found.start("held")]
            held = found["held"]
            if held == _HOLE:
                yield form.holes[before.count(_HOLE)]
                continue
            number = before.count(held)
            if found["position"]:
                number = int(found["position"]) - 1
            at = _bound(match, number, found["name"] or "")
            if at >= 0:
                value = match.function.fact.values[at]
                region = Region(value.start, value.end)
                yield TextHole(match.function, at, "", region, None)


def _bound(match: Match, number: int, name: str) -> int:
    """The value that is bound to a placeholder, by its position or name; -1 if it is not seen."""
    given = match.values("values")
    values = match.function.fact.values
    if len(given) == 1:
        if name:
            return record_item(match.function, given[0], name)
        bound = values[given[0]]
        if type(bound) is v.Listing:
            given = list(bound.elements)
    if name or any(type(values[at]) is v.Element for at in given):
        return -1
    return given[number] if number < len(given) else -1
