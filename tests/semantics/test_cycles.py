"""Values that depend on one another stand for the same, whichever is asked for first."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest

from backend_lint.semantics.references import ClassReference, FunctionReference
from tests.linked import linked

if TYPE_CHECKING:
    from backend_lint.semantics.references import FunctionNode, Reference

RING = """\
import sqlite3

def even(c):
    return odd(c) if c else sqlite3.connect("x")

def odd(c):
    return even(c) if c else None

def ask(c):
    odd(c).execute("y")
"""
TREE = """\
export class Node {
  constructor(parent) { this.parent = parent; this.pool = parent ? parent.pool : makePool(); }
  root() { let node = this; while (node.parent) { node = node.parent; } return node; }
}
import { Pool } from "pg";
function makePool() { return new Pool(); }
export const make = (parent) => new Node(parent || make(null).root());
export const ask = () => make().root().pool.query("y");
"""
LOOP = """\
package p

import "container/list"

func walk(l *list.List) *list.Element {
	e := l.Front()
	for e != nil {
		if e.Value == nil {
			return last(e)
		}
		e = e.Next()
	}
	return e
}

func last(e *list.Element) *list.Element {
	for e.Next() != nil {
		e = e.Next()
	}
	return walk(list.New())
}
"""
ENDLESS = """\
import thing

def f(x):
    y = thing.first()
    while x:
        y = y.next().value().parent
    return y.close(f(y))
"""


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": RING},
        {"a.js": TREE},
        {"a.go": LOOP},
        {"a.py": ENDLESS, "b.py": RING, "c.ts": TREE},
    ],
    ids=["calls", "fields", "loops", "endless names"],
)
def test_order_of_questions_does_not_matter(files: dict[str, str]) -> None:
    answers = {_answers(files, seed) for seed in range(30)}
    assert len(answers) == 1


def test_ring_knows_what_one_of_its_functions_makes() -> None:
    index = linked({"a.py": RING})
    (ask,) = [f for f in index.all_functions if f.fact.name == "ask"]
    names = {name for at in range(len(ask.fact.values)) for name in index.resolver.names(ask, at)}
    assert "dbapi.Connection.execute" in names


def test_failure_leaves_nothing_half_answered() -> None:
    """A question that fails, such as one too deep, is open again; so are those it asked."""
    chain = "".join(f"def f{n}(c):\n    return f{n + 1}(c)\n" for n in range(400))
    files = {
        "a.py": f"import sqlite3\n{chain}def f400(c):\n    return sqlite3.connect(c) or f0(c)\n"
    }
    index = linked(files)
    functions = {f.fact.name: f for f in index.all_functions}
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(600)
    try:
        with pytest.raises(RecursionError):
            _ask(index.resolver.references, functions["f0"])
    finally:
        sys.setrecursionlimit(limit)
    assert all(isinstance(known, tuple) for f in functions.values() for known in f.known.values())
    sys.setrecursionlimit(20_000)
    try:
        assert _ask(index.resolver.references, functions["f0"])
    finally:
        sys.setrecursionlimit(limit)


def _ask(references: object, function: FunctionNode) -> tuple[Reference, ...]:
    (result,) = function.fact.returns
    return references(function, result.value)  # type: ignore[operator, no-any-return]


def _answers(files: dict[str, str], seed: int) -> str:
    index = linked(files, go_module="p")
    places = [(f, at) for f in index.all_functions for at in range(len(f.fact.values))]
    random.Random(seed).shuffle(places)
    for function, at in places:
        index.resolver.references(function, at)
    return "\n".join(
        f"{function!r} {at}: {[_shown(r) for r in index.resolver.references(function, at)]}"
        for function, at in sorted(places, key=lambda place: (place[0].key, place[1]))
    )


def _shown(reference: Reference) -> str:
    if isinstance(reference, FunctionReference):
        return repr(reference.function)
    if isinstance(reference, ClassReference):
        return f"class {reference.fact.name} {reference.instance}"
    return repr(reference)
