"""A password or its hash leaves in a response."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="sensitive-field-in-response",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.5,
    cwe=(201,),
    owasp=("API3",),
    checklist=("no-password-hash-out",),
    source="credential",
    places=(("response", "body", "deep"),),
    kind="secret-response",
    what="is sent in a response",
    why="where every client and every proxy on the way can read it",
    cure="Name the fields that the response has, and leave it out.",
    arrives="is sent to the client",
)
