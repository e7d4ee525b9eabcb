"""A stable format for programs, described in docs/json-schema.md.

`version` grows when a field changes its meaning or vanishes; new fields do not change it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend_lint import __version__
from backend_lint.finding import Severity
from backend_lint.reporters.masking import Mask
from backend_lint.reporters.summary import not_looked_at

if TYPE_CHECKING:
    from backend_lint.diagnostic import Diagnostic
    from backend_lint.finding import Location, Step
    from backend_lint.report import Report, ReportedFinding
    from backend_lint.reporters import ReportOptions
    from backend_lint.rule import Rule

VERSION = 1


def render(report: Report, options: ReportOptions) -> str:
    """The report in this format; every path is relative to the project root."""
    del options
    mask = Mask(report)
    document = {
        "version": VERSION,
        "tool": {"name": "backend-lint", "version": __version__},
        "root_prefix": report.root_prefix,
        "summary": _summary(report),
        "findings": [_finding(item, report, mask) for item in report.findings],
        "suppressed": [_finding(item, report, mask) for item in report.suppressed],
        "diagnostics": [_diagnostic(item) for item in report.diagnostics],
        "rules": [_rule(rule, report) for rule in report.rules],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _summary(report: Report) -> dict[str, Any]:
    return {
        "findings": len(report.findings),
        **{
            f"{level.label}s": sum(item.severity is level for item in report.findings)
            for level in sorted(Severity, reverse=True)
        },
        "suppressed": len(report.suppressed),
        "files": dict(report.files),
        "not_looked_at": {
            kind.value: count for kind, count in not_looked_at(report.diagnostics).items()
        },
    }


def _finding(reported: ReportedFinding, report: Report, mask: Mask) -> dict[str, Any]:
    finding = reported.finding
    result: dict[str, Any] = {
        "rule": finding.rule,
        "family": reported.rule.family.value,
        "severity": reported.severity.label,
        "confidence": reported.confidence.label,
        "message": mask.text(finding.message),
        **_place(finding.location, report),
        "related": [_step(step, report, mask) for step in finding.related],
        "flow": [_step(step, report, mask) for step in finding.flow],
        "fingerprint": reported.fingerprint,
        "engine": finding.engine,
    }
    if reported.suppressed is not None:
        result["reason"] = reported.suppressed
    return result


def _step(step: Step, report: Report, mask: Mask) -> dict[str, Any]:
    return {**_place(step.location, report), "message": mask.text(step.message)}


def _place(location: Location, report: Report) -> dict[str, Any]:
    lines = report.sources[location.path].lines
    start = lines.position(location.region.start)
    end = lines.position(location.region.end)
    return {
        "path": location.path,
        "start": {"line": start.line, "column": start.column},
        "end": {"line": end.line, "column": end.column},
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "kind": diagnostic.kind.value,
        "path": diagnostic.path,
        "message": diagnostic.message,
        "incomplete": diagnostic.incomplete,
    }


def _rule(rule: Rule, report: Report) -> dict[str, Any]:
    return {
        "name": rule.name,
        "family": rule.family.value,
        "summary": report.pages[rule.name].summary,
        "severity": rule.severity.label,
        "confidence": rule.confidence.label,
        "cwe": list(rule.cwe),
        "owasp": list(rule.owasp),
    }
