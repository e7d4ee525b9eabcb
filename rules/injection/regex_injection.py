"""A regular expression is made of data that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="regex-injection",
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=7.5,
    cwe=(1333, 400, 625),
    owasp=("API4", "ASVS-5.2.6"),
    checklist=("no-regex-blowup",),
    languages=("python", "javascript"),
    kind="regex",
    what="becomes part of a regular expression",
    why="so a client can hold the process for hours with one pattern, or match what it should not",
    cure="Escape the data, or search for it as plain text.",
    arrives="is read as a regular expression",
)
