"""What a rule author imports.

A rule is a value in a module of its own, with a Markdown page of the same name beside it. It has at
most one pure function:

* `check(unit)` sees one file, and its findings are cached with the file;
* `judge(index)` asks the linked facts of the whole project;
* a `TaintRule` has neither, only sources and sinks.

Severity, confidence and profile are policy and never influence what a rule detects.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.finding import Confidence, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend_lint.dataflow.sinks import Sink
    from backend_lint.index import ProjectIndex
    from backend_lint.unit import Unit

Check: TypeAlias = "Callable[[Unit], Iterator[Finding]]"
Weigh: TypeAlias = "Callable[[ProjectIndex, Sink], Confidence | None]"
Judge: TypeAlias = "Callable[[ProjectIndex], Iterator[Finding]]"


class Family(enum.Enum):
    """The topic of a rule: its folder below `rules/`, and a selector for all rules in it."""

    INJECTION = "injection"
    SECRETS = "secrets"
    DATA = "data"
    PERFORMANCE = "performance"
    API = "api"
    PYTHON = "python"
    HYGIENE = "hygiene"


class Profile(enum.Enum):
    """Which runs include a rule unless it is selected by name."""

    DEFAULT = "default"
    STRICT = "strict"


class RuleDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a rule without running it: its name and its policy.

    Attributes:
        name: kebab-case, names the defect; the module is the same in snake_case.
        family: the topic, equal to the folder.
        severity: how bad the defect is where it is real.
        confidence: how often a finding is right, unless the finding says otherwise.
        security: the defect is a security problem (GitHub shows such alerts apart).
        security_severity: CVSS-like score above 0 and at most 10; only for security rules.
        cwe: numbers of the Common Weakness Enumeration.
        owasp: ids of the OWASP API Security Top 10 (2023) and ASVS 4.0.3.
        checklist: ids of the checklist items behind the rule.
        languages: the language families the rule speaks about.
        profile: `DEFAULT` rules run unless deselected, `STRICT` ones on request.
    """

    name: str
    family: Family
    severity: Severity
    confidence: Confidence
    security: bool = False
    security_severity: float = 0.0
    cwe: tuple[int, ...] = ()
    owasp: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("python", "javascript", "go")
    profile: Profile = Profile.DEFAULT


class Rule(RuleDeclaration, frozen=True, kw_only=True):
    """A rule; see `RuleDeclaration` for the fields of its policy.

    Attributes:
        check: a local rule's function.
        judge: a project rule's function.
    """

    check: Check | None = None
    judge: Judge | None = None


class TaintRule(Rule, frozen=True, kw_only=True):
    """A rule without code: untrusted data reaches a sink of its kind.

    Sources, sinks, sanitizers and guards are rows of the models; `dataflow.taint` says what they
    mean together.

    Attributes:
        kind: the taint kind.
        what: what the data becomes, to follow "Data of the request …".
        why: what that gives a client, to follow a comma: "so a client can …".
        cure: what to do, a sentence.
        arrives: the last step of the flow, a phrase: "runs as a command".
        source: where flows begin: `remote` for what others decide, `secret` for values that are
            secrets by their name, `credential` for passwords and what is kept of them.
        kept: data does the same harm after the database kept it. It does not where the attacker
            makes others follow a link, or where programs keep such texts on purpose.
        places: sinks beside those of the kind: concept, role and shape of each sort.
        weigh: how sure a finding at a sink is, None if it is none; as sure as the rule if absent.
        beside: gives further findings, of the same defect where no data flows.
    """

    kind: str
    what: str
    why: str
    cure: str
    arrives: str
    source: str = "remote"
    kept: bool = True
    places: tuple[tuple[str, str, str], ...] = ()
    weigh: Weigh | None = None
    beside: Judge | None = None

    def __post_init__(self) -> None:
        """Derive the function that any project rule has."""
        msgspec.structs.force_setattr(self, "judge", self._follow)

    def _follow(self, index: ProjectIndex) -> Iterator[Finding]:
        # A warm run only lists rules and should not pay for the analysis.
        from backend_lint.dataflow.taint import judge

        return judge(self, index)


class RuleCard(msgspec.Struct, frozen=True, array_like=True):
    """A rule without its functions, as a cache keeps it; the flags say which one it has."""

    declaration: RuleDeclaration
    checks: bool
    judges: bool
