"""The Go front end: small snippets, goldens, broken and hostile input."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_lint.frontends.go import (
    composites,
    expressions,
    functions,
    grammar,
    lower_go,
    statements,
)
from backend_lint.frontends.go.declarations import package_name
from backend_lint.frontends.go.literals import number
from backend_lint.ir import nodes as ir
from backend_lint.ir.printer import print_ir
from backend_lint.ir.walk import children, walk
from backend_lint.source import Language, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.frontends.lowered import Lowered
    from tests.conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
SOURCES = sorted(GOLDEN.glob("*.go"))

# Kinds whose children stand inside them; statements may hold what a source repeats elsewhere.
ENCLOSING = (
    ir.Argument,
    ir.Attribute,
    ir.Call,
    ir.Entry,
    ir.Hole,
    ir.Mapping,
    ir.Operation,
    ir.Sequence,
    ir.Spread,
    ir.Subscript,
    ir.Template,
    ir.Unknown,
)


@pytest.fixture(scope="module", autouse=True)
def deep_recursion() -> Iterator[None]:
    """What the driver does for a whole run."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(6000)
    yield
    sys.setrecursionlimit(limit)


def lowered(text: str | bytes) -> Lowered:
    data = text.encode() if isinstance(text, str) else text
    return lower_go(SourceFile("a.go", Language.GO, data))


def body_of(text: str) -> tuple[ir.Node, ...]:
    """The statements of a function with this body."""
    module = lowered("package p\nfunc f() {\n" + text + "\n}\n").module
    (function,) = module.body
    assert isinstance(function, ir.Function)
    return function.body


def value_of(text: str, imports: str = "") -> ir.Node:
    """What an expression becomes."""
    module = lowered(f"package p\n{imports}\nvar x = {text}\n").module
    assign = module.body[-1]
    assert isinstance(assign, ir.Assign)
    assert assign.value is not None
    return assign.value


def shape(node: ir.Node) -> str:
    """A node without its regions, in one line."""
    return " ".join(print_ir(node).split())


