"""Parts of the formats made for people: colour, safe text, places."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from backend_lint.finding import Severity

if TYPE_CHECKING:
    from backend_lint.finding import Location
    from backend_lint.report import Report
    from backend_lint.reporters import ReportOptions

_SEVERITY_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_UNSAFE = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
# Marks that turn the direction of text around: they can make code look like other code.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def painted(text: str, code: str, options: ReportOptions) -> str:
    """The text in an ANSI style where colour is asked for."""
    return f"\x1b[{code}m{text}\x1b[0m" if options.color else text


def severity_word(severity: Severity, options: ReportOptions) -> str:
    """The word for a severity in its colour."""
    return painted(severity.label, _SEVERITY_COLORS[severity], options)


def safe(text: str) -> str:
    """A text on one line that cannot drive a terminal; every character keeps its one place."""
    return "".join(
        "\ufffd" if char in _BIDI or unicodedata.category(char) in _UNSAFE else char
        for char in text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
    )


def safe_path(path: str) -> str:
    r"""A path on one line; control characters are written as `\n`, `\x1b` and the like."""
    return "".join(
        char.encode("unicode_escape").decode()
        if char in _BIDI or unicodedata.category(char) in _UNSAFE
        else char
        for char in path
    )


def place(location: Location, report: Report, options: ReportOptions) -> str:
    """`path:line:column` with columns in code points."""
    path = safe_path(options.shown_path(location.path))
    position = report.sources[location.path].lines.position(location.region.start)
    return f"{path}:{position.line}:{position.column}"


def width(text: str) -> int:
    """How many cells of a terminal a text takes."""
    cells = 0
    for char in text:
        if unicodedata.combining(char) or char in "\u200d\ufe0f":
            continue
        cells += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return cells


def first_sentence(markdown: str) -> str:
    """The first sentence of a Markdown text, on one line and without emphasis."""
    paragraph = " ".join(markdown.strip().split("\n\n", 1)[0].split())
    for mark in (". ", "! ", "? "):
        end = paragraph.find(mark)
        if end >= 0:
            paragraph = paragraph[: end + 1]
    return paragraph.replace("**", "")
