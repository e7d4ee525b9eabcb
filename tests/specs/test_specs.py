"""More examples of rules than their pages have room for; the form is that of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence
from backend_lint.page import Example, Expectation, parse_examples
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings, TestPolicy

_EXAMPLES = [
    pytest.param(
        text.split("\n", 1)[0].removeprefix("# "), example, id=f"{path.stem}:{example.line}"
    )
    for path in sorted(Path(__file__).parent.glob("*.md"))
    for text in [path.read_text(encoding="utf-8")]
    for example in parse_examples(text)
]


@pytest.mark.parametrize(("names", "example"), _EXAMPLES)
def test_example(names: str, example: Example) -> None:
    files = {path: text.encode() for path, text in example.files.items()}
    select = tuple(names.split(", "))
    settings = Settings(
        select=select, confidence=Confidence.LOW, tests=TestPolicy.REPORT, exclude=()
    )
    report = check(MemoryProject(files), settings)
    assert not [item for item in report.diagnostics if item.incomplete]
    found, seen = set(), set()
    for item in report.findings:
        location = item.finding.location
        line = report.sources[location.path].lines.line_at(location.region.start)
        found.add((item.rule.name, location.path, line))
        if item.finding.confidence is not Confidence.LOW:
            seen.add((item.rule.name, location.path, line))
    expected = {(name, *place) for name in select for place in example.reported(name)}
    wanted = {
        (item.rule, item.path, item.line)
        for item in example.expected
        if item.kind is Expectation.FOUND and item.rule in select
    }
    assert found - expected == set(), "reported, but not expected"
    assert expected - found == set(), "expected, but not reported"
    assert wanted - seen == set(), "reported, but so that nobody sees it"
