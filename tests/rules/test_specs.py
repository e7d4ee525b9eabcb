"""Every fence of every rule page runs, and says what the rule says."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence
from backend_lint.page import SECTIONS, Example, Expectation, parse_examples
from backend_lint.paths import language_of
from backend_lint.project import MemoryProject
from backend_lint.registry import default_registry
from backend_lint.rule import Family
from backend_lint.settings import Settings, TestPolicy

_REGISTRY = default_registry()
_NAMES = [name for name in _REGISTRY.names if name not in _REGISTRY.engine_names]

_EXAMPLES = [
    pytest.param(name, example, id=f"{name}:{example.line}")
    for name in _NAMES
    if _REGISTRY.page_path(name).is_file()
    for example in parse_examples(_REGISTRY.page_text(name))
]


def _selection(name: str) -> tuple[str, ...]:
    # What a suppression suppresses is known only when the other rules run.
    return ("ALL",) if _REGISTRY.family_of(name) == Family.HYGIENE.value else (name,)


@pytest.mark.parametrize(("name", "example"), _EXAMPLES)
def test_example(name: str, example: Example) -> None:
    files = {path: text.encode() for path, text in example.files.items()}
    settings = Settings(
        select=_selection(name), confidence=Confidence.LOW, tests=TestPolicy.REPORT, exclude=()
    )
    report = check(MemoryProject(files), settings)

    broken = [item for item in report.diagnostics if item.incomplete]
    assert not broken, broken
    reported = set()
    shown = set()
    for item in report.findings:
        if item.rule.name == name:
            location = item.finding.location
            line = report.sources[location.path].lines.line_at(location.region.start)
            reported.add((location.path, line))
            if item.confidence is not Confidence.LOW:
                shown.add((location.path, line))
    expected = example.reported(name)
    found = {(item.path, item.line) for item in example.expected if item.kind is Expectation.FOUND}
    assert reported - expected == set(), "reported, but the page does not expect it"
    assert expected - reported == set(), "the page expects it, but it is not reported"
    assert found - shown == set(), "the page expects it, but by default it is not shown"


@pytest.mark.parametrize("name", _NAMES)
def test_expectations_name_the_rule_of_the_page(name: str) -> None:
    examples = parse_examples(_REGISTRY.page_text(name))
    assert {item.rule for example in examples for item in example.expected} <= {name}


@pytest.mark.parametrize("name", _NAMES)
def test_every_language_has_an_expected_and_a_clean_example(name: str) -> None:
    expected: set[str] = set()
    clean: set[str] = set()
    for example in parse_examples(_REGISTRY.page_text(name)):
        languages = {
            language.family for path in example.files if (language := language_of(path)) is not None
        }
        if not example.expected:
            clean |= languages
        elif any(item.kind is Expectation.FOUND for item in example.expected):
            expected |= languages
    declared = set(_REGISTRY.rule(name).languages)
    assert declared - expected == set(), "no example with an expected finding"
    assert declared - clean == set(), "no clean example"


@pytest.mark.parametrize("name", _NAMES)
def test_page_is_complete(name: str) -> None:
    page = _REGISTRY.page(name)
    assert page.summary.endswith(".")
    assert page.why
    assert page.fix
    assert "expect[" not in page.markdown
    assert all(f"## {section}" in page.markdown for section in SECTIONS)


def test_every_page_has_a_rule() -> None:
    root = _REGISTRY.page_path(_NAMES[0]).parents[1]
    pages = {page.stem.replace("_", "-") for page in root.glob("*/*.md") if page.stem != "README"}
    assert pages == set(_NAMES)
