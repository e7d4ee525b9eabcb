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
    result: list[Filled | str] = []
    position = 0
    for piece in pieces:
        if not isinstance(piece, str):
            result.append(piece)
            continue
        last = 0
        for match in _PERCENT.finditer(piece):
            result.append(piece[last : match.start()])
            last = match.end()
            if match.group() == "%%":
                result.append("%")
                continue
            result.append(fill(position, "d" if match.group()[-1] in "diu" else ""))
            position += 1
        result.append(piece[last:])
    return tuple(result)


def fill_braces(
    pieces: Iterable[Filled | str], fill: Callable[[str, int], Filled]
) -> tuple[Filled | str, ...]:
    """Take the place of each `{name}`.

    Args:
        pieces: as for `fill_percent`.
        fill: what a field becomes, by its name and its number, -1 for one with a name.
    """
    result: list[Filled | str] = []
    position = 0
    for piece in pieces:
        if not isinstance(piece, str):
            result.append(piece)
            continue
        last = 0
        for match in _BRACES.finditer(piece):
            result.append(piece[last : match.start()])
            last = match.end()
            name = match[1]
            if name.isdigit():
                result.append(fill("", int(name)))
            elif name:
                result.append(fill(name, -1))
            else:
                result.append(fill("", position))
                position += 1
        result.append(piece[last:])
    return tuple(result)
