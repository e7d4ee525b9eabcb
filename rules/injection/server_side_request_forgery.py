"""A request goes to a host that others name."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="server-side-request-forgery",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.6,
    cwe=(918,),
    owasp=("API7", "ASVS-12.6.1"),
    kind="ssrf",
    what="decides to which host this request goes",
    why="so a client can reach services inside the network through this one",
    cure="Choose the host from a fixed list, or refuse all hosts but those expected.",
    arrives="names the host of a request",
)
