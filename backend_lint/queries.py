"""The queries of a project: what is sent to a database, in which loop, with what result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.texts import TextForm, texts
from backend_lint.facts import values as v
from backend_lint.sql.statement import Statement, parse
from backend_lint.sql.template import is_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode
    from backend_lint.source import Region

# Stands for a dynamic piece where a statement is parsed.
HOLE = "hole"


class Query:
    """One call that sends something to a database.

    Attributes:
        match: the call.
        reads: `many`, `one`, `count`, `none`, or `unknown`.
        lazy: it is sent only when its result is used.
    """

    def __init__(self, index: ProjectIndex, match: Match) -> None:
        self.index = index
        self.match = match
        self.function: FunctionNode = match.function
        self.lazy = bool(match.attributes.get("lazy"))
        self._forms: list[TextForm] | None = None
        self.reads = self._reads()

    @property
    def region(self) -> Region:
        """The whole call."""
        return self.match.region

    @property
    def batch(self) -> bool:
        """One round trip for many rows by design."""
        return bool(self.match.attributes.get("batch") or self.match.attributes.get("many"))

    @property
    def forms(self) -> list[TextForm]:
        """The SQL texts it may send; empty for queries that a builder makes."""
        if self._forms is None:
            self._forms = [
                form
                for value in self.match.values("sql")
                for form in texts(self.index, self.function, value)
                if is_sql(form.filled(HOLE))
            ]
        return self._forms

    @property
    def statements(self) -> list[Statement]:
        """The statements of its texts, as far as they can be parsed."""
        return [s for form in self.forms for s in parse(form.filled(HOLE)) or ()]

    def _reads(self) -> str:
        known = self.match.attributes.get("reads")
        if known:
            return str(known)
        verbs = {
            form.leading().lstrip(" \n\t(").split(None, 1)[0].lower()
            for form in self.forms
            if form.leading().strip()
        }
        if verbs <= {"select", "with"} and verbs:
            return "many"
        if not verbs and self._builds_a_select():
            return "many"
        return "none" if verbs else "unknown"

    def _builds_a_select(self) -> bool:
        """What is executed is the statement object of a query builder that reads."""
        return any(
            name.rsplit(".", 1)[-1] == "Select"
            for value in self.match.values("sql")
            for name in self.index.resolver.names(self.function, value)
        )

    def describe(self) -> str:
        """The query in a few words, such as `` `SELECT` on `users` `` or `` `findOne` ``."""
        for statement in self.statements:
            named = [table for table in statement.tables if table != HOLE]
            table = f" on `{named[0]}`" if named else ""
            return f"the {statement.verb.upper()}{table}"
        callee = self.function.fact.values[self.match.call.callee]
        name = (
            callee.name if isinstance(callee, (v.Member, v.Global, v.Imported, v.Captured)) else ""
        )
        return f"the query `{name}`" if name else "a query"


def queries(index: ProjectIndex) -> Iterator[Query]:
    """All queries, by concept, file and place."""
    for match in index.matches("sql-execution"):
        query = Query(index, match)
        if query.reads != "unknown":
            yield query
    for match in index.matches("query"):
        yield Query(index, match)
