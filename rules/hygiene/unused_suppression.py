"""A suppression suppresses nothing; the driver judges it, because it needs all other findings."""

from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, Rule

RULE = Rule(
    name="unused-suppression",
    family=Family.HYGIENE,
    severity=Severity.NOTE,
    confidence=Confidence.HIGH,
    languages=("python", "javascript", "go", "sql", "config"),
)
