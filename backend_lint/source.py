"""Source files, byte regions in them, and the way from bytes to lines and columns.

Everything inside the linter speaks of byte offsets into the UTF-8 text of a file; only reporters
turn them into lines and columns, in the unit their format asks for.
"""

from __future__ import annotations

import enum
from bisect import bisect_right

import msgspec


class Language(enum.Enum):
    """What a file is written in; the value is the name used in reports and configuration."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    TSX = "tsx"
    GO = "go"
    SQL = "sql"
    CONFIG = "config"

    @property
    def family(self) -> str:
        """The language a person would name: `javascript` covers JavaScript, TypeScript and JSX."""
        return "javascript" if self in _ECMASCRIPT else self.value


_ECMASCRIPT = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX})


class Region(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A half-open range of bytes in one file: `start` inclusive, `end` exclusive."""

    start: int
    end: int


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place in a text: `line` and `column` from 1; the unit of the column is the caller's."""

    line: int
    column: int


class SourceFile(msgspec.Struct, frozen=True, dict=True):
    """One file of the project.

    Attributes:
        path: relative to the project root, with `/` separators.
        language: what the file is parsed as.
        data: the text as UTF-8 bytes without a byte-order mark, whatever the encoding on disk.
    """

    path: str
    language: Language
    data: bytes

    @property
    def lines(self) -> LineIndex:
        """The line index of this file, built at first use."""
        index = self.__dict__.get("_lines")
        if index is None:
            index = self.__dict__["_lines"] = LineIndex(self.data)
        return index

    def text(self, region: Region) -> str:
        """The text of a region."""
        return self.data[region.start : region.end].decode("utf-8", "replace")


class LineIndex:
    """Byte offsets of the line starts of a UTF-8 text; LF, CRLF and CR each end a line."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        starts = [0]
        normal = data.replace(b"\r\n", b" \n").replace(b"\r", b"\n") if b"\r" in data else data
        at = normal.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = normal.find(b"\n", at + 1)
        self._starts = starts

    def __len__(self) -> int:
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """The 1-based number of the line that holds the byte at `offset`."""
        return bisect_right(self._starts, offset)

    def line_region(self, line: int) -> Region:
        """The bytes of a 1-based line, without its line end."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._data)
        while end > start and self._data[end - 1] in b"\r\n":
            end -= 1
        return Region(start, end)

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its line end."""
        region = self.line_region(line)
        return self._data[region.start : region.end].decode("utf-8", "replace")

    def position(self, offset: int, *, utf16: bool = False) -> Position:
        """The line and column of a byte offset; columns count code points, or UTF-16 units."""
        offset = min(offset, len(self._data))
        line = self.line_at(offset)
        before = self._data[self._starts[line - 1] : offset].decode("utf-8", "ignore")
        width = len(before.encode("utf-16-le")) // 2 if utf16 else len(before)
        return Position(line, width + 1)
