"""Data that others send becomes part of a page as markup."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="unescaped-html-response",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=6.1,
    cwe=(79, 80),
    owasp=("API8", "ASVS-5.3.3"),
    kind="html",
    what="becomes part of a page without being escaped",
    why="so a link can run a script of its sender in the session of whoever follows it",
    cure="Let a template that escapes put it there, or answer with JSON or plain text.",
    arrives="is sent as markup",
)
