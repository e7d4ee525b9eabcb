"""Values that are regular expressions which a whole text must match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.regex.limits import limits_text

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode


def is_limit(function: FunctionNode, at: int) -> bool:
    """A value is a pattern that limits texts: a text itself, or a regular expression of one."""
    values = function.fact.values
    value = values[at]
    if type(value) is v.Invoke and value.args:
        flags = values[value.args[1]] if len(value.args) > 1 else None
        if type(flags) is v.Constant and "m" in str(flags.value):
            return False  # each line would do
        value = values[value.args[0]]
    return type(value) is v.Constant and isinstance(value.value, str) and limits_text(value.value)
