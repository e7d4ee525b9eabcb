"""A review opens no connection and starts no program: an audit hook refuses both."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.CompletedProcess[str]]

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_REFUSING = """\
import sys

_REFUSED = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.startfile", "pty.spawn",
)


def refuse(event, _arguments):
    if event in _REFUSED:
        sys.stderr.write(f"REFUSED {event}\\n")
        sys.stderr.flush()
        raise PermissionError(event)


sys.addaudithook(refuse)
"""
_CHECK = """
from backend_lint.__main__ import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="workers are started as programs there")
@pytest.mark.parametrize("name", ["fastapi-sqlalchemy", "express-pg", "gin-gorm"])
def test_check_without_network_or_programs(start: Start, tmp_path: Path, name: str) -> None:
    script = tmp_path / "offline.py"
    script.write_text(_REFUSING + _CHECK)
    service = shutil.copytree(_FIXTURES / name, tmp_path / "service")
    command = [sys.executable, script, "check", service, "--output-format", "concise"]
    for options in (["--no-cache", "--jobs", "2"], ["--cache-dir", tmp_path / "cache"]):
        done = start([*command, *options], cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert " sql-injection" in done.stdout
        assert "REFUSED" not in done.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket().connect(('127.0.0.1', 9))",
        "import subprocess; subprocess.run([sys.executable, '-V'])",
    ],
)
def test_the_hook_refuses(start: Start, tmp_path: Path, attempt: str) -> None:
    done = start([sys.executable, "-c", f"{_REFUSING}\n{attempt}"], cwd=tmp_path)
    assert done.returncode == 1
    assert "REFUSED" in done.stderr
