"""What rules ask about SQL."""

from __future__ import annotations

import pytest

from backend_lint.sql.statement import parse
from backend_lint.sql.template import HoleKind, begins_like_sql, hole_kind, is_sql


@pytest.mark.parametrize(
    ("text", "star"),
    [
        ("SELECT * FROM a", True),
        ("SELECT a.*, b.c FROM a JOIN b ON a.id = b.id", True),
        ("SELECT count(*) FROM a", False),
        ("SELECT a * b FROM c", False),
        ("SELECT id FROM a WHERE EXISTS (SELECT * FROM b)", False),
        ("WITH t AS (SELECT id FROM a) SELECT * FROM t", False),
        ("WITH t AS (SELECT * FROM a) SELECT id FROM t", True),
        ("SELECT * FROM (SELECT id FROM a) t", False),
        ("INSERT INTO a SELECT * FROM b", False),
    ],
)
def test_star(text: str, star: bool) -> None:
    statements = parse(text)
    assert statements is not None
    assert statements[0].star is star


@pytest.mark.parametrize(
    ("text", "limited"),
    [
        ("SELECT id FROM a", False),
        ("SELECT id FROM a LIMIT 10", True),
        ("SELECT id FROM a LIMIT ? OFFSET ?", True),
        ("SELECT TOP 5 id FROM a", True),
        ("SELECT max(id) FROM a", True),
        ("SELECT kind, count(*) FROM a GROUP BY kind", False),
    ],
)
def test_limited(text: str, limited: bool) -> None:
    statements = parse(text)
    assert statements is not None
    assert statements[0].limited is limited


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("INSERT INTO u (name, password) VALUES (?, ?)", {("0", "name"), ("1", "password")}),
        ("INSERT INTO u (name, password) VALUES ($1, $2)", {("0", "name"), ("1", "password")}),
        ("SELECT id FROM u WHERE password = %(p)s", {("p", "password")}),
        ("UPDATE u SET password = :p WHERE id = :i", {("p", "password"), ("i", "id")}),
    ],
)
def test_bound(text: str, bound: set[tuple[str, str]]) -> None:
    statements = parse(text)
    assert statements is not None
    assert set(statements[0].bound) == bound


@pytest.mark.parametrize("text", ["not SQL at all", "SELECT FROM WHERE", "", "select one of these"])
def test_other_text(text: str) -> None:
    assert parse(text) is None or not parse(text)[0].tables  # type: ignore[index]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("SELECT id FROM u WHERE name = '", "'", HoleKind.VALUE),
        ("SELECT id FROM u WHERE id = ", "", HoleKind.VALUE),
        ("SELECT id FROM u WHERE id IN (", ")", HoleKind.VALUE),
        ("SELECT id FROM u LIMIT ", "", HoleKind.VALUE),
        ("INSERT INTO u VALUES (1, ", ")", HoleKind.VALUE),
        ("SELECT id FROM ", " WHERE id = 1", HoleKind.IDENTIFIER),
        ("SELECT id FROM u ORDER BY ", "", HoleKind.IDENTIFIER),
        ("SELECT ", " FROM u", HoleKind.IDENTIFIER),
        ("INSERT INTO ", " VALUES (1)", HoleKind.IDENTIFIER),
        ("INSERT INTO u (a, ", ") VALUES (1, 2)", HoleKind.IDENTIFIER),
        ("SELECT id FROM u WHERE ", " = 1", HoleKind.IDENTIFIER),
        ("SELECT id FROM u WHERE a = 1 AND ", "", HoleKind.FRAGMENT),
    ],
)
def test_hole_kind(before: str, after: str, kind: HoleKind) -> None:
    assert hole_kind(before, after) is kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT id FROM users", True),
        ("  -- note\n select 1", True),
        ("UPDATE users SET a = 1", True),
        ("Select one of these options", False),
        ("Update available", False),
        ("Delete from here?", True),
        ("Insert coin", False),
        ("create a new user", False),
    ],
)
def test_is_sql(text: str, expected: bool) -> None:
    assert (begins_like_sql(text) and is_sql(text)) is expected
