"""What the settings make of findings: severity, confidence, and whether they are reported.

Rules detect and know nothing of this. The order is: what the user says about a rule, what the
finding says, what the rule says; on paths where little is at stake the last counts one step less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.finding import Confidence, Finding, Severity, SourceKind
from backend_lint.fingerprint import finding_keys
from backend_lint.paths import is_low_stakes_path, is_test_path
from backend_lint.registry import ALL
from backend_lint.report import ReportedFinding
from backend_lint.settings import Settings, TestPolicy, Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backend_lint.rule import Rule
    from backend_lint.source import SourceFile
    from backend_lint.suppression import Suppressed

# Whose data is not believed beside that of requests, and how sure findings about it are at least.
_DISTRUSTED: Mapping[Trust, Mapping[SourceKind | None, Confidence]] = {
    Trust.REMOTE: {},
    Trust.LIBRARY: {SourceKind.CALLER: Confidence.MEDIUM},
}


class Policy:
    """The settings as a function from findings to reported findings.

    Args:
        settings: what the user chose.
        rules: the rules that ran; every finding comes from one of them.
    """

    def __init__(self, settings: Settings, rules: Sequence[Rule]) -> None:
        self._settings = settings
        self._rules: Mapping[str, Rule] = {rule.name: rule for rule in rules}
        self._per_path = [
            (_matcher(pattern), set(names)) for pattern, names in settings.per_path.items()
        ]

    @property
    def wants_doubts(self) -> bool:
        """Findings of low confidence can be reported, as they are or for whose data it is."""
        least = self._settings.least_confidence
        return least <= Confidence.LOW or any(
            confidence >= least for confidence in _DISTRUSTED[self._settings.trust].values()
        )

    def rank(self, finding: Finding) -> tuple[int, int]:
        """How sure and how bad a finding is: the higher, the rather it is reported."""
        rule = self._rules[finding.rule]
        return (self._confidence(finding, rule), self._severity(finding, rule))

    def apply(
        self, findings: Sequence[Finding], source: SourceFile, reasons: Sequence[str] = ()
    ) -> list[ReportedFinding]:
        """The findings of one file that are reported, by place; `reasons` marks suppressed ones."""
        ignored = self._ignored(source.path)
        if not findings or ALL in ignored:
            return []
        keys = finding_keys(findings, source)
        result: list[ReportedFinding] = []
        for number, finding in enumerate(findings):
            rule = self._rules[finding.rule]
            severity, confidence = self._severity(finding, rule), self._confidence(finding, rule)
            if (
                ignored & {rule.name, rule.family.value}
                or severity < self._settings.severity
                or confidence < self._settings.least_confidence
            ):
                continue
            result.append(
                ReportedFinding(
                    finding=finding,
                    rule=rule,
                    severity=severity,
                    confidence=confidence,
                    fingerprint=keys[number],
                    suppressed=reasons[number] if reasons else None,
                )
            )
        return sorted(result, key=lambda item: item.finding.sort_key)

    def apply_suppressed(
        self, suppressed: Sequence[Suppressed], source: SourceFile
    ) -> list[ReportedFinding]:
        """The same for suppressed findings."""
        findings = [item.finding for item in suppressed]
        return self.apply(findings, source, [item.reason for item in suppressed])

    def _ignored(self, path: str) -> set[str]:
        if self._settings.tests is TestPolicy.SKIP and is_test_path(path):
            return {ALL}
        return {name for matches, names in self._per_path if matches(path) for name in names}

    def _confidence(self, finding: Finding, rule: Rule) -> Confidence:
        confidence = rule.confidence if finding.confidence is None else finding.confidence
        distrusted = _DISTRUSTED[self._settings.trust]
        if finding.decided_by in distrusted:
            confidence = max(confidence, distrusted[finding.decided_by])
        if (
            not rule.security
            and confidence > Confidence.LOW
            and is_low_stakes_path(finding.location.path)
        ):
            # A slow query in a script or a migration is true and of no consequence.
            return Confidence(confidence - 1)
        return confidence

    def _severity(self, finding: Finding, rule: Rule) -> Severity:
        """The severity of a finding before the thresholds."""
        if rule.name in self._settings.rule_severity:
            return self._settings.rule_severity[rule.name]
        if finding.severity is not None:
            return finding.severity
        if is_low_stakes_path(finding.location.path) and rule.severity > Severity.NOTE:
            return Severity(rule.severity - 1)
        return rule.severity


def _matcher(pattern: str) -> Callable[[str], bool]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([pattern]).match_file
