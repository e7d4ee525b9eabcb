"""The command line as a process, in a small project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BAD = "x = 1  # backend-lint: ignore[no-such-rule]\n"
CLEAN = "x = 1\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in the test's directory, without settings of the machine."""

    def start(
        *arguments: str, stdin: str = "", cwd: Path = tmp_path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        plain = {
            name: value
            for name, value in os.environ.items()
            if name == "BACKEND_LINT_CACHE_DIR"
            or not (name.startswith("BACKEND_LINT_") or name in ("NO_COLOR", "FORCE_COLOR"))
        }
        return subprocess.run(
            [sys.executable, "-m", "backend_lint", *arguments],
            cwd=cwd,
            env=plain | environment,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return start


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "bad.py").write_text(BAD)
    (tmp_path / "clean.py").write_text(CLEAN)
    return tmp_path
