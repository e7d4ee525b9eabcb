"""Suppressions in every language: where they may stand and what they cover."""

from __future__ import annotations

import msgspec
import pytest

from backend_lint.directives import Directive, read_directives
from backend_lint.frontends import PROGRAMMING_LANGUAGES, lower
from backend_lint.paths import language_of
from backend_lint.source import SourceFile


def _directives(path: str, text: str) -> tuple[Directive, ...]:
    language = language_of(path)
    assert language is not None
    source = SourceFile(path, language, text.encode())
    if language not in PROGRAMMING_LANGUAGES:
        return read_directives(source, None, ())
    lowered = lower(source)
    return read_directives(source, lowered.module, lowered.comments)


def _covered(path: str, text: str) -> list[int]:
    """The lines that the only directive of a file covers."""
    (directive,) = _directives(path, text)
    assert directive.problem == ""
    assert directive.rules == ("some-rule",)
    return sorted({n for first, last in directive.lines for n in range(first, last + 1)})


_HERE = "backend-lint: ignore[some-rule] -- why"

_STATEMENTS = {
    "py": ("run(", "    a,", ")", "#"),
    "js": ("run(", "    a,", ");", "//"),
    "ts": ("run(", "    a,", ");", "//"),
    "go": ("run(", "    a,", ")", "//"),
    "sql": ("SELECT", "    a", "FROM b;", "--"),
}


def _file(ending: str, lines: list[str]) -> str:
    wrapped = ["package p", "func f() {", *lines, "}"] if ending == "go" else lines
    return "\n".join(wrapped) + "\n"


@pytest.mark.parametrize("ending", _STATEMENTS)
@pytest.mark.parametrize("line", [0, 2])
def test_first_or_last_line_covers_the_statement(ending: str, line: int) -> None:
    *code, mark = _STATEMENTS[ending]
    code[line] += f" {mark} {_HERE}"
    offset = 2 if ending == "go" else 0
    assert _covered(f"a.{ending}", _file(ending, code)) == [offset + n for n in (1, 2, 3)]


@pytest.mark.parametrize("ending", _STATEMENTS)
def test_reported_line_covers_itself(ending: str) -> None:
    *code, mark = _STATEMENTS[ending]
    code[1] += f" {mark} {_HERE}"
    offset = 2 if ending == "go" else 0
    assert _covered(f"a.{ending}", _file(ending, code)) == [offset + 2]


@pytest.mark.parametrize("ending", _STATEMENTS)
def test_line_above_covers_the_statement(ending: str) -> None:
    *code, mark = _STATEMENTS[ending]
    lines = [f"{mark} {_HERE}", f"{mark} another comment", "", *code]
    offset = 2 if ending == "go" else 0
    assert _covered(f"a.{ending}", _file(ending, lines)) == [offset + n for n in (4, 5, 6)]


@pytest.mark.parametrize(
    ("path", "comment"),
    [
        ("a.js", f"/* {_HERE} */"),
        ("a.jsx", f"/* {_HERE} */"),
        ("a.go", f"/* {_HERE} */"),
        ("a.sql", f"/* {_HERE} */"),
        ("a.js", f"/*\n * {_HERE}\n */"),
        ("a.py", f"#{_HERE}"),
        ("a.py", f"#: {_HERE}"),
        ("a.py", f"# noqa: S608  # {_HERE}"),
        ("a.py", "# backend-lint:ignore[ some-rule ]  # noqa"),
    ],
)
def test_styles_of_comments(path: str, comment: str) -> None:
    code = "package p\n" if path.endswith("go") else "SELECT 1;\n"
    code = "x = 1\n" if path.endswith("py") else code
    line = comment.count("\n") + 2
    assert _covered(path, f"{comment}\n{code}") == [line]


def test_comment_in_jsx() -> None:
    text = f"const a = (\n  <div>\n    {{/* {_HERE} */}}\n    <b>{{run(x)}}</b>\n  </div>\n);\n"
    assert _covered("a.jsx", text) == [4]


def test_configuration() -> None:
    assert _covered("a.yaml", f"a: 1\nb: 2  # {_HERE}\n") == [2]
    assert _covered(".env", f"# {_HERE}\nA=1\nB=2\n") == [2]
    assert _covered("a.json", f'{{\n// {_HERE}\n  "a": 1\n}}\n') == [3]


def test_block_header_does_not_cover_the_body() -> None:
    assert _covered("a.py", f"if x:  # {_HERE}\n    run()\nelse:\n    stop()\n") == [1, 3]
    assert _covered("a.py", f"@route  # {_HERE}\ndef f():\n    run()\n    stop()\n") == [1, 2]
    assert _covered("a.js", f"if (x) {{ // {_HERE}\n  run();\n}}\n") == [1, 3]


