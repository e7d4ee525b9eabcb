"""Which files are looked at; in memory where it can be, on disk where the system matters."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.discovery import FileChoice, _Patterns, discover, in_scope
from backend_lint.project import DiskProject, MemoryProject, OverlayProject, Project


def _paths(project: Project, **choice: object) -> list[str]:
    return [file.path for file in discover(project, FileChoice(**choice)).files]  # type: ignore[arg-type]


def _memory(*paths: str, **files: str) -> MemoryProject:
    return MemoryProject(
        dict.fromkeys(paths, b"x") | {path: text.encode() for path, text in files.items()}
    )


def test_known_languages_sorted() -> None:
    project = _memory("b.go", "a/z.py", "README.md", "a.ts", "go.sum")
    assert _paths(project) == ["a.ts", "a/z.py", "b.go"]


def test_default_exclusions() -> None:
    project = _memory(
        "a.py", "node_modules/x/a.js", "src/node_modules/a.js", "vendor/a.go", ".venv/a.py",
        "dist/a.js", "build/a.js", "lib/site-packages/a.py", "third_party/a.go", ".git/a.py",
        "env311/pyvenv.cfg", "env311/lib/a.py", ".github/a.yml",
    )  # fmt: skip
    assert _paths(project) == [".github/a.yml", "a.py"]


def test_nested_gitignore() -> None:
    project = MemoryProject(
        {
            ".gitignore": b"*.gen.py\n/out/\n# comment\n",
            "a.gen.py": b"",
            "out/a.py": b"",
            "src/out/a.py": b"",
            "src/.gitignore": b"!keep.gen.py\nlocal.py\n",
            "src/keep.gen.py": b"",
            "src/local.py": b"",
            "local.py": b"",
        }
    )
    assert _paths(project) == ["local.py", "src/keep.gen.py", "src/out/a.py"]
    assert "a.gen.py" in _paths(project, respect_gitignore=False)


def test_ignored_directory_is_not_opened_again() -> None:
    project = MemoryProject({".gitignore": b"out/\n!out/a.py\n", "out/a.py": b""})
    assert _paths(project) == []


def test_exclude_patterns() -> None:
    project = _memory("a.py", "legacy/a.py", "src/legacy/a.py", "src/gen_a.py")
    assert _paths(project, exclude=("/legacy/", "**/gen_*.py")) == ["a.py", "src/legacy/a.py"]


def test_named_file_beats_exclusions_unless_forced() -> None:
    project = _memory("vendor/a.go", "b.go")
    chosen = {"scopes": ("vendor/a.go",), "whole": False}
    assert _paths(project, **chosen) == ["vendor/a.go"]
    assert _paths(project, **chosen, force_exclude=True) == []
    assert _paths(project, scopes=("b.go",), whole=False, force_exclude=True) == ["b.go"]


def test_named_directory_beats_exclusions_unless_forced() -> None:
    project = MemoryProject({"build/a.go": b"", "build/vendor/b.go": b"", ".gitignore": b"build"})
    assert _paths(project, scopes=("build",), whole=False) == ["build/a.go"]
    assert _paths(project, scopes=("build",), whole=False, force_exclude=True) == []


def test_gitignore_above_a_named_directory_holds() -> None:
    project = MemoryProject({".gitignore": b"*.gen.py\n", "src/a.gen.py": b"", "src/b.py": b""})
    assert _paths(project, scopes=("src",), whole=False) == ["src/b.py"]


def test_whole_project_is_context() -> None:
    project = _memory("a.py", "b.py")
    assert _paths(project, scopes=("a.py",), whole=True) == ["a.py", "b.py"]
    assert _paths(project, scopes=("a.py",), whole=False) == ["a.py"]
    assert _paths(project, scopes=("gone.py",), whole=False) == []


def test_diagnostics() -> None:
    project = MemoryProject(
        {"big.py": b"x" * 50, "big.json": b"x" * 50, "a.pb.go": b"", "exact.py": b"x" * 10}
    )
    found = discover(project, FileChoice(max_file_size=10))
    assert [file.path for file in found.files] == ["exact.py"]
    assert [(item.path, item.kind, item.incomplete) for item in found.diagnostics] == [
        ("a.pb.go", DiagnosticKind.GENERATED, False),
        ("big.json", DiagnosticKind.TOO_LARGE, False),
        ("big.py", DiagnosticKind.TOO_LARGE, True),
    ]
    assert len(discover(project, FileChoice(max_file_size=0)).files) == 3


def test_in_scope() -> None:
    assert in_scope("a/b.py", ("",))
    assert in_scope("a/b.py", ("a",))
    assert in_scope("a/b.py", ("a/b.py",))
    assert not in_scope("ab/b.py", ("a",))
    assert not in_scope("a/b.py", ())


def test_overlay_replaces_and_adds() -> None:
    base = _memory("a.py")
    assert OverlayProject(base, "a.py", b"new").read("a.py") == b"new"
    project = OverlayProject(base, "sub/b.py", b"new")
    assert project.read("sub/b.py") == b"new"
    assert _paths(project, scopes=("sub/b.py",)) == ["a.py", "sub/b.py"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("x")
    (tmp_path / "outside.py").write_text("x")
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "alias.py").symlink_to(root / "src" / "a.py")
    (root / "outside.py").symlink_to(tmp_path / "outside.py")
    (root / "dead.py").symlink_to(root / "gone.py")
    found = discover(DiskProject(root), FileChoice())
    assert [file.path for file in found.files] == ["src/a.py"]
    assert found.diagnostics == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_special_files_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket is short
        try:
            server.bind("socket.py")
        finally:
            os.chdir(here)
        found = discover(DiskProject(tmp_path), FileChoice())
    assert found.files == ()
    assert [(item.path, item.kind) for item in found.diagnostics] == [
        ("fifo.py", DiagnosticKind.UNREADABLE),
        ("socket.py", DiagnosticKind.UNREADABLE),
    ]
    with pytest.raises(OSError, match="regular"):
        DiskProject(tmp_path).read("fifo.py")


def test_odd_names(tmp_path: Path) -> None:
    names = ["a b.py", "quote'\".py", "🦊.py", "new\nline.py", "-dash.py", "[x].py", "#h.py"]
    for name in names:
        (tmp_path / name).write_text("x")
    assert _paths(DiskProject(tmp_path)) == sorted(names)


def test_name_that_is_no_text(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff.py")).write_text("x")
    except OSError:
        pytest.skip("the file system takes only UTF-8 names")
    found = discover(DiskProject(tmp_path), FileChoice())
    assert found.files == ()
    (item,) = found.diagnostics
    assert item.kind is DiagnosticKind.UNREADABLE
    assert item.incomplete
    item.path.encode()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_unreadable_directory(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    found = discover(DiskProject(tmp_path), FileChoice())
    assert [(item.path, item.kind) for item in found.diagnostics] == [
        ("closed", DiagnosticKind.UNREADABLE)
    ]


def test_ignore_files_above_the_project(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("secret.py\n")
    (tmp_path / ".gitignore").write_text("/api/gen/\n")
    root = tmp_path / "api"
    (root / "gen").mkdir(parents=True)
    for name in ("gen/a.py", "secret.py", "b.py"):
        (root / name).write_text("x")
    assert _paths(DiskProject(root)) == ["b.py"]
    assert _paths(DiskProject(tmp_path)) == ["api/b.py"]


_PARTS = st.sampled_from(
    [
        "a",
        "b.py",
        "*.py",
        "*",
        "**",
        "a*",
        "?",
        "[ab]",
        "a[b.]",
        "*[a.]py",
        "[!a]",
        "[ab",
        "\\a",
        " a",
        "!b",
        ".b",
    ]
)
_PATTERNS = st.builds(
    lambda mark, first, parts, last: mark + first + "/".join(parts) + last,
    st.sampled_from(["", "", "!", "#", " "]), st.sampled_from(["", "/"]),
    st.lists(_PARTS, min_size=1, max_size=3), st.sampled_from(["", "/", " ", "  /"]),
)  # fmt: skip
_PATHS = st.builds(
    lambda parts, last: "/".join(parts) + last,
    st.lists(
        st.sampled_from(["a", "b.py", "c.py", "ab", " a", "!b", "#a", "x", ".b", "a "]),
        min_size=1, max_size=4,
    ),
    st.sampled_from(["", "/"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(patterns=st.lists(_PATTERNS, max_size=4), paths=st.lists(_PATHS, min_size=1, max_size=6))
def test_patterns_mean_what_they_mean_in_a_gitignore(patterns: list[str], paths: list[str]) -> None:
    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except ValueError:
        return
    ours = _Patterns(patterns)
    for path in paths:
        assert ours.verdict(path) == spec.check_file(path).include
