"""A password, key or token is written to a log."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="secret-in-log",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.5,
    cwe=(532,),
    owasp=("ASVS-7.1.1",),
    checklist=("no-secrets-in-logs",),
    source="secret",
    kind="secret-log",
    what="is written to the log",
    why="where many people and programs can read it for a long time",
    cure="Leave it out, or log a mask of it.",
    arrives="is written to the log",
)
