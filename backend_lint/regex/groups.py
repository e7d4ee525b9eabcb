"""The groups of a regular expression that hold a part of what it matched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"\?P?<(\w+)>")
_NO_GROUP = "?"


def groups(pattern: str) -> Iterator[tuple[str, str]]:
    """The groups of a pattern that capture, each with its name or nothing, in their order."""
    opened: list[tuple[int, str]] = []
    found: list[tuple[int, str, str]] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            end = pattern.find("]", at + 2)
            at = len(pattern) if end < 0 else end
        elif char == "(":
            named = _NAME.match(pattern, at + 1)
            if named is not None:
                opened.append((named.end(), named[1]))
            else:
                opened.append((at + 1, _NO_GROUP if pattern.startswith("?", at + 1) else ""))
        elif char == ")" and opened:
            start, name = opened.pop()
            if name != _NO_GROUP:
                found.append((start, name, pattern[start:at]))
        at += 1
    for _, name, body in sorted(found):
        yield name, body
