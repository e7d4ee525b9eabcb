"""What becomes of the tests of Bandit, read from `bandit.toml`; imports nothing of Bandit."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backend_lint.errors import InstallationError
from backend_lint.finding import Confidence, Severity
from backend_lint.report import RulePage
from backend_lint.rule import Family, Profile, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class BanditTest(msgspec.Struct, frozen=True, kw_only=True):
    """A test of Bandit that runs.

    Attributes:
        id: Bandit's, such as `B506`.
        name: of our rule.
        triggers: wherever the test finds something, the file holds all texts of one of them.
        severity: of most of its findings; each has its own.
        confidence: likewise.
        measured: the confidence stands for that of each finding.
        given: an argument with which a call is no finding, if it is anything but `None`; Bandit
            reads only some expressions.
        security: the defect is a security problem.
        security_severity: CVSS-like score.
        cwe: number of the Common Weakness Enumeration.
        profile: which runs include it.
        summary: what is wrong and why, one sentence.
        why: for the page.
        fix: what to do, one sentence or two.
    """

    id: str
    name: str
    triggers: tuple[tuple[bytes, ...], ...]
    severity: Severity
    confidence: Confidence
    measured: bool
    given: str
    security: bool
    security_severity: float
    cwe: int
    profile: Profile
    summary: str
    why: str
    fix: str

    @property
    def message(self) -> str:
        """The message of its findings."""
        return f"{self.summary} {self.fix}"

    def is_triggered(self, data: bytes) -> bool:
        """Whether the test may find something in a text."""
        for trigger in self.triggers:  # asked of every file, and mostly the first text decides
            for text in trigger:
                if text not in data:
                    break
            else:
                return True
        return False

    def rule(self, family: Family) -> Rule:
        """Our rule for the test."""
        return Rule(
            name=self.name,
            family=family,
            severity=self.severity,
            confidence=self.confidence,
            security=self.security,
            security_severity=self.security_severity,
            cwe=(self.cwe,),
            languages=("python",),
            profile=self.profile,
        )

    def page(self) -> RulePage:
        """The page of the rule."""
        markdown = (
            f"# {self.name}\n\n{self.summary}\n\n## Why it matters\n\n{self.why}\n\n"
            f"## How to fix\n\n{self.fix}\n\n## Origin\n\n"
            f"Found by the test {self.id} of [Bandit]({_DOCS}). `# nosec` comments are honoured.\n"
        )
        return RulePage(self.summary, self.why, self.fix, markdown)


_DOCS = "https://bandit.readthedocs.io/"


class _Covered(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    tests: tuple[str, ...]
    covered_by: str


class _Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    tests: dict[str, str]
    triggers: tuple[str, ...]
    severity: str
    confidence: str
    measured: bool = False
    given: str = ""
    security: bool = True
    security_severity: float = 0.0
    cwe: int
    profile: Profile
    summary: str
    why: str
    fix: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bandit: str
    docs: str
    covered: tuple[_Covered, ...]
    run: tuple[_Run, ...]


@cache
def bandit_tests() -> Mapping[str, BanditTest]:
    """The tests that run, by the name of our rule.

    Raises:
        InstallationError: the table does not fit its schema.
    """
    found: dict[str, BanditTest] = {}
    for row in _table().run:
        for test_id, name in row.tests.items():
            if name in found:
                raise InstallationError(f"bandit.toml: {name} stands for two tests")
            found[name] = BanditTest(
                id=test_id,
                name=name,
                triggers=tuple(
                    tuple(text.encode() for text in trigger.split(" & "))
                    for trigger in row.triggers
                ),
                severity=Severity[row.severity.upper()],
                confidence=Confidence[row.confidence.upper()],
                measured=row.measured,
                given=row.given,
                security=row.security,
                security_severity=row.security_severity,
                cwe=row.cwe,
                profile=row.profile,
                summary=row.summary,
                why=row.why,
                fix=row.fix,
            )
    return found


@cache
def covered_tests() -> Mapping[str, str]:
    """The rule of ours that covers a test of Bandit, by the test's id."""
    return {test: row.covered_by for row in _table().covered for test in row.tests}


def triggered(names: Iterable[str], data: bytes) -> dict[str, BanditTest]:
    """The tests of these rules that may find something in a text, by id; unknown names are none."""
    tests = bandit_tests()
    chosen = (tests[name] for name in names if name in tests)
    return {test.id: test for test in chosen if test.is_triggered(data)}


def _table() -> _Table:
    text = Path(__file__).with_name("bandit.toml").read_text(encoding="utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), _Table)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InstallationError(f"engines/bandit.toml: {error}") from error
