"""Parsing Go, also where it is newer than the grammar.

The grammar knows `new` of a type only; since Go 1.26 it takes any expression. Where that gave
errors, the word is hidden from the parser under a name of equal length, so that it sees plain calls
at the same offsets. Lowering reads names from the source and meets `new` as always.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.lowering import error_regions

if TYPE_CHECKING:
    import tree_sitter

_WORD = b"new("
_HIDDEN = b"ne_("
# A type among brackets, which only the `new` of the grammar takes.
_TYPE = (
    rb"\s*(?:struct\b|interface\b|func\b|chan\b|<-"
    rb"|(?:[A-Za-z_]\w*|(?<!\w)\[\d*\]|[\s.*,\[\]]|(?:struct|interface)\s*\{\s*\})*\))"
)
_NEW_OF_VALUE = re.compile(rb"\bnew\((?!" + _TYPE + rb")")


def parse(parser: tree_sitter.Parser, data: bytes) -> tree_sitter.Node:
    """The root of the syntax tree of a file."""
    root = parser.parse(data).root_node
    if not root.has_error or _WORD not in data:
        return root
    hidden, count = _NEW_OF_VALUE.subn(_HIDDEN, data)
    if not count:
        return root
    other = parser.parse(hidden).root_node
    return other if _broken(other) < _broken(root) else root


def _broken(root: tree_sitter.Node) -> int:
    """How much of a file the parser could not make sense of, missing tokens counting as one."""
    return sum(max(error.end - error.start, 1) for error in error_regions(root))
