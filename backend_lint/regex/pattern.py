"""The text of a regular expression as a tree.

One grammar serves Python and ECMAScript, whose patterns differ only in the spelling of rare parts.
What the tree leaves out never changes which texts a loop can be read in: assertions are nothing,
a backward reference is nothing. What would (an atomic group, a possessive loop, a verbose pattern)
is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Ranges: TypeAlias = "tuple[tuple[int, int], ...]"

_LAST = 0x10FFFF
_DIGITS = ((48, 57),)
_WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE = ((9, 13), (32, 32))
_CONTROLS = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0, "a": 7}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
# A loop of so many rounds has no bound that helps.
_MANY = 20
_MAX_LENGTH = 2000
_MAX_DEPTH = 60


class NotAnalysedError(Exception):
    """The pattern is malformed, too large, or has a part that the tree cannot say."""


class Char(msgspec.Struct, frozen=True):
    """One character of a set, given as ranges of code points that do not touch."""

    ranges: Ranges


class End(msgspec.Struct, frozen=True):
    """The end of the text."""


class Sequence(msgspec.Struct, frozen=True):
    """One part after the other."""

    parts: tuple[Tree, ...]


class Choice(msgspec.Struct, frozen=True):
    """One of several options."""

    options: tuple[Tree, ...]


class Loop(msgspec.Struct, frozen=True):
    """A part as often as one likes; `least` is 0 or 1."""

    body: Tree
    least: int


Tree: TypeAlias = Char | End | Sequence | Choice | Loop
NOTHING = Sequence(())


def parse(text: str) -> Tree:
    """The tree of a pattern.

    Raises:
        NotAnalysedError: there is none.
    """
    if len(text) > _MAX_LENGTH:
        raise NotAnalysedError
    reader = _Reader(text)
    try:
        tree = reader.choice(0)
    except (IndexError, ValueError, OverflowError) as error:
        raise NotAnalysedError from error
    if reader.at < len(text):
        raise NotAnalysedError
    return tree


def union(sets: Iterable[Ranges]) -> Ranges:
    """All characters of any of the sets."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(pair for ranges in sets for pair in ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def complement(ranges: Ranges) -> Ranges:
    """All characters that are not in the set."""
    result = []
    start = 0
    for low, high in ranges:
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    if start <= _LAST:
        result.append((start, _LAST))
    return tuple(result)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def take(self, expected: str) -> bool:
        if self.text.startswith(expected, self.at):
            self.at += len(expected)
            return True
        return False

    def next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def until(self, end: str) -> str:
        start = self.at
        self.at = self.text.index(end, start) + len(end)
        return self.text[start : self.at - len(end)]

    def choice(self, depth: int) -> Tree:
        if depth > _MAX_DEPTH:
            raise NotAnalysedError
        options = [self.sequence(depth)]
        while self.take("|"):
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.text) and self.peek() not in "|)":
            part = self.repeated(self.atom(depth))
            if part != NOTHING:
                parts.append(part)
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, part: Tree) -> Tree:
        while True:
            bounds = self.bounds()
            if bounds is None:
                return part
            if self.take("+"):
                raise NotAnalysedError  # a possessive loop gives nothing back
            self.take("?")
            part = _repeat(part, *bounds)

    def bounds(self) -> tuple[int, int] | None:
        if self.take("*"):
            return 0, _MANY
        if self.take("+"):
            return 1, _MANY
        if self.take("?"):
            return 0, 1
        end = self.text.find("}", self.at)
        if self.peek() != "{" or end < 0:
            return None
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if not (low + high).isdigit():
            return None  # a brace that is a character
        self.at = end + 1
        least = int(low or "0")
        return least, (int(high) if high else _MANY) if comma else least

    def atom(self, depth: int) -> Tree:
        character = self.next()
        if character == "(":
            return self.group(depth)
        if character == "[":
            return Char(self.set())
        if character == ".":
            return Char(complement(((10, 10),)))
        if character == "^":
            return NOTHING
        if character == "$":
            return End()
        if character == "\\":
            return self.escape()
        return Char(((ord(character), ord(character)),))

    def group(self, depth: int) -> Tree:
        asserts = False
        if self.take("?"):
            if self.take("P=") or self.take("#"):
                self.until(")")
                return NOTHING
            if self.peek(2) in ("<=", "<!") or self.peek() in "=!":
                asserts = True
                self.at += 1
            elif self.take("P<") or self.take("<"):
                self.until(">")
            elif not self.take(":"):
                self.flags()
                if self.take(")"):
                    return NOTHING
                self.at += 1  # the colon
        inner = self.choice(depth + 1)
        if not self.take(")"):
            raise NotAnalysedError
        return NOTHING if asserts else inner

    def flags(self) -> None:
        while self.peek() not in ":)":
            if self.next() not in "aiLmsu-":
                raise NotAnalysedError  # an atomic group, a condition, a verbose pattern

    def escape(self) -> Tree:
        character = self.next()
        if character in "ZzG":
            return End() if character in "Zz" else NOTHING
        if character in "bBA" or character in "123456789":
            return NOTHING
        if character == "k":
            self.until(">")
            return NOTHING
        return Char(self.escaped(character))

    def escaped(self, character: str) -> Ranges:
        """The characters of an escape, in a set or outside, after the backslash and its letter."""
        classes = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
        if character.lower() in classes:
            ranges = classes[character.lower()]
            return complement(ranges) if character.isupper() else ranges
        if character in "pPN" and self.take("{"):
            self.until("}")
            raise NotAnalysedError
        code = _CONTROLS.get(character, ord(character))
        if character in _HEX_LENGTHS:
            if self.take("{"):
                code = int(self.until("}"), 16)
            else:
                digits = self.peek(_HEX_LENGTHS[character])
                self.at += len(digits)
                code = int(digits, 16)
        elif character == "c":
            code = ord(self.next()) % 32
        return ((code, code),)

    def set(self) -> Ranges:
        negative = self.take("^")
        found: list[Ranges] = []
        first = True
        while first or self.peek() != "]":
            if first and self.peek() == "]" and self.text.find("]", self.at + 1) < 0:
                break  # `[]` and `[^]` of ECMAScript
            first = False
            low = self.member()
            if self.peek() == "-" and self.peek(2) != "-]" and len(low) == 1:
                self.at += 1
                high = self.member()
                found.append(((low[0][0], max(low[0][0], high[-1][1])),))
            else:
                found.append(low)
        self.at += 1
        ranges = union(found)
        return complement(ranges) if negative else ranges

    def member(self) -> Ranges:
        character = self.next()
        if character == "\\":
            return self.escaped(self.next()) if self.peek() != "b" else self.backspace()
        return ((ord(character), ord(character)),)

    def backspace(self) -> Ranges:
        self.at += 1
        return ((8, 8),)


def _repeat(part: Tree, least: int, most: int) -> Tree:
    if most >= _MANY:
        copies: list[Tree] = [part] * min(least - 1, _MANY)
        return Sequence((*copies, Loop(part, min(least, 1)))) if copies else Loop(part, least)
    optional = Choice((part, NOTHING))
    return Sequence((part,) * least + (optional,) * max(most - least, 0))
