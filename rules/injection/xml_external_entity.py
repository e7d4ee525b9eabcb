"""XML that others send is parsed with its entities resolved."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="xml-external-entity",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.6,
    cwe=(611, 776, 827),
    owasp=("API8", "ASVS-5.5.2"),
    checklist=("safe-parsers",),
    kind="xml-entities",
    what="is parsed as XML by a parser that resolves entities",
    why="so a client can make it read files of the server, call internal addresses or run out of "
    "memory",
    cure="Turn entities and document types off in the parser.",
    arrives="is parsed with its entities resolved",
)
