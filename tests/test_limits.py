"""Limits that hold whatever happens in a worker: time, memory, death, interrupts."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from backend_lint.diagnostic import DiagnosticKind
from backend_lint.driver import check
from backend_lint.map_stage import Execution
from backend_lint.project import DiskProject
from backend_lint.settings import Settings
from backend_lint.workers import FORKS, Limits, Loss, Lost, run_limited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from backend_lint.finding import Finding
    from backend_lint.report import Report
    from backend_lint.unit import Unit

pytestmark = pytest.mark.skipif(not FORKS, reason="the functions of these tests need a fork")

_MEMORY = 256 << 20


def _run(
    work: Callable[[int], bytes], count: int = 6, *, processes: int = 2, timeout: float = 0.4
) -> dict[int, bytes | Lost]:
    chunks = [list(range(start, min(start + 3, count))) for start in range(0, count, 3)]
    results = list(run_limited(work, chunks, processes=processes, limits=Limits(timeout, _MEMORY)))
    assert sorted(number for number, _ in results) == list(range(count))
    return dict(results)


def _answer(number: int) -> bytes:
    return b"%d" % number


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("place", [0, 1, 5])
def test_hanging_work_is_lost_alone(place: int, processes: int) -> None:
    def work(number: int) -> bytes:
        while number == place:
            time.sleep(0.01)
        return _answer(number)

    results = _run(work, processes=processes)
    assert results.pop(place) == Lost(Loss.TIMEOUT)
    assert results == {number: _answer(number) for number in results}


def test_time_of_one_file_does_not_count_for_another() -> None:
    def work(number: int) -> bytes:
        time.sleep(0.25)
        return _answer(number)

    assert _run(work, processes=1) == {number: _answer(number) for number in range(6)}


def test_no_time_limit() -> None:
    def work(number: int) -> bytes:
        time.sleep(0.1)
        return _answer(number)

    assert len(_run(work, 2, timeout=0)) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux")
def test_memory_hog_is_lost_alone() -> None:
    def work(number: int) -> bytes:
        if number == 1:
            held = [bytearray(16 << 20) for _ in range(100)]
            return b"%d" % len(held)
        return _answer(number)

    results = _run(work, timeout=20)
    assert results.pop(1) == Lost(Loss.MEMORY)
    assert results == {number: _answer(number) for number in results}


def test_memory_left_over_by_others_is_not_held_against_a_file() -> None:
    kept: list[bytearray] = []

    def work(number: int) -> bytes:
        kept.append(bytearray(100 << 20))
        return _answer(number)

    assert _run(work, processes=1, timeout=20) == {number: _answer(number) for number in range(6)}


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGABRT"])
def test_death_is_tried_again_alone_and_then_told(name: str) -> None:
    def work(number: int) -> bytes:
        if number in (1, 4):
            faulthandler.disable()  # pytest's report would only disturb
            os.kill(os.getpid(), getattr(signal, name))
        return _answer(number)

    results = _run(work)
    assert results.pop(1) == results.pop(4) == Lost(Loss.DEATH, name)
    assert results == {number: _answer(number) for number in results}


def test_worker_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    def work(number: int) -> bytes:
        if number == 1 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(3)
        return _answer(number)

    assert _run(work) == {number: _answer(number) for number in range(6)}


def test_exception_is_told() -> None:
    def work(number: int) -> bytes:
        if number == 1:
            raise ValueError("boom")
        return _answer(number)

    assert _run(work)[1] == Lost(Loss.ERROR, "ValueError: boom")


def test_leaving_early_ends_the_workers(tmp_path: Path) -> None:
    def work(number: int) -> bytes:
        (tmp_path / str(os.getpid())).touch()
        if number:
            time.sleep(60)
        return b""

    results = run_limited(work, [[0], [1]], processes=2, limits=Limits())
    next(results)
    results.close()
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name), 0)


def _write(root: Path, **files: str) -> None:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)


def _check(root: Path, **fields: float) -> Report:
    execution = Execution(workers=True, **fields)  # type: ignore[arg-type]
    return check(DiskProject(root), Settings(select=("hygiene",)), execution=execution)


def _misbehave(unit: Unit) -> Iterator[Finding]:
    """What a rule does to the file that says so."""
    yield from ()
    word = unit.source.data.split()[0]
    while word == b"hang":
        pass
    if word == b"hog":
        bytearray(8 << 30)
    if word == b"die":
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="the system bounds memory on Linux")
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_loss_is_told_and_the_run_goes_on(tmp_path: Path, jobs: int) -> None:
    import msgspec

    from backend_lint.registry import default_registry

    bad = "# backend-lint: ignore[no-such-rule]\n"
    _write(tmp_path, a="hang", b="hog", c="die", d=f"ok\n{bad}", e="ok")
    rules = [
        msgspec.structs.replace(rule, check=_misbehave)
        for rule in default_registry().select(select=("hygiene",))
    ]
    report = check(
        DiskProject(tmp_path),
        Settings(),
        rules=rules,
        execution=Execution(workers=True, jobs=jobs, timeout=0.5),
    )
    assert [(item.kind, item.path, item.message) for item in report.diagnostics] == [
        (DiagnosticKind.TIMEOUT, "a.py", "not analysed within 0.5 seconds (--timeout)"),
        (DiagnosticKind.MEMORY, "b.py",
         "too little memory to analyse it (limit of a worker: 1,024 MiB)"),
        (DiagnosticKind.CRASH, "c.py", "the process that analysed it died twice (SIGKILL)"),
    ]  # fmt: skip
    assert all(item.incomplete for item in report.diagnostics)
    assert [item.finding.location.path for item in report.findings] == ["d.py"]
    assert report.files == {"python": 2}


_MISBEHAVING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job of a shell ignores it
sys.path.insert(0, {tests!r})
import msgspec
from backend_lint.registry import default_registry
from test_limits import _misbehave
rules = default_registry()
rule = rules.rule("unused-suppression")
rules._rules[rule.name] = msgspec.structs.replace(rule, check=_misbehave)
from backend_lint.__main__ import run
sys.exit(run({arguments!r}))
"""


