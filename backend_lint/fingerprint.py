"""Names for findings that survive edits elsewhere in the file.

Two kinds: GitHub's `primaryLocationLineHash`, the algorithm of github/codeql-action
(`src/fingerprints.ts`) so that alerts stay the same whoever computes it, and our own key for
baselines. Neither holds a line number.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_lint.finding import Finding
    from backend_lint.source import SourceFile

_WINDOW = 100
_BASE = 37
_WORD = 0xFFFFFFFFFFFFFFFF
_END_OF_FILE = 65535
_NEWLINE = 10
_LEAVES = pow(_BASE, _WINDOW, _WORD + 1)


def line_hashes(text: str) -> list[str]:
    """The hash of every line of a file as GitHub computes it, with `:n` for the n-th equal one.

    A line's hash covers the next 100 UTF-16 units from its start that are neither space nor tab;
    CRLF and CR count as LF. The list has one element a line, at least one.
    """
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    units = array("H", normal.encode("utf-16-le", "surrogatepass"))
    window = [0] * _WINDOW
    # For each slot of the window, the number of the line that starts there.
    starts: list[int] = [-1] * _WINDOW
    hashes: list[str] = []
    seen: Counter[str] = Counter()
    index = value = 0
    line_start = True
    lines = 0

    def emit(slot: int) -> None:
        if starts[slot] >= 0:
            digest = f"{value:x}"
            seen[digest] += 1
            hashes.append(f"{digest}:{seen[digest]}")
            starts[slot] = -1

    def feed(unit: int) -> None:
        nonlocal index, value
        begin = window[index]
        window[index] = unit
        value = (_BASE * value + unit - _LEAVES * begin) & _WORD
        index = (index + 1) % _WINDOW

    for unit in (*units, _END_OF_FILE):
        if unit in (32, 9):
            continue
        emit(index)
        if line_start:
            starts[index] = lines
            lines += 1
            line_start = False
        if unit == _NEWLINE:
            line_start = True
        feed(unit)
    for _ in range(_WINDOW):
        emit(index)
        feed(0)
    return hashes


def finding_keys(findings: Sequence[Finding], source: SourceFile) -> list[str]:
    """Our stable key of each finding of one file, in order.

    The key is a hash of the rule, the path, the code of the finding's lines without white space,
    and the number of earlier findings for which these are equal.
    """
    seen: Counter[str] = Counter()
    keys: list[str] = []
    for finding in findings:
        region = finding.location.region
        first = source.lines.line_at(region.start)
        last = source.lines.line_at(max(region.start, region.end - 1))
        code = "\n".join(source.lines.line_text(line) for line in range(first, last + 1))
        parts = (finding.rule, finding.location.path, re.sub(r"\s+", "", code))
        plain = "\0".join(parts)
        seen[plain] += 1
        text = f"{plain}\0{seen[plain]}"
        keys.append(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest())
    return keys
