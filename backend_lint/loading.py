"""From the bytes of a file to a `SourceFile`, or to a diagnostic that says why not.

Encodings in order: byte-order mark, Python's coding cookie (PEP 263), UTF-8, and Latin-1 as the
last resort, which never fails and is told. Whatever the encoding on disk, the text is UTF-8 after
this point and has no byte-order mark.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import msgspec

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.source import Language, SourceFile

if TYPE_CHECKING:
    from backend_lint.project import Project

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COOKIE_LINES = 2
# Codecs that are no text encodings of source files, or take quadratic time on hostile input.
_REFUSED_CODECS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})

_GENERATED = re.compile(
    rb"^[ \t]*(?://|#|--|/?\*+|;|<!--).*?(?:Code generated .*DO NOT EDIT|@generated\b)",
    re.MULTILINE,
)
_HEAD = 4_096

_LONG_LINE = 1_000
_MINIFIED_FROM = 4_000
_AVERAGE_LINE = 300


class Loaded(msgspec.Struct, frozen=True):
    """The result of loading: `source` is None where the file is not looked at."""

    source: SourceFile | None
    diagnostics: tuple[Diagnostic, ...]


def load(project: Project, path: str, language: Language) -> Loaded:
    """Read and decode one file; never raises."""
    try:
        data = project.read(path)
    except OSError as error:
        return unreadable(path, error)
    return decode(path, language, data)


def unreadable(path: str, error: OSError) -> Loaded:
    """The result for a file that cannot be read."""
    reason = (error.strerror or str(error)).lower()
    return _refused(DiagnosticKind.UNREADABLE, path, reason, incomplete=True)


def decode(path: str, language: Language, data: bytes) -> Loaded:
    """Decode the bytes of one file and judge whether a person wrote them; never raises."""
    decoded, encoding = _to_utf8(data, language)
    if b"\0" in decoded:
        return _refused(DiagnosticKind.BINARY, path, "holds NUL bytes", incomplete=True)
    if language is not Language.CONFIG and _says_generated(decoded[:_HEAD]):
        return _refused(DiagnosticKind.GENERATED, path, "says that a tool generated it")
    if language not in (Language.CONFIG, Language.SQL) and is_minified(decoded):
        return _refused(DiagnosticKind.MINIFIED, path, "its lines are too long to be hand-written")
    told: tuple[Diagnostic, ...] = ()
    if encoding == "latin-1":
        message = "not valid UTF-8, read as Latin-1"
        told = (Diagnostic(DiagnosticKind.ENCODING, path, message, incomplete=False),)
    return Loaded(SourceFile(path, language, decoded), told)


def _says_generated(head: bytes) -> bool:
    # Nearly no file holds the word, and the pattern takes ten times as long as looking for it.
    return b"generated" in head and _GENERATED.search(head) is not None


def is_minified(data: bytes) -> bool:
    """Whether most of a text stands in lines that no person writes."""
    size = len(data)
    if size < _MINIFIED_FROM:
        return False
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    return size > _AVERAGE_LINE * lines or _in_long_lines(data) > size // 2


def _in_long_lines(data: bytes) -> int:
    """How many bytes stand in long lines; looks at few of the bytes of a text without any."""
    found = start = 0
    while len(data) - start > _LONG_LINE:
        last = data.rfind(b"\n", start, start + _LONG_LINE + 1)
        if last < 0:
            last = data.find(b"\n", start)
            last = len(data) if last < 0 else last
            found += last - start
        start = last + 1
    return found


def _to_utf8(data: bytes, language: Language) -> tuple[bytes, str]:
    """The text as UTF-8 and the encoding it was read with."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            return text.encode("utf-8", "replace"), encoding
    cookie = _cookie(data) if language is Language.PYTHON else None
    if cookie is not None:
        try:
            return data.decode(cookie).encode("utf-8", "replace"), cookie
        except (ValueError, LookupError):
            cookie = None  # the cookie lies: read on as if it were not there
    if data.isascii():
        return data, "utf-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in data:
            return data, "binary"
        return data.decode("latin-1").encode(), "latin-1"
    return data, "utf-8"


def _cookie(data: bytes) -> str | None:
    """The encoding that a Python file declares, None for UTF-8 and for what cannot be used."""
    for line in data.split(b"\n", _COOKIE_LINES)[:_COOKIE_LINES]:
        match = _COOKIE.match(line)
        if match:
            try:
                codec = codecs.lookup(match[1].decode("ascii", "replace"))
            except (LookupError, ValueError):
                return None
            is_text = bool(getattr(codec, "_is_text_encoding", True))
            usable = is_text and codec.name not in _REFUSED_CODECS and codec.name != "utf-8"
            return codec.name if usable else None
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None
    return None


def _refused(kind: DiagnosticKind, path: str, message: str, *, incomplete: bool = False) -> Loaded:
    return Loaded(None, (Diagnostic(kind, path, message, incomplete=incomplete),))
