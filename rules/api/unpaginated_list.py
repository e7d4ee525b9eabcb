"""A list endpoint gives back a whole table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import contributing_calls, made_of
from backend_lint.dataflow.routing.routes import routes
from backend_lint.facts import values as v
from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.queries import Query, queries
from backend_lint.rule import Family, Rule
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.routes import Route
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Tables that stay small in any project: a page of them is all of them.
_SMALL = (
    "role",
    "countr",
    "currenc",
    "setting",
    "enum",
    "categor",
    "permission",
    "tag",
    "plan",
    "language",
    "config",
    "type",
    "status",
    "feature",
    "timezone",
    "flag",
)


def judge(index: ProjectIndex) -> Iterator[Finding]:
    """Follow what each GET route answers with back to the queries behind it."""
    by_call = {(q.function.key, q.call): q for q in queries(index)}
    seen = set()
    for route in routes(index):
        if route.method not in ("GET", "*") or _is_detail(route.path):
            continue
        if _is_paginated(index, route.handler):
            continue
        for call in sorted(_answered(index, route)):
            query = by_call.get(call)
            if query is None or call in seen or not index.is_asked(query.function.file):
                continue
            if not _is_whole_table(index, query):
                continue
            if query.lazy and not query.forms and query.function is not route.handler:
                continue  # whoever asked for it may narrow it
            seen.add(call)
            yield _finding(route, query)


def _is_detail(path: str) -> bool:
    """The path ends with a parameter, so it is about one thing: `/users/:id`, `/users/{id}`."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    return last.startswith((":", "{", "<"))


def _answered(index: ProjectIndex, route: Route) -> set[tuple[tuple[str, int], int]]:
    """The calls that contribute to what a route answers."""
    function = route.handler
    found: set[tuple[tuple[str, int], int]] = set()
    for result in function.fact.returns:
        found |= contributing_calls(index, function, result.value)
    for inner in function.nested():
        for at, value in enumerate(inner.fact.values):
            if not isinstance(value, v.Invoke):
                continue
            for match in index.concepts_of(inner, at):
                if match.row.concept == "response":
                    for body in (*match.values("body"), *match.values("shown")):
                        found |= contributing_calls(index, inner, body)
    return found


def _is_paginated(index: ProjectIndex, handler: FunctionNode) -> bool:
    for inner in handler.nested():
        for at, value in enumerate(inner.fact.values):
            if isinstance(value, v.Invoke):
                for match in index.concepts_of(inner, at):
                    if match.row.concept == "pagination":
                        return True
    for decorator in handler.fact.decorators:
        for _, value in made_of(handler, decorator):
            if isinstance(value, (v.Global, v.Imported, v.Captured, v.Member)) and any(
                "page" in name.lower() or "paginat" in name.lower()
                for name in (value.name, *_names_in(value))
            ):
                return True
    annotation = handler.fact.annotation
    if annotation >= 0:
        return any(
            row.concept == "paginated-type"
            for at, _ in made_of(handler, annotation)
            for row, _ in index.rows(handler, at)
        )
    return False


def _names_in(value: v.Value) -> tuple[str, ...]:
    return (value.module,) if isinstance(value, v.Imported) else ()


def _is_whole_table(index: ProjectIndex, query: Query) -> bool:
    if query.reads != "many":
        return False
    if query.forms:
        statements = query.statements
        return bool(statements) and all(
            s.verb == "select"
            and not s.limited
            and not s.conditions
            and not _small(" ".join(s.tables))
            for s in statements
        )
    if _is_aggregated(index, query):
        return False
    if query.match.row.concept == "sql-execution":
        return _statement_is_unbounded(index, query)
    return _builder_is_unbounded(index, query)


def _is_aggregated(index: ProjectIndex, query: Query) -> bool:
    """Only numbers about all rows are selected."""
    function = query.function
    for at, value in made_of(function, query.call):
        if not isinstance(value, v.Invoke):
            continue
        for match in index.concepts_of(function, at):
            if match.row.concept == "query-start":
                for columns in match.values("columns"):
                    record = function.fact.values[columns]
                    if isinstance(record, v.Record) and all(
                        any(m.row.concept == "aggregate" for m in index.concepts_of(function, item))
                        for item in record.items
                    ):
                        return bool(record.items)
    return False


def _statement_is_unbounded(index: ProjectIndex, query: Query) -> bool:
    # `session.execute(select(User))`: the statement is an object that a builder made.
    if _takes_one(query.function, query.call):
        return False
    return any(
        not _is_narrowed(index, query.function, value)
        and not _small(_source_names(query.function, value))
        for value in query.given
    )


def _takes_one(function: FunctionNode, result: int) -> bool:
    """Only one row or number of the result is used: `.one()`, `.first()`, `.scalar()`."""
    values = function.fact.values
    return any(
        isinstance(value, v.Member) and value.base == result and value.name in _SINGLE
        for value in values
    )


_SINGLE = frozenset(
    {
        "one",
        "one_or_none",
        "first",
        "scalar",
        "scalar_one",
        "scalar_one_or_none",
        "fetchone",
        "rowcount",
    }
)


def _builder_is_unbounded(index: ProjectIndex, query: Query) -> bool:
    match = query.match
    options = match.attributes.get("limited-by")
    values = query.function.fact.values
    for value in match.values("options") + match.values("filter"):
        record = values[value]
        if not isinstance(record, v.Record):
            return False
        for key, item in zip(record.keys, record.items, strict=True):
            constant = values[key] if key >= 0 else None
            name = constant.value if isinstance(constant, v.Constant) else None
            if key < 0 or name is None:
                return False
            narrows = (options and name in options) or not _is_empty(values[item])
            if narrows and name not in match.attributes.get("harmless", ()):
                return False
    built = query.call if match.row.concept == "query-start" else match.receiver
    if built >= 0 and (
        _is_narrowed(index, query.function, built) or _runs_a_text(index, query.function, built)
    ):
        return False
    if query.lazy and _continues(index, query):
        return False
    if _is_narrowed_later(query.function, query.call):
        return False
    return not _small(_source_names(query.function, query.call))


def _runs_a_text(index: ProjectIndex, function: FunctionNode, start: int) -> bool:
    """The query is an SQL text that is judged by itself: `db.Raw(text).Scan(&users)`."""
    return any(
        match.row.concept == "sql-execution"
        for at, value in made_of(function, start)
        if isinstance(value, v.Invoke)
        for match in index.concepts_of(function, at)
    )


def _is_empty(value: v.Value) -> bool:
    return isinstance(value, v.Record) and not value.keys


def _continues(index: ProjectIndex, query: Query) -> bool:
    """A lazy query that further steps refine is judged at its last step."""
    values = query.function.fact.values
    for value in values:
        if isinstance(value, v.Invoke):
            callee = values[value.callee]
            if isinstance(callee, v.Member) and callee.base == query.match.index:
                return True
        elif isinstance(value, v.Item) and value.base == query.match.index:
            return True
    return False


def _is_narrowed_later(function: FunctionNode, result: int) -> bool:
    """`find().skip(20).limit(20)`: steps behind the call that limit what it gives."""
    current = result
    for at, value in enumerate(function.fact.values):
        if isinstance(value, v.Invoke):
            callee = function.fact.values[value.callee]
            if isinstance(callee, v.Member) and callee.base == current:
                if callee.name.lower() in _NARROWING:
                    return True
                current = at
    return False


def _is_narrowed(index: ProjectIndex, function: FunctionNode, start: int) -> bool:
    """A step on the way limits, filters or aggregates."""
    for at, value in made_of(function, start):
        if isinstance(value, v.Invoke):
            for match in index.concepts_of(function, at):
                if match.row.concept == "query-step" and match.attributes.get("effect") in (
                    "limit",
                    "filter",
                    "key-filter",
                    "one",
                    "aggregate",
                ):
                    return True
            callee = function.fact.values[value.callee]
            if isinstance(callee, v.Member) and callee.name.lower() in _NARROWING:
                return True
            if index.targets(function, value):
                return True  # a function of the project may narrow it
    return False


_NARROWING = frozenset(
    {
        "count",
        "sum",
        "avg",
        "max",
        "min",
        "exists",
        "limit",
        "take",
        "slice",
        "paginate",
        "where",
        "filter",
        "filter_by",
        "having",
        "scopes",
        "offset",
        "fetch",
        "group_by",
        "groupby",
    }
)


def _source_names(function: FunctionNode, start: int) -> str:
    names = []
    for _, value in made_of(function, start):
        if isinstance(value, (v.Global, v.Imported, v.Captured, v.Member, v.ClassValue)):
            names.append(getattr(value, "name", ""))
    return " ".join(names)


def _small(names: str) -> bool:
    lowered = names.lower()
    return any(word in lowered for word in _SMALL)


def _finding(route: Route, query: Query) -> Finding:
    what = query.describe()
    path = f" `{route.path}`" if route.path else ""
    message = (
        f"The list endpoint{path} answers with all rows of {what}, so one request grows with the "
        "table. Take a page size with an upper bound and pass it to the query as its limit."
    )
    fact = route.handler.fact
    handler = Location(
        route.handler.file.path,
        Region(fact.name_start, fact.name_start + max(len(fact.name.encode()), 1)),
    )
    return Finding(
        "unpaginated-list",
        Location(query.function.file.path, query.region),
        message,
        related=(Step(handler, "the endpoint"),),
    )


RULE = Rule(
    name="unpaginated-list",
    family=Family.API,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    cwe=(770,),
    owasp=("API4",),
    checklist=("list-pagination",),
    judge=judge,
)
