"""What values stand for: canonical names and functions, through imports, fields and annotations."""

from __future__ import annotations

import pytest

from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, FunctionReference
from tests.linked import function, linked


def names(files: dict[str, str], caller: str, method: str, go_module: str = "") -> set[str]:
    """What the callee `….method` in a function stands for."""
    index = linked(files, go_module=go_module)
    node = function(index, caller)
    found = set()
    for value in node.fact.values:
        if isinstance(value, v.Invoke):
            callee = node.fact.values[value.callee]
            if getattr(callee, "name", "") == method:
                for reference in index.resolver.references(node, value.callee):
                    if isinstance(reference, Api):
                        found.add(reference.name)
                    elif isinstance(reference, FunctionReference):
                        found.add(reference.function.fact.qualified)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "import sqlite3\ndef f():\n    sqlite3.connect('x').execute('y')\n",
        "import sqlite3 as s\nc = s.connect('x')\ndef f():\n    c.execute('y')\n",
        "from sqlite3 import connect as go\ndef f():\n    with go('x') as c:\n        c.execute('y')\n",
        "import sqlite3\ndef make():\n    return sqlite3.connect('x')\ndef f():\n    make().execute('y')\n",
        "import sqlite3\ndef f(c: sqlite3.Connection):\n    c.execute('y')\n",
        "import sqlite3\ndef f(c: 'sqlite3.Connection | None' = sqlite3.connect('x')):\n    c.execute('y')\n",
        "from typing import Optional\nimport sqlite3\ndef f(c: Optional[sqlite3.Connection]):\n    c.execute('y')\n",
        "import sqlite3\ndef g():\n    f(sqlite3.connect('x'))\ndef f(c):\n    c.execute('y')\n",
    ],
)
def test_python_receivers(text: str) -> None:
    assert names({"a.py": text}, "f", "execute") == {"dbapi.Connection.execute"}


def test_python_field_and_import() -> None:
    files = {
        "app/__init__.py": "from .db import connection\n",
        "app/db.py": "import sqlite3\nconnection = sqlite3.connect('x')\n",
        "app/store.py": (
            "from app import connection\n\nclass Store:\n    def __init__(self):\n"
            "        self.db = connection\n    def f(self):\n        self.db.execute('y')\n"
        ),
    }
    assert names(files, "Store.f", "execute") == {"dbapi.Connection.execute"}


@pytest.mark.parametrize(
    "text",
    [
        "const { Pool } = require('pg');\nconst p = new Pool();\nfunction f() { p.query('x'); }\n",
        "import pg from 'pg';\nconst p = new pg.Pool();\nfunction f() { p.query('x'); }\n",
        "import * as pg from 'pg';\nfunction f() { new pg.Pool().query('x'); }\n",
        "import { Pool } from 'pg';\nclass S { constructor() { this.p = new Pool(); } f() { this.p.query('x'); } }\n",
        "import { Pool as P } from 'pg';\nconst o = { p: new P() };\nfunction f() { o.p.query('x'); }\n",
    ],
)
def test_javascript_receivers(text: str) -> None:
    caller = "S.f" if "class S" in text else "f"
    assert names({"a.js": text}, caller, "query") == {"pg.Pool.query"}


def test_javascript_re_exports() -> None:
    files = {
        "db/pool.js": "const { Pool } = require('pg');\nexports.pool = new Pool();\n",
        "db/index.js": "export * from './pool.js';\n",
        "a.js": "import { pool } from './db';\nfunction f() { pool.query('x'); }\n",
    }
    assert names(files, "f", "query") == {"pg.Pool.query"}


def test_javascript_export_inside_a_function() -> None:
    files = {
        "db.js": (
            "const { Pool } = require('pg');\n"
            "exports.open = function (config) {\n"
            "  const { a, b, c, d, e } = config.one.two.three;\n"
            "  exports.pool = new Pool({ a, b, c, d, e });\n};\n"
        ),
        "a.js": "const db = require('./db');\nfunction f() { db.pool.query('y'); }\n",
    }
    assert names(files, "f", "query") == {"pg.Pool.query"}


def test_an_injected_service() -> None:
    files = {
        "a.service.ts": "export class AService { find() { return 1; } }\n",
        "a.controller.ts": (
            "import { AService } from './a.service';\n"
            "export class A { constructor(private readonly service: AService) {}\n"
            "  f() { return this.service.find(); } }\n"
        ),
    }
    assert names(files, "A.f", "find") == {"AService.find"}


def test_go_receivers() -> None:
    files = {
        "db.go": 'package a\n\nimport "database/sql"\n\nvar db, err = sql.Open("x", "y")\n',
        "a.go": 'package a\n\nfunc f() {\n\tdb.Query("x")\n}\n',
    }
    assert names(files, "f", "Query") == {"database/sql.DB.Query"}


def test_go_packages_and_interfaces() -> None:
    files = {
        "store/store.go": "package store\n\ntype SQL struct{}\n\nfunc (s *SQL) Find() {}\n",
        "api/api.go": (
            "package api\n\ntype Finder interface {\n\tFind()\n}\n\n"
            "type Server struct {\n\tstore Finder\n}\n\nfunc (s *Server) f() {\n\ts.store.Find()\n}\n"
        ),
    }
    assert "SQL.Find" in names(files, "Server.f", "Find", go_module="example.com/app")


def test_a_cycle_of_imports_ends() -> None:
    files = {
        "a.py": "from b import x\n\ndef f():\n    x.run()\n",
        "b.py": "from a import x\n",
    }
    assert names(files, "f", "run") == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "class A:\n    def run(self): pass\ndef f(every: list[A]):\n    every[0].run()\n"),
        (
            "a.py",
            "class A:\n    def run(self): pass\nclass B:\n    every: list[A]\n"
            "def f(b: B):\n    for each in b.every:\n        each.run()\n",
        ),
        ("a.ts", "class A { run() {} }\nfunction f(every: Array<A>) { for (const a of every) a.run(); }\n"),
        ("a.go", "package p\ntype A struct{}\nfunc (a *A) run() {}\nfunc f(every []*A) { every[2].run() }\n"),
        (
            "a.go",
            "package p\ntype A struct{}\nfunc (a A) run() {}\ntype B struct{ every []A }\n"
            "func f(b *B) {\n\tfor _, each := range b.every {\n\t\teach.run()\n\t}\n}\n",
        ),
        (
            "a.go",
            "package p\ntype A struct{}\nfunc (a A) run() {}\nfunc all() ([]A, error) { return nil, nil }\n"
            "func f() {\n\tevery, _ := all()\n\tfor _, each := range every {\n\t\teach.run()\n\t}\n}\n",
        ),
        (
            "a.go",
            "package p\ntype A struct{}\nfunc (a A) run() {}\n"
            "func f() {\n\tvar every []A\n\tfor _, each := range every {\n\t\teach.run()\n\t}\n}\n",
        ),
        (
            "a.go",
            "package p\ntype A struct{}\nfunc (a A) run() {}\n"
            "func f(every ...A) {\n\tfor _, each := range every {\n\t\teach.run()\n\t}\n}\n",
        ),
        ("a.py", "class A:\n    def run(self): pass\ndef f(*every: A):\n    every[0].run()\n"),
    ],
)  # fmt: skip
def test_elements_of_declared_lists(path: str, text: str) -> None:
    assert names({path: text}, "f", "run") <= {"A.run", "run"}
    assert names({path: text}, "f", "run")
