"""A client decides how many rows a query reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.models.library import load
from backend_lint.rule import Family, TaintRule
from backend_lint.semantics.references import ClassReference
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

_NAME = "uncapped-page-size"


def _classes(index: ProjectIndex) -> Iterator[Finding]:
    """Look at the classes that let a client choose the size of a page."""
    for file in index.files.values():
        known = load(file.family).concept_rows("page-class")
        if not known:
            continue
        rows = {name: row for row in known for name in row.api}
        for number in range(len(file.facts.classes)):
            reference = ClassReference(file, number)
            for base in index.resolver.classes.api_bases(reference):
                row = rows.get(base)
                if row is not None:
                    yield from _class(index, reference, row.attributes)
                    break


def _class(
    index: ProjectIndex, reference: ClassReference, words: dict[str, str]
) -> Iterator[Finding]:
    asked, capped = bool(words.get("asked")), False
    owners = [reference]
    place = Region(reference.fact.start, reference.fact.start)
    for owner in owners:
        if words["decided-by"] in owner.fact.methods:
            return
        values = owner.file.functions[owner.fact.scope].fact.values
        for field in owner.fact.fields:
            value = values[field.value] if field.value >= 0 else None
            is_none = type(value) is v.Constant and value.value is None
            if field.name == words["asked-by"]:
                asked = not is_none
                if owner is reference:
                    place = Region(field.start, field.end)
            elif field.name == words["maximum"]:
                capped = capped or not is_none
        owners.extend(
            base for base in index.resolver.classes.bases(owner) if isinstance(base, ClassReference)
        )
    if asked and not capped:
        yield Finding(
            _NAME,
            Location(reference.file.path, place),
            f"The client chooses the size of a page of `{reference.fact.name}`, without an upper "
            f"bound, so one request can read the whole table. Set `{words['maximum']}`.",
        )


RULE = TaintRule(
    name=_NAME,
    family=Family.API,
    severity=Severity.WARNING,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=5.3,
    cwe=(770,),
    owasp=("API4", "ASVS-11.1.4"),
    checklist=("page-size-capped",),
    kind="page-size",
    what="decides how many rows this query reads, without an upper bound",
    why="so one request of a client can read the whole table",
    cure="Refuse numbers above a fixed maximum, or take the smaller of the two.",
    arrives="limits the rows",
    places=(("sql-execution", "sql", "limit"),),
    beside=_classes,
)
