"""The cache: a run that uses it says what a run without it says, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_lint.cache import files as cached_files
from backend_lint.cache.tool import tool_state
from backend_lint.diagnostic import DiagnosticKind
from backend_lint.discovery import in_scope
from backend_lint.driver import check
from backend_lint.finding import Confidence, Finding, Location, Severity
from backend_lint.map_stage import Execution
from backend_lint.project import DiskProject, OverlayProject
from backend_lint.registry import Registry
from backend_lint.reporters import render
from backend_lint.rule import Family, Rule
from backend_lint.settings import Settings
from backend_lint.source import Region
from backend_lint.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend_lint.report import Report
    from backend_lint.unit import Unit

_BAD = "x = 1  # backend-lint: ignore[no-such-rule]\n"
_UNUSED = "x = 1  # backend-lint: ignore[select-star]\n"
_QUERY = (
    "import sqlite3\n"
    "db = sqlite3.connect('a')\n"
    "def find(name):\n"
    "    return db.execute(f\"SELECT * FROM t WHERE n = '{name}'\").fetchall()\n"
)
_USE = "from flask import request\nfrom a import find\nfind(request.args['n'])\n"


class Place:
    """A project on disk with a cache beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.cache = root / "caches" / "one"
        self.root.mkdir()
        self.timings = Timings()

    def write(self, name: str, text: str, age: float = 60.0) -> None:
        """A file that was changed some seconds ago."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (time.time() - age, time.time() - age))

    def run(self, cached: bool = True, **options: Any) -> Report:
        chosen = options.pop("settings", Settings(select=("ALL",)))
        self.timings = Timings()
        return check(
            options.pop("project", None) or DiskProject(self.root),
            chosen,
            registry=Registry(),
            timings=self.timings,
            execution=Execution(cache=self.cache if cached else None),
            **options,
        )

    @property
    def read(self) -> int:
        """How many files the last run read."""
        return self.timings.counts["map"]["read"]

    def same(self, **options: Any) -> Report:
        """The report of a run, which a run without a cache would have made, too."""
        report, cold = self.run(**options), self.run(cached=False, **options)
        for name in ("json", "sarif", "full"):
            assert render(name, report) == render(name, cold)
        assert report.diagnostics == cold.diagnostics
        if "scopes" in options and options.get("whole", True):
            whole = self.run(cached=False, **{**options, "scopes": ("",)})
            assert _found(report) == [
                found for found in _found(whole) if in_scope(found.location.path, options["scopes"])
            ]
        self.run(**options)
        return report


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def _no_racy_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times count from the moment of the change; these tests do not wait."""
    monkeypatch.setattr(cached_files, "_RACY_NS", -3_600_000_000_000)


@pytest.mark.usefixtures("_no_racy_window")
def test_what_did_not_change_is_not_read(place: Place) -> None:
    place.write("a.py", _QUERY)
    place.write("b.py", _BAD)
    place.run()
    assert place.read == 2
    assert place.same().findings
    assert place.read == 0
    assert place.timings.counts["link"]["judged"] == 0


@pytest.mark.usefixtures("_no_racy_window")
def test_changes(place: Place) -> None:
    place.write("a.py", _QUERY)
    place.write("b.py", _USE)
    place.write("c.py", _BAD)
    first = place.same()
    place.write("c.py", _BAD.replace("1", "2"), age=30)  # as large as before
    place.run()
    assert place.read == 1
    (place.root / "c.py").rename(place.root / "d.py")
    assert [item.finding.location.path for item in place.same().findings][-1] == "d.py"
    (place.root / "d.py").unlink()
    assert len(place.same().findings) == len(first.findings) - 1
    place.write("a.py", _QUERY.replace("n = '{name}'", "1 = 1"))
    assert len(place.same().findings) < len(first.findings) - 1


@pytest.mark.usefixtures("_no_racy_window")
def test_touched_file_is_hashed_once_and_not_read(place: Place) -> None:
    place.write("a.py", _BAD)
    place.run()
    os.utime(place.root / "a.py")
    project = _Counting(place.root)
    for reads in (1, 0):
        project.reads = 0
        place.run(project=project, settings=Settings(select=("select-star",)))
        assert place.read == 0
        assert project.reads - 1 == reads  # the report reads it for its directive


