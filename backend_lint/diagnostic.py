"""What we say about our own run: files not read, limits hit, rules that crashed."""

from __future__ import annotations

import enum

import msgspec

from backend_lint.source import Region


class DiagnosticKind(enum.Enum):
    """Why something was not looked at; the value is the word used in reports."""

    SYNTAX_ERROR = "syntax-error"
    UNREADABLE = "unreadable"
    BINARY = "binary"
    TOO_LARGE = "too-large"
    MINIFIED = "minified"
    GENERATED = "generated"
    ENCODING = "encoding"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    LIMIT = "limit"
    CACHE = "cache"
    CONFIGURATION = "configuration"


class Diagnostic(msgspec.Struct, frozen=True):
    """One thing about our run that the user must know to trust its result.

    Attributes:
        kind: the reason.
        path: the file it is about, relative to the project root; empty for the whole run.
        message: one sentence in plain words.
        incomplete: something that should have been analysed was not, so that a clean report
            proves less than it says; `--strict` turns these into exit code 2.
        region: the place in the file, if there is one.
    """

    kind: DiagnosticKind
    path: str
    message: str
    incomplete: bool = True
    region: Region | None = None

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """The order of a report."""
        return (self.path, self.kind.value, self.message)
