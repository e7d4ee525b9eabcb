"""A password, key or token is written to a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.finding import Confidence, Severity
from backend_lint.paths import is_low_stakes_path
from backend_lint.rule import Family, TaintRule

if TYPE_CHECKING:
    from backend_lint.dataflow.sinks import Sink
    from backend_lint.index import ProjectIndex


def _weigh(_: ProjectIndex, sink: Sink) -> Confidence | None:
    """A command shows a key that it made to whoever started it."""
    is_shown = sink.row.attributes.get("console") and is_low_stakes_path(sink.function.file.path)
    return None if is_shown else RULE.confidence


RULE = TaintRule(
    name="secret-in-log",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=6.5,
    cwe=(532,),
    owasp=("ASVS-7.1.1",),
    checklist=("no-secrets-in-logs",),
    source="secret",
    kind="secret-log",
    what="is written to the log",
    why="where many people and programs can read it for a long time",
    cure="Leave it out, or log a mask of it.",
    arrives="is written to the log",
    weigh=_weigh,
)