def _start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    tests = os.path.dirname(__file__)  # noqa: PTH120 - a text
    given = ["check", ".", "--select", "hygiene", "--no-cache", *arguments]
    code = _MISBEHAVING.format(tests=tests, arguments=given)
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "arguments", "code", "message"),
    [
        ("hang", ("--timeout", "0.5"), 0,
         "warning: bad.py: not analysed within 0.5 seconds (--timeout)\n"),
        ("hang", ("--timeout", "0.5", "--strict", "-j1"), 2,
         "warning: bad.py: not analysed within 0.5 seconds (--timeout)\n"),
        ("die", (), 2, "error: bad.py: the process that analysed it died twice (SIGKILL)\n"),
    ],
)  # fmt: skip
def test_exit_code_and_message(
    tmp_path: Path, word: str, arguments: tuple[str, ...], code: int, message: str
) -> None:
    _write(tmp_path, bad=word, good="x = 1")
    process = _start(tmp_path, *arguments)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, message)
    assert output.startswith("No findings in 1 file")


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:  # noqa: PTH123
        return [int(child) for child in file.read().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for children")
@pytest.mark.parametrize(("signal_", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("to_group", [True, False])
def test_interrupt_leaves_nothing_behind(
    tmp_path: Path, signal_: signal.Signals, code: int, to_group: bool
) -> None:
    _write(tmp_path, bad="hang")
    process = _start(tmp_path, "--timeout", "0")
    patience = time.monotonic() + 30
    while not (children := _children(process.pid)) and time.monotonic() < patience:
        time.sleep(0.05)
    time.sleep(0.3)
    if to_group:
        os.killpg(process.pid, signal_)
    else:
        process.send_signal(signal_)
    try:
        output, errors = process.communicate(timeout=30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # of a failed test nothing stays behind, too
    assert (process.returncode, output) == (code, "")
    assert errors.strip() == ("interrupted" if code == 130 else "")
    assert children
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 10_000,
        "x = " + "[" * 10_000 + "]" * 10_000,
        "x = f" + "(" * 10_000 + ")" * 10_000,
        "if x:\n" + "".join(" " * depth + "if x:\n" for depth in range(1, 600)),
    ],
)
def test_deep_nesting_ends_well(tmp_path: Path, text: str) -> None:
    for ending in ("py", "ts", "go", "sql"):
        (tmp_path / f"deep.{ending}").write_text(text)
    report = _check(tmp_path)
    assert not [item for item in report.diagnostics if item.kind is DiagnosticKind.CRASH]


def test_line_of_a_million_characters(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('x = "' + "a" * 900_000 + '"\n')
    (tmp_path / "a.sql").write_text("SELECT " + "a, " * 300_000 + "b FROM t;\n")
    (tmp_path / "a.yaml").write_text("a: " + "b" * 900_000)
    told = {item.path: item.kind for item in _check(tmp_path).diagnostics}
    assert told.pop("a.py") is DiagnosticKind.MINIFIED
    assert told in ({}, {"a.sql": DiagnosticKind.TIMEOUT})


def test_file_of_100_megabytes(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_bytes(b"x = f(a, b)\n" * 9_000_000)
    (tmp_path / "small.py").write_text("x = 1\n")
    (item,) = _check(tmp_path).diagnostics
    assert (item.kind, item.incomplete) == (DiagnosticKind.TOO_LARGE, True)
    settings = Settings(select=("hygiene",), max_file_size=0)
    report = check(DiskProject(tmp_path), settings, execution=Execution(workers=True, timeout=1))
    (item,) = report.diagnostics
    assert item.path == "large.py"
    assert item.kind in (DiagnosticKind.TIMEOUT, DiagnosticKind.MEMORY)
    assert report.files == {"python": 1}
