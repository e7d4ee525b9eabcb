"""Whether replacing the matches of a pattern takes out of a text all that does harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import constants, patterns, unchanged
from backend_lint.dataflow.dependence import operands
from backend_lint.facts import values as v
from backend_lint.regex.removal import can_be_left
from backend_lint.semantics.references import FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MAX_CHAIN = 12
# Values that may be functions which give what is put in place of a match.
_FUNCTIONS = frozenset({v.Closure, v.Captured, v.Imported, v.Member})

# Without which characters a text does no harm, by taint kind.
_HARMFUL = {
    "code": "'\"`();\n",
    "command": "'\"`$;&|<>(){}\\\n",
    "header": "\r\n",
    # Without them, a text opens no tag and leaves no value in double quotes.
    "html": '<"',
    "ldap": "*()\\",
    "log": "\r\n",
    "option": "-",
    "path": "/",
    # Browsers take two backslashes for two slashes, and what stands before a colon for a scheme.
    "redirect": "/\\:",
    "regex": "*+?{(",
    "rendering": '<"',
    "sql": "'\"`; ,()-",
    "template": "{<%$#",
    "xpath": "'\"[]()",
}


def removes_harm(index: ProjectIndex, match: Match, kind: str) -> bool:
    """The text that a call gives back holds nothing of what does harm of a kind.

    What calls before it took out of the same text is gone, too: `text.replace(…).replace(…)`.

    Args:
        index: the linked project.
        match: the call, by a row that says where its pattern is and what it puts in its place.
        kind: the taint kind.
    """
    harmful = _HARMFUL.get(kind)
    if harmful is None:
        return False
    for each in _replacements(index, match):
        known = [form.constant for form in patterns(index, each, each.attributes["removes"])]
        if each.attributes.get("literal"):
            known = [None if text is None else re.escape(text) for text in known]
        if not known or not all(_puts_none(index, each, harmful)):
            return False
        harmful = "".join(
            character
            for character in harmful
            if any(pattern is None or can_be_left(character, pattern, "") for pattern in known)
        )
        if not harmful:
            return True
    return False


def _replacements(index: ProjectIndex, match: Match) -> Iterator[Match]:
    """A call and those before it in a chain that replace something as well, from the last one."""
    current: Match | None = match
    for _ in range(_MAX_CHAIN):
        if current is None:
            return
        yield current
        receiver = unchanged(current.function, current.receiver)
        current = next(
            (
                other
                for other in index.concepts_of(current.function, receiver)
                if other.row is match.row
            ),
            None,
        )


def _puts_none(index: ProjectIndex, match: Match, harmful: str) -> Iterator[bool]:
    """Of each text that is put in place of a match, whether it holds none of the characters."""
    for at in match.values_at(match.attributes["puts"]):
        value = match.function.fact.values[at]
        given = [(match.function, at)]
        if type(value) in _FUNCTIONS:
            given = [
                (reference.function, result.value)
                for reference in index.resolver.references(match.function, at)
                if isinstance(reference, FunctionReference)
                for result in reference.function.fact.returns
            ]
        if not given:
            yield False
        for function, put in given:
            held = list(_held(index, function, put, harmful))
            yield bool(held) and not any(
                text is None or any(character in text for character in harmful) for text in held
            )


def _held(
    index: ProjectIndex, function: FunctionNode, at: int, harmful: str
) -> Iterator[str | None]:
    """The texts that are put somewhere, None for any; of a mapping, those in it."""
    value = function.fact.values[at]
    if type(value) is v.Compute and value.operator in ("or", "??"):
        value = function.fact.values[value.operands[0]]  # `ENTITIES[character] || character`
        if type(value) is not v.Item:
            yield None
            return
        known = {
            name
            for _, members in index.resolver.records.of(function, value.base)
            for name in members
        }
        yield "".join(character for character in harmful if character not in known)
    if type(value) is v.Item:  # `ENTITIES[character]`
        for owner, members in index.resolver.records.of(function, value.base):
            for items in members.values():
                for item in items:
                    held = owner.fact.values[item]
                    yield str(held.value) if type(held) is v.Constant else None
        return
    if type(value) is v.Text or (type(value) is v.Compute and value.operator == "+"):
        # `&#${character.charCodeAt(0)};`
        for part in operands(value):
            inner = function.fact.values[part]
            made = function.fact.values[inner.value] if type(inner) is v.Hole else inner
            if type(made) is v.Constant:
                yield str(made.value)
            elif type(made) is not v.Invoke:
                yield None
        return
    for constant in constants(index, function, at):
        yield constant if isinstance(constant, str) else None
