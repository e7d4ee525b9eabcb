"""SARIF 2.1.0 as GitHub code scanning accepts it.

The document is written by hand as plain data: no library models what GitHub reads. Limits that
GitHub enforces by dropping or refusing are kept here, worst findings first, and told in the run.
"""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from backend_lint import __version__
from backend_lint.diagnostic import DiagnosticKind
from backend_lint.finding import Confidence, Severity
from backend_lint.fingerprint import line_hashes
from backend_lint.reporters.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_lint.diagnostic import Diagnostic
    from backend_lint.finding import Location, Step
    from backend_lint.report import Report, ReportedFinding
    from backend_lint.reporters import ReportOptions
    from backend_lint.rule import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/backend-lint/backend-lint"

_MOST_RESULTS = 5_000
_MOST_FLOW_STEPS = 1_000
_MOST_RELATED = 99
_MOST_LINKS = 5
_MOST_TAGS = 10
_LONGEST_DESCRIPTION = 1_024
_LARGEST_GZIP = 10_000_000

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PRECISIONS = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_PROBLEMS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}


def render(report: Report, options: ReportOptions) -> str:
    """The report in this format; URIs are relative to the repository root."""
    most = _MOST_RESULTS
    while True:
        text = _document(report, options, most)
        # Text that is not larger unpacked cannot be too large packed.
        if len(text) < _LARGEST_GZIP or len(gzip.compress(text.encode())) < _LARGEST_GZIP:
            return text
        most //= 2


