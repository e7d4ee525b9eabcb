"""Shapes, regions and confidence of hard-coded secrets; the page has the rest.

Values in the formats of providers are put together here, so that no file of ours holds one.
"""

from __future__ import annotations

import zlib

import pytest

from backend_lint.finding import Confidence, Finding, Severity
from backend_lint.frontends import PROGRAMMING_LANGUAGES, lower
from backend_lint.paths import language_of
from backend_lint.registry import default_registry
from backend_lint.source import SourceFile
from backend_lint.unit import Unit

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM = "q7Hs2kLm9ZxR4tVw8NbCf3Gj6YpD1uEa5TiQ"
_HEX = "9f2c4e7a1b8d3065c4f7a2e9d1b80356"


def _check(text: str, path: str) -> list[tuple[Finding, str]]:
    language = language_of(path)
    assert language is not None
    source = SourceFile(path, language, text.encode())
    module = lower(source).module if language in PROGRAMMING_LANGUAGES else None
    check = default_registry().rule("hardcoded-secret").check
    assert check is not None
    return [(item, source.text(item.location.region)) for item in check(Unit(source, module))]


def _values(text: str, path: str = "app/main.py") -> list[str]:
    return [value for _, value in _check(text, path)]


def _confidence(text: str, path: str = "app/main.py") -> Confidence | None:
    found = _check(text, path)
    assert len(found) == 1
    return found[0][0].confidence


def _github_token(prefix: str, body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return prefix + body + digits


@pytest.mark.parametrize(
    "token",
    [
        "AKIA" + "Q3EGRVZ7K2MXW5TB",
        _github_token("ghp_", _RANDOM[:30]),
        "glpat" + "-" + _RANDOM[:20],
        "xoxb" + "-123456780912-" + _RANDOM[:24],
        "sk_live" + "_" + _RANDOM[:24],
        "SG." + _RANDOM[:22] + "." + (_RANDOM + _RANDOM)[3:46],
        _github_token("npm_", _RANDOM[:30]),
        "dapi" + _HEX,
        "1234509876" + ":AA" + _RANDOM[:33],
        "hvs." + _RANDOM * 3,
        "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
    ],
    ids=lambda token: token[:4],
)
@pytest.mark.parametrize("text", ["x = '{}'\n", "# see {} for it\n", "call(a, '{}', b)\n"])
def test_formats_are_found_anywhere(token: str, text: str) -> None:
    ((finding, value),) = _check(text.format(token), "app/main.py")
    assert value == token
    assert finding.confidence is Confidence.HIGH
    assert finding.secret
    assert token not in finding.message


def test_a_wrong_checksum_makes_less_sure() -> None:
    token = _github_token("ghp_", _RANDOM[:30])
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert _confidence(f"x = '{token}'\n") is Confidence.HIGH
    assert _confidence(f"x = '{wrong}'\n") is Confidence.MEDIUM


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789",
        "sk_live" + "_your_key_goes_here_please",
        "some_identifier_that_is_long_and_ends_in_v2",
        "sha512-" + _RANDOM * 2,
        "-----BEGIN PUBLIC KEY-----\\n" + _RANDOM * 3,
    ],
)
def test_what_only_looks_alike_is_none(text: str) -> None:
    assert _values(f"x = '{text}'\n") == []


def test_the_secret_key_next_to_a_key_id_is_one() -> None:
    key_id, secret = "AKIA" + "Q3EGRVZ7K2MXW5TB", "wJ7rXUtnF3MIaK+MDENGbPxRf/iCYzk9Qh2LsV4e"
    assert _values(f"id = '{key_id}'\nother = '{secret}'\n") == [key_id, secret]


def test_tokens_of_documentation_are_none() -> None:
    header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    sample = header + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + _RANDOM
    other = header + ".eyJzdWIiOiI4ODEyIn0." + _RANDOM
    assert _values(f"x = '{sample}'\n") == []
    assert _values(f"x = '{other}'\n") == [other]


def test_a_locked_private_key_makes_less_sure() -> None:
    body = "\n".join([_RANDOM + "MIIBVgIBADANBgkqhkiG9w0BAQ"] * 3)
    for label, confidence in (("RSA ", Confidence.HIGH), ("ENCRYPTED ", Confidence.LOW)):
        key = f"-----BEGIN {label}PRIVATE KEY-----\n{body}\n-----END {label}PRIVATE KEY-----"
        assert _values(f'x = """{key}"""\n') == [key]
        assert _confidence(f'x = """{key}"""\n') is confidence


@pytest.mark.parametrize(
    ("address", "confidence"),
    [
        ("postgres://shop:kd83hHs82q@db.shop-prod.net/shop", Confidence.MEDIUM),
        ("https://deploy:kd83hHs82q@git.shop-prod.net/shop.git", Confidence.MEDIUM),
        ("redis://:kd83hHs82q@cache.shop-prod.net:6379/0", Confidence.MEDIUM),
        ("postgres://shop:shop@db.shop-prod.net/shop", Confidence.LOW),
        ("postgres://postgres:postgres@localhost:5432/shop", Confidence.LOW),
        ("postgres://shop:vT6qLw2xPz9K@192.168.7.20:5432/shop", Confidence.MEDIUM),
        ("postgres://shop:shop@10.0.0.5:5432/shop", Confidence.LOW),
        ("mysql://root:kd83hHs82q@db/shop", Confidence.LOW),
        ("postgres://user:password@db.example.com/shop", None),
        ("postgres://{user}:{password}@db.shop-prod.net/shop", None),
        ("postgres://USER:PASSWORD@HOST/shop", None),
        ("https://docs.shop-prod.net/a:b@c", None),
    ],
)
def test_addresses(address: str, confidence: Confidence | None) -> None:
    found = [item.confidence for item, _ in _check(f"x = '{address}'\n", "app/main.py")]
    assert found == ([] if confidence is None else [confidence])


