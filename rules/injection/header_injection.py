"""A header of a response or a mail holds what others send, line ends and all."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="header-injection",
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.1,
    cwe=(93, 113),
    owasp=("ASVS-5.2.3",),
    languages=("python", "go"),
    kind="header",
    what="becomes part of a header",
    why="so a line end in it adds headers of the client's own, such as further recipients",
    cure="Remove line ends, or let a library write the headers.",
    arrives="is written into a header",
)
