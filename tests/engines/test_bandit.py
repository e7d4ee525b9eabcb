"""Bandit behind our protocol: names, places, severities, and what it must not do."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.engines import bandit as engine
from backend_lint.engines.analysis import Analysis
from backend_lint.engines.bandit import analyze_file
from backend_lint.engines.bandit_table import bandit_tests, covered_tests
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.registry import default_registry
from backend_lint.rule import Family, Profile
from backend_lint.source import Language, Region, SourceFile

_RULES = [bandit_tests()[name].rule(Family.PYTHON) for name in sorted(bandit_tests())]
_ALL = frozenset(bandit_tests())


def _source(text: str, path: str = "app/main.py") -> SourceFile:
    return SourceFile(path, Language.PYTHON, text.encode())


def _found(text: str, *rules: str, path: str = "app/main.py") -> list[tuple[str, str]]:
    source = _source(text, path)
    analysis = analyze_file(source, frozenset(rules) or _ALL)
    assert analysis.diagnostics == ()
    return [(item.rule, source.text(item.location.region)) for item in analysis.findings]


def _manager() -> Any:
    """What Bandit knows of its tests; the engine imports it without the warnings of others."""
    engine._bandit()
    from bandit.core.extension_loader import MANAGER

    return MANAGER


def test_every_test_of_bandit_has_its_place() -> None:
    known = {*_manager().plugins_by_id, *_manager().blacklist_by_id}
    placed = [test.id for test in bandit_tests().values()] + list(covered_tests())
    assert sorted(placed) == sorted(set(placed)), "a test has two places"
    assert set(placed) == known


def test_names_are_ours_alone() -> None:
    root = default_registry().root
    own = {path.stem.replace("_", "-") for path in root.glob("*/[!_]*.py")}
    assert "sql-injection" in own
    assert not _ALL & own


def test_what_covers_a_test_exists() -> None:
    assert set(covered_tests().values()) <= {*default_registry().names, *_ALL}


def test_weaknesses_and_severities_are_those_of_bandit() -> None:
    levels = {"LOW": Severity.NOTE, "MEDIUM": Severity.WARNING, "HIGH": Severity.ERROR}
    for test in bandit_tests().values():
        listed = _manager().blacklist_by_id.get(test.id)
        if listed is not None:
            # An entry with several tests has the severity of the worst.
            assert test.severity >= levels[listed["level"]], test.id
            assert test.cwe == listed["cwe"], test.id


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.name)
def test_a_rule_is_complete(rule: object) -> None:
    test = bandit_tests()[rule.name]  # type: ignore[attr-defined]
    page = test.page()
    assert test.security == (test.security_severity > 0)
    assert test.summary.endswith(".")
    assert test.summary.count(". ") == 0
    assert page.markdown.startswith(f"# {test.name}\n")
    assert test.id in page.markdown
    assert test.triggers


def test_a_finding_has_our_words_and_its_place() -> None:
    source = _source('import yaml\n\nnames = "ä", yaml.load(text)\n')
    (finding,) = analyze_file(source, _ALL).findings
    assert finding == Finding(
        rule="yaml-load",
        location=Location("app/main.py", Region(27, 42)),
        message="YAML is loaded with a loader that builds any Python object, so the text can run "
        "code. Use `yaml.safe_load`.",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        engine="bandit",
    )
    assert source.text(finding.location.region) == "yaml.load(text)"


def test_a_call_over_several_lines_is_one_region() -> None:
    text = "import yaml\nyaml.load(\n    text,\n)\n"
    assert _found(text) == [("yaml-load", "yaml.load(\n    text,\n)")]


def test_a_finding_about_an_argument_is_at_the_argument() -> None:
    text = "import requests\nrequests.get(\n    url,\n    verify=False,\n    timeout=3,\n)\n"
    assert _found(text) == [("request-with-no-cert-validation", "verify=False,")]


def test_line_ends_of_windows_do_not_move_regions() -> None:
    assert _found("import yaml\r\n\r\nyaml.load(text)\r\n") == [("yaml-load", "yaml.load(text)")]


def test_a_measured_confidence_stands_for_that_of_bandit() -> None:
    (finding,) = analyze_file(_source("import requests\nrequests.get(url)\n"), _ALL).findings
    assert finding.rule == "request-without-timeout"
    assert finding.confidence is Confidence.HIGH


def test_only_what_is_asked_for_runs() -> None:
    text = "import pickle\nimport yaml\nyaml.load(pickle.loads(text))\n"
    assert _found(text, "pickle") == [("pickle", "pickle.loads(text)")]
    assert _found(text, "yaml-load", "import-pickle") == [
        ("import-pickle", "import pickle"),
        ("yaml-load", "yaml.load(pickle.loads(text))"),
    ]
    assert _found(text, "sql-injection") == []


def test_choices_do_not_disturb_each_other() -> None:
    text = "import telnetlib\neval(text)\n"
    assert _found(text, "eval") == [("eval", "eval(text)")]
    assert _found(text, "import-telnetlib") == [("import-telnetlib", "import telnetlib")]
    assert _found(text, "eval") == [("eval", "eval(text)")]


def test_nosec_is_honoured() -> None:
    assert _found("import yaml\nyaml.load(text)  # nosec\n") == []
    assert _found("import yaml\nyaml.load(text)  # nosec B506\n") == []
    assert _found("import yaml\nyaml.load(text)  # nosec B101\n") != []


def test_tests_and_other_languages_are_passed_over() -> None:
    text = "import yaml\nyaml.load(text)\n"
    assert _found(text, path="tests/test_main.py") == []
    config = SourceFile("a.yaml", Language.CONFIG, text.encode())
    assert analyze_file(config, _ALL) == Analysis()


def test_unknown_syntax_is_a_diagnostic() -> None:
    analysis = analyze_file(_source("import yaml\nyaml.load(\n"), _ALL)
    assert analysis.findings == ()
    (said,) = analysis.diagnostics
    assert (said.kind, said.path) == (DiagnosticKind.SYNTAX_ERROR, "app/main.py")
    assert not said.incomplete


def test_deep_nesting_is_a_diagnostic() -> None:
    text = "import yaml\nyaml.load(" + "-" * 50_000 + "1)\n"
    analysis = analyze_file(_source(text), _ALL)
    assert analysis.findings == ()
    assert len(analysis.diagnostics) == 1


def test_a_crash_of_a_test_is_a_diagnostic(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_context: object) -> None:
        raise KeyError("broken")

    broken._test_id = "B506"  # type: ignore[attr-defined]
    monkeypatch.setitem(engine._chosen(frozenset({"B506"}))._tests, "Call", [broken])
    analysis = analyze_file(_source("import yaml\nyaml.load(x)\n"), frozenset({"yaml-load"}))
    (said,) = analysis.diagnostics
    assert said.kind is DiagnosticKind.CRASH
    assert "broken" in said.message


def test_a_coding_cookie_is_about_the_disk() -> None:
    text = '# -*- coding: latin-1 -*-\nimport yaml\nx = "äöü", yaml.load(text)\n'
    assert _found(text) == [("yaml-load", "yaml.load(text)")]


def test_reversed_text_is_found() -> None:
    assert _found('name = "العربية\u200f"\n') == []
    assert [rule for rule, _ in _found('access = "user\u202e"\n')] == ["trojansource"]


def test_the_default_profile_is_small_and_strict_has_the_rest() -> None:
    default = {rule.name for rule in _RULES if rule.profile is Profile.DEFAULT}
    assert {"request-without-timeout", "yaml-load", "flask-debug-true"} <= default
    assert not default & {"assert-used", "try-except-pass", "import-pickle", "random"}


def test_bandit_is_imported_only_when_needed() -> None:
    program = (
        "import sys\n"
        "from backend_lint.engines.bandit import analyze_file\n"
        "from backend_lint.engines.bandit_table import bandit_tests\n"
        "from backend_lint.source import Language, SourceFile\n"
        "source = SourceFile('a.py', Language.PYTHON, b'total = 1')\n"
        "analyze_file(source, frozenset(bandit_tests()))\n"
        "sys.exit('bandit' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


_EVERYTHING = """
import os, pickle as p, subprocess
from yaml import load
from requests import get as fetch
@app.route("/")
class Store(Base, metaclass=Meta):
    key: str = "0.0.0.0"
    async def read(self, path="/tmp/x", *args, timeout=None, **more):
        assert path, "no path"
        try:
            with open(path) as file, other as (a, *b):
                return [load(row) for row in p.loads(file.read()) if eval(row)]
        except Exception:
            pass
        finally:
            del a[1:2], self.key
        for x in {1, 2}: continue
        else:
            await fetch(f"http://{path}/%s" % x, verify=False)
        while (n := (yield)) is not None: break
        match n:
            case {"a": [1, *_]} | Store(key=b"x"): os.system("ls " + n)
            case _: raise ValueError from None
        return lambda q: q if not -q else {**more, "k": exec(q)}
subprocess.call("ls *", shell=True)
"""


def test_nodes_that_are_passed_over_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = _EVERYTHING.encode()
    tree = engine._parse(data)
    ids = [test.id for test in bandit_tests().values()]
    assert len(engine._run(data, tree, frozenset(ids))[0]) > 8
    for chosen in (frozenset(ids), *(frozenset({item}) for item in ids)):
        ours, crashed = engine._run(data, tree, chosen)
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_visitor", lambda: engine._bandit()[3].BanditNodeVisitor)
            theirs, theirs_crashed = engine._run(data, tree, chosen)
        assert [str(item) for item in ours] == [str(item) for item in theirs]
        assert crashed == theirs_crashed == []


def test_a_timeout_may_be_any_expression() -> None:
    text = (
        "import requests\n"
        "requests.get(url, timeout=settings.timeout())\n"
        "requests.get(url, timeout=2 * 5)\n"
        "requests.get(url, timeout=None)\n"
        "requests.get(other)\n"
    )
    assert _found(text, "request-without-timeout") == [
        ("request-without-timeout", "requests.get(url, timeout=None)"),
        ("request-without-timeout", "requests.get(other)"),
    ]
