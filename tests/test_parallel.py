"""Worker processes: their number and the order of the files do not show in a report."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from backend_lint.discovery import SourcePath
from backend_lint.driver import check
from backend_lint.map_stage import Execution, _chunks, _processes
from backend_lint.project import DiskProject, MemoryProject
from backend_lint.reporters import render
from backend_lint.settings import Settings
from backend_lint.source import Language
from backend_lint.timings import Timings
from backend_lint.workers import FORKS, Limits, run_limited

if TYPE_CHECKING:
    from pathlib import Path

_TEXTS = (
    "import sqlite3\ndb = sqlite3.connect('a')\n"
    "def f(n):\n    return db.execute('SELECT * FROM t')\n",
    "x = 1  # backend-lint: ignore[no-such-rule]\n",
    "x = (\n",
    "from a0 import f\nfor n in range(3):\n    f(n)\n",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    draw = random.Random(7)
    for number in range(120):
        text = _TEXTS[number % len(_TEXTS)] * draw.randint(1, 60)
        (tmp_path / f"a{number}.py").write_text(text)
    (tmp_path / "b.sql").write_text("SELECT * FROM t;\n")
    return tmp_path


def _report(root: Path, **fields: Any) -> str:
    settings = Settings(select=("ALL",))
    report = check(DiskProject(root), settings, execution=Execution(**fields))
    return render("json", report) + render("sarif", report)


def test_number_of_processes_does_not_matter(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend_lint.map_stage._BYTES_PER_PROCESS", 1000)
    here = _report(tree)
    for jobs in (1, 2, 5):
        assert _report(tree, workers=True, jobs=jobs) == here
    monkeypatch.setattr("backend_lint.map_stage._CHUNK_FILES", 1)
    assert _report(tree, workers=True, jobs=3) == here


def test_processes_that_are_not_forked(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend_lint.workers.FORKS", False)
    monkeypatch.setattr("backend_lint.map_stage._INLINE_BYTES", 1000)
    assert _report(tree, workers=True, jobs=2) == _report(tree)


def test_few_files_stay_here_where_processes_are_dear(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend_lint.workers.FORKS", False)
    monkeypatch.setattr("backend_lint.workers.run_limited", None)
    assert _report(tree, workers=True) == _report(tree)


def test_without_any_process_the_run_goes_on(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    report = check(
        DiskProject(tree), Settings(select=("hygiene",)), execution=Execution(workers=True)
    )
    (said,) = (item for item in report.diagnostics if not item.path)
    assert said.message == (
        "no worker process can be started, so that no limits hold: resource temporarily unavailable"
    )
    assert sum(report.files.values()) == 121


@pytest.mark.skipif(not FORKS, reason="the function of this test needs a fork")
@pytest.mark.parametrize("processes", [1, 2, 4])
def test_each_number_is_answered_once(processes: int) -> None:
    def work(number: int) -> bytes:
        return b"%d" % (number * number)

    chunks = [[0, 1], [2], [], [3, 4, 5], *([number] for number in range(6, 40))]
    results = dict(run_limited(work, chunks, processes=processes, limits=Limits()))
    assert results == {number: b"%d" % (number * number) for number in range(40)}


def _file(size: int, name: str = "a") -> SourcePath:
    return SourcePath(f"{name}.py", Language.PYTHON, size, 1)


def test_large_files_go_first_and_chunks_are_small() -> None:
    files = [_file(size) for size in (10, 500_000, 20, 70_000, *[30] * 40)]
    chunks = list(_chunks(files))
    assert chunks[:2] == [[1], [3]]
    assert sorted(number for chunk in chunks for number in chunk) == list(range(44))
    assert max(map(len, chunks)) == 16


def test_small_inputs_get_one_process() -> None:
    assert _processes([_file(1000)] * 50, 8) == 1
    assert _processes([_file(100_000)] * 50, 8) == 8
    assert _processes([_file(10_000_000)], 8) == 1
    assert _processes([_file(100_000)] * 5, 8) == 3


@pytest.mark.skipif(not FORKS, reason="without forks this is done here")
def test_memory_projects_and_timings() -> None:
    timings = Timings()
    project = MemoryProject({"a.py": b"x = 1\n", "b.go": b"package b\n"})
    report = check(project, Settings(), timings=timings, execution=Execution(workers=True))
    assert report.files == {"go": 1, "python": 1}
    assert {"read", "parse and lower", "extract", "local rules"} <= set(timings.parts["map"])
    assert timings.counts["map"] == {"cached": 0, "read": 2}
    text = timings.text()
    assert text.splitlines()[0].startswith("total ")
    assert "0 cached, 2 read" in text


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("arguments", [(), ("--no-progress",), ("-q",)])
def test_progress_is_for_terminals(tree: Path, arguments: tuple[str, ...]) -> None:
    import pty

    ours, theirs = pty.openpty()
    for number in range(120):
        (tree / f"more{number}.py").write_text("x = [1, 2, 3]\n" * 800)
    command = [sys.executable, "-m", "backend_lint", "check", ".", "--no-cache",
               "--select", "unused-suppression", *arguments]  # fmt: skip
    subprocess.run(
        command, cwd=tree, stdout=subprocess.DEVNULL, stderr=theirs, check=False, timeout=60
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65_536):
            shown += data
    except OSError:
        pass
    os.close(ours)
    assert (b"of 241 files" in shown) == (not arguments)
