"""Secrets never leave the reviewed code: every text of a report goes through a mask.

A finding marked `secret` hides the text of its region, wherever that line is shown and whichever
finding shows it, and every other place where the same value stands. A mask keeps the length, so
that columns and carets stay true.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.source import Region

if TYPE_CHECKING:
    from backend_lint.report import Report
    from backend_lint.source import SourceFile

_MARK = "*"
_QUOTES = "\"'`"
_SHORTEST_VALUE = 6


class Mask:
    """The secrets of one report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._regions: dict[str, list[Region]] = defaultdict(list)
        values: set[str] = set()
        for reported in (*report.findings, *report.suppressed):
            finding = reported.finding
            if not finding.secret:
                continue
            path, region = finding.location.path, finding.location.region
            self._regions[path].append(region)
            if path in report.sources:
                text = report.sources[path].text(region)
                # What a person would search for: the value without quotes, line by line.
                values.update(line.strip().strip(_QUOTES) for line in text.splitlines())
        # Longest first, so that no part of a secret is left when one holds another.
        self._values = sorted(
            (value for value in values if len(value) >= _SHORTEST_VALUE), key=lambda v: (-len(v), v)
        )

    def text(self, text: str) -> str:
        """A text with every known secret value masked."""
        for value in self._values:
            text = text.replace(value, _MARK * len(value))
        return text

    def snippet(self, source: SourceFile, region: Region) -> str:
        """The text of a region of a file, masked."""
        parts: list[str] = []
        at = region.start
        for secret in sorted(self._regions.get(source.path, ())):
            start, end = max(secret.start, at), min(secret.end, region.end)
            if start >= end:
                continue
            parts.append(source.text(Region(at, start)))
            parts.append(_masked(source.text(Region(start, end))))
            at = end
        parts.append(source.text(Region(at, region.end)))
        return self.text("".join(parts))

    def line(self, source: SourceFile, line: int) -> str:
        """The text of a 1-based line of a file, masked, without its line end."""
        return self.snippet(source, source.lines.line_region(line))


def _masked(text: str) -> str:
    """The text with all but its quotes, white space at the ends, and line ends replaced."""
    return "".join(
        char if char in "\r\n" or (char in _QUOTES and number in (0, len(text) - 1)) else _MARK
        for number, char in enumerate(text)
    )
