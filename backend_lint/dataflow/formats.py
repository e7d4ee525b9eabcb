"""Format strings: their placeholders as places to be filled, `%s` and `{}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PERCENT = re.compile(r"%(?:\(\w+\))?[#0\- +]*\d*(?:\.\d+)?[a-zA-Z%]")
_BRACES = re.compile(r"\{(\w*)[^{}]*\}")

Filled = TypeVar("Filled")


def fill_percent(
    pieces: Iterable[Filled | str], fill: Callable[[int, str], Filled]
) -> tuple[Filled | str, ...]:
    """Take the place of each `%s` and the like.

    Args:
        pieces: a text in pieces; what is no text stays as it is.
        fill: what a placeholder becomes, by its number and its conversion (`d` or empty).
    """
    position = 0

    def one(match: re.Match[str]) -> Filled | str:
        nonlocal position
        if match.group() == "%%":
            return "%"
        position += 1
        return fill(position - 1, "d" if match.group()[-1] in "diu" else "")

    return _replaced(pieces, _PERCENT, one)


def fill_braces(
    pieces: Iterable[Filled | str], fill: Callable[[str, int], Filled]
) -> tuple[Filled | str, ...]:
    """Take the place of each `{name}`.

    Args:
        pieces: as for `fill_percent`.
        fill: what a field becomes, by its name and its number, -1 for one with a name.
    """
    position = 0

    def one(match: re.Match[str]) -> Filled | str:
        nonlocal position
        name = match[1]
        if name.isdigit():
            return fill("", int(name))
        if name:
            return fill(name, -1)
        position += 1
        return fill("", position - 1)

    return _replaced(pieces, _BRACES, one)


def _replaced(
    pieces: Iterable[Filled | str],
    pattern: re.Pattern[str],
    one: Callable[[re.Match[str]], Filled | str],
) -> tuple[Filled | str, ...]:
    """The pieces with something else in the place of each match in a text."""
    result: list[Filled | str] = []
    for piece in pieces:
        if not isinstance(piece, str):
            result.append(piece)
            continue
        last = 0
        for match in pattern.finditer(piece):
            result.append(piece[last : match.start()])
            result.append(one(match))
            last = match.end()
        result.append(piece[last:])
    return tuple(result)
