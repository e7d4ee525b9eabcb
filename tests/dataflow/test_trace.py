"""Where values come from: across calls, fields and files, past sanitizers, under checks."""

from __future__ import annotations

import pytest

from backend_lint.dataflow.sources import Origin
from backend_lint.dataflow.trace import Tracer
from backend_lint.dataflow.uses import Use
from tests.linked import argument, linked

_HEAD = "from flask import request\n\n"


def origins(body: str, head: str = _HEAD) -> set[Origin]:
    """The origins of what `f` gives to `sink`, for the kind `sql`."""
    text = "\n".join(f"    {line}" for line in body.splitlines())
    index = linked({"app.py": f"{head}\ndef f(parameter, other):\n{text}\n"})
    function, value, context = argument(index, "f", "sink")
    flows = list(Tracer(index, "sql").flows(function, value, use=Use(context)))
    return {flow.origin for flow in flows}


_REMOTE = {Origin.REMOTE}
_CLEAN: set[Origin] = set()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("sink('x')", {Origin.CONSTANT}),
        ("sink(request.args['q'])", _REMOTE),
        ("sink(request.args.get('q').strip())", _REMOTE),
        ("sink(parameter)", {Origin.PARAMETER}),
        ("sink(int(request.args['q']))", _CLEAN),
        ("q = request.args['q']\nq = 'x'\nsink(q)", {Origin.CONSTANT}),
        ("q = 'x'\nif other:\n    q = request.args['q']\nsink(q)", {Origin.CONSTANT, *_REMOTE}),
        ("q = {'a': request.args['q'], 'b': 'x'}\nsink(q['b'])", {Origin.CONSTANT}),
        ("q = {'a': request.args['q'], 'b': 'x'}\nsink(q['a'])", _REMOTE),
        ("a, b = request.args['q'], 'x'\nsink(b)", {Origin.CONSTANT}),
        ("q = []\nq.append(request.args['q'])\nsink(q[0])", _REMOTE),
        ("for q in request.args.getlist('q'):\n    sink(q)", _REMOTE),
        ("sink(f'{request.args} x')", {Origin.CONSTANT, *_REMOTE}),
        ("sink('a' if other else request.args['q'])", {Origin.CONSTANT, *_REMOTE}),
        (
            "try:\n    q = request.args['q']\nexcept KeyError:\n    q = 'x'\nsink(q)",
            {Origin.CONSTANT, *_REMOTE},
        ),
        ("q = ''\nwhile other:\n    q += request.args['q']\nsink(q)", {Origin.CONSTANT, *_REMOTE}),
        ("class A: pass\na = A()\na.x = request.args['q']\nsink(a.x)", _REMOTE),
        (
            "class A: pass\na = A()\na.x = request.args['q']\na.x = 'x'\nsink(a.x)",
            {Origin.CONSTANT},
        ),
    ],
)
def test_inside_a_function(body: str, expected: set[Origin]) -> None:
    assert origins(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "q = request.args['q']\nif q not in ('a', 'b'):\n    return\nsink(q)",
        "q = request.args['q']\nif q in ('a', 'b'):\n    sink(q)",
        "q = request.args['q']\nif other and q.isdigit():\n    sink(q)",
        "q = request.args['q']\nif not q.isdigit():\n    raise ValueError\nsink(q)",
        "q = request.args['q']\nassert q == 'a'\nsink(q)",
        "if request.args['q'] in ('a', 'b'):\n    sink(request.args['q'])",
        "q = request.args['q']\nif re.fullmatch('[a-z]+', q) is None:\n    return\nsink(q)",
    ],
)
def test_guarded(body: str) -> None:
    assert origins(body, f"import re\n{_HEAD}") == _CLEAN


@pytest.mark.parametrize(
    "body",
    [
        "q = request.args['q']\nif q not in ('a', 'b'):\n    log()\nsink(q)",
        "q = request.args['q']\nif q in ('a', 'b'):\n    return\nsink(q)",
        "q = request.args['q']\nif other or q.isdigit():\n    sink(q)",
        "q = request.args['q']\nif q.isdigit():\n    log()\nsink(q)",
        "q = request.args['q']\nif q not in ('a', 'b'):\n    return\nq = request.args['r']\nsink(q)",
        "q = request.args['q']\nif q not in request.args['allowed']:\n    return\nsink(q)",
    ],
)
def test_not_guarded(body: str) -> None:
    assert Origin.REMOTE in origins(body)


