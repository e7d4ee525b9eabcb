"""A command line or program is made of data that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="command-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.8,
    cwe=(78, 77, 88),
    owasp=("API8", "ASVS-5.3.8"),
    checklist=(),
    kind="command",
    what="becomes part of a command that is run",
    why="so a client can run commands of its own",
    cure="Name the program by a constant and pass the data as an argument of its own.",
    arrives="runs as a command",
)
