"""Options, exit codes and streams."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_lint import __version__

_BAD = "x = 1  # backend-lint: ignore[no-such-rule]\n"
_CLEAN = "x = 1\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_LINE = "src/bad.py:1:10: warning unknown-suppression No rule is named 'no-such-rule'.\n"


@pytest.mark.usefixtures("project")
def test_findings(run: Run) -> None:
    result = run("check", ".", "--output-format", "concise")
    assert result.returncode == 1
    assert result.stdout == _LINE + "Found 1 finding (1 warning) in 2 files.\n"
    assert result.stderr == ""


@pytest.mark.usefixtures("project")
def test_check_is_the_default_verb(run: Run) -> None:
    assert run("src", "--output-format", "concise").stdout.startswith(_LINE)
    assert run("--output-format", "concise", ".").stdout.startswith(_LINE)
    assert run("clean.py").returncode == 0


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clean.py"], 0),
        (["src"], 1),
        (["src", "--exit-zero"], 0),
        (["src", "--fail-on", "error"], 0),
        (["src", "--fail-on", "warning"], 1),
        (["src", "--severity", "error"], 0),
        (["src", "--ignore", "hygiene"], 0),
        (["src", "--select", "unused-suppression"], 0),
        (["src", "--select", "unused-suppression,unknown-suppression"], 1),
        (["src", "--per-path", "src/**:hygiene"], 0),
        (["src", "--config", "ignore = ['hygiene']"], 0),
        (["src/bad.py", "--extend-exclude", "src"], 1),
        (["src/bad.py", "--extend-exclude", "src", "--force-exclude"], 0),
        (["gone.py"], 2),
        (["src", "--select", "no-such-rule"], 2),
        (["src", "--per-path", "src"], 2),
        (["src", "--trust", "nobody"], 2),
        (["src", "--output", "sarif"], 2),
        (["src", "--output-format", "xml"], 2),
        (["src", "--config", "gone.toml"], 2),
        (["src", "--no-such-option"], 2),
        (["src", "-o", "gone/report.txt"], 2),
        (["src", "-o", "src"], 2),
        (["-"], 2),
        (["-", "src", "--stdin-filename", "a.py"], 2),
    ],
)
def test_exit_codes(run: Run, arguments: list[str], code: int) -> None:
    result = run(*arguments)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    if code == 2:
        assert result.stdout == ""
        assert result.stderr


def test_nothing_to_check(run: Run, tmp_path: Path) -> None:
    result = run("check", ".")
    assert (result.returncode, result.stdout) == (0, "No findings in 0 files.\n")
    (tmp_path / "README.md").write_text("text")
    assert run("README.md").returncode == 0


def test_messages_about_wrong_use(run: Run) -> None:
    assert run("check", "gone.py").stderr == "error: no such file or directory: gone.py\n"
    result = run("check", ".", "--select", "unused-suppresion")
    assert result.stderr == (
        "error: no rule or family is named 'unused-suppresion'\n"
        "hint: did you mean 'unused-suppression'?\n"
    )


def test_configuration_error(run: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.backend-lint]\nselet = []\n")
    result = run("check", ".")
    assert result.returncode == 2
    assert "pyproject.toml:2: unknown key 'selet'" in result.stderr
    assert "hint: did you mean 'select'?" in result.stderr
    assert run("check", ".", "--isolated").returncode == 1


def test_configuration_and_options(run: Run, project: Path) -> None:
    (project / "backend-lint.toml").write_text('ignore = ["unknown-suppression"]\n')
    assert run("check", ".").returncode == 0
    assert run("check", ".", "--select", "unknown-suppression").returncode == 1
    assert run("check", ".", "--isolated").returncode == 1
    other = project / "other.toml"
    other.write_text('severity = "error"\n')
    assert run("check", ".", "--config", "other.toml").returncode == 0
    shown = json.loads(run("check", ".", "--show-settings").stdout)
    assert shown["ignore"] == ["unknown-suppression"]
    assert shown["severity"] == "note"
    assert "unknown-suppression" not in shown["rules"]
    assert "malformed-suppression" in shown["rules"]
    assert shown["trust"] == "remote"
    shown = json.loads(run("check", ".", "--trust", "library", "--show-settings").stdout)
    assert shown["trust"] == "library"


@pytest.mark.usefixtures("project")
def test_environment(run: Run) -> None:
    result = run("check", ".", BACKEND_LINT_OUTPUT_FORMAT="concise", BACKEND_LINT_EXIT_ZERO="1")
    assert result.stdout.startswith(_LINE)
    assert result.returncode == 0
    assert run(".", BACKEND_LINT_IGNORE="hygiene").returncode == 0


def test_limits_and_cache_in_settings(run: Run, project: Path) -> None:
    (project / "backend-lint.toml").write_text("jobs = 3\ntimeout = 7\n")
    shown = json.loads(run("check", ".", "--show-settings").stdout)
    assert (shown["jobs"], shown["timeout"]) == (3, 7.0)
    assert len(Path(shown["cache"]).name) == 32
    arguments = ("check", ".", "--show-settings", "--timeout", "0.5")
    shown = json.loads(run(*arguments, BACKEND_LINT_JOBS="2", BACKEND_LINT_NO_CACHE="1").stdout)
    assert (shown["jobs"], shown["timeout"], shown["cache"]) == (2, 0.5, None)
    shown = json.loads(run("check", ".", "--show-settings", "--cache-dir", "here").stdout)
    assert Path(shown["cache"]).parent == project / "here"
    assert run("check", ".", "-j", "-1").returncode == 2
    assert not (project / "here").exists()


@pytest.mark.usefixtures("project")
def test_machine_formats_are_alone_on_stdout(run: Run) -> None:
    for name in ("json", "sarif"):
        result = run("check", ".", "--output-format", name, "--select", "hygiene")
        assert json.loads(result.stdout)
        assert result.stderr == "Found 1 finding (1 warning) in 2 files.\n"
        assert run("src", "--output-format", name, "-q", "--select", "hygiene").stderr == ""


def test_files_and_several_reports(run: Run, project: Path) -> None:
    result = run(
        "check", ".", "--output-format", "concise", "-o", "out.txt", "--select", "hygiene",
        "--output", "sarif=out.sarif", "--output", "json=out.json",
    )  # fmt: skip
    assert result.stdout == "Found 1 finding (1 warning) in 2 files.\n"
    assert (project / "out.txt").read_text() == _LINE + result.stdout
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((project / "out.json").read_text())["version"] == 1
    left = {path.name for path in project.iterdir()}
    assert left == {".git", "src", "clean.py", "out.txt", "out.sarif", "out.json"}


def test_paths_are_shown_from_the_working_directory(run: Run, project: Path) -> None:
    result = run("check", "bad.py", "--output-format", "concise", cwd=project / "src")
    assert result.stdout.startswith("bad.py:1:10:")
    other = project / "other"
    other.mkdir()
    result = run("check", "../src", "--output-format", "concise", cwd=other)
    assert result.stdout.startswith("../src/bad.py:1:10:")


def test_machine_paths_do_not_depend_on_the_working_directory(run: Run, project: Path) -> None:
    options = ("--output-format", "sarif", "-q", "--select", "hygiene")
    here = run("check", ".", *options)
    there = run("check", "..", *options, cwd=project / "src")
    assert here.stdout == there.stdout


def test_sarif_paths_start_at_the_repository(run: Run, project: Path) -> None:
    (project / "src" / "backend-lint.toml").touch()
    result = run("check", "src", "--output-format", "sarif", "--sarif-category", "api",
                 "--select", "hygiene", "-q")  # fmt: skip
    (sarif_run,) = json.loads(result.stdout)["runs"]
    place = sarif_run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "src/bad.py"}
    assert sarif_run["automationDetails"] == {"id": "backend-lint/api/"}


def test_without_a_root_only_the_given_paths_are_read(run: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bad.py").write_text(_BAD)
    result = run("check", "a", "--output-format", "concise")
    assert result.stdout.splitlines()[-1] == "Found 1 finding (1 warning) in 1 file."
    assert run("check", "a", "--show-files").stdout == "a/bad.py\n"


@pytest.mark.usefixtures("project")
def test_standard_input(run: Run) -> None:
    result = run("check", "-", "--stdin-filename", "src/new.py", "--output-format", "concise",
                 stdin=_BAD)  # fmt: skip
    assert result.returncode == 1
    assert result.stdout.startswith("src/new.py:1:10:")
    assert result.stdout.endswith("in 1 file.\n")
    assert run("check", "-", "--stdin-filename", "src/bad.py", stdin=_CLEAN).returncode == 0
    assert run("check", "-", "--stdin-filename", "README.md", stdin=_CLEAN).returncode == 0


@pytest.mark.usefixtures("project")
def test_show_files(run: Run) -> None:
    assert run("check", ".", "--show-files").stdout == "clean.py\nsrc/bad.py\n"
    assert run("check", "src", "--show-files").stdout == "src/bad.py\n"


@pytest.mark.usefixtures("project")
def test_statistics_and_timing(run: Run) -> None:
    result = run("check", ".", "--statistics", "--timing")
    assert result.stdout == (
        "      1 unknown-suppression\nFound 1 finding (1 warning) in 2 files.\n"
    )
    assert result.stderr.startswith("total ")
    assert "\nmap  " in result.stderr


def test_what_was_not_looked_at(run: Run, project: Path) -> None:
    (project / "broken.py").write_text("x = (\n")
    (project / "a.min.js").write_text("x")
    result = run("check", ".", "--select", "unused-suppression")
    assert result.returncode == 0
    assert result.stdout == (
        "No findings in 3 files; not looked at: 2 (1 generated, 1 syntax error).\n"
    )
    assert result.stderr == (
        "warning: broken.py: syntax error in line 1; only the rest was analysed\n"
    )
    assert run("check", ".", "--select", "unused-suppression", "--strict").returncode == 2
    assert "a.min.js: generated or bundled" in run("check", ".", "-v").stderr
    assert run("check", ".", "-q").stderr == ""


@pytest.mark.usefixtures("project")
def test_color(run: Run) -> None:
    assert "\x1b" not in run("check", ".").stdout
    assert "\x1b[" in run("check", ".", "--color", "always").stdout
    assert "\x1b[" in run("check", ".", FORCE_COLOR="1").stdout
    assert "\x1b" not in run("check", ".", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b" not in run("check", ".", "--color", "never", FORCE_COLOR="1").stdout


def test_explain(run: Run) -> None:
    result = run("explain", "unused-suppression")
    assert result.stdout.startswith("# unused-suppression\n")
    assert "expect[" not in result.stdout
    result = run("explain", "unused-supression")
    assert result.returncode == 2
    assert "did you mean 'unused-suppression'?" in result.stderr


def test_rules(run: Run) -> None:
    text = run("rules", "--family", "hygiene").stdout
    assert text.splitlines()[0] == "hygiene"
    assert "unknown-suppression" in text
    entries = json.loads(run("rules", "--family", "hygiene", "--output-format", "json").stdout)
    assert [entry["name"] for entry in entries] == [
        "malformed-suppression", "unknown-suppression", "unused-suppression",
    ]  # fmt: skip
    assert run("rules", "--family", "hygene").returncode == 2


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"backend-lint {__version__}\n"
    assert run("version").stdout == f"backend-lint {__version__}\n"


def test_help(run: Run) -> None:
    assert "check" in run("--help").stdout
    result = run("check", "--help")
    assert "--output-format" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_start_up_is_light() -> None:
    code = (
        "import sys; from backend_lint.__main__ import run; run(['--version']);"
        "heavy = {'sqlglot', 'libcst', 'bandit', 'tree_sitter', 'pathspec', 'msgspec', 'yaml'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [f"backend-lint {__version__}", "[]"]


def test_new_rule_refuses_wrong_names(run: Run) -> None:
    assert "kebab-case" in run("new-rule", "BadName", "--family", "data").stderr
    result = run("new-rule", "good-name", "--family", "dta")
    assert result.returncode == 2
    assert "did you mean 'data'?" in result.stderr
    assert run("new-rule", "unused-suppression", "--family", "data").returncode == 2
