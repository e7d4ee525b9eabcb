"""The Python front end: goldens, broken and hostile input."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_lint.frontends.python import lower_python
from backend_lint.frontends.python.texts import unescape
from backend_lint.ir import nodes as ir
from backend_lint.ir.printer import print_ir
from backend_lint.ir.walk import walk
from backend_lint.source import Language, SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.frontends.lowered import Lowered
    from tests.conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
SOURCES = sorted(GOLDEN.glob("*.py"))


@pytest.fixture(scope="module", autouse=True)
def deep_recursion() -> Iterator[None]:
    """What the driver does for a whole run."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(6000)
    yield
    sys.setrecursionlimit(limit)


def lowered(text: str | bytes) -> Lowered:
    data = text.encode() if isinstance(text, str) else text
    return lower_python(SourceFile("a.py", Language.PYTHON, data))


def value_of(text: str) -> ir.Node:
    """What an expression becomes."""
    assign = lowered(f"x = {text}\n").module.body[-1]
    assert isinstance(assign, ir.Assign)
    assert assign.value is not None
    return assign.value


def assert_sound(data: bytes) -> None:
    for node in walk(lowered(data).module):
        assert 0 <= node.start <= node.end <= len(data), node


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_golden(source: Path, golden: Golden) -> None:
    golden.check(print_ir(lowered(source.read_bytes()).module), source.with_suffix(".ir"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\n\t\\", "\n\t\\"),
        (r"\x41\u00e9\U0001F600\101", "A\u00e9\U0001f600A"),
        ("\\\nnext", "next"),
        (r"\q", r"\q"),
        (r"\ud800", "?"),
        (r"\UFFFFFFFF", "\ufffd"),
    ],
)
def test_escapes(text: str, value: str) -> None:
    assert unescape(text) == value


def test_holes_keep_what_the_format_guarantees() -> None:
    template = value_of('"%d %s %r" % (a, b, c)')
    assert isinstance(template, ir.Template)
    assert [p.conversion for p in template.parts if isinstance(p, ir.Hole)] == ["d", "", "q"]


def test_a_receiver_is_no_parameter() -> None:
    (declared,) = lowered("class A:\n    def f(self, x): return self.x\n").module.body
    assert isinstance(declared, ir.Class)
    (method,) = declared.body
    assert isinstance(method, ir.Function)
    assert method.receiver == "self"
    assert [parameter.name for parameter in method.parameters] == ["x"]


def test_broken_source_keeps_the_rest() -> None:
    result = lowered((GOLDEN / "broken.py").read_bytes())
    assert result.errors
    calls = [node for node in walk(result.module) if isinstance(node, ir.Call)]
    assert any(isinstance(c.callee, ir.Name) and c.callee.id == "execute" for c in calls)


def test_comments_are_found_where_directives_are() -> None:
    assert lowered("x = 1  # note\n").comments == ()
    data = b"x = 1  # backend-lint: ignore[x] -- why\n"
    (comment,) = lowered(data).comments
    assert data[comment.start : comment.end].startswith(b"# backend-lint")


DEEP = {
    "brackets": "x = " + "(" * 10_000 + ")" * 10_000,
    "lists": "x = " + "[" * 10_000 + "]" * 10_000,
    "sum": "x = " + " + ".join(["a"] * 5_000),
    "text sum": "x = " + " + ".join(['"a"'] * 5_000),
    "and": "x = " + " and ".join(["a"] * 5_000),
    "chain": "x = a" + ".b(c)" * 2_000,
    "members": "x = a" + ".b" * 5_000,
    "items": "x = a" + "[0]" * 5_000,
    "not": "x = " + "not " * 5_000 + "a",
    "elif": "if a:\n    pass\n" + "elif b:\n    f()\n" * 3_000,
    "blocks": "".join("    " * n + "if a:\n" for n in range(90)) + "    " * 90 + "f()\n",
    "lambda": "x = " + "lambda: " * 3_000 + "a",
    "conditional": "x = " + "a if b else " * 3_000 + "c",
    "call": "x = " + "f(" * 5_000 + ")" * 5_000,
    "assignments": " = ".join(["a"] * 3_000),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting(text: str) -> None:
    assert_sound(text.encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300))
def test_any_text_is_lowered(text: str) -> None:
    assert_sound(text.encode("utf-8", "replace"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_any_bytes_are_lowered(data: bytes) -> None:
    assert_sound(data)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SOURCES), st.integers(min_value=0, max_value=2**32))
def test_mutations_are_lowered(source: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(source.read_bytes())
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data))
        kind = rng.randrange(3)
        if kind == 0:
            del data[at : at + rng.randint(1, 20)]
        elif kind == 1:
            data[at:at] = data[at : at + rng.randint(1, 30)]
        else:
            data[at:at] = rng.choice([b"(", b")", b"'", b'"', b":", b"\n", b"{", b"*", b"\xff"])
        if not data:
            data = bytearray(b"x")
    assert_sound(bytes(data))
