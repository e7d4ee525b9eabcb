"""GitHub's line hash, by the vectors of github/codeql-action, and our own key."""

from __future__ import annotations

import pytest

from backend_lint.finding import Finding, Location
from backend_lint.fingerprint import finding_keys, line_hashes
from backend_lint.source import Language, Region, SourceFile

_GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", _GREETINGS),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", _GREETINGS),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", _GREETINGS),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", _GREETINGS),
    ],
)
def test_vectors(text: str, hashes: list[str]) -> None:
    assert line_hashes(text) == hashes


def test_equal_lines_are_counted() -> None:
    # Each window is full of the same line, until the end of the file comes into it.
    hashes = line_hashes("same line of code\n" * 20)
    assert len(hashes) == 21
    first = hashes[0].partition(":")[0]
    assert [item for item in hashes if item.startswith(first)] == [
        f"{first}:{number}" for number in range(1, 1 + sum(h.startswith(first) for h in hashes))
    ]
    assert hashes[1] == f"{first}:2"


def test_one_hash_a_line() -> None:
    for text in ("x" * 250, "🦊\n" * 3, "\n\n", "a\n  \n\t\nb"):
        lines = text.replace("\r\n", "\n").split("\n")
        assert len(line_hashes(text)) == len(lines)


def _keys(text: str, *words: str, path: str = "a.py") -> list[str]:
    source = SourceFile(path, Language.PYTHON, text.encode())
    findings = [
        Finding("rule", Location(path, Region(text.index(word), text.index(word) + 1)), "m")
        for word in words
    ]
    return finding_keys(findings, source)


def test_key_ignores_place_and_white_space() -> None:
    assert _keys("a = 1\nb\n", "b") == _keys("\n\n   b  \n", "b")
    assert _keys("b\n", "b") != _keys("c\n", "c")
    assert _keys("b\n", "b") != _keys("b\n", "b", path="c.py")


def test_key_counts_equal_lines() -> None:
    one, two = _keys("b", "b", "b")
    assert one != two
