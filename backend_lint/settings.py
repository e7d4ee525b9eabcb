"""What a user can choose about a run, as one value."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from backend_lint.discovery import DEFAULT_EXCLUDES, DEFAULT_MAX_FILE_SIZE
from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Profile


class TestPolicy(enum.Enum):
    """What happens to findings in test files."""

    __test__ = False  # pytest would collect the class by its name

    SKIP = "skip"
    REPORT = "report"


class Trust(enum.Enum):
    """Whose data is believed.

    `REMOTE` believes all but requests and messages, as fits an application. `LIBRARY` does not
    believe the callers of its public functions either, who may pass on what others sent.
    """

    REMOTE = "remote"
    LIBRARY = "library"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a run; each is a key of the configuration file with `-` for `_`.

    Attributes:
        select: rules, families or `ALL` to run instead of those of the profile.
        extend_select: the same, on top of the others.
        ignore: rules, families or `ALL` to leave out.
        profile: which rules run where nothing is selected.
        severity: findings below are not reported.
        confidence: findings below are not reported; None asks the profile.
        trust: whose data is believed.
        fail_on: findings from here on make the run fail.
        exclude: patterns of paths to leave out, instead of the default ones.
        extend_exclude: the same, on top of the others.
        respect_gitignore: leave out what .gitignore files leave out.
        force_exclude: exclusions hold for files named on the command line, too.
        per_path: rules and families to ignore, by pattern of paths.
        rule_severity: the severity of a rule, by its name.
        tests: what happens to findings in test files.
        max_file_size: in bytes; larger files are not looked at; 0 for no limit.
        timeout: seconds for one file; 0 for no limit.
        jobs: processes; 0 asks the machine.
        engines: how much an engine runs, by its name.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: Profile = Profile.DEFAULT
    severity: Severity = Severity.NOTE
    confidence: Confidence | None = None
    trust: Trust = Trust.REMOTE
    fail_on: Severity = Severity.NOTE
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    per_path: Mapping[str, tuple[str, ...]] = {}
    rule_severity: Mapping[str, Severity] = {}
    tests: TestPolicy = TestPolicy.SKIP
    max_file_size: int = DEFAULT_MAX_FILE_SIZE
    timeout: float = 10.0
    jobs: int = 0
    engines: Mapping[str, str] = {}

    @property
    def least_confidence(self) -> Confidence:
        """The confidence from which on findings are reported."""
        if self.confidence is not None:
            return self.confidence
        return Confidence.LOW if self.profile is Profile.STRICT else Confidence.MEDIUM