def check_regions(module: ir.Module, size: int) -> None:
    for node in walk(module):
        assert 0 <= node.start <= node.end <= size, node
        if isinstance(node, ENCLOSING):
            for child in children(node):
                assert node.start <= child.start, (node, child)
                assert child.end <= node.end, (node, child)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_golden(source: Path, golden: Golden) -> None:
    data = source.read_bytes()
    module = lowered(data).module
    check_regions(module, len(data))
    golden.check(print_ir(module), source.with_suffix(".ir"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_text_and_tree_agree(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the text of an expression settles is what its syntax tree says."""
    data = source.read_bytes()
    glanced = lowered(data)
    for module in (composites, expressions, grammar, statements):
        monkeypatch.setattr(module, "LIMIT", -1)
    monkeypatch.setattr(functions, "simple_parameters", lambda *_: None)
    assert glanced == lowered(data)


@pytest.mark.parametrize(
    "text",
    [
        "time.Now()",
        '"text"',
        "24",
        "-1.5",
        "!ready",
        "total / 2",
        '[]string{"a", "b"}',
        "map[string]any{}",
        "int64(7)",
        "point{1, 2}",
        'fmt.Sprintf("%d items", count)',
        "items[0].Name(first)",
        "new(deep(1))",
        "strings.TrimSpace(\n\t\tvalue,\n\t)",
    ],
)
def test_new_of_a_value_is_the_value(text: str) -> None:
    imports = 'import "fmt"'
    result = lowered(f"package p\n{imports}\nvar x = new({text})\nvar y = 1")
    assert not result.errors
    _, first, second = result.module.body
    assert isinstance(first, ir.Assign)
    assert isinstance(second, ir.Assign)
    assert first.value is not None
    assert shape(first.value) == shape(value_of(text, imports))


@pytest.mark.parametrize(
    "text",
    [
        "Order",
        "pkg.Order",
        "[]int",
        "[3]*pkg.Order",
        "map[string][]int",
        "map[string]interface{}",
        "map[string]struct{}",
        "struct { A int }",
        "struct {\n\tA int\n}",
        "chan int",
        "<-chan int",
        "func(int) string",
        "Pair[int, string]",
        "interface{ Close() error }",
    ],
)
def test_new_of_a_type_is_a_call_beside_any_error(text: str) -> None:
    for other in ("1", "new(time.Now())"):
        result = lowered(f"package p\nvar y = {other}\nvar x = new({text})\n")
        assert not result.errors
        last = result.module.body[-1]
        assert isinstance(last, ir.Assign)
        assert isinstance(last.value, ir.Call)
        assert print_ir(last.value.callee).endswith("'new'\n")


def test_new_of_a_value_leaves_other_errors_alone() -> None:
    text = 'package p\nfunc f() {\n\tx := new(g(1))\n\ty := "new(" + z\n}\nfunc (\n'
    result = lowered(text)
    (error,) = result.errors
    assert text[error.start :].startswith("func (")
    function = result.module.body[0]
    assert isinstance(function, ir.Function)
    assert "'new('" in shape(function)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("fmt", "fmt"),
        ("net/http", "http"),
        ("github.com/labstack/echo/v4", "echo"),
        ("gopkg.in/yaml.v2", "yaml"),
        ("github.com/mattn/go-sqlite3", "sqlite3"),
        ("github.com/dgrijalva/jwt-go", "jwt"),
        ("github.com/nats-io/nats.go", "nats"),
        ("v2", "v2"),
        ("", ""),
    ],
)
def test_name_of_an_unnamed_import(path: str, name: str) -> None:
    assert package_name(path) == name


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("017", 15),
        ("0x_FF", 255),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("0x1p4", 16.0),
        ("2i", 2.0),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 2.0**64),
        ("9" * 5000, float("inf")),
        ("0x" + "f" * 5000, float("inf")),
        ("089", 89),
    ],
)
def test_number(text: str, value: float) -> None:
    assert number(text) == value
    assert type(number(text)) is type(value)


def test_wrong_number_is_not_a_number() -> None:
    assert number("0b") != number("0b")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"a\tb"', "a\tb"),
        (r'"\xe4\xbd\xa0"', "你"),
        (r'"\xff"', "\ufffd"),
        (r'"\U0010ffff\U00110000"', "\U0010ffff\ufffd"),
        (r'"\ud800"', "?"),
        (r"'\''", "'"),
        ('"你"', "你"),
        ("`a\\n`", "a\\n"),
        ("`a\r\nb`", "a\nb"),
        ("``", ""),
        ('""', ""),
        ("-3", -3),
        ("-0.5", -0.5),
    ],
)
def test_constant(text: str, value: object) -> None:
    node = value_of(text)
    assert isinstance(node, ir.Literal)
    assert node.value == value


@pytest.mark.parametrize(
    "text",
    ["a + b", "a - b + c", "f(a, b)", "x.y(z)", "T{A: 1}", "[]T{{A: 1}}", "a[b].c", "-x", "*p"],
)
def test_an_expression_lies_where_it_is_written(text: str) -> None:
    node = value_of(text)
    begin = len("package p\n\nvar x = ")
    assert node.end == begin + len(text)
    assert node.start == begin + text.startswith("*")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b == c", "((a + b) == c)"),
        ("!a == b", "(!a) == b"),
        ("!f(a, b)", "!(f(a, b))"),
        ("a || b && c", "a || (b && c)"),
        ("x == f(a, b)", "x == (f(a, b))"),
        ('f("a, b", c)', 'f(("a, b"), c)'),
        ("&a.b", "a.b"),
        ("x.(T)", "x"),
    ],
)
def test_brackets_change_nothing(text: str, same: str) -> None:
    assert shape(value_of(text)) == shape(value_of(same))


def test_minus_is_not_regrouped() -> None:
    node = value_of("a + b - c")
    assert isinstance(node, ir.Operation)
    assert node.operator == "-"


def test_a_template_needs_its_import() -> None:
    call = value_of('fmt.Sprintf("%d", n)')
    assert isinstance(call, ir.Call)
    built = value_of('format.Sprintf("%d", n)', 'import format "fmt"')
    assert isinstance(built, ir.Template)
    assert [part.conversion for part in built.parts if isinstance(part, ir.Hole)] == ["d"]


def test_a_local_closure_has_its_own_results() -> None:
    (assign,) = body_of("g := func() (n int, err error) { return }")
    assert isinstance(assign, ir.Assign)
    assert isinstance(assign.value, ir.Function)
    given_back = assign.value.body[-1]
    assert isinstance(given_back, ir.Return)
    assert shape(given_back).count("Name id=") == 2


def test_break_of_a_switch_is_no_break_of_the_loop() -> None:
    (loop,) = body_of("for {\nswitch x {\ncase 1:\nif y {\nbreak\n}\nz()\nbreak\n}\n}")
    assert [node.kind for node in walk(loop) if isinstance(node, ir.Jump)] == ["goto"]
    (loop,) = body_of("switch x {\ncase 1:\nfor {\nbreak\n}\n}")
    assert [node.kind for node in walk(loop) if isinstance(node, ir.Jump)] == ["break"]


def test_grouped_parameters_that_the_parser_splits_wrongly() -> None:
    names = [f"a{index}" for index in range(12)]
    for space in (" ", "\n"):
        module = lowered(f"package p\nfunc f({f',{space}'.join(names)} uintptr) {{}}\n").module
        (function,) = module.body
        assert isinstance(function, ir.Function)
        assert [item.name for item in function.parameters] == names
        assert all(
            isinstance(item.annotation, ir.Name) and item.annotation.id == "uintptr"
            for item in function.parameters
        )


def test_broken_source_keeps_its_findings() -> None:
    result = lowered("package p\nfunc f( {\n db.Query(q)\n}\nfunc g() { db.Exec(q) }\n")
    names = {node.name for node in walk(result.module) if isinstance(node, ir.Attribute)}
    assert {"Query", "Exec"} <= names
    assert result.errors


def test_comments_are_found_where_directives_are() -> None:
    text = "package p // backend-lint: ignore\n"
    (region,) = lowered(text).comments
    assert text[region.start : region.end] == "// backend-lint: ignore"


def test_a_long_switch_does_not_nest_without_end() -> None:
    cases = "\n".join(f"case {index}:\n f({index})" for index in range(2000))
    out = body_of("switch x {\n" + cases + "\ndefault:\n g()\n}")
    assert sum(isinstance(node, ir.Branch) for top in out for node in walk(top)) == 2000
    for node in out:
        print_ir(node)


DEEP = 10_000


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * DEEP + "a" + ")" * DEEP,
        "x = " + "[" * DEEP + "a" + "]" * DEEP,
        "x = " + "f(" * DEEP + ")" * DEEP,
        "x = " + "!" * DEEP + "a",
        "x = " + "*" * DEEP + "a",
        "x = " + " + ".join(["a"] * DEEP),
        "x = " + " + ".join(['"a"', "b"] * (DEEP // 2)),
        "x = " + " - ".join(["a"] * DEEP),
        "x = a" + ".b()" * 2000,
        "x = a" + ".b" * 2000,
        "x = a" + "[0]" * 2000,
        "x = a" + "(0)" * 2000,
        "x = []T" + "{" * DEEP + "}" * DEEP,
        "{" * DEEP + "}" * DEEP,
        "if x {\n" * 3000 + "}\n" * 3000,
        "if x {}" + " else if x { y() }" * 3000,
        "for {\n" * 3000 + "}\n" * 3000,
        "switch {\ncase x:\n" * 3000 + "}\n" * 3000,
        "x = " + "func() {\n" * 3000 + "}" * 3000,
        "var x " + "[]" * DEEP + "int",
        "var x " + "map[int]" * 3000 + "int",
        "var x " + "func(" * 3000 + ")" * 3000,
        "a: " * 3000 + "b()",
    ],
    ids=lambda text: text[:24].replace("\n", " "),
)
def test_deep_nesting(text: str) -> None:
    source = "package p\nfunc f() {\n" + text + "\n}\n"
    result = lowered(source)
    check_regions(result.module, len(source))
    print_ir(result.module)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_lowered(text: str) -> None:
    for prefix in ("", "package p\nvar x = ", "package p\nfunc f() {\n"):
        data = (prefix + text).encode("utf-8", "replace")
        check_regions(lowered(data).module, len(data))


@given(st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_lowered(tail: bytes) -> None:
    data = b"package p\nfunc f() {\n" + tail
    check_regions(lowered(data).module, len(data))


@given(st.sampled_from(SOURCES), st.integers(min_value=0, max_value=2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutations_are_lowered(source: Path, seed: int) -> None:
    pick = random.Random(seed)
    data = bytearray(source.read_bytes())
    for _ in range(pick.randint(1, 8)):
        at = pick.randrange(len(data))
        upto = min(len(data), at + pick.randint(1, 12))
        action = pick.randrange(4)
        if action == 0:
            del data[at:upto]
        elif action == 1:
            data[at:at] = pick.choice([b"(", b")", b"{", b"}", b'"', b"`", b",", b"\xc3", b" := "])
        elif action == 2:
            data[at:at] = data[pick.randrange(len(data)) :][:20]
        else:
            data[at] = pick.randrange(256)
        if not data:
            break
    check_regions(lowered(bytes(data)).module, len(data))


def test_a_format_out_of_sight_is_filled_by_the_call_of_its_kind() -> None:
    text = "fmt.Fprintf(w, greeting, name)"
    assert shape(value_of(text, 'import "fmt"')) == shape(
        value_of("fmt.Fprintf(w, fmt.Sprintf(greeting, name))", 'import "fmt"')
    )
