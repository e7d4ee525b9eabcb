"""What a client says of itself is kept where the program keeps what it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.routing.requested import Requested
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, TaintRule
from backend_lint.semantics.authority_names import is_authority, is_identity

if TYPE_CHECKING:
    from backend_lint.dataflow.sinks import Sink
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# What such a call does to data is not to look it up.
_PASSING = frozenset({"propagator", "sanitizer", "sink", "remote-input", "selection", "response"})


def _weigh(index: ProjectIndex, sink: Sink) -> Confidence:
    if sink.shape == "whole" or is_authority(sink.name):
        return Confidence.MEDIUM
    if is_identity(sink.name) and not _looks_up(index, sink.function):
        return Confidence.MEDIUM
    return Confidence.LOW  # a choice that the client may well have


def _looks_up(index: ProjectIndex, function: FunctionNode) -> bool:
    """The function hands what was sent to something that may check it, such as a login."""
    requested = index.shared(Requested)
    return any(
        type(value) is v.Invoke
        and any(requested.holds(function, arg) for arg in value.args)
        and not any(
            row.concept in _PASSING
            for row in (
                *(row for row, _ in index.rows(function, value.callee)),
                *(match.row for match in index.concepts_of(function, at)),
            )
        )
        for at, value in enumerate(function.fact.values)
    )


RULE = TaintRule(
    name="trust-boundary-violation",
    family=Family.INJECTION,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=7.1,
    cwe=(501,),
    owasp=("API1", "API5", "ASVS-4.1.2"),
    checklist=(),
    kind="trust",
    what="is kept in the session, whose content the rest of the program trusts",
    why="so a client can say itself who it is or what it may do",
    cure="Store what the server looked up or checked, such as the role of the user who logged in.",
    arrives="is kept in the session",
    weigh=_weigh,
)
