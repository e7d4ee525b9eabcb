"""Regular expressions that a whole text must match, and what they let through."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode

# A pattern of a whole text that lets no quote through.
_WHOLE = re.compile(r"(?:\^|\\A)((?:[^.'\"]|\\.)*)(?:\$|\\[Zz])")
# What lets nearly anything through.
_OPEN = re.compile(r"\[\^|\\[SWD]")
_ESCAPED = re.compile(r"\\.|\[(?:\\.|[^\]])*\]")


def limits(pattern: str) -> bool:
    """A text that matches a pattern from its beginning to its end carries no harm."""
    whole = _WHOLE.fullmatch(pattern)
    if whole is None or _OPEN.search(pattern):
        return False
    depth = 0
    for letter in _ESCAPED.sub("", whole[1]):
        if letter == "|" and depth == 0:
            return False  # `^a|b$` binds each of its ends to one of two patterns
        depth += (letter == "(") - (letter == ")")
    return True


def limits_text(function: FunctionNode, at: int) -> bool:
    """A value is such a pattern: a text, or a regular expression of one."""
    values = function.fact.values
    value = values[at]
    if type(value) is v.Invoke and value.args:
        flags = values[value.args[1]] if len(value.args) > 1 else None
        if type(flags) is v.Constant and "m" in str(flags.value):
            return False  # each line would do
        value = values[value.args[0]]
    return type(value) is v.Constant and isinstance(value.value, str) and limits(value.value)
