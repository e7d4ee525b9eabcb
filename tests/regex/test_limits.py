"""What a match says of a text."""

from __future__ import annotations

import pytest

from backend_lint.regex.limits import limits_beginning, limits_host, limits_text


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]+$",
        r"\A\w{1,20}\Z",
        r"^(name|age)$",
        r"^name$|^age$",
        r"(?i)^[a-z]+$",
        r"^\d+(\.\d+)?$",
        r"^[^/]+$",
        r"^[\w.-]+$",
        r"^(?:[a-z]+)$",
        r"(^\d+$)",
        r"^a\.b$",
        r"^[A-Za-z0-9_.+-]+$",
        r"^[.*]+$",
        r"^a\.+$",
        r"^(?!\/|.*\/{2,})[a-z/]+$",
        r"^(?=.*[A-Z])\w+$",
    ],
)
def test_limited(pattern: str) -> None:
    assert limits_text(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"[a-z]+",
        r"^[a-z]+",
        r"[a-z]+$",
        r"^.*\.png$",
        r"^\S+@\S+$",
        r"^name|age$",
        r"^[\s\S]+$",
        r"^(.+)$",
        r"^[a-z]+\\.+$",
        r"(?m)^[a-z]+$",
        r"^(?!\.\.).*$",
        r"^\(?=.*$",
    ],
)
def test_not_limited(pattern: str) -> None:
    assert not limits_text(pattern)


def test_the_call_can_say_where_the_match_is() -> None:
    assert limits_text(r"[a-z]+", whole=True)
    assert limits_text(r"[a-z]+$", begins=True)
    assert not limits_text(r"[a-z]+", begins=True)
    assert not limits_text(r".+", whole=True)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https://shop\.example/",
        r"^https?:\/\/(www\.)?shop\.example\/.*",
        r"^/[a-z]",
        r"^\/(?!\/)",
        r"^[\w.-]+\.example\.com$",
    ],
)
def test_limited_host(pattern: str) -> None:
    assert limits_host(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^https?://",
        r"^https?:\/\/.+",
        r"^http",
        r"^/",
        r"shop\.example",
        r"^(http|https)://",
        r"^\/.*",
    ],
)
def test_not_limited_host(pattern: str) -> None:
    assert not limits_host(pattern)


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+$", "^https?://", r"\A\w", "^v|^[0-9]", "^[a-z][a-z-]*$"]
)
def test_beginnings_without_a_dash(pattern: str) -> None:
    assert limits_beginning(pattern)


@pytest.mark.parametrize(
    "pattern", ["[a-z]+", "^.+$", "^[a-z-]+$", "^-", r"^[\w-]+$", "^[^/]+$", "^(a|-b)", "^a|b", "^"]
)
def test_beginnings_that_may_be_a_dash(pattern: str) -> None:
    assert not limits_beginning(pattern)