class _Counting(DiskProject):
    reads = 0

    def read(self, path: str) -> bytes:
        self.reads += path.endswith(".py")
        return super().read(path)


def test_change_within_a_tick_of_the_clock_is_seen(place: Place) -> None:
    place.write("a.py", _BAD, age=0)
    status = (place.root / "a.py").stat()
    assert place.run().findings
    (place.root / "a.py").write_text(_BAD.replace("no-such-rule", "unused-rule!"))
    os.utime(place.root / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "unused-rule!" in place.same().findings[0].finding.message


@pytest.mark.usefixtures("_no_racy_window")
def test_time_that_was_set_back_does_not_hide_a_change(place: Place) -> None:
    place.write("a.py", _BAD)
    status = (place.root / "a.py").stat()
    place.run()
    (place.root / "a.py").write_text(_BAD.replace("no-such-rule", "unused-rule!"))
    os.utime(place.root / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "unused-rule!" in place.same().findings[0].finding.message


_SELECTIONS = [("hygiene",), ("select-star",), ("ALL",), ("malformed-suppression",), ("injection",)]


@pytest.mark.usefixtures("_no_racy_window")
def test_selections_and_scopes_do_not_poison_one_another(place: Place) -> None:
    place.write("a/a.py", _QUERY)
    place.write("b.py", _UNUSED)
    place.write("c.py", _BAD)
    for selection in (*_SELECTIONS, *reversed(_SELECTIONS)):
        for scopes in (("",), ("a",), ("b.py",), ("",)):
            place.same(settings=Settings(select=selection), scopes=scopes)
    assert place.read == 0
    place.same(scopes=("a",), whole=False)
    place.run()
    assert place.read == 0
    place.same(settings=Settings(extend_exclude=("b.py",)))
    place.same()


def test_local_findings_are_those_of_the_chosen_rules(place: Place) -> None:
    ran: list[str] = []

    def rule(name: str) -> Rule:
        def find(unit: Unit) -> Iterator[Finding]:
            ran.append(name)
            yield Finding(name, Location(unit.source.path, Region(0, 1)), f"Found {name}.")
            if unit.source.path == "b.py":
                raise ValueError(name)

        return Rule(name=name, family=Family.DATA, severity=Severity.ERROR,
                    confidence=Confidence.HIGH, check=find)  # fmt: skip

    one, two = rule("one"), rule("two")
    place.write("a.py", "x = 1\n")
    place.write("b.py", "x = 2\n")

    def found(*rules: Rule) -> list[str]:
        report = place.run(rules=rules)
        crashes = [item.message.rpartition(" ")[2] for item in report.diagnostics]
        assert crashes == [rule.name for rule in rules]
        return [item.rule.name for item in report.findings if item.finding.location.path == "a.py"]

    assert found(one) == ["one"]
    assert found(one, two) == ["one", "two"]
    ran.clear()
    place.write("a.py", "x = 3\n", age=20)
    assert found(one, two) == ["one", "two"]
    assert sorted(ran) == ["one", "one", "two", "two"]  # b.py crashed and was not kept


_NAMES = st.sampled_from(["a.py", "b.py", "c.py", "d/e.py", "f.sql"])
_TEXTS = st.sampled_from(
    [_QUERY, _USE, _BAD, _UNUSED, "x = (\n", "", "SELECT 1;\n", "x = 1\n", _BAD + _QUERY]
)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), _NAMES, _TEXTS),
        st.tuples(st.just("touch"), _NAMES, st.just("")),
        st.tuples(st.just("delete"), _NAMES, st.just("")),
        st.tuples(st.just("rename"), _NAMES, _NAMES),
        st.tuples(st.just("run"), st.sampled_from(["", "a.py", "d"]), st.just("")),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=_STEPS, is_racy=st.booleans())
