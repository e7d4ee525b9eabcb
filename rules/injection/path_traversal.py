"""A file is chosen by a name that others send."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="path-traversal",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.6,
    cwe=(22, 23, 36, 73),
    owasp=("API8", "ASVS-12.3.1"),
    kind="path",
    what="decides which file this reads or writes",
    why="so `../` in it leads to any file of the machine",
    cure="Keep only the last component of the name, or resolve the path and refuse what lies "
    "outside the folder.",
    arrives="names a file",
)
