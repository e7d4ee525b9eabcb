"""Suppression directives: reading them from comments, in the map stage.

    # backend-lint: ignore[rule-a, rule-b] -- reason      this statement
    # backend-lint: ignore-start[rule] … ignore-end[rule]  the lines between
    # backend-lint: ignore-file[rule] -- reason           the file; stands alone on its line

A directive always names its rules: there is no form that silences everything. What looks like a
directive and is none is kept with its problem, because a dead suppression must not pass for a live
one. Which lines a directive covers is settled here, so that nothing later needs a syntax tree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import msgspec

from backend_lint.source import Language, Region
from backend_lint.statement_lines import (
    Lines,
    StatementLines,
    module_statements,
    sql_statements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_lint.ir.nodes import Module
    from backend_lint.source import SourceFile
    from backend_lint.statement_lines import Statement

_TRIGGER = b"backend-lint"
_LEADERS = " \t#/*-{!;:"
_NESTED = re.compile(r"(?:#|//|--|/\*)[ \t]*(?=backend-lint\b)")
_SHAPE = re.compile(r"backend-lint[ \t]*:[ \t]*([\w-]*)[ \t]*(?:\[([^\]]*)\])?[ \t]*(.*)$")
_NO_COLON = re.compile(r"backend-lint[ \t]+(ignore|disable|noqa|skip|suppress)")
_CLOSING = re.compile(r"[ \t]*\*/[ \t]*\}?[ \t]*$")
_SQL_COMMENT = re.compile(rb"--[^\n]*|/\*.*?(?:\*/|\Z)|'[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)", re.DOTALL)
_CONFIG_COMMENT = re.compile(rb"(?:#|//).*")

_KINDS = ("ignore", "ignore-start", "ignore-end", "ignore-file")


class Directive(msgspec.Struct, frozen=True):
    """One suppression directive.

    Attributes:
        region: its text without the marks of the comment.
        line: where it stands, 1-based.
        rules: the names it gives, as written.
        lines: the lines it covers; empty if it has a problem.
        reason: the text after `--`, or empty.
        problem: what is wrong with it, or empty.
    """

    region: Region
    line: int
    rules: tuple[str, ...]
    lines: Lines
    reason: str = ""
    problem: str = ""


class _Parsed(msgspec.Struct, frozen=True):
    """A directive before its lines are known; `target` is the line of the code it stands at."""

    kind: str
    directive: Directive
    target: int
    alone: bool


def read_directives(
    source: SourceFile, module: Module | None, comments: Sequence[Region]
) -> tuple[Directive, ...]:
    """The directives of a file, in order.

    Args:
        source: the file.
        module: its IR; None for SQL and configuration files.
        comments: the regions of its comments; found here for SQL and configuration files.
    """
    if _TRIGGER not in source.data:
        return ()
    if module is None:
        comments = list(_scan_comments(source))
    code = _CodeLines(source, comments)
    parsed = [item for comment in comments for item in _parse_comment(source, comment, code)]
    if not parsed:
        return ()
    found: list[Statement] = []
    if module is not None:
        found = module_statements(source, module)
    elif source.language is Language.SQL:
        found = sql_statements(source)
    statements = StatementLines(found)
    blocks = _pair_blocks(parsed)
    resolved: list[Directive] = []
    for number, item in enumerate(parsed):
        directive = item.directive
        if not directive.problem and item.kind == "ignore":
            lines = statements.covered(item.target)
            directive = msgspec.structs.replace(directive, lines=lines)
        elif not directive.problem and item.kind == "ignore-file":
            directive = _file_directive(source, item)
        elif number in blocks:
            directive = blocks[number]
        if item.kind != "ignore-end" or directive.problem:
            resolved.append(directive)
    return tuple(resolved)


def _file_directive(source: SourceFile, item: _Parsed) -> Directive:
    if not item.alone:
        problem = "ignore-file must stand alone on its line"
        return msgspec.structs.replace(item.directive, problem=problem)
    return msgspec.structs.replace(item.directive, lines=((1, len(source.lines)),))


def _pair_blocks(parsed: Sequence[_Parsed]) -> dict[int, Directive]:
    """The directives of blocks by their number, with the lines between start and end."""
    result: dict[int, Directive] = {}
    open_starts: dict[frozenset[str], list[int]] = {}
    for number, item in enumerate(parsed):
        if item.directive.problem:
            continue
        names = frozenset(item.directive.rules)
        if item.kind == "ignore-start":
            open_starts.setdefault(names, []).append(number)
        elif item.kind == "ignore-end":
            if not open_starts.get(names):
                problem = "ignore-end has no ignore-start with the same rules"
                result[number] = msgspec.structs.replace(item.directive, problem=problem)
                continue
            opened = open_starts[names].pop()
            start = parsed[opened].directive
            lines = ((start.line, item.directive.line),)
            result[opened] = msgspec.structs.replace(start, lines=lines)
    for number in (number for numbers in open_starts.values() for number in numbers):
        problem = "ignore-start has no ignore-end with the same rules"
        result[number] = msgspec.structs.replace(parsed[number].directive, problem=problem)
    return result


def _scan_comments(source: SourceFile) -> Iterator[Region]:
    """The comments of an SQL file, or what may be comments in a configuration file."""
    pattern = _SQL_COMMENT if source.language is Language.SQL else _CONFIG_COMMENT
    for match in pattern.finditer(source.data):
        if not match[0].startswith((b"'", b'"')):
            yield Region(match.start(), match.end())


def _parse_comment(source: SourceFile, comment: Region, code: _CodeLines) -> Iterator[_Parsed]:
    text = source.data[comment.start : comment.end]
    if _TRIGGER not in text:
        return
    offset = comment.start
    alone = _stands_alone(source, comment)
    for raw in text.splitlines(keepends=True):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        found = _parse_line(line)
        if found is not None:
            kind, column, body, rules, reason, problem = found
            start = offset + len(line[:column].encode())
            number = source.lines.line_at(start)
            region = Region(start, start + len(body.encode()))
            directive = Directive(region, number, rules, (), reason, problem)
            target = code.after(comment) if alone else number
            yield _Parsed(kind, directive, target, alone)
        offset += len(raw)


def _parse_line(line: str) -> tuple[str, int, str, tuple[str, ...], str, str] | None:
    """Kind, column, text, rules, reason and problem of the directive in a line of a comment."""
    column = len(line) - len(line.lstrip(_LEADERS))
    if not line.startswith("backend-lint", column):
        nested = _NESTED.search(line)
        if nested is None:
            return None
        column = nested.end()
    body = _CLOSING.sub("", line[column:]).rstrip()
    match = _SHAPE.match(body)
    if match is None:
        if _NO_COLON.match(body):
            return "", column, body, (), "", "a colon is missing after backend-lint"
        return None
    kind, names, rest = match[1], match[2], match[3]
    rules = tuple(name.strip() for name in (names or "").split(",") if name.strip())
    reason = rest[2:].strip() if rest.startswith("--") else ""
    problem = ""
    if kind not in _KINDS:
        problem = f"{kind!r} is none of {', '.join(_KINDS)}" if kind else "it says nothing"
    elif not rules:
        problem = f"{kind} names no rule; write {kind}[rule-name]"
    elif rest and not rest.startswith(("--", "#", "//", "/*")):
        problem = "the reason must follow after `--`"
    return kind, column, body, rules, reason, problem


def _stands_alone(source: SourceFile, comment: Region) -> bool:
    """Whether no code stands on the lines of a comment; the braces of `{/* */}` are no code."""
    lines = source.lines
    first = lines.line_region(lines.line_at(comment.start))
    last = lines.line_region(lines.line_at(max(comment.start, comment.end - 1)))
    before = source.data[first.start : comment.start].strip(b" \t{")
    after = source.data[comment.end : max(comment.end, last.end)].strip(b" \t}")
    return not before and not after


class _CodeLines:
    """Finds the code below a comment."""

    def __init__(self, source: SourceFile, comments: Sequence[Region]) -> None:
        self._source = source
        self._comments = comments
        self._lines: list[int] | None = None

    def after(self, comment: Region) -> int:
        """The first line below a comment that holds code; the comment's last line if none does."""
        if self._lines is None:
            self._lines = self._code_lines()
        own = self._source.lines.line_at(max(comment.start, comment.end - 1))
        place = bisect_right(self._lines, own)
        return self._lines[place] if place < len(self._lines) else own

    def _code_lines(self) -> list[int]:
        lines = self._source.lines
        skipped: set[int] = set()
        for comment in self._comments:
            if _stands_alone(self._source, comment):
                last = lines.line_at(max(comment.start, comment.end - 1))
                skipped.update(range(lines.line_at(comment.start), last + 1))
        return [
            line
            for line in range(1, len(lines) + 1)
            if line not in skipped and lines.line_text(line).strip()
        ]
