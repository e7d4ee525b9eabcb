"""What is left of a text in which the matches of a pattern were replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.regex.pattern import (
    Char,
    Choice,
    Loop,
    NotAnalysedError,
    complement,
    parse,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.regex.pattern import Ranges, Tree


def can_be_left(characters: str, pattern: str, replacement: str) -> bool:
    """Some of the characters can be in a text after every match of a pattern was replaced.

    Only what a pattern takes as single characters is surely gone: `..` of `../` comes back where
    `....//` was.

    Args:
        characters: those that do harm.
        pattern: a regular expression of Python, ECMAScript or Go.
        replacement: what is put in place of a match, as it is.
    """
    try:
        gone = union(_single(parse(pattern)))
    except NotAnalysedError:
        return True
    left = complement(gone)
    return any(
        character in replacement or any(low <= ord(character) <= high for low, high in left)
        for character in characters
    )


def _single(tree: Tree) -> Iterator[Ranges]:
    """The characters that a tree matches alone, whatever stands beside them."""
    if isinstance(tree, Char):
        yield tree.ranges
    elif isinstance(tree, Loop):
        yield from _single(tree.body)
    elif isinstance(tree, Choice):
        for option in tree.options:
            yield from _single(option)
