"""An argument that others send can be an option of the program that is started."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="option-injection",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=8.1,
    cwe=(88, 78),
    owasp=("API8", "ASVS-5.3.8"),
    kind="option",
    what="is an argument of its own here that may begin with a dash",
    why="so a client can give the program options, and those of this one start others or write "
    "files",
    cure="Put `--` before it, or refuse what does not begin as it should.",
    arrives="is an argument of a program",
)
