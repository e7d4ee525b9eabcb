"""Configuration files: what they may say, and what we say when they say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend_lint.config import find_config, read_config, read_inline
from backend_lint.errors import ConfigurationError
from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Profile
from backend_lint.settings import Settings, TestPolicy, Trust

if TYPE_CHECKING:
    from pathlib import Path

_WHOLE = """
select = ["injection"]
extend-select = ["pagination"]
ignore = ["sql-injection"]
profile = "strict"
severity = "warning"
confidence = "high"
trust = "library"
fail-on = "error"
exclude = ["a/"]
extend-exclude = ["b/"]
respect-gitignore = false
force-exclude = true
tests = "report"
max-file-size = 5
timeout = 1.5
jobs = 3

[per-path]
"scripts/**" = ["injection"]

[rule-severity]
sql-injection = "note"

[engines]
bandit = "off"
"""


def _write(tmp_path: Path, text: str, name: str = "backend-lint.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key(tmp_path: Path) -> None:
    assert read_config(_write(tmp_path, _WHOLE)) == Settings(
        select=("injection",),
        extend_select=("pagination",),
        ignore=("sql-injection",),
        profile=Profile.STRICT,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        trust=Trust.LIBRARY,
        fail_on=Severity.ERROR,
        exclude=("a/",),
        extend_exclude=("b/",),
        respect_gitignore=False,
        force_exclude=True,
        per_path={"scripts/**": ("injection",)},
        rule_severity={"sql-injection": Severity.NOTE},
        tests=TestPolicy.REPORT,
        max_file_size=5,
        timeout=1.5,
        jobs=3,
        engines={"bandit": "off"},
    )


def test_empty_file_is_the_default(tmp_path: Path) -> None:
    assert read_config(_write(tmp_path, "")) == Settings()


def test_pyproject_section(tmp_path: Path) -> None:
    text = "[project]\nselect = 3\n\n[tool.backend-lint]\nprofile = 'strict'\n"
    assert read_config(_write(tmp_path, text, "pyproject.toml")).profile is Profile.STRICT


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("\nselct = []\n", "backend-lint.toml:2: unknown key 'selct'", "did you mean 'select'?"),
        ("xyz = 1", "backend-lint.toml:1: unknown key 'xyz'", "the keys are confidence,"),
        ("[per-paths]\na = []", "backend-lint.toml:1: unknown key 'per-paths'", "'per-path'?"),
        ("select = 'x'", ":1: 'select' must be a list of strings, not 'x'", ""),
        ("select = [1]", ":1: 'select' must be a list of strings, not [1]", ""),
        ("severity = 'high'", ":1: 'severity' must be one of 'note', 'warning', 'error'", ""),
        ("trust = 'all'", ":1: 'trust' must be one of 'remote', 'library', not 'all'", ""),
        ("profile = 3", ":1: 'profile' must be one of 'default', 'strict', not 3", ""),
        ("jobs = true", ":1: 'jobs' must be a whole number, at least 0, not True", ""),
        ("timeout = -1", ":1: 'timeout' must be a number, at least 0, not -1", ""),
        ("force-exclude = 'yes'", ":1: 'force-exclude' must be true or false, not 'yes'", ""),
        ("per-path = []", ":1: 'per-path' must be a table, not []", ""),
        ("[rule-severity]\nx = 1", ":1: 'rule-severity' 'x' must be one of", ""),
        ("[engines]\nbandit = 'on'", "'bandit' must be one of 'default', 'all', 'off'", ""),
        ("select = [", "(at end of document)", ""),
    ],
)
def test_mistakes(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_config(_write(tmp_path, text))
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_line_in_pyproject_is_that_of_our_section(tmp_path: Path) -> None:
    text = "[tool.other]\nselct = 1\n[tool.backend-lint]\nseverity = 'note'\nselct = 1\n"
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml:5: unknown key"):
        read_config(_write(tmp_path, text, "pyproject.toml"))


def test_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "backend-lint.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not valid UTF-8"):
        read_config(path)
    with pytest.raises(ConfigurationError, match=r"gone\.toml: No such file"):
        read_config(tmp_path / "gone.toml")


def test_inline() -> None:
    assert read_inline("tests = 'report'") == {"tests": TestPolicy.REPORT}
    with pytest.raises(ConfigurationError, match="unknown key"):
        read_inline("test = 'report'")
    with pytest.raises(ConfigurationError, match="--config"):
        read_inline("tests = report")


def test_which_file_counts(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None
    pyproject = _write(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    assert find_config(tmp_path) is None
    pyproject.write_text("[tool.backend-lint]\n")
    assert find_config(tmp_path) == pyproject
    plain = _write(tmp_path, "")
    assert find_config(tmp_path) == plain
    dotted = _write(tmp_path, "", ".backend-lint.toml")
    assert find_config(tmp_path) == dotted
