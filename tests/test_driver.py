"""One run: stages, policy, suppression, and rules that misbehave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.driver import check
from backend_lint.errors import UnknownRuleError
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.mapping import FileRecord, map_file
from backend_lint.project import MemoryProject
from backend_lint.registry import default_registry
from backend_lint.rule import Family, Rule
from backend_lint.settings import Settings, TestPolicy
from backend_lint.source import Language, Region, SourceFile
from backend_lint.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend_lint.report import Report
    from backend_lint.unit import Unit

_HYGIENE = tuple(
    default_registry().rule(name)
    for name in ("malformed-suppression", "unknown-suppression", "unused-suppression")
)


def _word_rule(word: str, name: str = "bad-word", **fields: Any) -> Rule:
    """A rule that reports each place of a word."""

    def find(unit: Unit) -> Iterator[Finding]:
        for match in re.finditer(word.encode(), unit.source.data):
            place = Location(unit.source.path, Region(match.start(), match.end()))
            yield Finding(name, place, f"Found {word}.")

    values: dict[str, Any] = {
        "family": Family.DATA,
        "severity": Severity.ERROR,
        "confidence": Confidence.HIGH,
        "languages": ("python", "javascript", "go", "sql", "config"),
        "check": find,
    }
    return Rule(name=name, **(values | fields))


def _check(
    files: dict[str, str], *rules: Rule, settings: Settings | None = None, **options: Any
) -> Report:
    project = MemoryProject({path: text.encode() for path, text in files.items()})
    return check(project, settings or Settings(), rules=rules, **options)


def _places(report: Report) -> list[str]:
    places = []
    for item in report.findings:
        location = item.finding.location
        line = report.sources[location.path].lines.line_at(location.region.start)
        places.append(f"{location.path}:{line} {item.rule.name}")
    return places


BAD = _word_rule("bad")


def test_every_language_is_mapped() -> None:
    files = {f"a.{ending}": "bad\n" for ending in ("py", "js", "ts", "tsx", "sql", "yaml")}
    report = _check(files | {"a.go": "package bad\n"}, BAD)
    assert [item.finding.location.path for item in report.findings] == [
        "a.go", "a.js", "a.py", "a.sql", "a.ts", "a.tsx", "a.yaml",
    ]  # fmt: skip
    assert report.files == {"config": 1, "go": 1, "javascript": 3, "python": 1, "sql": 1}


def test_rule_speaks_only_about_its_languages() -> None:
    rule = _word_rule("bad", languages=("go",))
    assert _places(_check({"a.py": "bad", "a.go": "package bad"}, rule)) == ["a.go:1 bad-word"]


def test_one_finding_per_rule_and_line() -> None:
    report = _check({"a.py": "bad = bad\nbad\n"}, BAD)
    assert _places(report) == ["a.py:1 bad-word", "a.py:2 bad-word"]
    first = report.findings[0].finding
    assert first.location.region == Region(0, 3)
    assert [(step.location.region, step.message) for step in first.related] == [
        (Region(6, 9), "also here")
    ]


def test_the_surer_finding_of_a_line_is_kept() -> None:
    def find(unit: Unit) -> Iterator[Finding]:
        for start, confidence in ((0, Confidence.LOW), (6, Confidence.HIGH)):
            place = Location(unit.source.path, Region(start, start + 1))
            yield Finding("bad-word", place, "Found.", confidence=confidence)

    (item,) = _check({"a.py": "bad = bad\n"}, _word_rule("x", check=find)).findings
    assert item.confidence is Confidence.HIGH
    assert item.finding.location.region == Region(6, 7)
    assert [step.location.region for step in item.finding.related] == [Region(0, 1)]


def test_only_scopes_are_reported() -> None:
    files = {"a.py": "bad", "b/c.py": "bad", "b.min.js": "x", "broken.py": "x = ("}
    report = _check(files, BAD, scopes=("b",))
    assert _places(report) == ["b/c.py:1 bad-word"]
    assert report.files == {"python": 1}
    assert report.diagnostics == ()


def test_suppression() -> None:
    text = "bad  # backend-lint: ignore[bad-word] -- known\nbad\n"
    report = _check({"a.py": text}, BAD, *_HYGIENE)
    assert _places(report) == ["a.py:1 unknown-suppression", "a.py:2 bad-word"]
    assert [item.suppressed for item in report.suppressed] == ["known"]
    assert report.suppressed[0].rule is BAD


def test_unused_suppression_only_of_rules_that_ran() -> None:
    good = "x = 1  # backend-lint: ignore[malformed-suppression]\n"
    assert _places(_check({"a.py": good}, *_HYGIENE)) == ["a.py:1 unused-suppression"]
    assert _places(_check({"a.py": good}, _HYGIENE[2])) == []
    assert _places(_check({"a.py": good}, _HYGIENE[0])) == []


def test_suppression_of_a_finding_too_doubtful_to_be_reported_is_used() -> None:
    text = """import os

