"""Data that others send is turned into objects of any class."""

from __future__ import annotations

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule

RULE = TaintRule(
    name="unsafe-deserialization",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.8,
    cwe=(502,),
    owasp=("API8", "ASVS-5.5.3"),
    checklist=("safe-parsers",),
    languages=("python", "javascript"),
    kind="deserialization",
    what="is deserialized by a format that builds any object and runs code on the way",
    why="so a client can run code of its own in the service",
    cure="Exchange data in JSON, or check a signature of the service before.",
    arrives="is turned into objects of any class",
)
