"""Secrets that need no name: formats of providers, private keys, JSON Web Tokens, addresses.

Works on the bytes of any file, comments included. One `translate` marks the bytes tokens are made
of; only long runs of them that hold a digit are looked at, and the first bytes of a run choose the
formats it is held against. Addresses and PEM blocks have their own landmarks.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from backend_lint.finding import Confidence

from ._formats import FORMATS, Format
from ._secret import Secret
from ._values import entropy, is_stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST_RUN = 26
_TOKEN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_MARKED = bytes(ord("a") if byte in _TOKEN_BYTES else ord(" ") for byte in range(256))
_RUN = b"a" * _SHORTEST_RUN

_KEY_LENGTH = 2
_LONGEST_TOKEN = 400
# The name of an example that people are shown.
_SHOWN = re.compile(rb"(?i)placeholder[\"']?\s*[=:]\s*[{(]?\s*[\"'`]\Z")
_NAME_BEFORE = 32
_LEAST_ENTROPY = 2.8

# The pieces of a token before its longest one.
_LONGEST_PIECE = 40
_PIECES = re.compile(rb"(?:([\w-]{1,40})[.:])?([\w-]{1,40})[.:]$")
_WITHOUT_PREFIX = (
    ("Telegram bot token", re.compile(rb"[0-9]{8,10}:AA[\w-]{33}(?![\w-])")),
    ("Discord token", re.compile(rb"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])")),
    ("Mailchimp API key", re.compile(rb"[0-9a-f]{32}-us[0-9]{1,2}(?![\w-])")),
    ("Airtable token", re.compile(rb"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}(?![\w-])")),
)
_JWT = re.compile(rb"(eyJ[\w-]{10,})\.(eyJ[\w-]{10,})\.[\w-]{16,}")
_AWS_KEY_ID = re.compile(rb"AKIA[A-Z2-7]{16}(?![A-Za-z0-9])")
_WORD = frozenset(bytes([byte]) for byte in _TOKEN_BYTES - frozenset(b"_-"))
_AWS_SECRET = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])")
_NEAR = 300

_PEM = re.compile(
    rb"-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY(?: BLOCK)?-----(?P<body>[^-]{64,16000})"
    rb"(?:-----END [A-Z0-9 ]+-----)?"
)
_PEM_BODY = re.compile(rb"[A-Za-z0-9+/]{40,}")


def secrets_by_shape(data: bytes) -> Iterator[Secret]:
    """The secrets of a file that are recognised without a name."""
    marked = data.translate(_MARKED)
    start = marked.find(_RUN)
    while start >= 0:
        end = marked.find(b" ", start + _SHORTEST_RUN)
        if end < 0:
            end = len(data)
        run = data[start:end]
        if not run.translate(None, b"_-").isalpha() or run.startswith(b"hf_"):
            yield from _in_run(data, start)
        start = marked.find(_RUN, end)
    yield from _aws_keys(data)
    yield from _private_keys(data)


def _in_run(data: bytes, start: int) -> Iterator[Secret]:
    starts = [start]
    if data[start - 1 : start] in (b".", b":"):
        pieces = _PIECES.search(data, max(0, start - 2 * _LONGEST_PIECE), start)
        if pieces is not None:
            starts = [at for at in (pieces.start(1), pieces.start(2), start) if at >= 0]
    for at in starts:
        found = list(_at(data, at))
        if found:
            yield from found
            return


def _at(data: bytes, start: int) -> Iterator[Secret]:
    if data.startswith(b"eyJ", start) and (match := _JWT.match(data, start)):
        yield from _json_web_token(match)
        return
    for owner, pattern in _WITHOUT_PREFIX:
        if match := pattern.match(data, start):
            yield from _secret(match, owner)
            return
    yield from _in_format(data, start)


def _in_format(data: bytes, start: int) -> Iterator[Secret]:
    for item in _by_head().get(data[start : start + _KEY_LENGTH], ()):
        match = _compiled(item).match(data, start, start + _LONGEST_TOKEN)
        if match is None:
            continue
        yield from _secret(match, item.owner, _checked(item, match[0]))
        return


@cache
def _by_head() -> dict[bytes, list[Format]]:
    table: dict[bytes, list[Format]] = defaultdict(list)
    for item in FORMATS:
        table[item.prefix[:_KEY_LENGTH].encode()].append(item)
    return dict(table)


@cache
def _compiled(item: Format) -> re.Pattern[bytes]:
    return re.compile(f"{re.escape(item.prefix)}{item.rest}(?![A-Za-z0-9_-])".encode())


def _secret(
    match: re.Match[bytes], owner: str, confidence: Confidence = Confidence.HIGH
) -> Iterator[Secret]:
    text = match[0].decode()
    before = match.string[max(0, match.start() - _NAME_BEFORE) : match.start()]
    if (
        not is_stand_in(text)
        and entropy(text) >= _LEAST_ENTROPY
        and _SHOWN.search(before) is None  # `placeholder="…"` of a form
    ):
        yield Secret(*match.span(), f"This {owner}", confidence)


def _checked(item: Format, token: bytes) -> Confidence:
    """The confidence in a token: less where its checksum is wrong."""
    if len(token) == 40 and item.prefix in ("ghp_", "gho_", "ghu_", "ghs_", "npm_"):
        return item.confidence if _has_checksum(token) else Confidence.MEDIUM
    return item.confidence


_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _has_checksum(token: bytes) -> bool:
    """GitHub and npm end their tokens in the CRC-32 of the rest, as six base-62 digits."""
    number = zlib.crc32(token[4:-6])
    digits = bytearray()
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return bytes(reversed(digits)) == token[-6:]


def _aws_keys(data: bytes) -> Iterator[Secret]:
    at = data.find(b"AKIA")
    while at >= 0:
        match = _AWS_KEY_ID.match(data, at)
        if match is not None and data[at - 1 : at] not in _WORD:
            found = list(_secret(match, "AWS access key id"))
            yield from found
            if found:
                yield from _aws_secret_near(data, match)
        at = data.find(b"AKIA", at + 4)


def _aws_secret_near(data: bytes, key_id: re.Match[bytes]) -> Iterator[Secret]:
    around = (max(0, key_id.start() - _NEAR), min(len(data), key_id.end() + _NEAR))
    for match in _AWS_SECRET.finditer(data, *around):
        text = match[0].decode()
        is_path = text.count("/") > 3 or text.islower()
        if not is_path and not is_stand_in(text) and entropy(text) >= 4.2:
            yield Secret(*match.span(), "This AWS secret access key", Confidence.HIGH)


def _json_web_token(match: re.Match[bytes]) -> Iterator[Secret]:
    header, payload = _decoded(match[1]), _decoded(match[2])
    if header is None or payload is None or not header.keys() & {"alg", "typ", "enc"}:
        return
    # The sample of jwt.io, and keys that a provider means for browsers.
    if payload.get("sub") == "1234567890" or payload.get("role") == "anon":
        return
    yield from _secret(match, "JSON Web Token", Confidence.MEDIUM)


def _decoded(part: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _private_keys(data: bytes) -> Iterator[Secret]:
    at = data.find(b"-----BEGIN ")
    while at >= 0:
        match = _PEM.match(data, at)
        if match is not None:
            body = match["body"].replace(b"\\n", b"\n")
            longest = max((len(part) for part in _PEM_BODY.findall(body)), default=0)
            if longest and not is_stand_in(body[:200].decode("utf-8", "replace")):
                locked = match[1].startswith(b"ENCRYPTED") or b"Proc-Type: 4,ENC" in body[:200]
                confidence = Confidence.LOW if locked else Confidence.HIGH
                yield Secret(*match.span(), "This private key", confidence)
        at = data.find(b"-----BEGIN ", at + 11)
