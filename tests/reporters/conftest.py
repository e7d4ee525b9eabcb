"""Reports made by hand, so that reporters are tested without any analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backend_lint.diagnostic import Diagnostic
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.fingerprint import finding_keys
from backend_lint.report import Report, ReportedFinding, RulePage
from backend_lint.rule import Family, Rule
from backend_lint.source import Language, Region, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

INJECTION = Rule(
    name="sql-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.8,
    cwe=(89,),
    owasp=("API8:2023",),
)
SECRET = Rule(
    name="hardcoded-secret",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=7.5,
    cwe=(798,),
)
LOOP = Rule(
    name="n-plus-one-query",
    family=Family.PERFORMANCE,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
)
TODO_NOTE = Rule(
    name="unused-suppression",
    family=Family.HYGIENE,
    severity=Severity.NOTE,
    confidence=Confidence.HIGH,
)
RULES = (SECRET, LOOP, INJECTION, TODO_NOTE)


def page(name: str) -> RulePage:
    return RulePage(
        summary=f"The summary of {name}.",
        why=f"Why {name} matters. More of it.",
        fix=f"How to fix {name}. Then test.",
        markdown=f"# {name}\n\nThe summary of {name}.\n",
    )


class ReportBuilder:
    """Builds a report from texts: a finding is made at the place of a piece of text."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.sources = {
            path: SourceFile(path, Language.PYTHON, text.encode()) for path, text in files.items()
        }
        self.findings: list[Finding] = []
        self.suppressed: list[tuple[Finding, str]] = []

    def at(self, path: str, text: str, *, nth: int = 0) -> Location:
        data = self.sources[path].data
        start = -1
        for _ in range(nth + 1):
            start = data.index(text.encode(), start + 1)
        return Location(path, Region(start, start + len(text.encode())))

    def step(self, path: str, text: str, message: str) -> Step:
        return Step(self.at(path, text), message)

    def add(self, rule: Rule, path: str, text: str, message: str = "", **fields: Any) -> Finding:
        nth = fields.pop("nth", 0)
        message = message or f"The message of {rule.name}."
        finding = Finding(rule.name, self.at(path, text, nth=nth), message, **fields)
        self.findings.append(finding)
        return finding

    def report(self, diagnostics: Sequence[Diagnostic] = (), root_prefix: str = "") -> Report:
        kept = [self._reported(finding, None) for finding in self.findings]
        hidden = [self._reported(finding, reason) for finding, reason in self.suppressed]
        return Report(
            findings=tuple(sorted(kept, key=lambda item: item.finding.sort_key)),
            suppressed=tuple(hidden),
            diagnostics=tuple(diagnostics),
            rules=RULES,
            pages={rule.name: page(rule.name) for rule in RULES},
            sources=self.sources,
            files={"python": len(self.sources)},
            root_prefix=root_prefix,
        )

    def _reported(self, finding: Finding, reason: str | None) -> ReportedFinding:
        rule = next(rule for rule in RULES if rule.name == finding.rule)
        source = self.sources[finding.location.path]
        return ReportedFinding(
            finding=finding,
            rule=rule,
            severity=finding.severity or rule.severity,
            confidence=finding.confidence or rule.confidence,
            fingerprint=finding_keys([finding], source)[0],
            suppressed=reason,
        )


@pytest.fixture
def build() -> Callable[[Mapping[str, str]], ReportBuilder]:
    return ReportBuilder


@pytest.fixture
def rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in RULES}


APP = """\
from db import run

def user(request):
    name = request.args["name"]
    名 = "🦊"; run(f"SELECT * FROM users WHERE name = '{name}'")
    for row in rows:
        run("SELECT 1")
"""


@pytest.fixture
def app_report() -> Report:
    """A finding behind an emoji with a flow, one with a related location, and diagnostics."""
    from backend_lint.diagnostic import DiagnosticKind

    builder = ReportBuilder({"app/my views.py": APP})
    query = "f\"SELECT * FROM users WHERE name = '{name}'\""
    builder.add(
        INJECTION,
        "app/my views.py",
        query,
        "Remote input reaches SQL text. Pass it as a parameter.",
        flow=(
            builder.step("app/my views.py", 'request.args["name"]', "remote input"),
            builder.step("app/my views.py", query, "becomes SQL text"),
        ),
    )
    builder.add(
        LOOP,
        "app/my views.py",
        'run("SELECT 1")',
        "The query of rows[0](1) runs once per row.",
        related=(builder.step("app/my views.py", "for row in rows", "the loop"),),
    )
    diagnostics = (
        Diagnostic(DiagnosticKind.MINIFIED, "static/app.js", "too long lines", incomplete=False),
        Diagnostic(DiagnosticKind.SYNTAX_ERROR, "app/ä:b.py", "syntax error in line 3"),
    )
    return builder.report(diagnostics)
