"""A redirect leads to an address that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="open-redirect",
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=6.1,
    cwe=(601,),
    owasp=("API8", "ASVS-5.1.5"),
    kind="redirect",
    what="decides where this redirect leads",
    why="so a link to this site can end on a page that steals passwords",
    cure="Redirect to paths of this site only, or to hosts of a fixed list.",
    arrives="is where the browser is sent",
    kept=False,
)