def test_a_cached_run_equals_a_cold_one(steps: list[tuple[str, str, str]], is_racy: bool) -> None:
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 6000))
    with _directory() as directory, pytest.MonkeyPatch.context() as patch:
        if not is_racy:
            patch.setattr(cached_files, "_RACY_NS", -3_600_000_000_000)
        place = Place(directory)
        for what, name, more in steps:
            path = place.root / name
            if what == "write":
                place.write(name, more)
            elif what == "run":
                place.same(scopes=(name,))
            elif not path.is_file():
                continue
            elif what == "touch":
                path.touch()
            elif what == "delete":
                path.unlink()
            else:
                (place.root / more).parent.mkdir(exist_ok=True)
                path.rename(place.root / more)
        place.same()


@contextmanager
def _directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp())
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def _found(report: Report) -> list[Finding]:
    return [item.finding for item in report.findings]


def _damage(kind: str) -> Callable[[bytes], bytes]:
    return {
        "empty": lambda _data: b"",
        "foreign": lambda _data: b"something else",
        "cut": lambda data: data[:-7],
        "head": lambda data: data[:80] + bytes(8) + data[88:],
        "area": lambda data: data[:-20] + bytes(20),
        "zeros": lambda data: bytes(len(data)),
    }[kind]


@pytest.mark.parametrize("kind", ["empty", "foreign", "cut", "head", "area", "zeros"])
@pytest.mark.parametrize("name", ["files", "judged"])
def test_damaged_cache_is_told_and_replaced(place: Place, kind: str, name: str) -> None:
    place.write("a.py", _QUERY)
    place.run()
    file = place.cache / name
    file.write_bytes(_damage(kind)(file.read_bytes()))
    if kind == "area" and name == "files":
        (place.cache / "judged").unlink()
    report = place.run()
    assert [item.kind for item in report.diagnostics] == [DiagnosticKind.CACHE]
    assert "the cache" in report.diagnostics[0].message
    assert not report.diagnostics[0].incomplete
    assert _found(report) == _found(place.run(cached=False))
    assert place.run().diagnostics == ()


def test_record_that_does_not_fit_is_made_again(place: Place) -> None:
    place.write("a.py", _BAD)
    place.run()
    state = msgspec.msgpack.encode({"path": 1})
    cache = cached_files.FileCache(place.cache / "files", _state_in(place))
    cache.close()
    cache._kept["a.py"] = msgspec.structs.replace(cache._kept["a.py"], record=msgspec.Raw(state))
    cache._changed = True
    with cached_files.FileCache(place.cache / "files", _state_in(place)) as whole:
        cache._file = whole._file
        cache.save(("",), ["a.py"], cache.cards)
    assert place.same().findings


def _state_in(place: Place) -> bytes:
    from backend_lint.cache.place import SealedFile

    file = SealedFile(place.cache / "files")
    file.close()
    state = msgspec.msgpack.decode(file.head)[0]
    assert isinstance(state, bytes)
    return state


def test_another_version_is_not_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("a.py", _BAD)
    place.run()
    monkeypatch.setattr("backend_lint.cache.tool.__version__", "9.9.9")
    report = place.run()
    assert (place.read, report.diagnostics) == (1, ())


