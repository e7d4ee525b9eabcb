"""A query asks for all columns of a table instead of naming those it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.queries import HOLE, queries
from backend_lint.rule import Family, Rule
from backend_lint.source import Region
from backend_lint.sql.statement import parse
from backend_lint.sql.template import begins_like_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.sql.statement import Statement


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Look at the SQL of queries, at the columns builders are told, and at SQL files."""
    for query in queries(index):
        if not index.is_asked(query.function.file):
            continue
        texts = [form.filled(HOLE) for form in query.forms]
        statement = next((found for text in texts for found in _stars(text)), None)
        if statement is not None:
            yield _finding(Location(query.function.file.path, query.text_region), statement)
    for match in index.asked_matches("query-step"):
        effect = match.attributes.get("effect")
        if effect == "all-columns" or (effect == "columns" and _names_all(match)):
            yield Finding("select-star", Location(match.function.file.path, match.region), _WORDS)
    for file in index.files.values():
        for text in file.facts.statements if index.is_asked(file) else ():
            if not begins_like_sql(text.text) or _GENERATES.search(text.comment):
                continue
            for statement in _stars(text.text):
                if statement.verb == "select":
                    region = Region(
                        text.start, text.start + len(text.text.split("\n", 1)[0].encode())
                    )
                    yield _finding(Location(file.path, region), statement)


# A generator of code names the columns that the table has, in what it makes of such a statement.
_GENERATES = re.compile(r"^--\s*name:\s*\w+\s+:\w+", re.MULTILINE)


def _stars(text: str) -> Iterator[Statement]:
    """The statements of a text that read all columns."""
    if "*" in text:  # parsing costs far more than a look
        yield from (statement for statement in parse(text) or () if statement.star)


def _names_all(match: Match) -> bool:
    """A builder is told `*` or `users.*` as one of its columns."""
    values = (match.function.fact.values[at] for at in match.values("value"))
    return any(
        isinstance(value, v.Constant)
        and isinstance(value.value, str)
        and (value.value == "*" or value.value.endswith(".*"))
        for value in values
    )


_WORDS = (
    "This query reads every column, also those added later and those nobody needs. "
    "Name the columns."
)


def _finding(location: Location, statement: Statement) -> Finding:
    named = [table for table in statement.tables if table != HOLE]
    table = f" of `{named[0]}`" if named else ""
    message = (
        f"This query reads every column{table}, also those added later and those nobody needs. "
        "Name the columns."
    )
    return Finding("select-star", location, message)


RULE = Rule(
    name="select-star",
    family=Family.DATA,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    cwe=(1049,),
    checklist=("fetch-needed-columns",),
    languages=("python", "javascript", "go", "sql"),
    judge=judge,
)
