"""An archive is unpacked where the names in it say, also outside of the folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies, unchanged
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.rule import Family, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

_MESSAGE = (
    "An archive is unpacked as its entries say, so one with `../` in a name, or with a link, "
    "writes outside of the folder. Unpack it with a filter that refuses such entries."
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at every archive that is unpacked as a whole."""
    for match in index.asked_matches("archive-extraction"):
        if applies(index, match) and not _is_looked_through(match):
            location = Location(match.function.file.path, match.region)
            yield Finding("unsafe-archive-extraction", location, _MESSAGE)


def _is_looked_through(match: Match) -> bool:
    """The function goes through the entries of the archive, or asks for them."""
    function = match.function
    values = function.fact.values
    asked = match.attributes.get("looks-at", ())
    archive = unchanged(function, match.receiver) if match.receiver >= 0 else -1
    return archive >= 0 and any(
        (type(value) is v.Element or (type(value) is v.Member and value.name in asked))
        and unchanged(function, value.base) == archive
        for value in values
    )


RULE = Rule(
    name="unsafe-archive-extraction",
    family=Family.INJECTION,
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    security=True,
    security_severity=7.5,
    cwe=(22,),
    owasp=("API8", "ASVS-12.3.1"),
    languages=("python", "go"),
    judge=judge,
)
