"""Data that others send becomes part of a page that the server itself opens."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="unescaped-html-rendering",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.1,
    cwe=(918, 79, 94),
    owasp=("API7", "ASVS-5.2.6"),
    kind="rendering",
    what="becomes part of a page that is opened on the server",
    why="so a client can put markup there that reads files of the machine and pages of the inner "
    "network",
    cure="Escape it, let a template that escapes put it there, or clean the markup of all but a "
    "few tags.",
    arrives="is opened as a page or script",
)