def test_state_of_the_tool_follows_code_and_models(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    before = tool_state(tmp_path)
    (tmp_path / "models" / "a.toml").write_text("a = 1")
    with_model = tool_state(tmp_path)
    (tmp_path / "models" / "a.toml").write_text("a = 11")
    states = {before, with_model, tool_state(tmp_path)}
    assert len(states) == 3
    (tmp_path / "page.md").write_text("pages are read when they are shown")
    assert tool_state(tmp_path) in states


def test_unsaved_text_is_not_kept(place: Place) -> None:
    place.write("a.py", "x = 1\n")
    place.run()
    overlay = OverlayProject(DiskProject(place.root), "a.py", _BAD.encode())
    assert place.run(project=overlay).findings
    assert place.run().findings == ()
    assert place.read == 0


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
def test_cache_that_cannot_be_written(place: Place) -> None:
    place.write("a.py", _BAD)
    place.cache.parent.mkdir()
    place.cache.write_text("a file where the directory should be")
    report = place.run()
    (said,) = report.diagnostics
    assert (said.kind, said.incomplete) == (DiagnosticKind.CACHE, False)
    assert _found(report) == _found(place.run(cached=False))


def test_full_disk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    place.write("a.py", _BAD)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    (said,) = place.run().diagnostics
    assert said.message == "the cache cannot be written: no space left on device"
    assert not list(place.cache.glob("*.tmp"))


def test_nothing_is_written_where_nothing_changed(place: Place) -> None:
    place.write("a.py", _BAD)
    place.run()
    place.run()
    before = {path.name: path.stat().st_mtime_ns for path in place.cache.iterdir()}
    place.run()
    assert {path.name: path.stat().st_mtime_ns for path in place.cache.iterdir()} == before


def _command(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend_lint", *arguments], cwd=place.root, capture_output=True,
        text=True, check=False, timeout=60,
        env=os.environ | {"BACKEND_LINT_CACHE_DIR": str(place.cache.parent)},
    )  # fmt: skip


_HEAVY = ("tree_sitter", "sqlglot", "libcst", "bandit", "multiprocessing")
_ASK = (
    "import sys\n"
    "from backend_lint.__main__ import run\n"
    "code = run(sys.argv[1:])\n"
    f"heavy = [m for m in sys.modules if m.split('.')[0] in {_HEAVY!r}]\n"
    "parts = ('frontends', 'facts.extract', 'index', 'dataflow', 'rules.hygiene.')\n"
    "heavy += [m for m in sys.modules if m.startswith(tuple('backend_lint.' + p for p in parts))]\n"
    "print(sorted(heavy), file=sys.stderr)\n"
    "sys.exit(code)\n"
)


def test_warm_run_imports_no_analysis(place: Place) -> None:
    (place.root / ".git").mkdir()
    place.write("a.py", _QUERY)
    place.write("b.py", _BAD)
    arguments = ["check", ".", "--cache-dir", str(place.cache)]
    results = [
        subprocess.run(
            [sys.executable, "-c", _ASK, *arguments], cwd=place.root, capture_output=True,
            text=True, check=False,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert results[0].stdout == results[1].stdout
    assert results[1].returncode == 1
    assert "'tree_sitter" in results[0].stderr
    assert results[1].stderr == "[]\n"


def test_two_runs_at_once(place: Place) -> None:
    (place.root / ".git").mkdir()
    for number in range(30):
        place.write(f"a{number}.py", _BAD)
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "backend_lint", "check", ".", "--cache-dir", str(place.cache)],
            cwd=place.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    outputs = {process.communicate(timeout=60) for process in runs}
    assert len(outputs) == 1
    ((_, errors),) = outputs
    assert errors == ""
    assert not list(place.cache.rglob("*.tmp"))


def test_only_given_files_are_reported_and_all_are_linked(place: Place) -> None:
    (place.root / ".git").mkdir()
    place.write("a.py", _QUERY)
    place.write("b.py", _USE)
    options = ("--output-format", "concise", "-q", "--select", "sql-injection")
    cold = _command(place, "check", "a.py", "--no-cache", *options)
    assert "sql-injection" in cold.stdout
    _command(place, "check", ".", *options)
    place.write("a.py", _QUERY + "y = 1\n", age=10)
    warm = _command(place, "check", "a.py", "--timing", *options)
    assert warm.stdout == cold.stdout
    assert "1 cached, 1 read" in warm.stderr


def test_clean(place: Place) -> None:
    (place.root / ".git").mkdir()
    place.write("src/a.py", "x = 1\n")
    assert _command(place, "clean").stderr == ""
    _command(place, "check", ".")
    (kept,) = (path for path in place.cache.parent.iterdir() if path.is_dir())
    assert _command(place, "clean").stderr == f"removed {kept}\n"
    _command(place, "check", "src", "--no-cache")
    assert not kept.exists()
    _command(place, "check", ".")
    (place.cache.parent / "mine").mkdir()
    assert _command(place, "clean", "--all").stderr == f"removed {kept}\n"
    assert (place.cache.parent / "mine").exists()


def test_a_project_cannot_name_the_cache(place: Place) -> None:
    (place.root / "backend-lint.toml").write_text('cache-dir = ".cache"\n')
    result = _command(place, "check", ".")
    assert result.returncode == 2
    assert "unknown key 'cache-dir'" in result.stderr
