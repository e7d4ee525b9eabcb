"""What holds for any input: nothing raises, records are msgpack, hashes fit the lines."""

from __future__ import annotations

import json
import sys

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_lint.driver import check
from backend_lint.fingerprint import line_hashes
from backend_lint.loading import decode
from backend_lint.mapping import FileRecord, map_file
from backend_lint.page import parse_examples
from backend_lint.project import MemoryProject
from backend_lint.registry import default_registry
from backend_lint.reporters import FORMATS, render
from backend_lint.settings import Settings
from backend_lint.source import Language, LineIndex
from backend_lint.worker import RECURSION_LIMIT

# The driver raises the limit, which must not happen in the middle of a test for Hypothesis.
sys.setrecursionlimit(RECURSION_LIMIT)

_QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_PIECES = st.sampled_from(
    [
        "# backend-lint: ignore[no-such-rule] -- why", "// backend-lint: ignore-start[a]",
        "/* backend-lint: ignore-end[a] */", "-- backend-lint: ignore-file[x]",
        "/*", "*/", "'", '"',
        "\n", "\r\n", "\r", "\t", " ", "def f():", "function f() {", "}", "(", ")", ";", "🦊", "名",
        "\u202e", "\x1b[31m", "$a$", "`", "${", "SELECT 1", "x = 1", "\\", "if x:", "return", "{/*",
    ]
)  # fmt: skip
_TEXT = st.lists(_PIECES | st.text(max_size=3), max_size=25).map("".join)
_ENDINGS = {
    Language.PYTHON: "py",
    Language.JAVASCRIPT: "js",
    Language.TSX: "tsx",
    Language.GO: "go",
    Language.SQL: "sql",
    Language.CONFIG: "yaml",
}


@_QUICK
@given(data=st.binary(max_size=300), language=st.sampled_from(list(Language)))
def test_decoding_never_raises(data: bytes, language: Language) -> None:
    loaded = decode("a", language, data)
    assert (loaded.source is None) <= bool(loaded.diagnostics)
    if loaded.source is not None:
        loaded.source.data.decode("utf-8")


@pytest.mark.parametrize("language", _ENDINGS)
@_QUICK
@given(text=_TEXT)
def test_records_are_msgpack(language: Language, text: str) -> None:
    loaded = decode(f"a.{_ENDINGS[language]}", language, text.encode("utf-8", "replace"))
    if loaded.source is None:
        return
    record = map_file(loaded.source, default_registry().select(select=("hygiene",)))
    assert not [item for item in record.diagnostics if item.kind.value == "crash"]
    data = msgspec.msgpack.encode(record)
    assert msgspec.msgpack.decode(data, type=FileRecord) == record


@pytest.mark.parametrize("language", _ENDINGS)
@_QUICK
@given(text=_TEXT)
def test_reporters_take_any_text(language: Language, text: str) -> None:
    data = text.encode("utf-8", "replace")
    project = MemoryProject({f"a.{_ENDINGS[language]}": data})
    report = check(project, Settings(select=("hygiene",)))
    for name in FORMATS:
        shown = render(name, report)
        shown.encode()
        if name in ("full", "concise", "github"):
            assert not {"\x1b", "\u202e", "\r"} & set(shown)
        elif name == "json":
            assert len(json.loads(shown)["findings"]) == len(report.findings)
    for item in report.findings:
        region = item.finding.location.region
        assert 0 <= region.start <= region.end <= len(data)


@_QUICK
@given(text=_TEXT)
def test_one_hash_for_each_line(text: str) -> None:
    clean = text.encode("utf-8", "replace")
    assert len(line_hashes(clean.decode())) == len(LineIndex(clean))


@_QUICK
@given(
    text=st.lists(st.sampled_from(["```py", "```", "# a", "x # expect[a]", "~~~", ""])).map(
        "\n".join
    )
)
def test_any_page_can_be_read(text: str) -> None:
    parse_examples(text)
