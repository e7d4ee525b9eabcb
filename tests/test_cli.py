"""The command line as a process: exit codes, streams, options."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_lint import __version__

_BAD = "x = 1  # backend-lint: ignore[no-such-rule]\n"
_CLEAN = "x = 1\n"

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
            if not name.startswith("BACKEND_LINT_") and name not in ("NO_COLOR", "FORCE_COLOR")
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
    (tmp_path / "src" / "bad.py").write_text(_BAD)
    (tmp_path / "clean.py").write_text(_CLEAN)
    return tmp_path


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


@pytest.mark.usefixtures("project")
def test_environment(run: Run) -> None:
    result = run("check", ".", BACKEND_LINT_OUTPUT_FORMAT="concise", BACKEND_LINT_EXIT_ZERO="1")
    assert result.stdout.startswith(_LINE)
    assert result.returncode == 0
    assert run(".", BACKEND_LINT_IGNORE="hygiene").returncode == 0


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
    assert " map " in result.stderr


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

    process = subprocess.Popen(
        [sys.executable, "-m", "backend_lint", "check", "-", "--stdin-filename", "a.py"],
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


def test_new_rule_refuses_wrong_names(run: Run) -> None:
    assert "kebab-case" in run("new-rule", "BadName", "--family", "data").stderr
    result = run("new-rule", "good-name", "--family", "dta")
    assert result.returncode == 2
    assert "did you mean 'data'?" in result.stderr
    assert run("new-rule", "unused-suppression", "--family", "data").returncode == 2
