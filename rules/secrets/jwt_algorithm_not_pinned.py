"""Tokens without a signature are made or accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies, constants, places
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.rule import Family, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

_MESSAGE = (
    "Tokens with the algorithm `none` have no signature, so anybody can make one for any user. "
    "Name the one algorithm that the tokens are signed with."
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at the algorithms that tokens are made with and checked by."""
    for match in index.matches("token-verification"):
        if applies(index, match) and _accepts_none(index, match):
            yield Finding(
                "jwt-algorithm-not-pinned",
                Location(match.function.file.path, match.region_of("algorithms")),
                _MESSAGE,
            )
    for match in index.matches("unsigned-token"):
        if applies(index, match):
            location = Location(match.function.file.path, match.region)
            yield Finding("jwt-algorithm-not-pinned", location, _MESSAGE)


def _accepts_none(index: ProjectIndex, match: Match) -> bool:
    for at in match.values("algorithms"):
        for owner, other in places(index, match.function, at):
            value = owner.fact.values[other]
            named = value.elements if isinstance(value, v.Listing) else (other,)
            for element in named:
                for name in constants(index, owner, element):
                    if isinstance(name, str) and name.lower() == "none":
                        return True
    return False


RULE = Rule(
    name="jwt-algorithm-not-pinned",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=8.1,
    cwe=(347,),
    owasp=("API2",),
    checklist=("jwt-algorithm-pinned",),
    judge=judge,
)
