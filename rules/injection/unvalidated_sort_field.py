"""The client chooses the field that a query sorts by."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="unvalidated-sort-field",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.5,
    cwe=(89,),
    owasp=("API8", "ASVS-5.3.4"),
    checklist=("allowlisted-sort-and-filter",),
    languages=("python", "javascript"),
    kind="sort",
    what="names a field that this query sorts or filters by",
    why="so a client can tell hidden fields from the order or the number of the results",
    cure="Choose the field from a fixed list of names.",
    arrives="names a field of the query",
)
