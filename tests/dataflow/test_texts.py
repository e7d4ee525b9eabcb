"""Which texts a value can be."""

from __future__ import annotations

import pytest

from backend_lint.dataflow.texts import texts
from tests.linked import argument, linked


def forms(body: str, head: str = "") -> list[str]:
    """The texts that `f` gives to `sink`, with `?` for each hole."""
    text = "\n".join(f"    {line}" for line in body.splitlines())
    index = linked({"app.py": f"{head}\ndef f(x, ids):\n{text}\n"})
    function, value, _ = argument(index, "f", "sink")
    return [form.filled("?") for form in texts(index, function, value)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("sink('a' + x + 'b')", ["a?b"]),
        ("sink(f'a{x}b')", ["a?b"]),
        ("sink('a%sb' % x)", ["a?b"]),
        ("sink('a{}b'.format(x))", ["a?b"]),
        ("q = 'a'\nq += x\nq += 'b'\nsink(q)", ["a?b"]),
        ("q = 'a' if x else 'b'\nsink(q + 'c')", ["ac", "bc"]),
        ("q = 'a%sb'\nsink(q % x)", ["a?b"]),
        ("q = 'a{}b'\nsink(q.format(x))", ["a?b"]),
        ("sink(HEAD + ' b')", ["a b"]),
        ("sink(make(x))", ["m?"]),
        ("sink(', '.join(['a', 'b']))", ["a, b"]),
        ("parts = ['a']\nparts.append('b')\nsink(' '.join(parts))", ["a b"]),
        ("sink('  a '.strip())", ["  a "]),
        ("sink(x)", ["?"]),
    ],
)
def test_forms(body: str, expected: list[str]) -> None:
    assert forms(body, "HEAD = 'a'\n\ndef make(y):\n    return 'm' + y\n") == expected


def test_a_text_that_grows_in_a_loop() -> None:
    found = forms("q = 'a'\nfor i in ids:\n    q += ' AND b'\nsink(q)")
    assert "a" in found
    assert any("AND b" in form for form in found)


def test_constants_of_other_files() -> None:
    index = linked(
        {
            "app/sql.py": "COLUMNS = 'id, name'\n",
            "app/store.py": "from .sql import COLUMNS\n\ndef f(x):\n    sink(f'SELECT {COLUMNS} FROM {x}')\n",
        }
    )
    function, value, _ = argument(index, "f", "sink")
    assert [form.filled("?") for form in texts(index, function, value)] == [
        "SELECT id, name FROM ?"
    ]


def test_a_go_text_builder() -> None:
    index = linked(
        {
            "a.go": (
                'package a\n\nimport "strings"\n\nfunc f(x string) {\n\tvar b strings.Builder\n'
                '\tb.WriteString("SELECT ")\n\tb.WriteString(x)\n\tsink(b.String())\n}\n'
            )
        }
    )
    function, value, _ = argument(index, "f", "sink")
    assert [form.filled("?") for form in texts(index, function, value)] == ["SELECT ?"]


@pytest.mark.parametrize("number", [3, 40])
def test_a_text_of_many_branches_keeps_its_beginning(number: int) -> None:
    body = "".join(
        f"if x[{i}]:\n    q += ' AND c{i} = ' + x\nelse:\n    q += ' OR d{i}'\n"
        for i in range(number)
    )
    found = forms(f"q = 'SELECT'\n{body}sink(q)")
    assert all(form.startswith("SELECT ") for form in found)
    assert any(form.count("?") == number for form in found), "each hole is in one of the texts"
    assert any(f"OR d{number - 1}" in form for form in found)


def test_a_loop_adds_to_what_was_before() -> None:
    assert "SELECT AND ?" in forms("q = 'SELECT'\nfor i in ids:\n    q += ' AND ' + i\nsink(q)")


def test_a_go_text_builder_with_branches_and_formats() -> None:
    index = linked(
        {
            "a.go": (
                'package a\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nfunc f(x string) {\n'
                '\tvar b strings.Builder\n\tb.WriteString("SELECT ")\n\tif x != "" {\n'
                '\t\tfmt.Fprintf(&b, "%s, ", x)\n\t}\n\tb.WriteString("id")\n\tsink(b.String())\n}\n'
            )
        }
    )
    function, value, _ = argument(index, "f", "sink")
    assert [form.filled("?") for form in texts(index, function, value)] == [
        "SELECT ?, id",
        "SELECT id",
    ]
