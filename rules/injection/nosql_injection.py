"""A filter of a document database holds what others send, operators and all."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="nosql-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.6,
    cwe=(943,),
    owasp=("API8", "ASVS-5.3.4"),
    checklist=("nosql-operators-rejected",),
    kind="nosql",
    what="can change what this query asks for",
    why="so a client can match documents it knows nothing of",
    cure="Make it a text or a number first, or check the body against a schema; into the text of a "
    "query, bind it as a parameter.",
    arrives="becomes part of a query",
)
