"""Data that others send is run as code, or chooses the code that is run."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="code-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.8,
    cwe=(94, 95, 470),
    owasp=("API8", "ASVS-5.2.4"),
    checklist=("common-injections",),
    kind="code",
    what="is run as code or chooses the code to run",
    why="so a client can run code of its own in the service",
    cure="Read the data with a parser, or let it choose from a fixed table of functions.",
    arrives="decides the code that runs",
    kept=False,
)