_PYTHON = {
    "app/routes.py": (
        "from flask import Flask, request\n"
        "from .service import Service\n\n"
        "app = Flask(__name__)\nservice = Service()\n\n"
        "@app.get('/x')\ndef x():\n    return service.find(request.args['q'])\n"
    ),
    "app/service.py": (
        "from .store import Store\n\n"
        "class Service:\n    def __init__(self):\n        self.store = Store()\n\n"
        "    def find(self, q):\n        self.last = q\n        return self.store.run(self.clean(q))\n\n"
        "    def clean(self, q):\n        return {}\n"
    ),
    "app/store.py": "class Store:\n    def run(self, text):\n        sink(text)\n",
}
_JAVASCRIPT = {
    "routes.js": (
        "const express = require('express');\nconst service = require('./service');\n"
        "const app = express();\n"
        "app.get('/x', (req, res) => {\n  res.json(service.find(req.query.q));\n});\n"
    ),
    "service.js": (
        "const Store = require('./store');\n"
        "class Service {\n  constructor() {\n    this.store = new Store();\n  }\n"
        "  find(q) {\n    return this.store.run(this.clean(q));\n  }\n"
        "  clean(q) {\n    return {};\n  }\n}\n"
        "module.exports = new Service();\n"
    ),
    "store.js": "class Store {\n  run(text) {\n    sink(text);\n  }\n}\nmodule.exports = Store;\n",
}
_GO = {
    "api/api.go": (
        'package api\n\nimport (\n\t"net/http"\n\n\t"example.com/app/service"\n)\n\n'
        "type Server struct {\n\tservice *service.Service\n}\n\n"
        "func (s *Server) X(w http.ResponseWriter, r *http.Request) {\n"
        '\ts.service.Find(r.FormValue("q"))\n}\n'
    ),
    "service/service.go": (
        'package service\n\nimport "example.com/app/store"\n\n'
        "type Service struct {\n\tstore *store.Store\n}\n\n"
        "func (s *Service) Find(q string) {\n\ts.store.Run(s.clean(q))\n}\n\n"
        "func (s *Service) clean(q string) string {\n\treturn {}\n}\n"
    ),
    "store/store.go": (
        "package store\n\ntype Store struct{}\n\n"
        "func (s *Store) Run(text string) {\n\tsink(text)\n}\n"
    ),
}


@pytest.mark.parametrize(
    ("files", "name", "keep", "clean"),
    [
        (_PYTHON, "Store.run", "q", "int(q)"),
        (_JAVASCRIPT, "Store.run", "q", "Number(q)"),
        (_GO, "Store.Run", "q", "strconv.Quote(strconv.Itoa(len(q)))"),
    ],
    ids=["python", "javascript", "go"],
)
def test_across_files(files: dict[str, str], name: str, keep: str, clean: str) -> None:
    for cure, expected in ((keep, True), (clean, False)):
        project = {
            path: text.replace("return {}", f"return {cure}") for path, text in files.items()
        }
        if "strconv" in cure:
            service = project["service/service.go"]
            project["service/service.go"] = service.replace(
                'import "example', 'import "strconv"\nimport "example'
            )
        index = linked(project, go_module="example.com/app")
        function, value, context = argument(index, name, "sink")
        flows = list(Tracer(index, "sql").flows(function, value, use=Use(context)))
        remote = [flow for flow in flows if flow.origin is Origin.REMOTE]
        assert bool(remote) is expected
        if remote:
            assert len({step.location.path for step in remote[0].steps}) >= 2


def test_unrelated_files_change_nothing() -> None:
    more = {f"other/m{n}.py": f"def f{n}(x):\n    return run(x)\n" for n in range(200)}
    for given in (_PYTHON, {**more, **_PYTHON}):
        files = {path: text.replace("return {}", "return q") for path, text in given.items()}
        index = linked(files)
        function, value, context = argument(index, "Store.run", "sink")
        flows = list(Tracer(index, "sql").flows(function, value, use=Use(context)))
        assert [flow.origin for flow in flows] == [Origin.REMOTE]


def test_recursion_ends() -> None:
    index = linked(
        {"a.py": "def f(x):\n    sink(x)\n    f(g(x))\n\ndef g(x):\n    return g(f(x)) or x\n"}
    )
    function, value, context = argument(index, "f", "sink")
    assert list(Tracer(index, "sql").flows(function, value, use=Use(context)))


def test_what_has_methods_alone_is_no_text_of_a_caller() -> None:
    text = """
package p

type named interface{ Name() string }
type pair struct{ name string }

func object(of named) { first(of.Name()) }
func record(of pair) { second(of.name) }
"""
    index = linked({"a.go": text})
    for name, callee, origin in (
        ("object", "first", Origin.UNKNOWN),
        ("record", "second", Origin.PARAMETER),
    ):
        function, value, _ = argument(index, name, callee)
        (flow,) = Tracer(index, "sql").flows(function, value)
        assert flow.origin is origin
