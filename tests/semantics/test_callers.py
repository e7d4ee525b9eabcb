"""Which calls the index counts as those of a function."""

from __future__ import annotations

import pytest

from tests.linked import function, linked

STORE = """
module.exports = function (store) {
  store.findShelves = async function (name) {
    return store.pool.query(name);
  };
};
"""


def _callers(
    call: str, store: str = STORE, *, name: str = "module.exports.findShelves"
) -> list[str]:
    index = linked({"app.js": f"function handle(db) {{\n  {call}\n}}\n", "store.js": store})
    return [caller.fact.qualified for caller, _ in index.callers(function(index, name))]


def test_the_only_member_of_its_name() -> None:
    assert _callers("db.findShelves('a');") == ["handle"]


@pytest.mark.parametrize(
    "call",
    [
        "findShelves('a');",
        "db.findShelves('a', 'b', 'c');",
        "[].findShelves = db.other('a');",
    ],
)
def test_not_called_so(call: str) -> None:
    assert _callers(call) == []


def test_names_of_the_language_say_nothing() -> None:
    store = STORE.replace("findShelves", "concat")
    assert _callers("db.concat('a');", store, name="module.exports.concat") == []


def test_names_that_many_have_say_nothing() -> None:
    others = "".join(
        f"exports.o{n} = {{ findShelves(name) {{ return name; }} }};\n" for n in range(3)
    )
    assert _callers("db.findShelves('a');", STORE + others) == []
