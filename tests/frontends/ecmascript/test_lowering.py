"""The ECMAScript front end: small snippets, goldens, broken and hostile input."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_lint.frontends.ecmascript import lower_ecmascript
from backend_lint.ir import nodes as ir
from backend_lint.ir.printer import print_ir
from backend_lint.ir.walk import children, walk
from backend_lint.source import Language, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
SOURCES = sorted(path for path in GOLDEN.iterdir() if path.suffix != ".ir")
LANGUAGES = {".js": Language.JAVASCRIPT, ".ts": Language.TYPESCRIPT, ".tsx": Language.TSX}


@pytest.fixture(scope="module", autouse=True)
def deep_recursion() -> Iterator[None]:
    """What the driver does for a whole run."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(6000)
    yield
    sys.setrecursionlimit(limit)


def module_of(text: str | bytes, suffix: str = ".ts") -> ir.Module:
    data = text.encode() if isinstance(text, str) else text
    return lower_ecmascript(SourceFile(f"a{suffix}", LANGUAGES[suffix], data)).module


def only(text: str, suffix: str = ".ts") -> ir.Node:
    (node,) = module_of(text, suffix).body
    return node


def printed(text: str, suffix: str = ".ts") -> str:
    return print_ir(module_of(text, suffix))


def value_of(text: str, suffix: str = ".ts") -> object:
    """The value of a constant expression."""
    node = only(f"x = {text}", suffix)
    assert isinstance(node, ir.Assign)
    assert isinstance(node.value, ir.Literal), node.value
    return node.value.value


def check_regions(module: ir.Module, size: int) -> None:
    assert (module.start, module.end) == (0, size)
    for node in walk(module):
        assert 0 <= node.start <= node.end <= size, node
        for child in children(node):
            assert node.start <= child.start, (node, child)
            assert child.end <= node.end, (node, child)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_golden(path: Path, golden: Golden) -> None:
    data = path.read_bytes()
    module = module_of(data, path.suffix)
    check_regions(module, len(data))
    golden.check(print_ir(module), path.with_name(path.name + ".ir"))


@pytest.mark.parametrize("suffix", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\n\t\\\"\x41\u0041\u{41}\0"', '\n\t\\"AAA\0'),
        ('"a\\\nb\\\r\nc"', "abc"),
        (r'"\uD83D\uDE00"', "\U0001f600"),
        (r'"\uD83D"', "\ufffd"),
        (r'"\u{FFFFFF}"', "\ufffd"),
        (r"'it\'s \q'", "it's q"),
        ('"ü\\u00fc"', "üü"),
        ("``", ""),
        ("`a\nb\\n`", "a\nb\n"),
        ('"a" + "b" + 1', "ab1"),
        ('"a" + null + 0x10 + 1.50', "anull161.50"),
        ("undefined", None),
        ("void 0", None),
        ("0xFF", 255),
        ("1_000n", 1000),
        ("017", 15),
        ("089", 89),
        ("1e3", 1000.0),
        ("9" * 300, int("9" * 300)),
    ],
)
def test_constants(text: str, value: object, suffix: str) -> None:
    got = value_of(text, suffix)
    assert got == value
    assert type(got) is type(value)


def test_absurdly_long_number_is_unknown() -> None:
    node = only("x = " + "9" * 5000)
    assert isinstance(node, ir.Assign)
    assert node.value == ir.Unknown(4, 5004, "number", ())


def test_literals_of_every_kind_reach_the_cache() -> None:
    module = module_of(r'x = ["\uDEAD", 1e999, "\u{10FFFF}", /\uD800/u]')
    msgspec.msgpack.encode([node for node in walk(module) if isinstance(node, ir.Literal)])


