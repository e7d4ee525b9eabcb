"""Where a text is handed in: through wrappers, to where it is written."""

from __future__ import annotations

import pytest

from backend_lint.dataflow.sites import sites
from tests.linked import linked


def handed_in(files: dict[str, str]) -> set[tuple[str, str]]:
    """The function of each site, with one of its texts, `?` for each hole."""
    index = linked(files)
    return {
        (site.function.fact.qualified, site.forms[0].filled("?"))
        for match in index.matches("sql-execution")
        for site in sites(index, match)
    }


_HEAD = "import sqlite3\nc = sqlite3.connect('a')\n\n"


@pytest.mark.parametrize(
    ("wrapper", "call", "expected"),
    [
        ("def run(sql):\n    c.execute(sql)", "run('SELECT 1')", ("f", "SELECT 1")),
        ("def run(sql):\n    c.execute(sql + ' LIMIT 1')", "run('a' + x)", ("f", "a? LIMIT 1")),
        ("def run(sql='SELECT 2'):\n    c.execute(sql)", "run()", ("run", "?")),
        ("def run(a, *, sql):\n    c.execute(sql)", "run(1, sql='a')", ("f", "a")),
        ("def run(sql):\n    def g(): c.execute(sql)\n    g()", "run('a')", ("f", "a")),
        (
            "def run(sql):\n    c.execute(sql)\ndef outer(sql):\n    run(sql)",
            "outer('a')",
            ("f", "a"),
        ),
        (
            "def run(where):\n    c.execute('SELECT a FROM b WHERE ' + where)",
            "run('c')",
            ("run", "SELECT a FROM b WHERE ?"),
        ),
    ],
)
def test_a_wrapper(wrapper: str, call: str, expected: tuple[str, str]) -> None:
    text = f"{_HEAD}{wrapper}\n\ndef f(x):\n    {call}\n"
    assert handed_in({"app.py": text}) == {expected}


def test_a_wrapper_that_nobody_calls_is_its_own_site() -> None:
    assert handed_in({"app.py": f"{_HEAD}def run(sql):\n    c.execute(sql)\n"}) == {("run", "?")}


def test_a_wrapper_that_calls_itself_ends() -> None:
    text = f"{_HEAD}def run(sql):\n    c.execute(sql)\n    run(sql + 'a')\n"
    assert handed_in({"app.py": text}) <= {("run", "?")}
