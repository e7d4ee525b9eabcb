"""Rules are found by their files and chosen by selectors."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING

import pytest

from backend_lint.errors import InstallationError, UnknownRuleError
from backend_lint.registry import PageLibrary, Registry, default_registry
from backend_lint.rule import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RULE = """
from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Family, Profile, Rule
RULE = Rule(name="{name}", family=Family.{family}, severity=Severity.NOTE,
            confidence=Confidence.LOW{more})
"""
_PAGE = """# {name}

About {name}.

## Why it matters

a

## Examples

b

## How to fix

c

## When to ignore

d

## Known limits

e
"""
_NUMBERS = itertools.count()


class Package:
    """A package of rules in a directory of its own."""

    def __init__(self, root: Path) -> None:
        self.name = f"made_up_rules_{next(_NUMBERS)}"
        self.root = root / self.name
        self.root.mkdir()
        (self.root / "__init__.py").touch()

    def add(
        self, family: str, name: str, more: str = "", other: dict[str, str] | None = None
    ) -> None:
        folder = self.root / family
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        stem = name.replace("-", "_")
        values = {"name": name, "family": family.upper(), "more": f", {more}" if more else ""}
        (folder / f"{stem}.py").write_text(_RULE.format(**(values | (other or {}))))
        (folder / f"{stem}.md").write_text(_PAGE.format(name=name))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Package(tmp_path)
    yield made
    for name in [name for name in sys.modules if name.startswith(made.name)]:
        del sys.modules[name]


@pytest.fixture
def registry(package: Package) -> Registry:
    package.add("injection", "sql-injection")
    package.add("injection", "ssrf", "profile=Profile.STRICT")
    package.add("data", "float-money")
    (package.root / "data" / "_shared.py").write_text("raise AssertionError\n")
    return Registry(package.name)


def _names(registry: Registry, **selectors: object) -> list[str]:
    return [rule.name for rule in registry.select(**selectors)]  # type: ignore[arg-type]


def test_names_and_pages(registry: Registry) -> None:
    assert registry.names == ("float-money", "sql-injection", "ssrf")
    assert registry.families == ("data", "injection")
    assert registry.page("ssrf").summary == "About ssrf."
    library = PageLibrary(registry, ["ssrf"])
    assert list(library) == ["ssrf"]
    with pytest.raises(KeyError):
        library["sql-injection"]


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ({}, ["float-money", "sql-injection"]),
        ({"profile": Profile.STRICT}, ["float-money", "sql-injection", "ssrf"]),
        ({"select": ("injection",)}, ["sql-injection", "ssrf"]),
        ({"select": ("ALL",), "ignore": ("injection",)}, ["float-money"]),
        ({"select": ("ssrf",), "ignore": ("injection",)}, ["ssrf"]),
        ({"select": ("ssrf",), "ignore": ("ssrf",)}, []),
        ({"extend_select": ("ssrf",)}, ["float-money", "sql-injection", "ssrf"]),
        ({"ignore": ("injection",)}, ["float-money"]),
        ({"ignore": ("injection",), "extend_select": ("ssrf",)}, ["float-money", "ssrf"]),
        ({"select": ("secrets",)}, []),
    ],
)
def test_select(registry: Registry, selectors: dict[str, object], names: list[str]) -> None:
    assert _names(registry, **selectors) == names


def test_unknown_selectors(registry: Registry) -> None:
    with pytest.raises(UnknownRuleError, match="'sql-injektion'") as caught:
        registry.select(select=("sql-injektion",))
    assert caught.value.hint == "did you mean 'sql-injection'?"
    with pytest.raises(UnknownRuleError) as caught:
        registry.rule("zzz")
    assert "backend-lint rules" in caught.value.hint


def test_only_what_is_asked_for_is_imported(registry: Registry, package: Package) -> None:
    registry.rule("float-money")
    assert f"{package.name}.data.float_money" in sys.modules
    assert f"{package.name}.injection.ssrf" not in sys.modules


@pytest.mark.parametrize(
    ("more", "other", "message"),
    [
        ("", {"name": "other"}, "its rule is named 'other', not 'one-rule'"),
        ("", {"family": "API"}, "its family is 'api'"),
        ("security=True", {}, "needs a security_severity"),
        ("security=True, security_severity=11.0", {}, "needs a security_severity"),
        ("security_severity=5.0", {}, "only a security rule"),
        ("check=print, judge=print", {}, "check or judge, not both"),
    ],
)
def test_wrong_rules(package: Package, more: str, other: dict[str, str], message: str) -> None:
    package.add("data", "one-rule", more, other)
    with pytest.raises(InstallationError, match=message):
        Registry(package.name).rule("one-rule")


def test_rule_without_page_or_value(package: Package) -> None:
    package.add("data", "one-rule")
    (package.root / "data" / "one_rule.md").unlink()
    (package.root / "data" / "no_value.py").touch()
    registry = Registry(package.name)
    assert registry.rule("one-rule").name == "one-rule"
    with pytest.raises(InstallationError, match="one-rule has no page"):
        registry.page("one-rule")
    with pytest.raises(InstallationError, match="holds no RULE"):
        registry.rule("no-value")


def test_same_name_twice(package: Package) -> None:
    package.add("data", "one-rule")
    package.add("api", "one-rule")
    with pytest.raises(InstallationError, match="exists twice"):
        Registry(package.name)


def test_missing_package_names_the_command() -> None:
    with pytest.raises(InstallationError) as caught:
        Registry("backend_lint.no_such_rules")
    assert "pip install --editable ." in caught.value.hint


def test_shipped_rules_are_valid() -> None:
    assert [rule.name for rule in default_registry().rules()] == list(default_registry().names)