def test_connection_strings() -> None:
    text = 'x = "Server=db.shop-prod.net;User Id=shop;Password=kd83hHs82q;"\n'
    assert _values(text) == ["kd83hHs82q"]
    assert _values("login(user=user, host=host, password=form.password2)\n") == []


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "dbPassword",
        "client_secret",
        "apiKey",
        "API_KEY_PROD",
        "authToken",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert _values(f"{name} = 'q7Hs2kLm9ZxR4tVw8NbC'\n") == ["q7Hs2kLm9ZxR4tVw8NbC"]


@pytest.mark.parametrize(
    "name",
    [
        "password_hash",
        "token_url",
        "secret_name",
        "api_key_id",
        "public_key",
        "primary_key",
        "csrf_token",
        "cache_key",
        "NEXT_PUBLIC_API_KEY",
        "passwords",
        "key",
        "monkey",
        "tokenizer",
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert _values(f"{name} = 'q7Hs2kLm9ZxR4tVw8NbC'\n") == []


@pytest.mark.parametrize(
    "value",
    [
        "",
        "password",
        "changeme",
        "your-api-key",
        "<secret>",
        "${SECRET}",
        "{{ secret }}",
        "xxxxxxxx",
        "API_KEY_2",
        "auth.token",
        "/run/secrets/a1",
        "https://a.example.com/b2",
        "^[a-z]{2}$",
        "Is this yours?",
        "11111111aaaa...",
        "application/json",
        "env:SECRET2",
        "op://a/b/c1",
    ],
)
def test_values_that_are_none(value: str) -> None:
    assert _values(f"password = '{value}'\n") == []


def test_a_password_of_plain_words_makes_less_sure() -> None:
    assert _confidence("password = 'Mauve-Otter-51'\n") is Confidence.MEDIUM
    assert _confidence("password = 'admin123'\n") is Confidence.LOW


def test_a_literal_that_signs_is_found_whatever_it_is() -> None:
    text = "import jwt\nwords = 'shop'\n\n\ndef f(x):\n    return jwt.encode(x, words)\n"
    ((finding, value),) = _check(text, "app/main.py")
    assert value == "shop"
    assert "jwt.encode" in finding.message
    assert [step.message for step in finding.related] == ["takes it as its key"]
    assert _values(text.replace("import jwt", "from own import jwt")) == []


def test_a_key_handed_on_by_a_function_is_found() -> None:
    text = (
        'package a\n\nimport "github.com/golang-jwt/jwt/v5"\n\nfunc f() {\n'
        '\tjwt.Parse(s, func(t *jwt.Token) (any, error) { return []byte("shop"), nil })\n}\n'
    )
    assert _values(text, "a.go") == ["shop"]


def test_options_in_a_variable_are_followed() -> None:
    text = 'import session from "express-session"\nlet o = { secret: "shop" }\nuse(session(o))\n'
    assert _values(text, "a.ts") == ["shop"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".env", 1),
        (".env.production", 1),
        (".env.example", 0),
        ("config/settings.sample.yaml", 0),
        ("locales/de.yaml", 0),
        ("tests/data.yaml", 0),
        ("fixtures/data.yaml", 0),
    ],
)
def test_what_a_path_says(path: str, expected: int) -> None:
    separator = "=" if ".env" in path else ": "
    assert len(_values(f"API_KEY{separator}q7Hs2kLm9ZxR4tVw8NbC\n", path)) == expected


def test_formats_in_samples_and_tests_are_notes() -> None:
    text = f"x = '{_github_token('ghp_', _RANDOM[:30])}'\n"
    for path in ("tests/test_a.py", "examples/a.py"):
        ((finding, _),) = _check(text, path)
        assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.LOW)


@pytest.mark.parametrize(
    "text",
    [
        "API_KEY: ${API_KEY:?not set}\n",
        "API_KEY: ${{ secrets.API_KEY }}\n",
        "api_key: *anchor\n",
        "api_key:\n  secret: {name: q7Hs2kLm9ZxR4tVw8NbC}\n",
        "- the key API_KEY needs q7Hs2kLm9ZxR4tVw8NbC\n",
    ],
)
def test_references_in_settings_are_none(text: str) -> None:
    assert _values(text, "deploy/app.yaml") == []


def test_rates_are_none() -> None:
    assert (
        _values("LIMITS = {'change_password': '1/m/user', 'reset_password': '5/10min,20/h'}\n")
        == []
    )


def test_regions_are_bytes_of_the_value_alone() -> None:
    text = "größe = 'ä'; password = 'Mauve-Otter-51'\r\n"
    assert _values(text) == ["Mauve-Otter-51"]


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.go", "a.sql", "a.yaml", ".env"])
@pytest.mark.parametrize(
    "text", ["", "password", "password =", "'" * 40, "password = '", "://:@", "-----BEGIN ", "AKIA"]
)
def test_torsos_do_no_harm(path: str, text: str) -> None:
    assert _values(text, path) == []


def test_what_a_form_shows_as_an_example_is_none() -> None:
    token = "6660491268:AA" + "FMGmajZOVewpMNZCgJr5H7cpXpoZPgvXw"
    assert _values(f'const a = <Input placeholder="{token}" />;\n', "a.jsx") == []
    assert _values(f'const a = <Input value="{token}" />;\n', "a.jsx") == [token]
