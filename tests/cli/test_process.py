"""What the system does to a process: full disks, closed pipes, signals, modes, foreign modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

_BAD = "x = 1  # backend-lint: ignore[no-such-rule]\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.usefixtures("project")
def test_full_disk(run: Run, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "backend_lint", "check", "."],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == "error: cannot write to standard output: no space left on device\n"
    result2 = run("check", ".", "-o", "/dev/full")
    assert result2.returncode == 2
    assert result2.stderr == "error: cannot write /dev/full: no space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX pipes")
def test_broken_pipe(project: Path) -> None:
    (project / "many.py").write_text(_BAD * 3000)
    process = subprocess.Popen(
        [sys.executable, "-m", "backend_lint", "check", "."],
        cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert errors == b""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_interrupt(tmp_path: Path) -> None:
    import signal

    code = """if True:
        import signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job of a shell ignores it
        from backend_lint.__main__ import run
        sys.exit(run(["check", "-", "--stdin-filename", "a.py"]))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    time.sleep(1.5)  # it waits for standard input by now
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert output == b""
    assert errors.strip() == b"interrupted"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root ignores modes")
def test_read_only_output_directory(run: Run, project: Path) -> None:
    closed = project / "closed"
    closed.mkdir(mode=0o500)
    result = run("check", ".", "-o", "closed/report.txt")
    assert result.returncode == 2
    assert "cannot write" in result.stderr


def test_output_keeps_mode_and_links(run: Run, project: Path) -> None:
    target = project / "real.txt"
    target.write_text("old")
    target.chmod(0o640)
    (project / "link.txt").symlink_to(target)
    assert run("check", ".", "-o", "link.txt").returncode == 1
    assert (project / "link.txt").is_symlink()
    assert target.read_text() != "old"
    assert target.stat().st_mode & 0o777 == 0o640


def test_crash_of_a_rule_is_exit_2(project: Path) -> None:
    code = (
        "import sys\n"
        "from backend_lint import registry\n"
        "import msgspec\n"
        "rules = registry.default_registry()\n"
        "rule = rules.rule('unused-suppression')\n"
        "def explode(unit): raise ValueError('boom')\n"
        "rules._rules[rule.name] = msgspec.structs.replace(rule, check=explode)\n"
        "from backend_lint.__main__ import run\n"
        "sys.exit(run(['check', 'clean.py', '--exit-zero', '-q']))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr == (
        "error: clean.py: the rule unused-suppression failed: ValueError: boom\n"
        "error: src/bad.py: the rule unused-suppression failed: ValueError: boom\n"
    )


def test_modules_of_the_reviewed_project_are_not_imported(run: Run, project: Path) -> None:
    for name in ("click", "json", "msgspec", "pathspec", "tree_sitter", "rules", "tomllib"):
        (project / f"{name}.py").write_text("raise SystemExit('imported')\n")
    result = run("check", "clean.py", "--output-format", "json", "--select", "hygiene")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["findings"] == []
