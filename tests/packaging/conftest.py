"""Small projects, and how to start other programs without settings of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INJECTION = (
    "import sqlite3\n"
    "\n"
    "from flask import Flask, request\n"
    "\n"
    "app = Flask(__name__)\n"
    "db = sqlite3.connect('app.db')\n"
    "\n"
    "\n"
    "@app.get('/users')\n"
    "def users() -> list[str]:\n"
    "    name = request.args['name']\n"
    "    return db.execute(f\"SELECT id FROM users WHERE name = '{name}'\").fetchall()\n"
)
"""A file with one sql-injection."""

CLEAN = "def double(number: int) -> int:\n    return number * 2\n"

Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def start() -> Start:
    """Start a program, with no variables of git, pre-commit or ours but the given ones."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "BACKEND_LINT_CACHE_DIR"
        or not name.startswith(("BACKEND_LINT_", "GIT_", "PRE_COMMIT", "SKIP", "NO_COLOR"))
    }

    def run(
        command: Sequence[str | Path], *, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=kept | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def injection() -> str:
    return INJECTION


@pytest.fixture
def clean() -> str:
    return CLEAN
