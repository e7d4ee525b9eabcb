"""One line a finding: `path:line:column: severity rule message`, as editors and CI read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.reporters.masking import Mask
from backend_lint.reporters.summary import summary
from backend_lint.reporters.text import painted, place, safe, severity_word

if TYPE_CHECKING:
    from backend_lint.report import Report
    from backend_lint.reporters import ReportOptions


def render(report: Report, options: ReportOptions) -> str:
    """The report in this format."""
    mask = Mask(report)
    lines = []
    for reported in report.findings:
        finding = reported.finding
        where = painted(place(finding.location, report, options), "1", options)
        word = severity_word(reported.severity, options)
        lines.append(f"{where}: {word} {finding.rule} {safe(mask.text(finding.message))}")
    if options.summary:
        lines.append(summary(report))
    return "".join(f"{line}\n" for line in lines)
