"""A token's claims are read without a check of its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies
from backend_lint.dataflow.sources import Origin
from backend_lint.dataflow.trace import Tracer
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.rule import Family, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_MESSAGE = (
    "The token is read without a check of its signature, so whoever sends it can write into it "
    "what they like, such as another user. Verify it with the key before its claims are used."
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at tokens that are decoded where nothing verifies them."""
    tracer = Tracer(index, "token")
    unverified = {
        (match.function.key, match.index): match
        for match in index.asked_matches("unverified-token")
        if applies(index, match)
    }
    for match in unverified.values():
        location = Location(match.function.file.path, match.region)
        tokens = match.values("token")
        if any(
            (other.function.key, other.index) not in unverified
            and not set(tokens).isdisjoint(other.values("token"))
            for other in index.matches_in(match.function, "token-verification")
        ) or any(_verifies(index, caller) for caller, _ in index.callers(match.function)):
            continue  # the key is looked up by what the token says of itself
        use = Use(match.call.context, match.call.start)
        flows = [
            flow
            for token in match.values("token")
            for flow in tracer.flows(match.function, token, use=use)
        ]
        sent = next((flow for flow in flows if flow.origin is Origin.REMOTE), None)
        # A token that was just fetched from its issuer needs no check.
        yield Finding(
            "jwt-not-verified",
            location,
            _MESSAGE,
            confidence=None if sent is not None else Confidence.LOW,
            flow=() if sent is None else (*sent.steps, Step(location, "is read unchecked")),
        )


def _verifies(index: ProjectIndex, function: FunctionNode) -> bool:
    """The function checks a token, or calls one that does."""
    return bool(index.matches_in(function, "token-verification")) or any(
        index.matches_in(target, "token-verification")
        for value in function.fact.values
        if type(value) is v.Invoke
        for target in index.targets(function, value)
    )


RULE = Rule(
    name="jwt-not-verified",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=8.1,
    cwe=(347,),
    owasp=("API2", "ASVS-3.5.3"),
    checklist=("jwt-verified",),
    judge=judge,
)
