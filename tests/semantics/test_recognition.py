"""Which calls are which concepts, whether they are asked for by concept, function or call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.linked import function, linked

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex

STORE = """\
import { Model } from "mongoose";
export class BookService {
  constructor(private readonly bookModel: Model<Book>) {}
  add(body) { return new this.bookModel(body).save(); }
  find(body) { return this.bookModel.find(body); }
}
"""
QUERIES = """\
import sqlite3
db = sqlite3.connect("x")
def known(name):
    return db.execute("SELECT 1 FROM t WHERE n = " + name)
def guessed(thing, name):
    return thing.execute("SELECT 1 FROM t WHERE n = " + name)
def other(thing, name):
    return thing.execute(name)
"""


def test_new_makes_what_its_type_is_whatever_field_has_it() -> None:
    index = linked({"store.ts": STORE})
    add = function(index, "BookService.add")
    assert [match.api for match in index.matches_in(add, "record-write")] == ["mongoose.Model"]


def test_sql_text_tells_an_unknown_receiver() -> None:
    index = linked({"a.py": QUERIES})
    found = {m.function.fact.name: m.certain for m in index.matches("sql-execution")}
    assert found == {"known": True, "guessed": False}


def test_all_ways_to_ask_agree() -> None:
    files = {"store.ts": STORE, "a.py": QUERIES}
    concepts = ("sql-execution", "record-write", "query", "sink")
    by_concept = _told(linked(files), concepts)
    index = linked(files)
    by_function = {
        (concept, m.function.key, m.index)
        for f in reversed(index.all_functions)
        for concept in concepts
        for m in index.matches_in(f, concept)
    }
    index = linked(files)
    by_call = {
        (m.row.concept, m.function.key, m.index)
        for f in index.all_functions
        for at in range(len(f.fact.values))
        for m in index.concepts_of(f, at)
        if m.row.concept in concepts
    }
    assert by_concept == by_function == by_call
    assert by_concept


def _told(index: ProjectIndex, concepts: tuple[str, ...]) -> set[tuple[str, tuple[str, int], int]]:
    return {(c, m.function.key, m.index) for c in concepts for m in index.matches(c)}
