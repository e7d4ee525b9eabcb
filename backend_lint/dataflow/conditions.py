"""Conditions that a model row sets on the arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MAX_NAMES = 3


def applies(index: ProjectIndex, match: Match) -> bool:
    """The conditions of the row hold for the call.

    `when` names arguments by access path with the constant, or the canonical name, that they must
    be; a list gives several. `unless` names those that make the row not hold. `"*"` is any value,
    `"absent"` is none, and a text that ends in `*` a beginning.
    """
    wanted: dict[str, Any] = match.attributes.get("when", {})
    excluded: dict[str, Any] = match.attributes.get("unless", {})
    return all(_holds(index, match, path, expected) for path, expected in wanted.items()) and not (
        any(
            _holds(index, match, path, expected) or _is_unread(match, path)
            for path, expected in excluded.items()
        )
    )


def _is_unread(match: Match, path: str) -> bool:
    """The member is asked of an object that is written elsewhere: it may well be there."""
    owner, dot, _ = path.rpartition(".")
    if not dot:
        return False
    values = match.function.fact.values
    return any(
        not isinstance(values[at], (v.Record, v.Stored, v.Constant, v.Closure))
        for at in match.values_at(owner)
    )


def _holds(index: ProjectIndex, match: Match, path: str, expected: object) -> bool:
    options = expected if isinstance(expected, list) else [expected]
    found = match.values_at(path)
    if not found:
        return "absent" in options
    return any(_is(index, match.function, value, option) for value in found for option in options)


def _is(index: ProjectIndex, function: FunctionNode, at: int, expected: object) -> bool:
    if expected == "*":
        return True
    for constant in constants(index, function, at):
        if isinstance(expected, str) and expected.endswith("*"):
            if isinstance(constant, str) and constant.startswith(expected[:-1]):
                return True
        elif constant == expected and type(constant) is type(expected):
            return True
    return isinstance(expected, str) and expected in index.resolver.names(function, at)


def constants(
    index: ProjectIndex, function: FunctionNode, at: int, depth: int = 0
) -> Iterator[str | int | float | bool | None]:
    """The literals that a value can be, directly or by a name."""
    value = function.fact.values[at]
    if type(value) is v.Constant:
        yield value.value
    elif depth < _MAX_NAMES:
        for owner, other in aliases(index, function, at):
            yield from constants(index, owner, other, depth + 1)
