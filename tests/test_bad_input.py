"""Input that nobody should commit and somebody does: the run ends well and says what it skipped."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.driver import check
from backend_lint.project import DiskProject
from backend_lint.reporters import FORMATS, render
from backend_lint.settings import Settings

_BAD = b"x = 1  # backend-lint: ignore[no-such-rule]"


def _write(root: Path, name: str, data: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(data)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "empty.py": b"",
        "only_bom.py": b"\xef\xbb\xbf",
        "binary.py": b"\x7fELF\0\0\0",
        "nul.js": b"let a = 1;\0",
        "huge.go": b"// " + b"x" * 2_000_000,
        "minified.js": b"var a=1;" * 2000,
        "invalid.py": b"# caf\xe9\n" + _BAD + b"\n",
        "crlf.py": b"\r\n" + _BAD + b"\r\n",
        "cr.py": b"\r" + _BAD + b"\r",
        "bom.py": b"\xef\xbb\xbf" + _BAD,
        "utf16.py": "\ufeffx = 'é'\n".encode("utf-16-le")
        + (_BAD + b"\n").decode().encode("utf-16-le"),
        "broken.go": b"package p\nfunc (((\n",
        "broken.ts": b"class { { {",
        "broken.sql": b"SELEC 'never closed",
        "broken.json": b"{",
        "odd/a b.py": _BAD,
        "odd/qu'ote\".py": _BAD,
        "odd/\U0001f98a.py": _BAD,
        "odd/new\nline.py": _BAD,
        "odd/%20#?.py": _BAD,
    }
    for name, data in files.items():
        _write(tmp_path, name, data)
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo.py")
        here = Path.cwd()
        os.chdir(tmp_path)
        try:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind("socket.py")
        finally:
            os.chdir(here)
    return tmp_path


def test_tree(tree: Path) -> None:
    report = check(DiskProject(tree), Settings(select=("hygiene",)))
    places = {}
    for item in report.findings:
        location = item.finding.location
        position = report.sources[location.path].lines.position(location.region.start)
        places[location.path] = (position.line, position.column)
    assert places == {
        "bom.py": (1, 10),
        "cr.py": (2, 10),
        "crlf.py": (2, 10),
        "invalid.py": (2, 10),
        "utf16.py": (2, 10),
        "odd/%20#?.py": (1, 10),
        "odd/a b.py": (1, 10),
        "odd/new\nline.py": (1, 10),
        "odd/qu'ote\".py": (1, 10),
        "odd/\U0001f98a.py": (1, 10),
    }
    told = {item.path: item.kind for item in report.diagnostics}
    expected = {
        "binary.py": DiagnosticKind.BINARY,
        "broken.go": DiagnosticKind.SYNTAX_ERROR,
        "broken.ts": DiagnosticKind.SYNTAX_ERROR,
        "huge.go": DiagnosticKind.TOO_LARGE,
        "invalid.py": DiagnosticKind.ENCODING,
        "minified.js": DiagnosticKind.MINIFIED,
        "nul.js": DiagnosticKind.BINARY,
    }
    if hasattr(os, "mkfifo"):
        expected |= {"fifo.py": DiagnosticKind.UNREADABLE, "socket.py": DiagnosticKind.UNREADABLE}
    assert told == expected


@pytest.mark.parametrize("name", FORMATS)
def test_every_reporter_takes_it(tree: Path, name: str) -> None:
    text = render(name, check(DiskProject(tree), Settings(select=("hygiene",))))
    assert "unknown-suppression" in text
    if name in ("concise", "github"):
        assert all("unknown-suppression" in line for line in text.splitlines()[:-1])
    if name in ("json", "sarif"):
        json.loads(text)


def test_as_a_process(tree: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "backend_lint", "check", ".", "--output-format", "concise",
         "--select", "hygiene"],
        cwd=tree, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Found 10 findings" in result.stdout
    named = ["odd/a b.py", "odd/qu'ote\".py", "odd/new\nline.py", "odd/\U0001f98a.py", "fifo.py"]
    for name in named:
        one = subprocess.run(
            [sys.executable, "-m", "backend_lint", "check", name, "-q"],
            cwd=tree, capture_output=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
        assert one.returncode == (0 if name == "fifo.py" else 1), one.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root ignores modes")
def test_unreadable_file(tmp_path: Path) -> None:
    _write(tmp_path, "closed.py", _BAD)
    (tmp_path / "closed.py").chmod(0)
    (item,) = check(DiskProject(tmp_path), Settings(select=("hygiene",))).diagnostics
    assert (item.kind, item.message) == (DiagnosticKind.UNREADABLE, "permission denied")
