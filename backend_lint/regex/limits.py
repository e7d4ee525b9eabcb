r"""Whether a text that matches a pattern is thereby limited to what does no harm.

`[a-z]+` is found in any text that holds a letter, and `^.*\.png$` lets everything through but the
last four characters. Only a pattern that says of the whole text what it is made of limits it; of an
address, its beginning up to the host is enough.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")
# Each line would do: the ends of a pattern are no ends of the text.
_LINES = re.compile(r"\(\?[aiLsux]*m[aiLmsux]*[):]")
_START = re.compile(r"(?:\(\?:|\()*(?:\^|\\A)")
_END = re.compile(r"(?:\$|\\[zZ])\)*\Z")
# What stands for nearly any letter, and what lets it come as often as one likes.
_ANY = frozenset({".", r"\S", r"\D", r"\W", r"[\s\S]", r"[\S\s]", r"[\d\D]", r"[\w\W]", "[^]"})
_REPEATED = frozenset("*+{")
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|.", re.DOTALL)
# What looks ahead or back takes nothing of the text, and lets through less at most.
_LOOKING = re.compile(r"(?<!\\)\(\?<?[!=]")
# A piece of a pattern that a dash, or anything, fits; of a group, nobody looks inside.
_DASH = re.compile(r"[-.(]|\\[-SDW]|\[\^|\[.*-\]|\[-|\[.*\\[-SDW]")
# What schemes, and the slashes behind them, are written with.
_SCHEME = re.compile(r"https?|ftps?|wss?|\\w[+*]|[\^()|?:\\/+*s]")


def limits_text(pattern: str, *, begins: bool = False, whole: bool = False) -> bool:
    """A text with a match holds nothing but what the pattern names.

    Args:
        pattern: a regular expression of Python, ECMAScript or Go.
        begins: the match is at the beginning of the text.
        whole: the match is all of the text.
    """
    if _LINES.search(pattern):
        return False
    pattern = _plain(pattern)
    return all(
        (begins or whole or _START.match(option) is not None)
        and (whole or _END.search(option) is not None)
        and _before_anything(option) == option
        for option in _options(pattern)
    )


def limits_host(pattern: str, *, begins: bool = False, whole: bool = False) -> bool:
    """An address with a match begins with a host that the pattern names; arguments as above."""
    if _LINES.search(pattern):
        return False
    pattern = _FLAGS.sub("", pattern)
    return all(
        (begins or whole or _START.match(option) is not None)
        and _SCHEME.sub("", _before_anything(option)) != ""
        for option in _options(pattern)
    )


def limits_beginning(pattern: str, *, begins: bool = False, whole: bool = False) -> bool:
    """A text with a match does not begin with a dash; arguments as above."""
    if _LINES.search(pattern):
        return False
    for option in _options(_plain(pattern)):
        anchored = _START.match(option)
        if anchored is None and not begins and not whole:
            return False
        first = _PIECE.match(option, 0 if anchored is None else anchored.end())
        if first is None or _DASH.match(first.group()):
            return False
    return True


def _plain(pattern: str) -> str:
    """The pattern without flags, and without what only looks ahead or back."""
    pattern = _FLAGS.sub("", pattern)
    found = _LOOKING.search(pattern)
    while found is not None:
        depth, end = 1, found.end()
        while depth and end < len(pattern):
            piece = _PIECE.match(pattern, end)
            if piece is None:
                break
            depth += (piece.group() == "(") - (piece.group() == ")")
            end = piece.end()
        pattern = pattern[: found.start()] + pattern[end:]
        found = _LOOKING.search(pattern, found.start())
    return pattern


def _before_anything(pattern: str) -> str:
    """What stands before the first piece that takes as many as one likes of nearly anything."""
    pieces = _PIECE.findall(pattern)
    for at, (piece, following) in enumerate(pairwise(pieces)):
        if piece in _ANY and following in _REPEATED:
            return "".join(pieces[:at])
    return pattern


def _options(pattern: str) -> Iterator[str]:
    """The alternatives that a pattern has outside of groups."""
    depth, option = 0, ""
    for piece in _PIECE.findall(pattern):
        if piece == "|" and depth == 0:
            yield option
            option = ""
            continue
        depth += (piece == "(") - (piece == ")")
        option += piece
    yield option
