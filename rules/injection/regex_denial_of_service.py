"""A regular expression that can take exponentially long is matched against data of others."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="regex-denial-of-service",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=7.5,
    cwe=(1333, 400),
    owasp=("API4", "ASVS-5.2.6"),
    checklist=("no-regex-blowup",),
    languages=("python", "javascript"),
    kind="slow-regex",
    what="is matched by a regular expression whose loops can read one text in many ways",
    why="so a client can hold the process for hours with some dozens of characters",
    cure="Write the loop so that each text can be read in one way, such as `(\\w+\\s)*` "
    "in place of `(\\w+\\s?)*`.",
    arrives="is matched by the slow pattern",
)
