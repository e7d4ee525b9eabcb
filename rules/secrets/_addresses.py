"""Passwords inside addresses and connection strings, and addresses that are secrets themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.finding import Confidence
from backend_lint.semantics.secret_names import Kind

from ._secret import Secret
from ._values import is_harmless, is_plain, is_random, is_stand_in, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_SCHEME = 24
_SCHEME = re.compile(rb"[a-z][a-z0-9+.-]*$", re.IGNORECASE)
_CREDENTIALS = re.compile(
    rb"""(?P<user>[^\s:/?\#@"'`<>(){}$]*):(?P<password>[^\s"'`/?\#<>]{1,128}?)@(?P<host>[\w.\[\]:-]*)"""
)
_HOOKS = (
    (
        "Slack webhook address",
        re.compile(rb"hooks\.slack(?:-gov)?\.com/(?:services|workflows)/T[\w/]{20,}"),
    ),
    (
        "Discord webhook address",
        re.compile(rb"(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{17,}/[\w-]{60,}"),
    ),
    ("Teams webhook address", re.compile(rb"[\w-]+\.webhook\.office\.com/webhookb2/[\w@/-]{70,}")),
    (
        "Google Chat webhook address",
        re.compile(rb"chat\.googleapis\.com/v1/spaces/\w+/messages\?key=[\w%&=-]{60,}"),
    ),
)
# A host without a dot is the name of a container or of this machine.
_LOCAL_HOST = re.compile(rb"(?:127\.|0\.0\.0\.0|\[?::1|[\w-]*(?::|$)|host\.docker\.)")
_QUOTES = (b'"', b"'", b"`")
_ONLY_PAIRS = re.compile(rb"(?:[\w ]+=[^;=,()]*[;\s&]+)*[\w ]*")
_REST = re.compile(rb"""[^"'`\n]*""")
_EXAMPLE_HOST = re.compile(
    rb"(?:.*\.)?(?:example\.\w+|\w+\.(?:example|test|invalid))(?::\d+)?|.*(?:example|your)[\w.-]*",
    re.IGNORECASE,
)

_AUTHORIZATION = b"uthorization"
_HEADER = re.compile(
    rb"""["'`\])]*\s*[:=,(]\s*["'`]?(?:[Bb]earer|[Bb]asic|[Tt]oken)\ +(?P<value>[\w.+/=~-]{16,})"""
)
_GO_DSN = re.compile(
    rb"""["'`](?P<user>[\w.-]+):(?P<password>[^\s"'`@/]{1,128})@(?:tcp|unix)\((?P<host>[^)]*)\)"""
)
# Behind the root of a name: `Password=…;`.
_KEY_VALUE = re.compile(rb"""(?:word|wd)?\ ?=\ ?(?P<password>[^\s;"'`&{}$<>%,)]{4,128})""")
_HOST_VALUE = re.compile(
    rb"\b(?:host|server|data source|endpoint|address)\s*=\s*(?:tcp:)?(?P<host>[\w.:\[\]-]+)",
    re.IGNORECASE,
)
_PAIRS = re.compile(
    rb"\b(?:host|server|data source|user(?: ?id|name)?|uid|database|dbname|accountname|endpoint"
    rb"|initial catalog)\s*=",
    re.IGNORECASE,
)


def secrets_in_addresses(data: bytes) -> Iterator[Secret]:
    """Addresses with a password in them, and webhook addresses."""
    at = data.find(b"://")
    while at >= 0:
        scheme = _SCHEME.search(data, max(0, at - _LONGEST_SCHEME), at)
        if scheme is not None:
            yield from _in_address(data, scheme[0].lower(), at + 3)
        at = data.find(b"://", at + 3)


def _in_address(data: bytes, scheme: bytes, at: int) -> Iterator[Secret]:
    if scheme == b"https":
        for what, pattern in _HOOKS:
            match = pattern.match(data, at)
            if match is not None and not is_stand_in(match[0].decode()):
                yield Secret(*match.span(), f"This {what}", Confidence.HIGH)
                return
    match = _CREDENTIALS.match(data, at)
    if match is not None:
        yield from _judge(match, "The password in this address")


def secrets_in_connection_strings(data: bytes, roots: list[tuple[int, int]]) -> Iterator[Secret]:
    """Passwords in `Server=…;Password=…`, where `roots` says where names of secrets stand."""
    for _, end in roots:
        match = _KEY_VALUE.match(data, end)
        if match is None:
            continue
        start = max(data.rfind(mark, 0, end) for mark in _QUOTES) + 1
        if not start or not _ONLY_PAIRS.fullmatch(data, start, end):
            continue
        rest = _REST.match(data, match.end())
        text = data[start : rest.end() if rest is not None else match.end()]
        if not _PAIRS.search(text):
            continue
        host = _HOST_VALUE.search(text)
        confidence = _confidence(match["password"], b"", host["host"] if host else b"")
        if confidence is not None:
            subject = "The password in this connection string"
            yield Secret(*match.span("password"), subject, confidence)


def secrets_in_go_addresses(data: bytes) -> Iterator[Secret]:
    """Passwords in `user:password@tcp(host)`, as the MySQL driver of Go has them."""
    if b"@tcp(" in data or b"@unix(" in data:
        for match in _GO_DSN.finditer(data):
            yield from _judge(match, "The password in this connection string")


def secrets_in_headers(data: bytes) -> Iterator[Secret]:
    """The literals behind `Bearer` and `Basic` in authorization headers."""
    at = data.find(_AUTHORIZATION)
    while at >= 0:
        match = _HEADER.match(data, at + len(_AUTHORIZATION))
        if match is not None:
            text = match["value"].decode()
            if not is_stand_in(text) and is_random(text):
                subject = "This value of an authorization header"
                yield Secret(*match.span("value"), subject, Confidence.MEDIUM)
        at = data.find(_AUTHORIZATION, at + len(_AUTHORIZATION))


def _judge(match: re.Match[bytes], subject: str) -> Iterator[Secret]:
    confidence = _confidence(match["password"], match["user"], match["host"])
    if confidence is not None:
        yield Secret(*match.span("password"), subject, confidence)


def _confidence(raw: bytes, user: bytes, host: bytes) -> Confidence | None:
    password = raw.decode("utf-8", "replace")
    if _EXAMPLE_HOST.fullmatch(host) or is_stand_in(password) or len(password) < 3:
        return None
    if not password.isascii() or any(mark in password for mark in "${}<>%()[]"):
        return None
    if password.isupper() and password.isalpha():
        return None
    judged = judge(password, Kind.PASSWORD)
    if judged is None and is_harmless(password) and not password.isalnum():
        return None
    ordinary = raw == user or is_plain(password) or not host
    if ordinary or _LOCAL_HOST.match(host):
        return Confidence.LOW
    return Confidence.MEDIUM
