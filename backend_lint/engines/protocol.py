"""What an engine is: something that finds defects in one file at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from backend_lint.diagnostic import Diagnostic
from backend_lint.finding import Finding

if TYPE_CHECKING:
    from backend_lint.source import SourceFile


class Analysis(msgspec.Struct, frozen=True):
    """What an engine says about one file: findings by place, and diagnostics about its own run."""

    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class Engine(Protocol):
    """An engine.

    Its result depends on the file and the chosen rules alone, so that a cache may keep it. It reads
    nothing but the text it is given, and never raises because of what it reads.

    Attributes:
        name: as in `Finding.engine` and on the command line.
        version: part of the key of a cache.
        languages: the language families it reads.
    """

    @property
    def name(self) -> str:
        """See above."""

    @property
    def version(self) -> str:
        """See above."""

    @property
    def languages(self) -> tuple[str, ...]:
        """See above."""

    def analyze(self, source: SourceFile, rules: frozenset[str]) -> Analysis:
        """Look at one file for the defects that these rules name; others are passed over."""
