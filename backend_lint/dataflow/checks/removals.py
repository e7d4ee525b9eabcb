"""Whether replacing the matches of a pattern takes out of a text all that does harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import constants, patterns
from backend_lint.regex.removal import can_be_left

if TYPE_CHECKING:
    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

# Without which characters a text does no harm, by taint kind.
_HARMFUL = {
    "code": "'\"`();\n",
    "command": "'\"`$;&|<>(){}\\\n",
    "header": "\r\n",
    "html": "<>\"'",
    "ldap": "*()\\",
    "log": "\r\n",
    "option": "-",
    "path": "/",
    # Browsers take two backslashes for two slashes, and what stands before a colon for a scheme.
    "redirect": "/\\:",
    "regex": "*+?{(",
    "rendering": "<>\"'",
    "sql": "'\"`; ,()-",
    "template": "{<%$#",
    "xpath": "'\"[]()",
}


def removes_harm(index: ProjectIndex, match: Match, kind: str) -> bool:
    """The text that a call gives back holds nothing of what does harm of a kind.

    Args:
        index: the linked project.
        match: the call, by a row that says where its pattern is and what it puts in its place.
        kind: the taint kind.
    """
    harmful = _HARMFUL.get(kind)
    put = [
        constant
        for at in match.values_at(match.attributes["puts"])
        for constant in constants(index, match.function, at)
    ]
    known = [form.constant for form in patterns(index, match, match.attributes["removes"])]
    if harmful is None or not put or not known:
        return False
    return not any(
        pattern is None or not isinstance(text, str) or can_be_left(harmful, pattern, text)
        for pattern in known
        for text in put
    )
