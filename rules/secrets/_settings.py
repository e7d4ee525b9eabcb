"""Secrets in configuration and SQL: values that stand behind the name of a secret.

Line by line over the text, so that broken files, templates and positions need no parser:
`KEY=value`, `key: value`, `"key": "value"`, `ENV KEY value`, and the pairs of Kubernetes and ECS
(`name: KEY` with `value: …` behind it).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from backend_lint.semantics.secret_names import Kind, kind_of, words_of

from ._secret import Secret
from ._values import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUE = (
    rb"""(?: "(?P<double>[^"\n]*)" | '(?P<single>[^'\n]*)' """
    rb"""| (?P<bare>[^\s"'{\[,\#&*!|>?-][^\s,}]*) (?=[\s,}]|$) )"""
)
_PAIR = re.compile(rb"""(?P<name>[\w.-]+)["']? [ \t]*[:=][ \t]* """ + _VALUE, re.VERBOSE)
# `ENV NAME value` in a Dockerfile.
_SPACED = re.compile(rb"(?<=^ENV[ ])(?P<name>\w+)[ ]+" + _VALUE, re.VERBOSE | re.MULTILINE)
_NAMED = re.compile(
    rb"""(?P<name>[\w.-]+) ["']? ,? \s+ (?:-\s+)? ["']?[vV]alue["']? [ \t]*:[ \t]* """ + _VALUE,
    re.VERBOSE,
)
_SQL = re.compile(
    rb"""(?P<name>password|identified\s+by) \s+ (?:=\s*)? '(?P<single>[^'\n]*)' """,
    re.VERBOSE | re.IGNORECASE,
)
_MANIFEST = re.compile(rb"^kind:[ \t]*['\"]?Secret['\"]?[ \t]*$", re.MULTILINE)
_DATA_LINE = re.compile(
    rb"^[ \t]+(?P<name>[\w.-]+):[ \t]*['\"]?(?P<bare>[A-Za-z0-9+/]{8,}={0,2})['\"]?\s*$"
)
_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


# `${NAME:?…}`
_REFERENCES = (b"{", b"$", b"%")


def secrets_in_settings(data: bytes, roots: list[tuple[int, int]]) -> Iterator[Secret]:
    """The values of a configuration file that look like secrets and are named so.

    Args:
        data: the file.
        roots: where names of secrets stand, by `find_roots`.
    """
    seen: set[int] = set()
    for at, end in roots:
        start = at
        while start > 0 and data[start - 1] in _NAME_BYTES:
            start -= 1
        if start not in seen and data[start - 1 : start] not in _REFERENCES:
            seen.add(start)
            match = (
                _PAIR.match(data, start) or _NAMED.match(data, start) or _SPACED.match(data, start)
            )
            if match is not None and match.end("name") >= end:
                yield from _judge(match)
    if _MANIFEST.search(data):
        yield from _manifest(data)


def secrets_in_sql(data: bytes) -> Iterator[Secret]:
    """Passwords of database accounts in SQL text."""
    for match in _SQL.finditer(data):
        yield from _judge(match, Kind.PASSWORD)


def _judge(match: re.Match[bytes], kind: Kind | None = None) -> Iterator[Secret]:
    name = match["name"].decode()
    kind = kind or kind_of(name)
    if kind is None:
        return
    group = next(
        key for key in ("double", "single", "bare") if match.groupdict().get(key) is not None
    )
    value = match[group].decode("utf-8", "replace")
    if words_of(value) == words_of(name):
        return
    confidence = judge(value, kind)
    if confidence is not None:
        yield Secret(*match.span(group), f"The value of `{name}`", confidence)


def _manifest(data: bytes) -> Iterator[Secret]:
    """The values below `data:` of Kubernetes secrets, which are only encoded."""
    inside = False
    at = 0
    for line in data.splitlines(keepends=True):
        if line.startswith(b"data:"):
            inside = True
        elif line.strip() and not line[:1].isspace():
            inside = False
        elif inside and (match := _DATA_LINE.match(line)):
            try:
                value = base64.b64decode(match["bare"], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                value = ""
            name = match["name"].decode()
            confidence = judge(value.strip(), kind_of(name) or Kind.TOKEN)
            if confidence is not None:
                start, end = match.span("bare")
                subject = f"The value of `{name}`, which is only encoded,"
                yield Secret(at + start, at + end, subject, confidence)
        at += len(line)
