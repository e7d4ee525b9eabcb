"""The Markdown page of a rule: documentation, `explain` text, SARIF help and tests in one file.

A page has a fixed form: `# rule-name`, a paragraph of one sentence, then the sections of `SECTIONS`
in that order. Every fence in a language the linter reads is an example that the test suite runs:

* a fence alone is a project of one file; fences with a `title="path"` in their info string form one
  project per heading, until a path comes again;
* a line that ends in the comment `expect[rule]` must be reported, one with `expect-missing[rule]`
  must not although it should, one with `expect-spurious[rule]` is although it should not;
* such a comment alone on its line speaks about the next line, for places that take no comment.

The comments are removed before an example is run or shown. A fence without any must be clean.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

import msgspec

from backend_lint.errors import InstallationError
from backend_lint.report import RulePage

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS = ("Why it matters", "Examples", "How to fix", "When to ignore", "Known limits")

_FILE_NAMES = {
    "python": "example.py",
    "py": "example.py",
    "javascript": "example.js",
    "js": "example.js",
    "jsx": "example.jsx",
    "typescript": "example.ts",
    "ts": "example.ts",
    "tsx": "example.tsx",
    "go": "example.go",
    "sql": "example.sql",
    "yaml": "example.yaml",
    "yml": "example.yaml",
    "json": "example.json",
    "toml": "example.toml",
    "dotenv": ".env",
    "env": ".env",
    "dockerfile": "Dockerfile",
}

_EXPECTATION = re.compile(
    r"[ \t]*(?:#|//|--|/\*|\{/\*)[ \t]*(expect(?:-missing|-spurious)?)\[([^\]]*)\]"
    r"[ \t]*(?:\*/\}?)?[ \t]*$"
)
_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[ \t]*([\w+-]*)[ \t]*(.*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")


class Expectation(enum.Enum):
    """What a page says about a line."""

    FOUND = "expect"
    MISSING = "expect-missing"
    SPURIOUS = "expect-spurious"


class ExpectedFinding(msgspec.Struct, frozen=True, order=True):
    """A rule and a place where the page expects something of it; `line` is 1-based."""

    path: str
    line: int
    rule: str
    kind: Expectation


class Example(msgspec.Struct, frozen=True):
    """A small project out of a page.

    Attributes:
        heading: the nearest heading above it.
        line: where its first fence opens in the page, 1-based.
        files: text by path.
        expected: what the page says about its lines.
    """

    heading: str
    line: int
    files: dict[str, str]
    expected: tuple[ExpectedFinding, ...]

    def reported(self, rule: str) -> set[tuple[str, int]]:
        """The places that the linter reports today for a rule, right or wrong."""
        return {
            (item.path, item.line)
            for item in self.expected
            if item.rule == rule and item.kind is not Expectation.MISSING
        }


class _Line(msgspec.Struct, frozen=True):
    """A line of a page; `fence` counts the fences, 0 outside, and `mark` is an opening or end."""

    number: int
    text: str
    fence: int
    mark: bool


def parse_page(name: str, text: str) -> RulePage:
    """Parse the page of the rule `name`.

    Raises:
        InstallationError: the page does not have the fixed form.
    """
    title, summary, sections = _outline(text)
    if title != name:
        raise InstallationError(f"page of {name}: its title is {title!r}")
    if not summary:
        raise InstallationError(f"page of {name}: no summary below the title")
    if tuple(sections) != SECTIONS:
        found = ", ".join(sections) or "none"
        raise InstallationError(
            f"page of {name}: its sections are {found}", hint=f"expected: {', '.join(SECTIONS)}"
        )
    return RulePage(
        summary=_MARKUP.sub(lambda match: match[1] or "", summary),
        why=sections["Why it matters"],
        fix=sections["How to fix"],
        markdown=_readable(text),
    )


def parse_examples(text: str) -> list[Example]:
    """The examples of a page, in order."""
    examples: list[Example] = []
    heading = ""
    titled: Example | None = None
    for fence in _fences(text):
        if fence.heading != heading:
            heading, titled = fence.heading, None
        path = fence.title or _FILE_NAMES.get(fence.language, "")
        if not path:
            continue
        shown, expected = _split_expectations(path, fence.lines)
        joins = fence.title and titled is not None and path not in titled.files
        if joins and titled is not None:
            titled.files[path] = shown
            examples[-1] = titled = msgspec.structs.replace(
                titled, expected=titled.expected + expected
            )
            continue
        examples.append(Example(heading, fence.line, {path: shown}, expected))
        titled = examples[-1] if fence.title else None
    return examples


class _Fence(msgspec.Struct, frozen=True):
    heading: str
    line: int
    language: str
    title: str
    lines: list[str]


def _marked_lines(text: str) -> Iterator[_Line]:
    """The lines of a page, each with the fence it stands in."""
    count = 0
    opening = ""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _FENCE.match(line)
        if opening:
            ends = match is not None and match[1].startswith(opening) and not match[2]
            yield _Line(number, line, count, mark=ends)
            opening = "" if ends else opening
        elif match:
            count += 1
            opening = match[1]
            yield _Line(number, line, count, mark=True)
        else:
            yield _Line(number, line, 0, mark=False)


def _fences(text: str) -> Iterator[_Fence]:
    heading = ""
    current: _Fence | None = None
    for line in _marked_lines(text):
        if not line.fence:
            if line.text.startswith("#"):
                heading = line.text.lstrip("#").strip()
        elif not line.mark:
            if current is not None:
                current.lines.append(line.text)
        elif current is None:
            match = _FENCE.match(line.text)
            language, info = (match[2].lower(), match[3]) if match else ("", "")
            title = _TITLE.search(info)
            current = _Fence(heading, line.number, language, title[1] if title else "", [])
        else:
            yield current
            current = None


def _outline(text: str) -> tuple[str, str, dict[str, str]]:
    """Title, first paragraph, and the sections by heading."""
    title = ""
    summary: list[str] = []
    sections: dict[str, str] = {}
    heading = ""
    for line in _marked_lines(_readable(text)):
        if not line.fence and line.text.startswith("# "):
            title = line.text[2:].strip()
        elif not line.fence and line.text.startswith("## "):
            heading = line.text[3:].strip()
            sections[heading] = ""
        elif heading:
            sections[heading] += line.text + "\n"
        elif title and (line.text.strip() or not summary):
            summary.append(line.text.strip())
    return title, " ".join(filter(None, summary)), {k: v.strip() for k, v in sections.items()}


def _readable(text: str) -> str:
    """The page without its expectations."""
    shown: list[str] = []
    for line in _marked_lines(text):
        if line.fence and not line.mark:
            rest, found = _strip(line.text)
            if found and not rest.strip():
                continue
            shown.append(rest)
        else:
            shown.append(line.text)
    return "\n".join(shown).strip() + "\n"


def _split_expectations(path: str, lines: list[str]) -> tuple[str, tuple[ExpectedFinding, ...]]:
    """The text without expectations, and the expectations by line of that text."""
    shown: list[str] = []
    expected: list[ExpectedFinding] = []
    for line in lines:
        rest, found = _strip(line)
        number = len(shown) + 1  # this line, or the next one where the comment stands alone
        expected.extend(ExpectedFinding(path, number, rule, kind) for kind, rule in found)
        if rest.strip() or not found:
            shown.append(rest)
    return "".join(f"{line}\n" for line in shown), tuple(expected)


def _strip(line: str) -> tuple[str, list[tuple[Expectation, str]]]:
    """A line without the expectations at its end."""
    found: list[tuple[Expectation, str]] = []
    while match := _EXPECTATION.search(line):
        rules = [rule.strip() for rule in match[2].split(",")]
        found.extend((Expectation(match[1]), rule) for rule in rules)
        line = line[: match.start()]
    return line, found
