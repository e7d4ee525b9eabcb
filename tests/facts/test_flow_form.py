"""The flow form: what a use of a variable is, under which control, and that it is serialisable."""

from __future__ import annotations

import msgspec
import pytest

from backend_lint.facts import values as v
from backend_lint.facts.extract import extract
from backend_lint.facts.sql_files import extract_sql
from backend_lint.frontends import lower
from backend_lint.source import Language, SourceFile


def facts(text: str, language: Language = Language.PYTHON) -> v.FileFacts:
    source = SourceFile("a", language, text.encode())
    return extract(source, lower(source).module)


def function(text: str) -> v.FunctionFact:
    return facts(text).functions[1]


def test_a_use_is_the_value_that_reaches_it() -> None:
    found = function("def f(x):\n    y = x\n    x = 1\n    return y\n")
    assert isinstance(found.values[found.returns[0].value], v.Parameter)


def test_branches_meet_under_their_test() -> None:
    found = function("def f(x, t):\n    if t:\n        x = 1\n    return x\n")
    value = found.values[found.returns[0].value]
    assert isinstance(value, v.Compute)
    assert value.operator == "conditional"


def test_what_follows_an_early_return_stands_under_the_failed_test() -> None:
    found = function("def f(x):\n    if bad(x):\n        return None\n    return x\n")
    context = found.contexts[found.returns[1].context]
    assert context.kind == "unless"


@pytest.mark.parametrize("loop", ["for x in xs:", "while xs:"])
def test_a_loop_opens_a_context(loop: str) -> None:
    found = function(f"def f(xs):\n    {loop}\n        g(xs)\n    h()\n")
    calls = [value for value in found.values if isinstance(value, v.Invoke)]
    assert [call.context >= 0 for call in calls] == [True, False]


def test_equal_expressions_are_one_value() -> None:
    found = function("def f(a):\n    g(a.b.c)\n    h(a.b.c)\n")
    first, second = (value for value in found.values if isinstance(value, v.Invoke))
    assert first.args == second.args


def test_a_store_is_seen_through_a_member_of_a_member() -> None:
    found = function("def f(a):\n    a.b.c = 1\n    return a.b.c\n")
    value = found.values[found.returns[0].value]
    assert isinstance(value, v.Constant)
    assert value.value == 1


def test_facts_survive_the_cache() -> None:
    whole = facts(
        "import a\n\nclass B(a.C, metaclass=M):\n    x: int = 1\n    def f(self, *y, z=2**70, **k):\n"
        "        try:\n            return [q async for q in y if q]\n        finally:\n            del y\n"
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(whole), type=v.FileFacts) == whole


def test_a_closure_has_the_name_it_is_given_to() -> None:
    found = facts("const f = (x) => x;\nexports.g = () => 1;\n", Language.JAVASCRIPT)
    assert [function.name for function in found.functions[1:]] == ["f", "g"]


def test_statements_of_an_sql_file() -> None:
    text = "-- note; not a border\nSELECT ';' FROM a;\n\nSELECT $$;$$;\n"
    found = extract_sql(SourceFile("a.sql", Language.SQL, text.encode()))
    assert [statement.text for statement in found.statements] == [
        "SELECT ';' FROM a",
        "SELECT $$;$$",
    ]
    assert text[found.statements[0].start :].startswith("SELECT ';'")