def test_call_around_a_handler_does_not_cover_the_handler() -> None:
    text = f"app.get('/', async (req, res) => {{\n  run();\n  stop();\n}}); // {_HERE}\n"
    assert _covered("a.js", text) == [1, 4]
    text = f"// {_HERE}\napp.get('/', check, (req, res) => {{\n  run();\n}});\n"
    assert _covered("a.js", text) == [2, 4]


def test_expression_of_an_arrow_belongs_to_the_statement() -> None:
    text = f"// {_HERE}\nconst a = rows.map(row =>\n  run(row)\n);\n"
    assert _covered("a.js", text) == [2, 3, 4]


def test_last_line_of_a_block_is_the_last_statement_alone() -> None:
    text = f"def f():\n    run()\n    stop()  # {_HERE}\n"
    assert _covered("a.py", text) == [3]


def test_multi_line_text_in_sql_is_one_statement() -> None:
    text = f"INSERT INTO a VALUES ('x;\n -- {_HERE}\n');\nSELECT 1; -- {_HERE}\n"
    assert _covered("a.sql", text) == [4]


def test_file_directive() -> None:
    text = "x = 1\n# backend-lint: ignore-file[some-rule] -- why\ny = 2\n"
    assert _covered("a.py", text) == [1, 2, 3, 4]
    text = "x = 1  # backend-lint: ignore-file[some-rule] -- why\n"
    (directive,) = _directives("a.py", text)
    assert directive.problem == "ignore-file must stand alone on its line"
    assert directive.lines == ()


def test_blocks() -> None:
    text = (
        "x = 1\n# backend-lint: ignore-start[some-rule]\ny = 2\n"
        "z = 3  # backend-lint: ignore-end[some-rule]\n"
    )
    assert _covered("a.py", text) == [2, 3, 4]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# backend-lint: ignore-start[a]\n", "ignore-start has no ignore-end"),
        ("# backend-lint: ignore-end[a]\n", "ignore-end has no ignore-start"),
        ("# backend-lint: ignore-start[a]\n# backend-lint: ignore-end[b]\n", "has no"),
        ("x = 1  # backend-lint: ignore\n", "ignore names no rule; write ignore[rule-name]"),
        ("x = 1  # backend-lint: ignore[]\n", "ignore names no rule"),
        ("x = 1  # backend-lint: ignore[ , ]\n", "ignore names no rule"),
        ("x = 1  # backend-lint: ignore-file\n", "ignore-file names no rule"),
        ("x = 1  # backend-lint: disable[a]\n", "'disable' is none of ignore,"),
        ("x = 1  # backend-lint:\n", "it says nothing"),
        ("x = 1  # backend-lint: ignore[a] because\n", "the reason must follow after `--`"),
        ("x = 1  # backend-lint: ignore a\n", "ignore names no rule"),
    ],
)
def test_malformed(text: str, problem: str) -> None:
    directives = _directives("a.py", text)
    assert directives
    for directive in directives:
        assert problem in directive.problem
        assert directive.lines == ()


@pytest.mark.parametrize(
    "text",
    [
        "# backend-lint is a tool\n",
        "# we run backend-lint here\n",
        's = "# backend-lint: ignore[a]"\n',
        "# write `backend-lint: ignore[a]` to silence it\n",
        '"""\nbackend-lint: ignore[a]\n"""\n',
    ],
)
def test_no_directives(text: str) -> None:
    assert _directives("a.py", text) == ()


def test_parts() -> None:
    text = 'é = 1  # backend-lint: ignore[rule-a,rule-b]  --  because "ü" \n'
    (directive,) = _directives("a.py", text)
    assert directive.rules == ("rule-a", "rule-b")
    assert directive.reason == 'because "ü"'
    region = directive.region
    assert text.encode()[region.start : region.end].decode() == text[9:].rstrip()
    assert directive.line == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    text = end.join(["x = (", "  1", f")  # {_HERE}", ""])
    assert _covered("a.py", text) == [1, 2, 3]
    text = end.join(["SELECT", f"  1; -- {_HERE}", "SELECT 2;"])
    assert _covered("a.sql", text) == [1, 2]


def test_directive_survives_msgpack() -> None:
    directives = _directives("a.py", f"x = 1  # {_HERE}\n")
    data = msgspec.msgpack.encode(directives)
    assert msgspec.msgpack.decode(data, type=tuple[Directive, ...]) == directives


@pytest.mark.parametrize("piece", ["/*", "$$", "$a$", "'", '"', "--", "/* ", "$"])
def test_hostile_sql_takes_linear_time(piece: str) -> None:
    text = f"-- {_HERE}\nSELECT 1;\n" + piece * 50_000
    (directive, *_) = _directives("a.sql", text)
    assert directive.lines == ((2, 2),)
