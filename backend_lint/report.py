"""The result of a run, as reporters see it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backend_lint.diagnostic import Diagnostic
from backend_lint.finding import Confidence, Finding, Severity
from backend_lint.rule import Rule
from backend_lint.source import SourceFile


class RulePage(msgspec.Struct, frozen=True):
    """The Markdown page of a rule.

    Attributes:
        summary: the first sentence, without markup.
        why: the section on why it matters, Markdown.
        fix: the section on how to fix it, Markdown.
        markdown: the whole page for readers: `expect` comments removed from the examples.
    """

    summary: str
    why: str
    fix: str
    markdown: str


class ReportedFinding(msgspec.Struct, frozen=True):
    """A finding with everything policy adds to it.

    Attributes:
        finding: what was detected.
        rule: the rule, as in `Report.rules`.
        severity: after overrides.
        confidence: after overrides.
        fingerprint: our stable key: rule, path, normalised code and occurrence; survives edits
            elsewhere in the file.
        suppressed: why it is suppressed, None where it is not.
    """

    finding: Finding
    rule: Rule
    severity: Severity
    confidence: Confidence
    fingerprint: str
    suppressed: str | None = None


class Report(msgspec.Struct, frozen=True):
    """Everything one run found, complete and sorted; reporters are pure functions of it.

    Attributes:
        findings: by place, then rule; suppressed ones are not among them.
        suppressed: the suppressed ones, in the same order.
        diagnostics: what was not looked at, by path.
        rules: the rules that ran, by name.
        pages: the page of each rule, by name.
        sources: the files that a finding, a related location or a flow step points into, by path.
        files: how many files were analysed, by language family.
        root_prefix: path from the repository root to the project root (`""` or `"api/"`), put
            before every path in formats that are read relative to the repository.
    """

    findings: tuple[ReportedFinding, ...]
    suppressed: tuple[ReportedFinding, ...]
    diagnostics: tuple[Diagnostic, ...]
    rules: tuple[Rule, ...]
    pages: Mapping[str, RulePage]
    sources: Mapping[str, SourceFile]
    files: Mapping[str, int]
    root_prefix: str = ""