@pytest.mark.parametrize(
    ("plain", "same"),
    [
        ("a.b.c", "a /**/ .b.c"),
        ("this.users.find(id)", "this?.users!.find?.(id)"),
        ("let a: Foo", "let a: (Foo)"),
        ('import {a, b as c} from "m"', 'import {/**/ a, b as c} from "m"'),
        ('import a, {b} from "m"', 'import a, {/**/ b} from "m"'),
        ('import type {a} from "m"', 'import type {/**/ a} from "m"'),
        (
            'import {type a, type as b, type} from "m"',
            'import {type a, type as b, type /**/} from "m"',
        ),
        ('import type from "m"', 'import type /**/ from "m"'),
        ('import type T from "m"', 'import type T /**/ from "m"'),
        ('import from from "m"', 'import from /**/ from "m"'),
        ('import * as a from "m"', 'import * as a /**/ from "m"'),
        ('import a, * as b from "m"', 'import a, * as b /**/ from "m"'),
        ('import "m"', 'import /**/ "m"'),
        ("f()", "f( /**/ )"),
        ("(a) => b", "(/**/ a) => (b)"),
        ("a + b + c", "a /**/ + b /**/ + /**/ c"),
        ("a && b", "a && (b as C)"),
    ],
)
def test_shortcuts_agree_with_the_long_way(plain: str, same: str) -> None:
    assert printed(plain) == printed(same)


def test_regions_of_a_path_are_those_of_its_parts() -> None:
    node = only("  this.users.find")
    assert node == ir.Attribute(2, 17, ir.Attribute(2, 12, ir.Name(2, 6, "this"), "users"), "find")


def test_regions_count_bytes() -> None:
    node = only("ä.ö(ü)")
    assert node == ir.Call(
        0,
        9,
        ir.Attribute(0, 5, ir.Name(0, 2, "ä"), "ö"),
        (ir.Argument(6, 8, "", ir.Name(6, 8, "ü")),),
        False,
    )


def test_a_tag_takes_a_template_even_without_holes() -> None:
    node = only("sql`SELECT 1`")
    assert isinstance(node, ir.Call)
    assert node.arguments[0].value == ir.Template(3, 13, (ir.Literal(4, 12, "SELECT 1"),), "tagged")


def test_separators_of_a_join_stay_in_order() -> None:
    node = only('[a, "b", c].join(", ")')
    assert isinstance(node, ir.Template)
    assert [
        getattr(part, "value", None) for part in node.parts if isinstance(part, ir.Literal)
    ] == [", b, "]
    assert node.style == "join"


@pytest.mark.parametrize(
    "text", ["[...a].join(' ')", "[a].join(sep)", "a.join(' ')", "a.concat('b')"]
)
def test_other_joins_stay_calls(text: str) -> None:
    assert isinstance(only(text), ir.Call)


def test_a_bare_text_is_dropped() -> None:
    assert module_of('"use strict"; `x`;').body == (ir.Literal(14, 17, "x"),)


def test_cases_that_only_fall_through_to_the_default() -> None:
    assert printed("switch (a) { case 1: default: b() }") == printed("a; b()")


def test_statements_in_a_broken_file_survive() -> None:
    text = 'function broken( {\n  db.query("SELECT " + id);\n}\nconst after = run(2);\n'
    calls = [node for node in walk(module_of(text, ".js")) if isinstance(node, ir.Call)]
    assert {
        getattr(call.callee, "name", "") or getattr(call.callee, "id", "") for call in calls
    } >= {
        "query",
        "run",
    }


@pytest.mark.parametrize("suffix", LANGUAGES)
def test_text_that_the_parser_never_gets_through(suffix: str) -> None:
    text = b"[t[]=[.x}"
    for _ in range(2):
        lowered = lower_ecmascript(SourceFile("a", LANGUAGES[suffix], text))
        assert lowered.errors
        assert (lowered.module.start, lowered.module.end) == (0, len(text))
    # Nothing of it is left for the next file.
    assert only("a", suffix) == ir.Name(0, 1, "a")


@pytest.mark.parametrize("text", ["a(b);\n", "a,b;", "{}\n[a];"])
def test_large_files_are_parsed_to_their_end(text: str) -> None:
    count = 40_000
    module = module_of(text * count)
    assert len(module.body) >= count


