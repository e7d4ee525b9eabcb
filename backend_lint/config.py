"""Reading the configuration file of a project.

`.backend-lint.toml`, `backend-lint.toml`, or `[tool.backend-lint]` in `pyproject.toml`, in this
order, in the project root. One file configures a run: files below the root are not merged. Every
message about a file names the line; an unknown key is an error, because a misspelt one would
silently do nothing.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.errors import ConfigurationError
from backend_lint.finding import Confidence, Severity
from backend_lint.rule import Profile
from backend_lint.settings import Settings, TestPolicy, Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PLAIN_FILES = (".backend-lint.toml", "backend-lint.toml")
_PYPROJECT = "pyproject.toml"
_SECTION = "tool.backend-lint"


def find_config(directory: Path) -> Path | None:
    """The configuration file in a directory, None where there is none."""
    for name in PLAIN_FILES:
        if (directory / name).is_file():
            return directory / name
    pyproject = directory / _PYPROJECT
    try:
        holds_section = f"[{_SECTION}" in pyproject.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return pyproject if holds_section else None


def read_config(path: Path) -> Settings:
    """The settings in a configuration file.

    Raises:
        ConfigurationError: the file cannot be read or holds something we do not understand.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table: Any = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not valid UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    section = ""
    if path.name == _PYPROJECT:
        section = _SECTION
        table = table.get("tool", {}).get("backend-lint", {})
    return _Reader(str(path), text, section).settings(table)


def read_inline(text: str) -> dict[str, Any]:
    """The settings in a `KEY = VALUE` of the command line, by attribute of `Settings`.

    Raises:
        ConfigurationError: it is no TOML, or holds something we do not understand.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        hint = "it must name a file or be TOML such as 'tests = \"report\"'"
        raise ConfigurationError(f"--config {text!r}: {error}", hint=hint) from error
    return _Reader("--config", "", "").values(table)


def parse_severity(value: object) -> Severity:
    """A severity by its word. Raises ValueError with the words there are."""
    return Severity[_word(value, [level.label for level in Severity]).upper()]


def parse_confidence(value: object) -> Confidence:
    """A confidence by its word. Raises ValueError with the words there are."""
    return Confidence[_word(value, [level.label for level in Confidence]).upper()]


def _word(value: object, words: list[str]) -> str:
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"must be one of {', '.join(map(repr, words))}")
    return value


def _profile(value: object) -> Profile:
    return Profile(_word(value, [profile.value for profile in Profile]))


def _tests(value: object) -> TestPolicy:
    return TestPolicy(_word(value, [policy.value for policy in TestPolicy]))


def _trust(value: object) -> Trust:
    return Trust(_word(value, [trust.value for trust in Trust]))


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one family of errors here
    return value


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a whole number, at least 0")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("must be a number, at least 0")
    return float(value)


def _table(parse: Callable[[object], Any]) -> Callable[[object], dict[str, Any]]:
    def parse_table(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("must be a table")  # noqa: TRY004 - one family of errors here
        result: dict[str, Any] = {}
        for key, item in value.items():
            try:
                result[key] = parse(item)
            except ValueError as error:
                raise ValueError(f"{key!r} {error}") from None
        return result

    return parse_table


def _engine_amount(value: object) -> str:
    return _word(value, ["default", "all", "off"])


_KEYS: Mapping[str, Callable[[object], Any]] = {
    "select": _names,
    "extend-select": _names,
    "ignore": _names,
    "profile": _profile,
    "severity": parse_severity,
    "confidence": parse_confidence,
    "trust": _trust,
    "fail-on": parse_severity,
    "exclude": _names,
    "extend-exclude": _names,
    "respect-gitignore": _truth,
    "force-exclude": _truth,
    "per-path": _table(_names),
    "rule-severity": _table(parse_severity),
    "tests": _tests,
    "max-file-size": _whole_number,
    "timeout": _number,
    "jobs": _whole_number,
    "engines": _table(_engine_amount),
}


class _Reader:
    """Checks one table of configuration; `section` is where it stands in the file."""

    def __init__(self, name: str, text: str, section: str) -> None:
        self._name = name
        self._lines = text.splitlines()
        self._section = section

    def settings(self, table: object) -> Settings:
        return msgspec.structs.replace(Settings(), **self.values(table))

    def values(self, table: object) -> dict[str, Any]:
        """The values by attribute of `Settings`."""
        if not isinstance(table, dict):
            raise ConfigurationError(f"{self._name}: {self._section} must be a table")
        values: dict[str, Any] = {}
        for key, value in table.items():
            parse = _KEYS.get(key)
            if parse is None:
                from backend_lint.registry import did_you_mean

                hint = did_you_mean(key, _KEYS) or f"the keys are {', '.join(sorted(_KEYS))}"
                raise ConfigurationError(f"{self._place(key)}: unknown key {key!r}", hint=hint)
            try:
                values[key.replace("-", "_")] = parse(value)
            except ValueError as error:
                message = f"{self._place(key)}: {key!r} {error}, not {_shown(value)}"
                raise ConfigurationError(message) from error
        return values

    def _place(self, key: str) -> str:
        """The file, with the line of a key where it can be found."""
        word = re.escape(key)
        section = re.escape(f"{self._section}." if self._section else "")
        entry = re.compile(rf"[\"']?{word}[\"']?\s*[.=]")
        header = re.compile(rf"\[\s*{section}[\"']?{word}[\"']?\s*[\].]")
        inside = not self._section
        for number, line in enumerate(self._lines, start=1):
            stripped = line.strip()
            if header.match(stripped) or (inside and entry.match(stripped)):
                return f"{self._name}:{number}"
            if stripped.startswith("["):
                inside = stripped.replace(" ", "") == f"[{self._section}]"
        return self._name


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."
