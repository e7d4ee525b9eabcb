"""SARIF in three layers: the JSON schema, GitHub's contract, and Microsoft's validator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.finding import Location, Step
from backend_lint.reporters import ReportOptions, render
from backend_lint.reporters import sarif as sarif_reporter
from backend_lint.source import Region

if TYPE_CHECKING:
    from backend_lint.report import Report
    from backend_lint.rule import Rule

_SCHEMA = Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json"

Build = Callable[[Mapping[str, str]], Any]


def _sarif(report: Report, **options: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render("sarif", report, ReportOptions(**options)))
    return document


def _run(report: Report, **options: Any) -> dict[str, Any]:
    run: dict[str, Any] = _sarif(report, **options)["runs"][0]
    return run


def _empty(report: Report) -> Report:
    return msgspec.structs.replace(report, findings=(), suppressed=(), diagnostics=())


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def test_schema_accepts_it(app_report: Report, validator: jsonschema.Draft202012Validator) -> None:
    for report in (app_report, _empty(app_report)):
        for suppressed in (False, True):
            document = _sarif(report, include_suppressed=suppressed)
            assert [error.message for error in validator.iter_errors(document)] == []


def test_document_and_driver(app_report: Report) -> None:
    document = _sarif(_empty(app_report))
    assert document["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "backend-lint"
    assert driver["informationUri"].startswith("https://")
    assert driver["semanticVersion"]
    assert len(driver["rules"]) == len(app_report.rules)
    assert run["results"] == []


def test_rules(app_report: Report) -> None:
    rules = _run(app_report)["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert ids == [rule.name for rule in app_report.rules]
    assert len(set(ids)) == len(ids)
    for rule, ours in zip(rules, app_report.rules, strict=True):
        assert rule["name"] != rule["id"]
        assert rule["name"].isalnum()
        assert len(rule["name"]) <= 255
        for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"]):
            assert 0 < len(text) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["helpUri"].startswith("https://")
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        properties = rule["properties"]
        assert len(set(properties["tags"])) == len(properties["tags"]) <= 10
        assert properties["precision"] in ("very-high", "high", "medium", "low")
        assert ("security" in properties["tags"]) is ours.security
        if ours.security:
            assert isinstance(properties["security-severity"], str)
            assert 0 < float(properties["security-severity"]) <= 10
            assert "problem.severity" not in properties
        else:
            assert "security-severity" not in properties
            assert properties["problem.severity"] in ("error", "warning", "recommendation")


def test_cwe_tags_have_the_form_of_codeql(app_report: Report) -> None:
    rules = {rule["id"]: rule for rule in _run(app_report)["tool"]["driver"]["rules"]}
    assert "external/cwe/cwe-089" in rules["sql-injection"]["properties"]["tags"]
    assert "external/cwe/cwe-798" in rules["hardcoded-secret"]["properties"]["tags"]


def test_results(app_report: Report) -> None:
    run = _run(app_report)
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(app_report.findings)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("note", "warning", "error")
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "app/my%20views.py"
        region = physical["region"]
        assert all(
            region[name] >= 1 for name in ("startLine", "startColumn", "endLine", "endColumn")
        )
        fingerprints = result["partialFingerprints"]
        assert fingerprints["primaryLocationLineHash"].endswith(":1")
        assert fingerprints["backendLint/v1"]


def test_columns_are_utf16_units(app_report: Report) -> None:
    run = _run(app_report)
    assert run["columnKind"] == "utf16CodeUnits"
    injection = run["results"][0]
    region = injection["locations"][0]["physicalLocation"]["region"]
    # four spaces, one CJK unit, ` = "`, two units of the fox, `"; run(`
    before = '    名 = "🦊"; run('
    assert region["startColumn"] == len(before) + 1 + 1
    assert (region["startLine"], region["endLine"]) == (5, 5)
    query = "f\"SELECT * FROM users WHERE name = '{name}'\""
    assert region["endColumn"] == region["startColumn"] + len(query)


def test_flow_is_inline_with_messages(app_report: Report) -> None:
    result = _run(app_report)["results"][0]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == [
        "remote input",
        "becomes SQL text",
    ]
    assert all("physicalLocation" in step["location"] for step in steps)


def test_related_locations_resolve(app_report: Report) -> None:
    result = _run(app_report)["results"][1]
    assert [item["id"] for item in result["relatedLocations"]] == [1]
    text = result["message"]["text"]
    assert text == "The query of rows\\[0](1) runs once per row. Related: [the loop](1)."


def test_long_flow_is_shortened(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": "x\n" * 3})
    steps = tuple(Step(Location("a.py", Region(0, 1)), f"step {n}") for n in range(1500))
    builder.add(rules["sql-injection"], "a.py", "x", flow=steps)
    (result,) = _run(builder.report())["results"]
    shown = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert len(shown) == 1000
    assert shown[0]["location"]["message"]["text"] == "step 0"
    assert shown[-1]["location"]["message"]["text"] == "step 1499"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.py", "a%20b.py"),
        ("a#b%.py", "a%23b%25.py"),
        ("ä/ö.py", "%C3%A4/%C3%B6.py"),
        ("c:d.py", "c%3Ad.py"),
        ('q"\n.py', "q%22%0A.py"),
    ],
)
def test_uri(build: Build, rules: dict[str, Rule], path: str, uri: str) -> None:
    builder = build({path: "x = 1\n"})
    builder.add(rules["sql-injection"], path, "x")
    (result,) = _run(builder.report(root_prefix="services/api/"))["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": f"services/api/{uri}"}


def test_automation_id(app_report: Report) -> None:
    assert _run(app_report)["automationDetails"] == {"id": "backend-lint/"}
    assert _run(app_report, category="api")["automationDetails"] == {"id": "backend-lint/api/"}


def test_invocation_tells_what_was_not_looked_at(app_report: Report) -> None:
    (invocation,) = _run(app_report)["invocations"]
    assert invocation["executionSuccessful"] is True
    minified, broken = invocation["toolExecutionNotifications"]
    assert minified["descriptor"] == {"id": "minified"}
    assert minified["level"] == "note"
    assert broken["level"] == "warning"
    place = broken["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "app/%C3%A4%3Ab.py"}


def test_crash_is_no_success(app_report: Report) -> None:
    crash = Diagnostic(DiagnosticKind.CRASH, "", "the rule x failed")
    report = msgspec.structs.replace(app_report, diagnostics=(crash,))
    (invocation,) = _run(report)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"


def test_suppressed_findings_only_when_asked(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": "x = 1\ny = 2\n"})
    builder.add(rules["sql-injection"], "a.py", "x")
    hidden = builder.add(rules["sql-injection"], "a.py", "y")
    builder.findings.remove(hidden)
    builder.suppressed.append((hidden, "reviewed"))
    report = builder.report()
    assert [result.get("suppressions") for result in _run(report)["results"]] == [None]
    assert [
        result["suppressions"] for result in _run(report, include_suppressed=True)["results"]
    ] == [[], [{"kind": "inSource", "justification": "reviewed"}]]


def test_worst_results_are_kept(
    build: Build, rules: dict[str, Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_reporter, "_MOST_RESULTS", 2)
    builder = build({"a.py": "a\nb\nc\n"})
    builder.add(rules["unused-suppression"], "a.py", "a")
    builder.add(rules["n-plus-one-query"], "a.py", "b")
    builder.add(rules["sql-injection"], "a.py", "c")
    run = _run(builder.report())
    assert [result["ruleId"] for result in run["results"]] == ["n-plus-one-query", "sql-injection"]
    note = run["invocations"][0]["toolExecutionNotifications"][-1]
    assert note["message"]["text"].startswith("1 of 3 results were left out")


def test_too_large_document_is_cut(
    build: Build, rules: dict[str, Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = build({"a.py": "".join(f"v{n}\n" for n in range(10, 99))})
    for number in range(10, 99):
        builder.add(rules["sql-injection"], "a.py", f"v{number}")
    report = builder.report()
    whole = len(render("sarif", report))
    monkeypatch.setattr(sarif_reporter, "_MOST_RESULTS", 100)
    monkeypatch.setattr(sarif_reporter, "_LARGEST_GZIP", 4000)
    cut = render("sarif", report)
    assert len(cut) < whole
    assert "results were left out" in cut


def test_secrets_are_masked(build: Build, rules: dict[str, Rule]) -> None:
    builder = build({"a.py": 'key = "sk_live_abcdef"\nuse("sk_live_abcdef")\n'})
    builder.add(
        rules["hardcoded-secret"],
        "a.py",
        '"sk_live_abcdef"',
        "sk_live_abcdef is a key",
        secret=True,
    )
    text = render("sarif", builder.report())
    assert "sk_live" not in text


def test_same_report_same_bytes(app_report: Report) -> None:
    assert render("sarif", app_report) == render("sarif", app_report)


def _multitool() -> Path | None:
    """The validator's own binary: its node wrapper passes arguments through a shell."""
    given = os.environ.get("SARIF_MULTITOOL")
    if given:
        return Path(given)
    found = shutil.which("Sarif.Multitool")
    return Path(found) if found else None


@pytest.mark.skipif(
    _multitool() is None,
    reason="needs Sarif.Multitool: npm i @microsoft/sarif-multitool, then SARIF_MULTITOOL=<binary>",
)
def test_multitool_accepts_it(app_report: Report, tmp_path: Path) -> None:
    binary = _multitool()
    assert binary is not None
    (tmp_path / "out.sarif").write_text(render("sarif", app_report), encoding="utf-8")
    subprocess.run(
        [binary, "validate", "out.sarif", "--rule-kind", "Sarif;Ghas", "-o", "report.sarif",
         "--log", "ForceOverwrite"],
        cwd=tmp_path, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = (tmp_path / "report.sarif").read_text(encoding="utf-8-sig")
    results = json.loads(text)["runs"][0]["results"]
    # Its exit code is 0 whatever it finds.
    assert [item["ruleId"] for item in results if item.get("level") == "error"] == []
