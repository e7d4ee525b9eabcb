"""An XPath expression is made of data that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="xpath-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=7.5,
    cwe=(643,),
    owasp=("API8", "ASVS-5.3.10"),
    checklist=("common-injections",),
    kind="xpath",
    what="becomes part of an XPath expression",
    why="so a client can select any part of the document",
    cure="Pass the data as a variable of the expression, or compare it in code.",
    arrives="is read as XPath",
)
