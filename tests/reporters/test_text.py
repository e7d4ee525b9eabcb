"""The formats for people: frames, columns, masking, safety, and the summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.reporters import FORMATS, ReportOptions, render
from backend_lint.reporters.summary import summary

if TYPE_CHECKING:
    from backend_lint.report import Report
    from backend_lint.rule import Rule

_GOLDEN = Path(__file__).parent / "golden"

Build = Callable[[Mapping[str, str]], Any]


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str, app_report: Report, golden: Any) -> None:
    golden.check(render(name, app_report), _GOLDEN / f"app.{name}.txt")


@pytest.mark.parametrize("name", FORMATS)
def test_empty_report(name: str, app_report: Report) -> None:
    empty = msgspec.structs.replace(app_report, findings=(), suppressed=(), diagnostics=())
    text = render(name, empty)
    if name in ("full", "concise"):
        assert text == "No findings in 1 file.\n"
    elif name == "github":
        assert text == ""


def test_unknown_format(app_report: Report) -> None:
    with pytest.raises(ValueError, match="no reporter"):
        render("yaml", app_report)


def _caret_column(text: str) -> int:
    line = next(line for line in text.splitlines() if "^" in line)
    return line.index("^")


def test_caret_stands_under_wide_characters(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": '名前 = "🦊"; x\n'})
    builder.add(rules["sql-injection"], "a.py", "x")
    text = render("full", builder.report())
    frame = next(line for line in text.splitlines() if "名前" in line)
    # Four wide characters take two cells each.
    before = frame[: frame.index("x")]
    assert _caret_column(text) == len(before) + 3


def test_caret_stands_under_tabs(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.go": "\tfoo(x)\n"})
    builder.add(rules["sql-injection"], "a.go", "x")
    text = render("full", builder.report())
    frame = next(line for line in text.splitlines() if "foo" in line)
    assert "\t" not in frame
    assert _caret_column(text) == frame.index("x")


def test_long_line_is_cut_around_the_region(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": "a" * 500 + "BAD" + "b" * 500 + "\n"})
    builder.add(rules["sql-injection"], "a.py", "BAD")
    text = render("full", builder.report())
    frame = next(line for line in text.splitlines() if "BAD" in line)
    assert len(frame) < 200
    assert _caret_column(text) == frame.index("BAD")


def test_many_lines_are_cut(build: Build, rules: dict[str, Rule]) -> None:
    code = "call(\n" + "    1,\n" * 20 + ")\n"
    builder = build({"a.py": code})
    builder.add(rules["sql-injection"], "a.py", code.rstrip())
    assert "... to line 22" in render("full", builder.report())


def test_secret_is_masked_everywhere(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": 'key = "s3cr3t-value"; run(key)\nprint("s3cr3t-value")\n'})
    step = builder.step("a.py", 'print("s3cr3t-value")', "prints s3cr3t-value")
    secret = '"s3cr3t-value"'
    builder.add(rules["hardcoded-secret"], "a.py", secret, "It is s3cr3t-value.", secret=True)
    builder.add(rules["sql-injection"], "a.py", "run(key)", flow=(step,), related=(step,))
    report = builder.report()
    for name in FORMATS:
        assert "s3cr3t" not in render(name, report), name
    assert 'key = "************"; run(key)' in render("full", report)


def test_suppressed_secret_is_masked_too(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": 'key = "s3cr3t-value"; run(key)\n'})
    hidden = builder.add(rules["hardcoded-secret"], "a.py", '"s3cr3t-value"', secret=True)
    builder.findings.remove(hidden)
    builder.suppressed.append((hidden, ""))
    builder.add(rules["sql-injection"], "a.py", "run(key)")
    assert "s3cr3t" not in render("full", builder.report())


def test_multi_line_secret_keeps_its_lines(build: Build, rules: dict[str, Rule]) -> None:
    key = '"""-----BEGIN\nMIIEabcdef\n-----END"""'
    builder = build({"a.py": f"key = {key}\n"})
    builder.add(rules["hardcoded-secret"], "a.py", key, secret=True)
    text = render("full", builder.report())
    assert "MIIE" not in text
    assert "  3 | " in text


def test_code_cannot_drive_the_terminal(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a\x1b[31m\n.py": "x = 1 # \x1b]0;owned\x07 \u202e\n"})
    builder.add(rules["sql-injection"], "a\x1b[31m\n.py", "x = 1 # \x1b]0;owned\x07 \u202e")
    for name in ("full", "concise"):
        text = render(name, builder.report())
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "a\\x1b[31m\\n.py:1:1" in text


def test_color_only_when_asked(app_report: Report) -> None:
    for name in ("full", "concise"):
        assert "\x1b" not in render(name, app_report)
        assert "\x1b[1;31merror\x1b[0m" in render(name, app_report, ReportOptions(color=True))


def test_concise_columns_are_code_points(app_report: Report) -> None:
    first = render("concise", app_report).splitlines()[0]
    assert first == (
        "app/my views.py:5:18: error sql-injection "
        "Remote input reaches SQL text. Pass it as a parameter."
    )


def test_shown_path(app_report: Report) -> None:
    options = ReportOptions(shown_path=lambda path: f"../{path}", summary=False)
    lines = render("concise", app_report, options).splitlines()
    assert all(line.startswith("../app/my views.py:") for line in lines)


def test_summary(app_report: Report) -> None:
    assert summary(app_report) == (
        "Found 2 findings (1 error, 1 warning) in 1 file;"
        " not looked at: 2 (1 minified, 1 syntax error)."
    )


def test_summary_counts_what_was_read_as_looked_at(app_report: Report) -> None:
    told = Diagnostic(DiagnosticKind.ENCODING, "a.py", "read as Latin-1", incomplete=False)
    report = msgspec.structs.replace(app_report, findings=(), diagnostics=(told,))
    assert summary(report) == "No findings in 1 file."


def test_finding_at_the_end_of_an_empty_file(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": ""})
    builder.add(rules["sql-injection"], "a.py", "")
    for name in FORMATS:
        assert "sql-injection" in render(name, builder.report())


def test_github_escapes(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a,b:c%.py": "x = 1\n"})
    builder.add(rules["sql-injection"], "a,b:c%.py", "x", "100% bad\nreally")
    text = render("github", builder.report(root_prefix="api/"))
    assert text == (
        "::error title=backend-lint%3A sql-injection,file=api/a%2Cb%3Ac%25.py,line=1,endLine=1,"
        "col=1,endColumn=2::100%25 bad really\n"
    )


def test_github_keeps_the_worst_and_says_what_is_missing(
    build: Build, rules: dict[str, Rule]
) -> None:
    builder = build({"a.py": "".join(f"v{n}\n" for n in range(10, 40))})
    for number in range(10, 25):
        builder.add(rules["sql-injection"], "a.py", f"v{number}")
    for number in range(25, 40):
        builder.add(rules["unused-suppression"], "a.py", f"v{number}")
    lines = render("github", builder.report()).splitlines()
    assert sum(line.startswith("::error") for line in lines) == 10
    assert sum(line.startswith("::notice") for line in lines) == 10
    assert lines[-1] == (
        "::notice title=backend-lint::11 more findings not shown as annotations; see the log"
    )
