"""The queries of a project: what is sent to a database, in which loop, with what result.

A query that a wrapper of the project sends stands where the wrapper is called with its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match
from backend_lint.dataflow.dependence import operands
from backend_lint.dataflow.sites import Site, sites
from backend_lint.facts import values as v
from backend_lint.source import Region
from backend_lint.sql.statement import Statement, parse
from backend_lint.sql.template import is_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.texts import TextForm
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Stands for a dynamic piece where a statement is parsed.
HOLE = "hole"


class Query:
    """One call that sends something to a database.

    Attributes:
        match: the call of a library.
        function: the function whose call hands in the query.
        call: that call, which is the library's or that of a wrapper.
        reads: `many`, `one`, `count`, `none`, or `unknown`.
        writes: it may store something, whatever else it gives.
        lazy: it is sent only when its result is used.
        forms: the SQL texts it may send; empty for queries that a builder makes.
    """

    def __init__(self, index: ProjectIndex, match: Match, site: Site | None = None) -> None:
        self.index = index
        self.match = match
        self.site = site
        self.function: FunctionNode = match.function if site is None else site.function
        self.call = match.index if site is None else site.call
        self.writes = bool(match.attributes.get("writes"))
        self.lazy = bool(match.attributes.get("lazy"))
        given = site.forms if site is not None else []
        self.forms: list[TextForm] = [form for form in given if is_sql(form.filled(HOLE))]
        self.reads = self._reads()

    @property
    def region(self) -> Region:
        """The whole call."""
        call = self.function.call(self.call)
        return Region(call.start, call.end)

    @property
    def text_region(self) -> Region:
        """The SQL text as it is handed in, or the whole call."""
        return self.region if self.site is None else self.site.region

    @property
    def given(self) -> list[int]:
        """The values of `function` that are handed in as its SQL text or statement object."""
        return self.match.values("sql") if self.site is None else [self.site.value]

    @property
    def context(self) -> int:
        """The control context of the call."""
        return self.function.call(self.call).context

    @property
    def batch(self) -> bool:
        """One round trip for many rows by design."""
        return bool(self.match.attributes.get("batch") or self.match.attributes.get("many"))

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
        built = set() if verbs else self._built()
        if "Select" in built:
            return "many"
        return "none" if verbs or not _WRITING.isdisjoint(built) else "unknown"

    def _built(self) -> set[str]:
        """The types of the statement objects of a query builder that are executed."""
        return {
            name.rsplit(".", 1)[-1]
            for value in self.given
            for name in self.index.resolver.names(self.function, value)
        }

    def bound(self) -> dict[str, tuple[FunctionNode, int]]:
        """The values bound to placeholders, by position or name."""
        given = [
            place
            for value in self.match.values("values")
            for place in self._handed_in(self.match.function, value)
        ]
        if len(given) == 1:
            function, at = given[0]
            single = function.fact.values[at]
            if isinstance(single, v.Listing):
                given = [(function, element) for element in single.elements]
            elif isinstance(single, v.Record):
                entries = v.entries(function.fact.values, single)
                return {name: (function, item) for name, item in entries}
        return {str(position): place for position, place in enumerate(given)}

    def _handed_in(self, function: FunctionNode, at: int) -> Iterator[tuple[FunctionNode, int]]:
        """A value, or what the calls of wrappers give for it."""
        value = function.fact.values[at]
        frame = self.site.entries.get(function.key) if self.site is not None else None
        if not isinstance(value, v.Parameter) or frame is None:
            yield function, at
            return
        call = frame.caller.call(frame.call)
        if function.fact.parameters[value.index].kind == "*":
            positional = [arg for arg, name in zip(call.args, call.names, strict=True) if not name]
            rest = positional[value.index :]
        else:
            argument, field = self.index.argument_for(call, function, value.index)
            rest = [argument] if argument >= 0 and not field else []
        for argument in rest:
            yield from self._handed_in(frame.caller, argument)

    def describe(self) -> str:
        """The query in a few words, such as `` `SELECT` on `users` `` or `` `findOne` ``."""
        for statement in self.statements:
            named = [table for table in statement.tables if table != HOLE]
            table = f" on `{named[0]}`" if named else ""
            return f"the {statement.verb.upper()}{table}"
        callee = self.function.fact.values[self.function.call(self.call).callee]
        name = (
            callee.name if isinstance(callee, (v.Member, v.Global, v.Imported, v.Captured)) else ""
        )
        return f"the query `{name}`" if name else "a query"


def queries(index: ProjectIndex) -> list[Query]:
    """All queries, by concept, file and place."""
    return index.shared(_queries)


def _queries(index: ProjectIndex) -> list[Query]:
    return list(_found(index))


def _found(index: ProjectIndex) -> Iterator[Query]:
    told: set[tuple[tuple[str, int], int]] = set()
    for match in index.matches("sql-execution"):
        for site in sites(index, match):
            query = Query(index, match, site)
            key = (site.function.key, site.call)
            # A wrapper's call may be recognised by its name and its text, too.
            if query.reads != "unknown" and (not site.is_wrapped or key not in told):
                told.add(key)
                yield query
    for match in index.matches("query"):
        yield Query(index, match)
    for match in index.matches("query-start"):
        end = _end(index, match)
        if end is not None:
            yield Query(index, end)


def _end(index: ProjectIndex, start: Match) -> Match | None:
    """The last call of a query that is built call by call; None if a step is a query by itself.

    Nothing is known of one that is given to something else or chosen from several.
    """
    function, current = start.function, start.index
    while True:
        uses = [at for at, value in enumerate(function.fact.values) if current in operands(value)]
        called = [
            at
            for use in uses
            if isinstance(member := function.fact.values[use], v.Member)
            and member.name not in _AWAITING
            for at, value in enumerate(function.fact.values)
            if isinstance(value, v.Invoke) and value.callee == use
        ]
        if len(called) > 1 or any(_is_part(index, start, use, called) for use in uses):
            return None
        if not called:
            return Match(start.row, start.api, function, current)
        current = called[0]
        if any(m.row.concept == "query" for m in index.concepts_of(function, current)):
            return None


def _is_part(index: ProjectIndex, start: Match, use: int, called: list[int]) -> bool:
    """A use makes the query a part of another one, or one of several."""
    value = start.function.fact.values[use]
    if isinstance(value, v.Invoke) and use not in called:
        library = start.api.split(".", 1)[0]
        names = index.resolver.names(start.function, value.callee)
        return any(name.split(".", 1)[0] == library for name in names)
    return isinstance(value, (v.Stored, v.Updated)) or bool(v.alternatives(value))


_WRITING = frozenset({"Insert", "Update", "Delete"})
_AWAITING = frozenset({"then", "catch", "finally"})
