"""Parsing with an end: some broken texts send tree-sitter's error recovery round for ever.

`[t[]=[.x}` is one for the TypeScript grammar: the parser stays where it is and takes memory until
there is none. It reports where it stands every few steps, so a parse that stands still is stopped.
The measure is the number of reports, not the time: the same text always ends the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

# Balancing the tree of a large file reports too, at most once in a hundred bytes of real code.
_PATIENCE = 1000
_BYTES_PER_REPORT = 25


class _Watch:
    """The progress callback of one parse."""

    def __init__(self, size: int) -> None:
        self.patience = _PATIENCE + size // _BYTES_PER_REPORT
        self.furthest = -1
        self.reports = 0

    def __call__(self, offset: int, _has_error: bool) -> bool:
        if offset > self.furthest:
            self.furthest = offset
            self.reports = 0
            return False
        self.reports += 1
        return self.reports > self.patience


def parse(parser: tree_sitter.Parser, data: bytes) -> tree_sitter.Tree | None:
    """The syntax tree of a text; None if the parser does not come to an end."""
    try:
        return parser.parse(
            lambda offset, _point: data[offset:], progress_callback=_Watch(len(data))
        )
    except ValueError:
        # What was stopped would go on with the next text.
        parser.reset()
        return None
