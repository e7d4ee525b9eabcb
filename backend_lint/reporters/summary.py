"""The one line that closes a run: what was found, in how much, and what was not looked at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.diagnostic import Diagnostic
    from backend_lint.report import Report

_LOOKED_AT = frozenset(
    {DiagnosticKind.ENCODING, DiagnosticKind.CACHE, DiagnosticKind.CONFIGURATION}
)


def summary(report: Report) -> str:
    """The summary, one sentence."""
    files = sum(report.files.values())
    text = f"{_findings(report)} in {plural(files, 'file')}"
    if report.suppressed:
        text += f", {len(report.suppressed)} suppressed"
    missed = not_looked_at(report.diagnostics)
    if missed:
        reasons = ", ".join(
            f"{count} {kind.value.replace('-', ' ')}" for kind, count in missed.items()
        )
        text += f"; not looked at: {sum(missed.values())} ({reasons})"
    return text + "."


def not_looked_at(diagnostics: Iterable[Diagnostic]) -> dict[DiagnosticKind, int]:
    """How much was not looked at, in whole or in part, by reason, most first."""
    counts = Counter(item.kind for item in diagnostics if item.kind not in _LOOKED_AT)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0].value)))


def plural(number: int, noun: str) -> str:
    """A number with its noun, in the plural where English wants it."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _findings(report: Report) -> str:
    total = len(report.findings)
    if not total:
        return "No findings"
    counts = Counter(reported.severity for reported in report.findings)
    parts = [
        plural(counts[severity], severity.label)
        for severity in sorted(Severity, reverse=True)
        if counts[severity]
    ]
    return f"Found {plural(total, 'finding')} ({', '.join(parts)})"
