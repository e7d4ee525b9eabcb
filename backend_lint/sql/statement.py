"""What rules ask about one SQL statement, in our words; sqlglot's never leak."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.expressions import Expr

# Tried in this order: the first that reads the text wins.
_DIALECTS = ("postgres", "mysql", "sqlite", "tsql")
_BOUND = "bound_value_"
_PLACEHOLDER = re.compile(r"%\((?P<name>\w+)\)s|%[svd]\b|\?\d*|(?:(?<![:\w])[:@]|\$)(?P<name2>\w+)")

# Longer statements are data, and slow to parse.
MAX_LENGTH = 20_000


class Statement(msgspec.Struct, frozen=True):
    """A statement that was parsed.

    Attributes:
        verb: `select`, `insert`, `update`, `delete`, `create`, … in lower case.
        tables: names of the tables it touches at its outermost level, in order.
        star: it names all columns of a table where it should name some.
        limited: the number of result rows has a bound: LIMIT, TOP, FETCH, or an aggregate without
            GROUP BY.
        filtered: columns compared for equality with a value at the outermost level.
        conditions: it has a WHERE clause.
        bound: the column that each placeholder is stored in or compared with, by the position
            (`0`) or the name of the placeholder.
    """

    verb: str
    tables: tuple[str, ...]
    star: bool
    limited: bool
    filtered: tuple[str, ...]
    conditions: bool
    bound: tuple[tuple[str, str], ...]


def parse(text: str) -> tuple[Statement, ...] | None:
    """The statements of a text, or None where no dialect reads it.

    Placeholders of all drivers (`?`, `%s`, `%(name)s`, `:name`, `$1`, `@name`) are understood.
    """
    if len(text) > MAX_LENGTH:
        return None
    return _parse(text)


@lru_cache(maxsize=20_000)
def _parse(text: str) -> tuple[Statement, ...] | None:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    count = itertools.count()

    def name(match: re.Match[str]) -> str:
        named = match["name"] or match["name2"]
        if named and not named.isdigit():
            return f"{_BOUND}{named}"
        if named:
            return f"{_BOUND}{int(named) - 1}"
        return f"{_BOUND}{next(count)}"

    # Driver placeholders that no dialect reads become names; inside quotes it does not matter.
    text = _PLACEHOLDER.sub(name, text)
    for dialect in _DIALECTS:
        try:
            trees = sqlglot.parse(text, read=dialect)
        except (SqlglotError, RecursionError, ValueError):
            continue
        known = [tree for tree in trees if tree is not None]
        if known and all(isinstance(tree, _understood()) for tree in known):
            return tuple(_statement(tree) for tree in known)
    return None


def _understood() -> tuple[type[Expr], ...]:
    from sqlglot import exp

    return (
        exp.Query,
        exp.Insert,
        exp.Update,
        exp.Delete,
        exp.Create,
        exp.Merge,
        exp.Drop,
        exp.Alter,
    )


def _statement(tree: Expr) -> Statement:
    from sqlglot import exp

    verb = type(tree).__name__.lower()
    if isinstance(tree, exp.Query):
        verb = "select"
    outer = tree
    while isinstance(outer, exp.Subquery):
        outer = outer.this
    tables = tuple(dict.fromkeys(table.name for table in tree.find_all(exp.Table)))
    where = outer.args.get("where")
    return Statement(
        verb=verb,
        tables=tables,
        star=_has_star(tree),
        limited=_is_limited(outer),
        filtered=_filtered(where) if where is not None else (),
        conditions=_has_conditions(outer),
        bound=tuple(_bound(tree)),
    )


def _bound(tree: Expr) -> Iterator[tuple[str, str]]:
    from sqlglot import exp

    if isinstance(tree, exp.Insert) and isinstance(tree.this, exp.Schema):
        columns = [column.name for column in tree.this.expressions]
        values = tree.args.get("expression")
        rows = values.expressions if isinstance(values, exp.Values) else []
        for row in rows:
            for column, value in zip(columns, row.expressions, strict=False):
                if value.name.startswith(_BOUND):
                    yield value.name.removeprefix(_BOUND), column
    for equality in tree.find_all(exp.EQ):
        for one, other in ((equality.left, equality.right), (equality.right, equality.left)):
            if isinstance(other, exp.Column) and other.name.startswith(_BOUND):
                yield other.name.removeprefix(_BOUND), one.name


def _has_star(tree: Expr) -> bool:
    from sqlglot import exp

    if isinstance(tree, (exp.Create, exp.Insert)):
        return False  # a view or a copy takes over the columns of its source on purpose
    named = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for select in tree.find_all(exp.Select):
        if isinstance(select.parent, (exp.Exists, exp.In)) or select.find_ancestor(exp.Exists):
            continue
        for projection in select.expressions:
            star = projection.this if isinstance(projection, exp.Column) else projection
            if not isinstance(star, exp.Star):
                continue
            if _reads_a_table(select, projection, named):
                return True
    return False


def _reads_a_table(select: Expr, projection: Expr, ctes: set[str]) -> bool:
    """The star spans a real table, and not only results whose columns are named elsewhere."""
    from sqlglot import exp

    source = select.args.get("from_") or select.args.get("from")
    sources = [source.this] if source is not None else []
    sources.extend(join.this for join in select.args.get("joins") or ())
    owner = projection.table.lower() if isinstance(projection, exp.Column) else ""
    for item in sources:
        if owner and item.alias_or_name.lower() != owner:
            continue
        if isinstance(item, exp.Table) and item.name.lower() not in ctes and item.name:
            return True
    return False


def _has_conditions(tree: Expr) -> bool:
    """Each of the queries that are put together has some."""
    from sqlglot import exp

    if isinstance(tree, exp.SetOperation):
        return all(_has_conditions(part) for part in (tree.left, tree.right))
    source = _source(tree)
    return tree.args.get("where") is not None or (source is not None and _has_conditions(source))


def _source(tree: Expr) -> Expr | None:
    """The query that a query takes all its rows from: `WITH last AS (…) SELECT … FROM last`."""
    from sqlglot import exp

    clause = tree.args.get("from_") or tree.args.get("from")
    if clause is None or tree.args.get("joins"):
        return None
    if isinstance(clause.this, exp.Subquery):
        inner = clause.this.this
        return inner if isinstance(inner, exp.Query) else None
    named = tree.args.get("with_") or tree.args.get("with")
    if named is None or named.args.get("recursive"):
        return None
    for table in named.expressions:
        if table.alias_or_name == clause.this.name and isinstance(table.this, exp.Query):
            return table.this
    return None


def _is_limited(tree: Expr) -> bool:
    from sqlglot import exp

    if tree.args.get("limit") is not None or tree.args.get("fetch") is not None:
        return True
    if isinstance(tree, exp.SetOperation):
        return all(_is_limited(part) for part in (tree.left, tree.right))
    source = _source(tree)
    if source is not None and _is_limited(source):
        return True
    if not isinstance(tree, exp.Select) or tree.args.get("group") is not None:
        return False
    if tree.args.get("from_") is None and tree.args.get("from") is None:
        return True  # `SELECT now()` is one row
    return bool(tree.expressions) and all(
        projection.find(exp.AggFunc) is not None or projection.find(exp.Exists) is not None
        for projection in tree.expressions
    )


def _filtered(where: Expr) -> tuple[str, ...]:
    from sqlglot import exp

    names: list[str] = []
    stack = [where.this]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack.extend((node.left, node.right))
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.EQ):
            names.extend(
                side.name for side in (node.left, node.right) if isinstance(side, exp.Column)
            )
    return tuple(names)