def test_javascript_with_types_of_flow() -> None:
    text = "// @flow\nclass Store { rows: Array<string>;\n find(id: ?string): Row { return run(id) } }\n"
    lowered = lower_ecmascript(SourceFile("a.js", Language.JAVASCRIPT, text.encode()))
    assert not lowered.errors
    assert [node.callee for node in walk(lowered.module) if isinstance(node, ir.Call)]


@pytest.mark.parametrize("suffix", LANGUAGES)
def test_default_is_a_name_in_specifiers(suffix: str) -> None:
    plain = printed('import { default as a } from "m"', suffix)
    assert plain == printed('import { /**/ default as a } from "m"', suffix)
    assert only('export { default as a } from "m"', suffix) == ir.Export(
        9, 21, "a", None, "m", "default"
    )


NESTED = {
    "brackets": "x = " + "[" * 10_000 + "]" * 10_000,
    "parentheses": "(" * 10_000 + "a" + ")" * 10_000,
    "sums": "x = " + " + ".join(["a"] * 5_000),
    "texts": 'x = "t" + ' + " + ".join(["a"] * 5_000),
    "differences": "x = " + " - ".join(["a"] * 5_000),
    "conjunctions": " && ".join(["a"] * 5_000),
    "chain": "a" + ".b(c)" * 2_000,
    "chain in arguments": "a" + ".b(c)" * 200 + ".d(e" + ".f(g)" * 400 + ")",
    "path": "a" + ".b" * 5_000,
    "subscripts": "a" + "[0]" * 5_000,
    "else if": " else ".join(["if (a) { b() }"] * 2_000),
    "cases": "switch (a) {" + "case 1: b();" * 2_000 + "}",
    "blocks": "{" * 5_000 + "a()" + "}" * 5_000,
    "functions": "function f() {" * 1_000 + "}" * 1_000,
    "arrows": "() => " * 2_000 + "a",
    "ternaries": "a ? b : " * 3_000 + "c",
    "assignments": "a = " * 5_000 + "b",
    "awaits": "await " * 3_000 + "b",
    "negations": "!" * 5_000 + "b",
    "templates": "`${" * 1_000 + "a" + "}`" * 1_000,
    "objects": "x = " + "{a: " * 3_000 + "1" + "}" * 3_000,
    "types": "let a: " + "A<" * 2_000 + "B" + ">" * 2_000,
    "unions": "type A = " + " | ".join(["B"] * 5_000),
    "unclosed": "f(" * 5_000,
}


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting(name: str) -> None:
    text = NESTED[name]
    module = module_of(text)
    check_regions(module, len(text))
    # Nothing after the lowering may run out of stack either.
    print_ir(module)
    assert msgspec.structs.asdict(module)["body"] == module.body


def test_long_else_if_chains_keep_all_their_calls() -> None:
    count = 2_000
    text = " else ".join(f"if (a) {{ b({number}) }}" for number in range(count))
    found = [node for node in walk(module_of(text)) if isinstance(node, ir.Call)]
    assert len(found) == count


def mutated(data: bytes, seed: int) -> bytes:
    """The text with some bytes deleted, duplicated or inserted."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data) + 1)
        length = rng.choice((1, 1, 2, 5, 20))
        match rng.randrange(3):
            case 0:
                data = data[:at] + data[at + length :]
            case 1:
                data = data[:at] + data[at : at + length] + data[at:]
            case _:
                junk = rng.choice(
                    (b"(", b"}", b"`", b"${", b'"', b"/*", b"<", b"\xff", b"@", b"\\u")
                )
                data = data[:at] + junk + data[at:]
    return data


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    path=st.sampled_from(SOURCES),
    seed=st.integers(0, 2**32),
    suffix=st.sampled_from(sorted(LANGUAGES)),
)
def test_mutations_never_raise(path: Path, seed: int, suffix: str) -> None:
    data = mutated(path.read_bytes(), seed)
    check_regions(module_of(data, suffix), len(data))


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(), st.binary()), suffix=st.sampled_from(sorted(LANGUAGES)))
def test_any_input_never_raises(text: str | bytes, suffix: str) -> None:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    check_regions(module_of(data, suffix), len(data))
