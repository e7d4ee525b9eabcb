"""A template is made of data that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="template-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.8,
    cwe=(1336, 94),
    owasp=("API8", "ASVS-5.2.5"),
    checklist=("common-injections",),
    kind="template",
    what="reaches the template engine as template, options or name of a template",
    why="so a client can make it read secrets of the service or run code in it",
    cure="Keep the template constant and pass the data to it as a named value.",
    arrives="reaches the template engine",
    kept=False,
)
