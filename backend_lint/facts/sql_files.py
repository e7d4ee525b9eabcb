"""From the text of an SQL file to its statements.

Only the borders are found here, by the quotes and comments all dialects share; what a statement
says is a question to `backend_lint.sql`, asked when a rule asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.paths import is_test_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.source import SourceFile

_TOKEN = re.compile(
    rb"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|(\$\w*\$).*?\1|;", re.DOTALL
)
_LEADING = re.compile(rb"(?:\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
# A longer statement is data.
MAX_LENGTH = 20_000


def extract_sql(source: SourceFile) -> v.FileFacts:
    """The statements of an SQL file; total."""
    return v.FileFacts(
        path=source.path,
        language=source.language.value,
        package="",
        functions=(),
        classes=(),
        exports=(),
        star_imports=(),
        is_test=is_test_path(source.path),
        statements=tuple(_statements(source.data)),
    )


def _statements(data: bytes) -> Iterator[v.SqlText]:
    start = 0
    for match in _TOKEN.finditer(data):
        if match.group() == b";":
            yield from _statement(data, start, match.start())
            start = match.end()
    yield from _statement(data, start, len(data))


def _statement(data: bytes, start: int, end: int) -> Iterator[v.SqlText]:
    begin = start + _LEADING.match(data[start:end]).end()  # type: ignore[union-attr]
    text = data[begin:end].rstrip()
    if text and len(text) <= MAX_LENGTH:
        comment = data[start:begin].strip().decode("utf-8", "replace")
        yield v.SqlText(begin, begin + len(text), text.decode("utf-8", "replace"), comment)
