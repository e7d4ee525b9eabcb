"""SQL text with holes: is it SQL, and what does each hole stand for.

A text is first told by its beginning, without a parser, because most texts are no SQL and the
parser is slow to import; what rules say about a statement then comes from `sql.statement`.
"""

from __future__ import annotations

import enum
import re

_COMMENT = r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*"
_BEGINNING = re.compile(
    _COMMENT + r"(?:select\s|insert\s+(?:or\s+\w+\s+|ignore\s+)?into\b|update\s+\S+|delete\s+from\b"
    r"|with\s+(?:recursive\s+)?[\w\"]+\s*(?:\([^)]*\)\s*)?as\b|replace\s+into\b|merge\s+into\b"
    r"|create\s+(?:or\s+replace\s+|unique\s+|temp(?:orary)?\s+)*(?:table|index|view|database|user|schema|function|trigger)\b"
    r"|alter\s+(?:table|user|database|role|system)\b|drop\s+(?:table|index|view|database|user|schema)\b"
    r"|truncate\s+(?:table\s+)?\S+|call\s+\w+|exec(?:ute)?\s+\w+|explain\s+|copy\s+\w+|grant\s+|pragma\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE = re.compile(
    r"\b(?:from|into|set|where|values|table|join|limit|as|pragma|index|view|database|user|on)\b",
    re.IGNORECASE,
)
_SELECT = re.compile(_COMMENT + r"select\s", re.IGNORECASE | re.DOTALL)

# What may stand before a hole that is a value, and before one that is a name.
_VALUE_BEFORE = re.compile(
    r"(?:[=<>]|\b(?:like|ilike|regexp|in|values|between|and|or|limit|offset|then|else|not|when|top|is|returning\s+\S+\s+=))\s*[(,\s]*$"
    r"|(?:\b(?:in|values)\s*\([^()]*,\s*)$"
    r"|[+*/%|-]\s*$|\w\s*\(\s*$|\(\s*$",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(
    r"(?:\b(?:from|join|into|update|table|order\s+by|group\s+by|select|distinct|database|schema|index|view|on|column|exists|using|user|role|add|drop|truncate|set|desc|asc|by|as)\s*"
    r"(?:[\w\".`\[\]]+\s*,\s*)*|[\w\"`\]]\.|[\w_])[\"`\[]?$",
    re.IGNORECASE,
)
_SUBQUERY_BEFORE = re.compile(
    r"\b(?:from|join|as|exists|union|all|select|with)\s*\(\s*$", re.IGNORECASE
)
_INSERT_COLUMNS = re.compile(r"\binto\s+\S+\s*\([^()]*$", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:where|having|on|and|or|set|limit|offset|values)\b", re.IGNORECASE)


class HoleKind(enum.Enum):
    """What a hole of an SQL text stands for."""

    VALUE = "value"
    IDENTIFIER = "identifier"
    FRAGMENT = "fragment"


def begins_like_sql(text: str) -> bool:
    """A statement begins like this."""
    return _BEGINNING.match(text) is not None


def is_sql(text: str) -> bool:
    """The constant text of a template is that of an SQL statement, and not a sentence.

    Args:
        text: the constant pieces, with something in the place of each hole.
    """
    match = _BEGINNING.match(text)
    if match is None:
        return False
    rest = text[match.end() - 1 :]
    if _SELECT.match(text):
        return re.search(r"\bfrom\b|^\s*(?:\d|\w+\()", rest, re.IGNORECASE) is not None
    return _CLAUSE.search(text) is not None


def hole_kind(before: str, after: str) -> HoleKind:
    """What a hole stands for, from the SQL before and after it.

    Other holes of the text should be given as a name, such as `hole`.
    """
    if is_inside_quotes(before):
        return HoleKind.VALUE
    if _INSERT_COLUMNS.search(before) and "values" not in before.lower():
        return HoleKind.IDENTIFIER
    if re.match(r"\s*(?:=|<>|!=|<|>|\blike\b|\bin\b)", after, re.IGNORECASE):
        return HoleKind.IDENTIFIER
    if _SUBQUERY_BEFORE.search(before):
        return HoleKind.FRAGMENT
    stripped = before.rstrip()
    if _VALUE_BEFORE.search(stripped + (" " if stripped != before else "")):
        last = list(_CONDITION.finditer(before))
        if last and re.search(r"\b(?:and|or|where|not)\s*$", before, re.IGNORECASE):
            return HoleKind.FRAGMENT  # a whole condition
        return HoleKind.VALUE
    if _NAME_BEFORE.search(before):
        return HoleKind.IDENTIFIER
    return HoleKind.FRAGMENT


def is_inside_quotes(text: str) -> bool:
    """What follows the text stands in a literal that it opens."""
    quote = ""
    previous = ""
    for char in text:
        if quote:
            if char == quote and previous != "\\":
                quote = ""
        elif char == "'":
            quote = char
        previous = char
    return quote == "'"
