"""An LDAP filter or name is made of data that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="ldap-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.1,
    cwe=(90,),
    owasp=("API8", "ASVS-5.3.7"),
    checklist=("common-injections",),
    kind="ldap",
    what="becomes part of an LDAP filter or base",
    why="so a client can log in as others or list what it may not see",
    cure="Escape the data for LDAP before it is put in.",
    arrives="is read as LDAP",
)
