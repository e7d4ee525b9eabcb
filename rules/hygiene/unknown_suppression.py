"""A suppression names a rule that does not exist; the driver judges it, because it knows all."""

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, Rule

RULE = Rule(
    name="unknown-suppression",
    family=Family.HYGIENE,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    languages=("python", "javascript", "go", "sql", "config"),
)
