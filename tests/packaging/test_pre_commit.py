"""The hooks, installed and run by pre-commit itself.

pre-commit installs them from a copy of this checkout with pip, so that what is not committed yet
counts, a clone without history will do, and the checkout is only read.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.CompletedProcess[str]]

_CHECKOUT = Path(__file__).parents[2]
_BUILD_REQUIREMENT = "setuptools>=77"
_BULKY = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "node_modules", "build", "dist",
    "*.egg-info", "fixtures", "tests",
)  # fmt: skip
_IDENTITY = {
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
}
_PRE_COMMIT = (sys.executable, "-m", "pre_commit")
_FAILED = 1
_STORE = """\
def find(db, name):
    return db.execute(f"SELECT id FROM users WHERE name = '{name}'").fetchall()
"""
_API = """\
import sqlite3

from flask import Flask, request

from store import find

app = Flask(__name__)


@app.get("/users")
def users():
    return find(sqlite3.connect("app.db"), request.args["name"])
"""
_CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: backend-lint
      - id: backend-lint-all
"""


def _commit_all(start: Start, folder: Path) -> str:
    """Make the folder a git repository with one commit; its hash."""
    git = (
        "git",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "core.hooksPath=",
        "-c",
        "core.autocrlf=false",
    )
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "All")):
        done = start([*git, *command], cwd=folder, **_IDENTITY)
        assert done.returncode == 0, done.stderr
    return start(["git", "rev-parse", "HEAD"], cwd=folder).stdout.strip()


@pytest.fixture
def hooks(start: Start, tmp_path: Path) -> Path:
    """A git repository with this project; the test is skipped where it cannot be installed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    with tempfile.TemporaryDirectory() as target:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", target]
        if start([*pip, _BUILD_REQUIREMENT], cwd=tmp_path).returncode:
            pytest.skip("pip cannot reach a package registry")
    copy = tmp_path / "backend-lint"
    shutil.copytree(_CHECKOUT, copy, ignore=_BULKY)
    _commit_all(start, copy)
    return copy


@pytest.fixture
def service(tmp_path: Path, injection: str, clean: str) -> Path:
    """A project with a defect, a clean file, an excluded defect and one over two files."""
    folder = tmp_path / "service"
    (folder / "legacy").mkdir(parents=True)
    (folder / "users.py").write_text(injection)
    (folder / "clean.py").write_text(clean)
    (folder / "legacy" / "users.py").write_text(injection)
    (folder / "api.py").write_text(_API)
    (folder / "store.py").write_text(_STORE)
    (folder / "notes.txt").write_text("SELECT\n")
    (folder / "backend-lint.toml").write_text('extend-exclude = ["legacy/"]\n')
    return folder


def _findings(text: str) -> set[str]:
    """The files with a sql-injection."""
    lines = (line for line in text.splitlines() if " sql-injection" in line)
    return {line.partition(":")[0] for line in lines}


def test_try_repo(start: Start, hooks: Path, service: Path, tmp_path: Path) -> None:
    _commit_all(start, service)
    home = str(tmp_path / "home")
    done = start(
        [*_PRE_COMMIT, "try-repo", hooks, "backend-lint", "--files", "users.py", "clean.py"],
        cwd=service,
        PRE_COMMIT_HOME=home,
    )
    assert done.returncode == _FAILED, done.stdout + done.stderr
    assert "exit code: 1" in done.stdout
    assert _findings(done.stdout) == {"users.py"}


def test_hooks(start: Start, hooks: Path, service: Path, tmp_path: Path) -> None:
    revision = start(["git", "rev-parse", "HEAD"], cwd=hooks).stdout.strip()
    config = _CONFIG.format(repository=hooks.as_posix(), revision=revision)
    (service / ".pre-commit-config.yaml").write_text(config)
    _commit_all(start, service)
    before = sorted(service.rglob("*"))

    def run(*arguments: str) -> tuple[int, str]:
        command = [*_PRE_COMMIT, "run", "--color", "never", *arguments]
        done = start(command, cwd=service, PRE_COMMIT_HOME=str(tmp_path / "home"))
        return done.returncode, done.stdout

    def check(*files: str) -> tuple[int, set[str]]:
        code, text = run("backend-lint", "--files", *files)
        assert ("Failed" in text) == bool(code), text
        return code, _findings(text)

    assert check("users.py") == (_FAILED, {"users.py"})
    assert check("clean.py") == (0, set())
    assert check("users.py", "clean.py") == (_FAILED, {"users.py"})
    # What the configuration excludes stays excluded although pre-commit names it.
    assert check("legacy/users.py") == (0, set())
    # A long list of files reaches the hook in parts; no part changes what another one finds.
    assert check("store.py", "clean.py") == (_FAILED, {"store.py"})
    assert check("api.py", "users.py") == (_FAILED, {"users.py"})
    # No file of a language that is read: pre-commit does not even start the hook.
    assert "Skipped" in run("backend-lint", "--files", "notes.txt")[1]

    code, text = run("backend-lint-all", "--hook-stage", "manual", "--all-files")
    assert (code, _findings(text)) == (_FAILED, {"store.py", "users.py"}), text
    assert sorted(path for path in service.rglob("*") if ".git" not in path.parts) == [
        path for path in before if ".git" not in path.parts
    ]
