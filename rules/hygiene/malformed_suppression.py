"""A comment looks like a suppression and has no effect; the driver judges it."""

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, Rule

RULE = Rule(
    name="malformed-suppression",
    family=Family.HYGIENE,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    languages=("python", "javascript", "go", "sql", "config"),
)
