"""A password, key or token is written into the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from backend_lint.finding import Confidence, Finding, Location, Severity, Step
from backend_lint.paths import is_automation_path, is_low_stakes_path, is_test_path
from backend_lint.rule import Family, Rule
from backend_lint.semantics.secret_names import find_roots
from backend_lint.source import Language, Region

from ._addresses import (
    secrets_in_addresses,
    secrets_in_connection_strings,
    secrets_in_go_addresses,
    secrets_in_headers,
)
from ._code import secrets_in_code
from ._scan import secrets_by_shape
from ._settings import secrets_in_settings, secrets_in_sql
from ._uses import secrets_in_use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.unit import Unit

    from ._secret import Secret

_HARM = "everyone who can read the repository can use it"
_CURE = "Replace it, and read the new one from the environment or a secret store."

# Files that show what settings look like (`.env.example`, `sample-config.yml`, all below
# `fixtures/`), describe an API, or hold texts that people read.
_SAMPLE_WORD = (
    r"(?:examples?|samples?|templates?|dist|tpl|skel(?:eton)?|stubs?|fixtures?|mocks?|demos?)"
)
_SAMPLE = re.compile(
    rf"(?:^|/){_SAMPLE_WORD}(?:/|[_-]|\.env)|[._-]{_SAMPLE_WORD}(?:[._/-]|$)"
    r"|(?:^|[._/-])(?:openapi|swagger|schema|postman\w*|locales?|i18n|l10n|lang|langs|translations?"
    r"|tests?[-_]\w+)(?:[._/-]|$)"
    # What scanners of secrets are told to pass over.
    r"|(?:^|/)\.?(?:gitleaks|trufflehog|secretlint|secrets\.baseline|detect-secrets)[^/]*$",
    re.IGNORECASE,
)

# Settings of the machine that somebody writes the program on: `settings/development.py`.
_FOR_DEVELOPMENT = re.compile(
    r"(?:^|/)(?:config|configs|conf|settings|environments?|env)[/._-](?:[\w-]+[._-])?"
    r"(?:dev|devel|develop|development|local)\.\w+$",
    re.IGNORECASE,
)


def check(unit: Unit) -> Iterator[Finding]:
    """Look at everything that is a secret by its shape, its place, its use or its name."""
    for secret in _without_overlaps(_secrets(unit)):
        harm = secret.harm or _HARM
        yield Finding(
            "hardcoded-secret",
            Location(unit.source.path, Region(secret.start, secret.end)),
            f"{secret.subject} stands in the source, so {harm}. {_CURE}",
            severity=Severity.NOTE if secret.confidence is Confidence.LOW else None,
            confidence=secret.confidence,
            related=_use(unit.source.path, secret),
            secret=True,
        )


def _use(path: str, secret: Secret) -> tuple[Step, ...]:
    if secret.use is None:
        return ()
    return (Step(Location(path, secret.use), "takes it as its key"),)


def _secrets(unit: Unit) -> Iterator[Secret]:
    data, path = unit.source.data, unit.source.path
    is_test = is_test_path(path)
    for secret in secrets_by_shape(data):
        doubtful = is_test or _is_sample(path) or _is_shown_as_example(data, secret)
        yield _weaker(secret) if doubtful or path.endswith(_FOR_CLIENTS) else secret
    if is_test or is_automation_path(path):
        return
    for secret in _named_secrets(unit):
        if not _is_sample(path):
            doubtful = (
                is_low_stakes_path(path)
                or _FOR_DEVELOPMENT.search(path) is not None
                or _is_shown_as_example(data, secret)
            )
            yield _weaker(secret) if doubtful else secret
    if unit.module is not None:
        for secret in secrets_in_use(data, unit.module, unit.source.language.family):
            if not _is_sample(path):
                yield secret


def _is_sample(path: str) -> bool:
    return _SAMPLE.search(path) is not None


# `"example": {`, which is not closed again before the end.
_EXAMPLE = re.compile(
    rb"(?i)examples?[\"']?\s*[:=]\s*(?:\[\s*)?\{(?:[^{}]|\{[^{}]*\})*(?:\{[^{}]*)?\Z"
)

# `example:` in a description of an API, with the entries below it.
_EXAMPLE_LINES = re.compile(rb"(?i)\bexamples?:[ \t]*\r?\n(?:[^\n]*\n){0,4}[^\n]*\Z")

# Keys in these are compiled into an app that anybody can take apart.
_FOR_CLIENTS = ("google-services.json", "GoogleService-Info.json")


def _is_shown_as_example(data: bytes, secret: Secret) -> bool:
    """Whether the line, or an entry that the line is part of, says that the value is an example."""
    line = data.rfind(b"\n", 0, secret.start) + 1
    around = max(0, secret.start - 400)
    return b"example" in data[max(line, secret.start - 200) : secret.start].lower() or any(
        pattern.search(data, around, secret.start) for pattern in (_EXAMPLE, _EXAMPLE_LINES)
    )


def _named_secrets(unit: Unit) -> Iterator[Secret]:
    data, language = unit.source.data, unit.source.language
    yield from secrets_in_addresses(data)
    yield from secrets_in_headers(data)
    if language in (Language.GO, Language.CONFIG):
        yield from secrets_in_go_addresses(data)
    if language is Language.SQL:
        yield from secrets_in_sql(data)
        return
    roots = find_roots(data)
    yield from secrets_in_connection_strings(data, roots)
    if unit.module is not None:
        yield from secrets_in_code(data, unit.module, roots)
    else:
        yield from secrets_in_settings(data, roots)


def _weaker(secret: Secret) -> Secret:
    return msgspec.structs.replace(secret, confidence=Confidence.LOW)


def _without_overlaps(secrets: Iterator[Secret]) -> list[Secret]:
    """One secret a place, the surest, in order of the file."""
    kept: list[Secret] = []
    for secret in sorted(secrets, key=lambda item: item.rank, reverse=True):
        if all(secret.end <= other.start or other.end <= secret.start for other in kept):
            kept.append(secret)
    return sorted(kept, key=lambda item: item.start)


RULE = Rule(
    name="hardcoded-secret",
    family=Family.SECRETS,
    severity=Severity.ERROR,
    confidence=Confidence.HIGH,
    security=True,
    security_severity=9.1,
    cwe=(798,),
    owasp=("API8", "ASVS-2.10.4"),
    checklist=("no-hardcoded-secrets", "secret-in-code-comments"),
    languages=("python", "javascript", "go", "sql", "config"),
    check=check,
)
