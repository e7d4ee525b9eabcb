"""Workflow commands that GitHub Actions shows as annotations.

GitHub drops all but the first ten annotations of each level without a word, so the worst come
first and the last one says how many are missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.finding import Severity
from backend_lint.reporters.masking import Mask
from backend_lint.reporters.summary import plural
from backend_lint.reporters.text import safe

if TYPE_CHECKING:
    from backend_lint.report import Report, ReportedFinding
    from backend_lint.reporters import ReportOptions

_MOST_PER_LEVEL = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, options: ReportOptions) -> str:
    """The report in this format; paths are relative to the repository root."""
    del options
    mask = Mask(report)
    shown: list[str] = []
    dropped = 0
    levels = {
        level: [item for item in report.findings if item.severity is level]
        for level in sorted(Severity, reverse=True)
    }
    overflow = any(len(items) > _MOST_PER_LEVEL for items in levels.values())
    for level, items in levels.items():
        # The line about what is missing is a notice itself.
        room = _MOST_PER_LEVEL - (overflow and level is Severity.NOTE)
        shown.extend(_annotation(item, report, mask) for item in items[:room])
        dropped += max(0, len(items) - room)
    if dropped:
        message = f"{plural(dropped, 'more finding')} not shown as annotations; see the log"
        shown.append(f"::notice title=backend-lint::{_data(message)}")
    return "".join(f"{line}\n" for line in shown)


def _annotation(item: ReportedFinding, report: Report, mask: Mask) -> str:
    finding = item.finding
    location = finding.location
    lines = report.sources[location.path].lines
    start, end = lines.position(location.region.start), lines.position(location.region.end)
    properties = {
        "title": f"backend-lint: {finding.rule}",
        "file": report.root_prefix + location.path,
        "line": str(start.line),
        "endLine": str(end.line),
    }
    if start.line == end.line:  # columns are only understood within one line
        properties["col"] = str(start.column)
        properties["endColumn"] = str(end.column)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[item.severity]} {written}::{_data(safe(mask.text(finding.message)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
