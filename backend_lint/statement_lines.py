"""Which lines belong to which statement, so that a suppression covers the statement it stands at.

A statement owns its lines without those of the statements inside it: the header and the closing
line of a block, but not its body; the call around a handler, but not what the handler does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from backend_lint.ir.nodes import Function, Node, Return
from backend_lint.ir.walk import children, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backend_lint.ir.nodes import Module
    from backend_lint.source import SourceFile

_BODIES = ("body", "then", "otherwise", "final")

# What is never closed reaches to the end: trying again at the next character would take for ever.
_SQL_TOKEN = re.compile(
    rb"--[^\n]*|/\*.*?(?:\*/|\Z)|'[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)"
    rb"|;|[^\s'\"$;/-]+|[/$-]",
    re.DOTALL,
)

Lines = tuple[tuple[int, int], ...]
"""Inclusive ranges of 1-based lines, sorted."""


class Statement(msgspec.Struct, frozen=True):
    """A statement: its first and last line, and the lines it owns."""

    first: int
    last: int
    own: Lines


class StatementLines:
    """The statements of a file, to be asked by line."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._at: dict[int, list[Statement]] = defaultdict(list)
        for statement in statements:
            for line in {statement.first, statement.last}:
                if _holds(statement.own, line):
                    self._at[line].append(statement)

    def covered(self, line: int) -> Lines:
        """What a suppression at a line covers: that line, and the statements it bounds."""
        own = {(line, line)}
        for statement in self._at.get(line, ()):
            own.update(statement.own)
        return tuple(sorted(own))


def module_statements(source: SourceFile, module: Module) -> list[Statement]:
    """The statements of a lowered file."""
    line_at = source.lines.line_at
    found: list[Statement] = []
    for statement in _statements(source, module):
        first, last = line_at(_start(statement)), line_at(max(statement.start, statement.end - 1))
        inner: list[tuple[int, int]] = []
        for nested in _nested(source, statement):
            end = line_at(max(nested.start, nested.end - 1))
            # Without a closing mark behind it, the last line belongs to the inner statement.
            rest = source.data[nested.end : statement.end].strip(b" \t;")
            keeps_last = end == last and bool(rest) and not rest.startswith((b"#", b"//"))
            inner.append((line_at(nested.start), end - 1 if keeps_last else end))
        found.append(Statement(first, last, _without(first, last, inner)))
    return found


def _start(statement: Node) -> int:
    """Where a statement starts, with its decorators."""
    decorators: tuple[Node, ...] = getattr(statement, "decorators", ())
    return min([statement.start, *(item.start for item in decorators)])


def sql_statements(source: SourceFile) -> list[Statement]:
    """The statements of an SQL file, split at semicolons outside quotes and comments."""
    found: list[Statement] = []
    start = -1
    end = 0
    for match in _SQL_TOKEN.finditer(source.data):
        token = match[0]
        if token.startswith((b"--", b"/*")):
            continue
        start = match.start() if start < 0 else start
        end = match.end()
        if token == b";":
            found.append(_plain(source, start, end))
            start = -1
    if start >= 0:
        found.append(_plain(source, start, end))
    return found


def _plain(source: SourceFile, start: int, end: int) -> Statement:
    first, last = source.lines.line_at(start), source.lines.line_at(end - 1)
    return Statement(first, last, ((first, last),))


def _bodies(source: SourceFile, node: Node) -> Iterator[Node]:
    """The statements directly in the blocks of a node; a lambda's expression is none."""
    for name in _BODIES:
        block = getattr(node, name, None)
        if not isinstance(block, tuple):
            continue
        for item in block:
            written = source.data[item.start : item.start + 6] == b"return"
            if isinstance(node, Function) and isinstance(item, Return) and not written:
                continue
            yield item


def _statements(source: SourceFile, module: Module) -> Iterator[Node]:
    for node in walk(module):
        yield from _bodies(source, node)


def _nested(source: SourceFile, statement: Node) -> Iterator[Node]:
    """The outermost statements inside a statement."""
    stack = [statement]
    while stack:
        node = stack.pop()
        inner = list(_bodies(source, node))
        yield from inner
        inside = {id(item) for item in inner}  # equality would compare whole trees
        stack.extend(child for child in children(node) if id(child) not in inside)


def _without(first: int, last: int, inner: list[tuple[int, int]]) -> Lines:
    """The lines from first to last but for the inner ones; the first always stays."""
    own: list[tuple[int, int]] = []
    at = first
    for start, end in sorted(inner):
        if start > at:
            own.append((at, start - 1))
        at = max(at, end + 1)
    if at <= last:
        own.append((at, last))
    if not own or own[0][0] != first:
        own.insert(0, (first, first))
    return tuple(own)


def _holds(lines: Lines, line: int) -> bool:
    return any(start <= line <= end for start, end in lines)
