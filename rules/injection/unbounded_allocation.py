"""A number of the request decides how much memory or work is spent."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="unbounded-allocation",
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=7.5,
    cwe=(789, 770, 400),
    owasp=("API4", "ASVS-5.1.4"),
    checklist=(),
    kind="size",
    what="decides how much is allocated or repeated here, without an upper bound",
    why="so one request of a client can exhaust the memory or the processor",
    cure="Refuse numbers above a fixed maximum, or take the smaller of the two.",
    arrives="decides how much is allocated",
)