def remove(name):
    os.system("rm " + name)  # backend-lint: ignore[command-injection] -- names are ours

def sync():
    os.system("sync")  # backend-lint: ignore[command-injection]
"""
    rules = [default_registry().rule(name) for name in ("command-injection", "unused-suppression")]
    assert _places(_check({"a.py": text}, *rules)) == ["a.py:7 unused-suppression"]


def test_unused_suppression_of_a_crashed_rule_is_not_judged() -> None:
    def explode(_unit: Unit) -> Iterator[Finding]:
        yield from ()
        raise RuntimeError("boom")

    rule = msgspec.structs.replace(_HYGIENE[0], check=explode)
    good = "x = 1  # backend-lint: ignore[malformed-suppression]\n"
    report = _check({"a.py": good}, rule, *_HYGIENE[1:])
    assert _places(report) == []


def test_suppression_findings_can_be_suppressed() -> None:
    text = (
        "# backend-lint: ignore-file[malformed-suppression] -- examples\n"
        "x = 1  # backend-lint: ignore\n"
    )
    report = _check({"a.py": text}, *_HYGIENE)
    assert _places(report) == []
    assert len(report.suppressed) == 1


def _crash_early(_unit: Unit) -> Iterator[Finding]:
    yield from ()
    raise ValueError("two\nlines")


@pytest.mark.parametrize("where", ["check", "judge"])
def test_crashing_rule_is_told_and_the_run_goes_on(where: str) -> None:
    rule = _word_rule("x", "crashing-rule", **({"check": None} | {where: _crash_early}))
    report = _check({"a.py": "bad"}, rule, BAD)
    assert _places(report) == ["a.py:1 bad-word"]
    (crash,) = report.diagnostics
    assert crash.kind is DiagnosticKind.CRASH
    assert crash.message == "the rule crashing-rule failed: ValueError: two lines"
    assert crash.path == ("a.py" if where == "check" else "")


def test_findings_before_a_crash_stay() -> None:
    def half(unit: Unit) -> Iterator[Finding]:
        yield Finding("bad-word", Location(unit.source.path, Region(0, 1)), "Found.")
        raise ValueError

    report = _check({"a.py": "bad"}, _word_rule("x", check=half))
    assert _places(report) == ["a.py:1 bad-word"]
    assert report.diagnostics[0].message == "the rule bad-word failed: ValueError"


def test_finding_under_another_name_is_a_crash() -> None:
    def find(unit: Unit) -> Iterator[Finding]:
        yield Finding("other-rule", Location(unit.source.path, Region(0, 1)), "Found.")

    report = _check({"a.py": "bad"}, _word_rule("x", check=find))
    assert report.findings == ()
    assert report.diagnostics[0].message == (
        "the rule bad-word failed: ValueError: a finding is named 'other-rule'"
    )


def test_rule_that_recurses_too_deeply_is_a_limit() -> None:
    def find(_unit: Unit) -> Iterator[Finding]:
        yield from ()
        raise RecursionError

    (item,) = _check({"a.py": "bad"}, _word_rule("x", check=find)).diagnostics
    assert item.kind is DiagnosticKind.LIMIT
    assert item.incomplete


def test_syntax_error_gives_a_diagnostic_and_partial_findings() -> None:
    report = _check({"a.py": "bad\nx = (\n"}, BAD)
    assert _places(report) == ["a.py:1 bad-word"]
    (item,) = report.diagnostics
    assert item.kind is DiagnosticKind.SYNTAX_ERROR
    assert item.region is not None
    assert item.incomplete


def _settings(**fields: Any) -> Settings:
    return Settings(**fields)


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (_settings(), 1),
        (_settings(ignore=("ALL",)), 1),  # the rules were given
        (_settings(severity=Severity.ERROR), 1),
        (_settings(severity=Severity.ERROR, rule_severity={"bad-word": Severity.NOTE}), 0),
        (_settings(per_path={"src/": ("bad-word",)}), 0),
        (_settings(per_path={"src/*.py": ("data",)}), 0),
        (_settings(per_path={"lib/": ("data",)}), 1),
        (_settings(per_path={"*.py": ("ALL",)}), 0),
    ],
)
def test_policy(settings: Settings, count: int) -> None:
    assert len(_check({"src/a.py": "bad"}, BAD, settings=settings).findings) == count


def test_confidence_depends_on_the_profile() -> None:
    rule = _word_rule("bad", confidence=Confidence.LOW)
    from backend_lint.rule import Profile

    assert _check({"a.py": "bad"}, rule).findings == ()
    strict = _settings(profile=Profile.STRICT)
    assert len(_check({"a.py": "bad"}, rule, settings=strict).findings) == 1
    high = _settings(profile=Profile.STRICT, confidence=Confidence.HIGH)
    assert _check({"a.py": "bad"}, rule, settings=high).findings == ()


def test_tests_are_skipped_unless_asked_for() -> None:
    files = {"tests/test_a.py": "bad"}
    assert _check(files, BAD).findings == ()
    report = _check(files, BAD, settings=_settings(tests=TestPolicy.REPORT))
    assert [item.severity for item in report.findings] == [Severity.WARNING]


def test_low_stakes_paths_count_one_step_less() -> None:
    def severity(path: str, **fields: Any) -> Severity:
        (item,) = _check({path: "bad"}, _word_rule("bad", **fields)).findings
        return item.severity

    assert severity("app.py") is Severity.ERROR
    assert severity("scripts/a.py") is Severity.WARNING
    assert severity("scripts/a.py", severity=Severity.NOTE) is Severity.NOTE


def test_severity_of_a_finding_stands() -> None:
    def find(unit: Unit) -> Iterator[Finding]:
        place = Location(unit.source.path, Region(0, 1))
        yield Finding("bad-word", place, "Found.", severity=Severity.ERROR)

    rule = _word_rule("x", check=find, severity=Severity.NOTE)
    (item,) = _check({"scripts/a.py": "x"}, rule).findings
    assert item.severity is Severity.ERROR
    settings = _settings(rule_severity={"bad-word": Severity.NOTE})
    with pytest.raises(UnknownRuleError):
        check(MemoryProject({}), settings)


def test_order_of_files_and_rules_does_not_matter() -> None:
    files = {"b.py": "bad\nworse\n", "a.py": "worse bad\n"}
    worse = _word_rule("worse", "worse-word")
    one = _check(files, BAD, worse)
    other = _check(dict(reversed(files.items())), worse, BAD)
    assert one == msgspec.structs.replace(other, pages=one.pages)


def test_fingerprints_survive_edits_elsewhere() -> None:
    def prints(text: str) -> list[str]:
        return [item.fingerprint for item in _check({"a.py": text}, BAD).findings]

    before = prints("bad()\nbad()\n")
    assert len(set(before)) == 2
    assert prints("# new\n\nbad ( )\nx = 1\n    \nbad()\n") == before


def test_record_is_one_msgpack_value() -> None:
    text = "def f(a):\n    bad  # backend-lint: ignore[bad-word]\nx = (\n"
    record = map_file(SourceFile("a.py", Language.PYTHON, text.encode()), [BAD])
    data = msgspec.msgpack.encode(record)
    assert msgspec.msgpack.decode(data, type=FileRecord) == record


def test_deep_nesting_never_raises() -> None:
    for text in ("(" * 20_000, "a = " + "[" * 5000 + "]" * 5000, "x" + ".y()" * 20_000):
        for path in ("a.py", "a.js", "a.go"):
            _check({path: text}, BAD)


def test_timings() -> None:
    timings = Timings()
    _check({"a.py": ""}, BAD, timings=timings)
    assert list(timings.seconds) == ["rules", "discover", "map", "link", "judge", "report"]


def test_crash_of_the_analysis_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise ValueError("boom")

    fails: Callable[..., None] = fail
    monkeypatch.setattr("backend_lint.frontends.lower", fails)
    report = _check({"a.py": "bad", "a.sql": "bad"}, BAD)
    assert _places(report) == ["a.sql:1 bad-word"]
    (crash,) = report.diagnostics
    assert (crash.kind, crash.path) == (DiagnosticKind.CRASH, "a.py")


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr("socket.socket", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    project = MemoryProject({"a.py": b"import requests\n", "a.go": b"package a\n", "a.sql": b"x"})
    assert check(project, Settings()).findings == ()