def _document(report: Report, options: ReportOptions, most: int) -> str:
    results = list(report.findings)
    if options.include_suppressed:
        results.extend(report.suppressed)
    kept = _worst(results, most)
    notes = [_notification(item, report) for item in report.diagnostics]
    if len(kept) < len(results):
        dropped = len(results) - len(kept)
        text = f"{dropped} of {len(results)} results were left out: the least severe ones"
        notes.append(_note("result-limit", "warning", text))
    writer = _Writer(report, options)
    crashed = any(item.kind is DiagnosticKind.CRASH for item in report.diagnostics)
    run = {
        "tool": {
            "driver": {
                "name": "backend-lint",
                "informationUri": _HOME,
                "semanticVersion": __version__,
                "rules": [_descriptor(rule, report) for rule in report.rules],
            }
        },
        "automationDetails": {"id": _automation_id(options.category)},
        "invocations": [{"executionSuccessful": not crashed, "toolExecutionNotifications": notes}],
        "columnKind": "utf16CodeUnits",
        "results": [writer.result(item) for item in kept],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _automation_id(category: str) -> str:
    """What stands before the last slash is the category."""
    name = category.strip("/")
    return f"backend-lint/{name}/" if name else "backend-lint/"


def _worst(results: Sequence[ReportedFinding], most: int) -> list[ReportedFinding]:
    """The worst results, by place."""
    ranked = sorted(
        results,
        key=lambda item: (-item.severity, -item.rule.security_severity, -item.confidence),
    )
    return sorted(ranked[:most], key=lambda item: item.finding.sort_key)


def _descriptor(rule: Rule, report: Report) -> dict[str, Any]:
    page = report.pages[rule.name]
    why = " ".join(page.why.split("\n\n", 1)[0].split())
    module = rule.name.replace("-", "_")
    return {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": _limited(page.summary)},
        "fullDescription": {"text": _limited(f"{page.summary} {why}".strip())},
        "help": {"text": f"{page.summary}\n\n{page.why}\n\n{page.fix}", "markdown": page.markdown},
        "helpUri": f"{_HOME}/blob/main/rules/{rule.family.value}/{module}.md",
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": _rule_properties(rule),
    }


def _rule_properties(rule: Rule) -> dict[str, Any]:
    tags = [rule.family.value]
    if rule.security:
        tags.append("security")
    tags.extend(f"external/cwe/cwe-{number:03}" for number in rule.cwe)
    tags.extend(f"external/owasp/{name.lower()}" for name in rule.owasp)
    properties: dict[str, Any] = {
        "tags": list(dict.fromkeys(tags))[:_MOST_TAGS],
        "precision": _PRECISIONS[rule.confidence],
    }
    if rule.security:
        properties["security-severity"] = f"{rule.security_severity:.1f}"
    else:
        properties["problem.severity"] = _PROBLEMS[rule.severity]
    return properties


def _limited(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else f"{text[: _LONGEST_DESCRIPTION - 1]}…"


def _notification(diagnostic: Diagnostic, report: Report) -> dict[str, Any]:
    crash = diagnostic.kind is DiagnosticKind.CRASH
    level = "error" if crash else "warning" if diagnostic.incomplete else "note"
    note = _note(diagnostic.kind.value, level, diagnostic.message)
    if diagnostic.path and diagnostic.path != ".":
        place = {"artifactLocation": {"uri": _uri(report.root_prefix + diagnostic.path)}}
        note["locations"] = [{"physicalLocation": place}]
    return note


def _note(name: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": text}}


def _uri(path: str) -> str:
    """A path as a relative URI; a colon is escaped lest it looks like a scheme."""
    return quote(path, safe="/-._~")


class _Writer:
    """Writes the results of one report."""

    def __init__(self, report: Report, options: ReportOptions) -> None:
        self._report = report
        self._options = options
        self._mask = Mask(report)
        self._indexes = {rule.name: number for number, rule in enumerate(report.rules)}
        self._hashes: dict[str, list[str]] = {}

    def result(self, item: ReportedFinding) -> dict[str, Any]:
        """One result."""
        finding = item.finding
        related = finding.related[:_MOST_RELATED]
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self._indexes[finding.rule],
            "level": _LEVELS[item.severity],
            "message": {"text": self._message(finding.message, related)},
            "locations": [self._location(finding.location)],
            "partialFingerprints": {
                "primaryLocationLineHash": self._line_hash(finding.location),
                "backendLint/v1": item.fingerprint,
            },
            "properties": {"precision": _PRECISIONS[item.confidence]},
        }
        if related:
            result["relatedLocations"] = [
                {"id": number, **self._step(step)} for number, step in enumerate(related, start=1)
            ]
        if finding.flow:
            steps = [{"location": self._step(step)} for step in _shortened(finding.flow)]
            result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
        if self._options.include_suppressed:
            result["suppressions"] = _suppressions(item)
        return result

    def _line_hash(self, location: Location) -> str:
        """GitHub's hash of the first line of a location."""
        source = self._report.sources[location.path]
        if location.path not in self._hashes:
            text = source.data.decode("utf-8", "replace")
            self._hashes[location.path] = line_hashes(text)
        hashes = self._hashes[location.path]
        return hashes[min(source.lines.line_at(location.region.start), len(hashes)) - 1]

    def _message(self, text: str, related: Sequence[Step]) -> str:
        """The message, with links to the related locations: GitHub shows only linked ones."""
        links = []
        for number, step in enumerate(related[:_MOST_LINKS], start=1):
            words = self._mask.text(step.message).replace("[", "(").replace("]", ")")
            links.append(f"[{words}]({number})")
        message = _plain(self._mask.text(text))
        return f"{message} Related: {', '.join(links)}." if links else message

    def _step(self, step: Step) -> dict[str, Any]:
        return {
            **self._location(step.location),
            "message": {"text": _plain(self._mask.text(step.message))},
        }

    def _location(self, location: Location) -> dict[str, Any]:
        lines = self._report.sources[location.path].lines
        start = lines.position(location.region.start, utf16=True)
        end = lines.position(max(location.region.start, location.region.end), utf16=True)
        return {
            "physicalLocation": {
                "artifactLocation": {"uri": _uri(self._report.root_prefix + location.path)},
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
            }
        }


_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def _plain(text: str) -> str:
    """A text in which nothing reads as a link, such as `handlers[name](1)`."""
    return _LINK.sub(r"\\[", text)


def _shortened(flow: Sequence[Step]) -> list[Step]:
    """A flow within GitHub's limit: its two ends matter most."""
    if len(flow) <= _MOST_FLOW_STEPS:
        return list(flow)
    half = _MOST_FLOW_STEPS // 2
    return [*flow[:half], *flow[-half:]]


def _suppressions(item: ReportedFinding) -> list[dict[str, str]]:
    if item.suppressed is None:
        return []
    entry = {"kind": "inSource"}
    if item.suppressed:
        entry["justification"] = item.suppressed
    return [entry]
