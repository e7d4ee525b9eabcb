"""A line of a log holds what others send, line ends and all."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, Profile, TaintRule

RULE = TaintRule(
    name="log-injection",
    family=Family.INJECTION,
    severity=Severity.NOTE,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=4.3,
    cwe=(117,),
    owasp=("ASVS-7.3.1",),
    checklist=("no-log-forging",),
    profile=Profile.STRICT,
    kind="log",
    what="becomes part of a line of the log",
    why="so a line end in it forges further lines",
    cure="Log it as a field of its own, quoted, or remove line ends.",
    arrives="is written to the log",
)
