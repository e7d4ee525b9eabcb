"""The places where data does harm: what model rows call a sink of a taint kind.

A sink is an argument of a call, what a route answers with, or what is stored under a name (a
header, a session). A row's conditions on other arguments decide whether it is one (`shell=True`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.concepts.match import Match
from backend_lint.dataflow.commands import started
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.texts import texts
from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.models.rows import Row
from backend_lint.regex.backtracking import is_exponential
from backend_lint.semantics.references import FunctionNode
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

_MAX_NAMES = 3
STORED = "[]"
"""Ends the name of an API whose items and fields are sinks when they are given a value."""
MADE = " of "
"""Stands in a condition between an argument and what the call with that argument made."""


class Sink(msgspec.Struct, frozen=True):
    """A value that must not be decided by others.

    Attributes:
        row: the model row.
        function: the function that holds it.
        value: the value there.
        region: where it is written, in the file of the function.
        context: the control context of the place.
        match: the call, None where the sink is none.
    """

    row: Row
    function: FunctionNode
    value: int
    region: Region
    context: int
    match: Match | None = None


def sinks(index: ProjectIndex, kind: str) -> Iterator[Sink]:
    """All sinks of a taint kind, by sort, then file and place."""
    for match in index.matches("sink"):
        if kind in match.row.kinds and applies(index, match):
            yield from _arguments(index, match)
    yield from _answers(index, kind)
    yield from _stored(index, kind)


def applies(index: ProjectIndex, match: Match) -> bool:
    """The conditions of the row hold for the call.

    `when` names arguments by access path with the constant, or the canonical name, that they must
    be; a list gives several. `unless` names those that make the call harmless. `"*"` is any value,
    `"absent"` is none, and a text that ends in `*` a beginning. `A of B` is the argument `A` of the
    call that made what stands at `B`. With `called`, it is one only if its result is called; with
    `after`, only if the function calls such a method of the same receiver with such arguments.
    """
    if match.attributes.get("called") and not _is_called(match.function, match.index):
        return False
    if not all(
        _is_prepared(index, match, method, conditions)
        for method, conditions in match.attributes.get("after", {}).items()
    ):
        return False
    pattern: str = match.attributes.get("pattern", "")
    if pattern and not _is_slow(index, match, pattern):
        return False
    wanted: dict[str, Any] = match.attributes.get("when", {})
    excluded: dict[str, Any] = match.attributes.get("unless", {})
    return all(_holds(index, match, path, expected) for path, expected in wanted.items()) and not (
        any(_holds(index, match, path, expected) for path, expected in excluded.items())
    )


def _holds(index: ProjectIndex, match: Match, path: str, expected: object) -> bool:
    options = expected if isinstance(expected, list) else [expected]
    inner, _, outer = path.partition(MADE)
    made = list(_makers(index, match, outer)) if outer else [match]
    found = [(each.function, value) for each in made for value in each.values_at(inner)]
    if not found:
        return "absent" in options and bool(made)
    return any(_is(index, owner, value, option) for owner, value in found for option in options)


def _makers(index: ProjectIndex, match: Match, path: str) -> Iterator[Match]:
    """The calls that made what stands at a path, here or under another name."""
    for at in match.values_at(path):
        for owner, other in constants(index, match.function, unchanged(match.function, at)):
            made = unchanged(owner, other)
            if type(owner.fact.values[made]) is v.Invoke:
                yield Match(match.row, match.api, owner, made)


def _is_prepared(
    index: ProjectIndex, match: Match, method: str, conditions: dict[str, Any]
) -> bool:
    function = match.function
    values = function.fact.values
    receiver = unchanged(function, match.receiver)
    for at, value in enumerate(values):
        if type(value) is not v.Invoke:
            continue
        callee = values[value.callee]
        if (
            type(callee) is v.Member
            and callee.name == method
            and unchanged(function, callee.base) == receiver
        ):
            other = Match(match.row, match.api, function, at)
            if all(_holds(index, other, path, want) for path, want in conditions.items()):
                return True
    return False


def _is_called(function: FunctionNode, at: int) -> bool:
    return any(type(value) is v.Invoke and value.callee == at for value in function.fact.values)


def _is_slow(index: ProjectIndex, match: Match, path: str) -> bool:
    """The pattern at a path can take exponentially long."""
    inner, _, outer = path.partition(MADE)
    whole = bool(match.attributes.get("whole"))
    return any(
        form.constant is not None and is_exponential(form.constant, whole=whole)
        for each in (_makers(index, match, outer) if outer else [match])
        for value in each.values_at(inner)
        for form in texts(index, each.function, value)
    )


def _is(index: ProjectIndex, function: FunctionNode, at: int, expected: object) -> bool:
    if expected == "*":
        return True
    for owner, other in constants(index, function, at):
        constant = owner.fact.values[other]
        if type(constant) is not v.Constant:
            continue
        if isinstance(expected, str) and expected.endswith("*"):
            if isinstance(constant.value, str) and constant.value.startswith(expected[:-1]):
                return True
        elif constant.value == expected and type(constant.value) is type(expected):
            return True
    return isinstance(expected, str) and expected in index.resolver.names(function, at)


def constants(
    index: ProjectIndex, function: FunctionNode, at: int, depth: int = 0
) -> Iterator[tuple[FunctionNode, int]]:
    """The literals that a value can be, directly or by a name, and the value itself if none."""
    elsewhere = list(aliases(index, function, at)) if depth < _MAX_NAMES else []
    if not elsewhere:
        yield function, at
    for owner, other in elsewhere:
        yield from constants(index, owner, other, depth + 1)


def _arguments(index: ProjectIndex, match: Match) -> Iterator[Sink]:
    context = match.call.context
    for value, region in match.located("input"):
        yield Sink(match.row, match.function, value, region, context, match)
    for base in match.values("keyed"):
        for item in match.function.fact.values:
            if type(item) is v.Item and unchanged(match.function, item.base) == base:
                place = Region(item.start, item.end)
                yield Sink(match.row, match.function, item.key, place, context, match)
    for value, region in started(index, match):
        yield Sink(match.row, match.function, value, region, context, match)


def _answers(index: ProjectIndex, kind: str) -> Iterator[Sink]:
    """What decorated functions return, where their framework sends it as it is."""
    if not any(
        kind in row.attributes.get("answers", ())
        for family in index.families
        for row in load(family).concept_rows("route")
    ):
        return
    for function in index.functions():
        if not function.fact.decorators:
            continue
        row = index.is_decorated(function, "route")
        if row is None or kind not in row.attributes.get("answers", ()):
            continue
        for result in function.fact.returns:
            for at in _first_of_tuple(function, result.value):
                value = function.fact.values[at]
                region = Region(value.start, value.end)
                yield Sink(row, function, at, region, result.context)


def _first_of_tuple(function: FunctionNode, at: int) -> list[int]:
    """`return text, 404` answers with the text."""
    value = function.fact.values[at]
    if type(value) is v.Listing:
        return list(value.elements[:1]) if value.kind == "tuple" else []
    if type(value) is v.Record:
        return []
    return [at]


def _stored(index: ProjectIndex, kind: str) -> Iterator[Sink]:
    """What is put under a name of a session, of headers and the like."""
    for family in index.families:
        models = load(family)
        words = {
            name.removesuffix(STORED).removesuffix("()").rsplit(".", 1)[-1]
            for row in models.concept_rows("sink")
            if kind in row.kinds
            for name in row.api
            if name.endswith(STORED)
        }
        if not words:
            continue
        for function in index.functions():
            if function.file.family != family or not function.fact.writes:
                continue
            for write in function.fact.writes:
                base = unchanged(function, write.base)
                if not words.isdisjoint(_spoken(function, base)):
                    yield from _written(index, kind, function, base, write)


def _written(
    index: ProjectIndex, kind: str, function: FunctionNode, base: int, write: v.FieldWrite
) -> Iterator[Sink]:
    models = load(function.file.family)
    rows = [
        row
        for name in index.resolver.names(function, base)
        for row in models.rows_of(f"{name}{STORED}")
    ]
    if not rows:
        for word in _spoken(function, base):
            rows.extend(models.any_receiver.get(f"{word}{STORED}", ()))
    for row in rows:
        only = row.attributes.get("names")
        if kind in row.kinds and (not only or write.name.lower() in only):
            region = Region(write.start, write.end)
            yield Sink(row, function, write.value, region, write.context)
            return


def unchanged(function: FunctionNode, at: int) -> int:
    """A value before what was put into it."""
    value = function.fact.values[at]
    while isinstance(value, (v.Stored, v.Updated)):
        at = value.base
        value = function.fact.values[at]
    return at


def _spoken(function: FunctionNode, at: int) -> list[str]:
    """The last word of the name of a value, which narrows down what is worth resolving."""
    value = function.fact.values[at]
    if type(value) is v.Invoke:
        value = function.fact.values[value.callee]
    if isinstance(value, (v.Member, v.Global, v.Captured, v.Imported)):
        return [value.name]
    return []
