"""Conditions that a model row sets on the arguments of a call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from backend_lint.concepts.match import Match
from backend_lint.dataflow.dependence import operands
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.texts import TextForm, texts
from backend_lint.facts import values as v
from backend_lint.regex.backtracking import is_exponential

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MAX_NAMES = 3
# A pattern that looks for single characters: `[<>"]`, `[^\\w-]+`.
_CHARACTERS = re.compile(r"\A\(*\[(?:\\.|[^\]\\])+\]\)*[+*]?\Z|\[\^(?:\\.|[^\]\\])+\]\)*[+*]?\Z")
MADE = " of "
"""Stands in a condition between an argument and what the call with that argument made."""


def applies(index: ProjectIndex, match: Match) -> bool:
    """The conditions of the row hold for the call.

    `when` names arguments by access path with the constant, or the canonical name, that they must
    be; a list gives several. `unless` names those that make the row not hold. `"*"` is any value,
    `"absent"` is none, a text that ends or begins with `*` a beginning or an end, and `{}` in a
    text any part that is not constant. A name that ends in `()` is what a call of that name gives,
    which is not presumed of an object that is written elsewhere.
    `A of B` is the argument `A` of the call that made what stands at `B`, which may be one of
    another call in its turn. With `called`, it is one
    only if its result is called; with `undone-by`, only if something else is done with the result
    than to call these methods of it; with `after`, only if the function calls such a method of the
    same receiver with such arguments.
    """
    if match.attributes.get("called") and not _is_called(match.function, match.index):
        return False
    if "undone-by" in match.attributes and _is_undone(match):
        return False
    if not all(
        _is_prepared(index, match, method, conditions)
        for method, conditions in match.attributes.get("after", {}).items()
    ):
        return False
    pattern: str = match.attributes.get("pattern", "")
    if pattern and not _is_slow(index, match, pattern):
        return False
    characters: str = match.attributes.get("characters", "")
    if characters and not all(
        form.constant is not None and _CHARACTERS.search(form.constant)
        for form in patterns(index, match, characters)
    ):
        return False
    wanted: dict[str, Any] = match.attributes.get("when", {})
    excluded: dict[str, Any] = match.attributes.get("unless", {})
    return all(_holds(index, match, path, expected) for path, expected in wanted.items()) and not (
        any(
            _holds(index, match, path, expected)
            or (not _is_made(expected) and _is_unread(index, match, path))
            for path, expected in excluded.items()
        )
    )


def _is_made(expected: object) -> bool:
    options = expected if isinstance(expected, list) else [expected]
    return all(isinstance(option, str) and option.endswith("()") for option in options)


def _is_unread(index: ProjectIndex, match: Match, path: str) -> bool:
    """The member is asked of an object that is written elsewhere: it may well be there."""
    owner, dot, _ = path.rpartition(".")
    if not dot or MADE in path:
        return False
    values = match.function.fact.values
    return any(
        not isinstance(values[at], (v.Record, v.Stored, v.Constant, v.Closure, v.Text))
        and not _is_sent(index, match.function, at)
        for at in match.values_at(owner)
    )


def _is_sent(index: ProjectIndex, function: FunctionNode, at: int) -> bool:
    """Part of a request that is a text, and so no object of the program's own."""
    value = function.fact.values[at]
    return isinstance(value, (v.Member, v.Item)) and any(
        row.concept == "remote-input" and row.attributes.get("text")
        for row, _ in index.rows(function, value.base)
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
    inner, _, outer = path.partition(MADE)
    if outer:
        for made_by in _makers(index, match, outer):
            yield from _makers(index, made_by, inner)
        return
    for at in match.values_at(path):
        for owner, other in places(index, match.function, unchanged(match.function, at)):
            made = unchanged(owner, other)
            while (
                len(getattr(owner.fact.values[made], "args", ())) == 1
                and (inside := _made_alike(index, owner, made)) >= 0
            ):
                made = inside
            if type(owner.fact.values[made]) is v.Invoke:
                yield Match(match.row, match.api, owner, made)


def _made_alike(index: ProjectIndex, function: FunctionNode, at: int) -> int:
    """What a call is given first that the same function made: `new RegExp(/[a-z]/)`; -1 if none."""
    call = function.fact.values[at]
    if type(call) is not v.Invoke or not call.args:
        return -1
    given = unchanged(function, call.args[0])
    made = function.fact.values[given]
    names = index.resolver.names(function, call.callee)
    if type(made) is v.Invoke and names == index.resolver.names(function, made.callee) != []:
        return given
    return -1


def _is_prepared(
    index: ProjectIndex, match: Match, method: str, conditions: dict[str, Any]
) -> bool:
    function = match.function
    values = function.fact.values
    receiver = _chain_start(function, match.receiver)
    for at, value in enumerate(values):
        if type(value) is not v.Invoke:
            continue
        callee = values[value.callee]
        if (
            type(callee) is v.Member
            and callee.name == method
            and _chain_start(function, callee.base) == receiver
        ):
            other = Match(match.row, match.api, function, at)
            if all(_holds(index, other, path, want) for path, want in conditions.items()):
                return True
    return False


def _chain_start(function: FunctionNode, at: int) -> int:
    """The object that a chain of calls begins with: `reply` of `reply.code(200).type(…)`."""
    values = function.fact.values
    at = unchanged(function, at)
    while type(call := values[at]) is v.Invoke and type(callee := values[call.callee]) is v.Member:
        at = unchanged(function, callee.base)
    return at


def _is_called(function: FunctionNode, at: int) -> bool:
    return any(type(value) is v.Invoke and value.callee == at for value in function.fact.values)


def _is_undone(match: Match) -> bool:
    """Nothing is done with the result but to call methods of it that give back what went in."""
    methods = match.attributes["undone-by"]
    fact = match.function.fact
    kept = {result.value for result in fact.returns} | {write.value for write in fact.writes}
    return match.index not in kept.union(fact.cells.values()) and all(
        type(value) is v.Member and value.name in methods
        for value in fact.values
        if match.index in operands(value)
    )


def _is_slow(index: ProjectIndex, match: Match, path: str) -> bool:
    """The pattern at a path can take exponentially long."""
    whole = bool(match.attributes.get("whole"))
    return any(
        form.constant is not None and is_exponential(form.constant, whole=whole)
        for form in patterns(index, match, path)
    )


def patterns(index: ProjectIndex, match: Match, path: str) -> Iterator[TextForm]:
    """The texts that the regular expression at a path can be."""
    inner, _, outer = path.partition(MADE)
    for each in _makers(index, match, outer) if outer else [match]:
        for value in each.values_at(inner):
            made = unchanged(each.function, value)
            inside = (
                Match(each.row, each.api, each.function, made)
                if (outer and _made_alike(index, each.function, each.index) == made)
                else None
            )
            for pattern in inside.values_at(inner) if inside is not None else [value]:
                yield from texts(index, each.function, pattern)


def _is(index: ProjectIndex, function: FunctionNode, at: int, expected: object) -> bool:
    if expected == "*":
        return True
    if isinstance(expected, str) and "{}" in expected:
        forms = list(texts(index, function, at))
        return bool(forms) and all(
            "".join(piece if isinstance(piece, str) else "{}" for piece in form.pieces) == expected
            for form in forms
        )
    if isinstance(expected, str) and expected.endswith("*"):
        # `".." + separator` begins so, too.
        forms = texts(index, function, at)
        return any(form.leading().startswith(expected[:-1]) for form in forms)
    for constant in constants(index, function, at):
        if isinstance(expected, str) and expected.startswith("*"):
            if isinstance(constant, str) and constant.endswith(expected[1:]):
                return True
        elif constant == expected and type(constant) is type(expected):
            return True
    return isinstance(expected, str) and expected in index.resolver.names(function, at)


def constants(
    index: ProjectIndex, function: FunctionNode, at: int
) -> Iterator[str | int | float | bool | None]:
    """The literals that a value can be, directly or by a name."""
    for owner, other in places(index, function, at):
        value = owner.fact.values[other]
        if type(value) is v.Constant:
            yield value.value


def places(
    index: ProjectIndex, function: FunctionNode, at: int, depth: int = 0
) -> Iterator[tuple[FunctionNode, int]]:
    """The values that a name stands for, and the value itself if it is no name."""
    if at < 0:
        return
    elsewhere = list(aliases(index, function, at)) if depth < _MAX_NAMES else []
    if not elsewhere:
        yield function, at
    for owner, other in elsewhere:
        yield from places(index, owner, other, depth + 1)


def unchanged(function: FunctionNode, at: int) -> int:
    """The value before it was changed: what an object is made of, whatever was put into it."""
    value = function.fact.values[at]
    while isinstance(value, (v.Stored, v.Updated)):
        at = value.base
        value = function.fact.values[at]
    return at
