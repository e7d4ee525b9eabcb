"""The shell of the action's steps, run as a runner does with made-up folders and files."""

from __future__ import annotations

import json
import re
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.CompletedProcess[str]]

_ACTION: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "action.yml").read_text(encoding="utf-8")
)
_SCRIPT = Path(sysconfig.get_path("scripts")) / "backend-lint"
_EXPRESSION = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the folders of an environment differ"),
    pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed"),
    pytest.mark.skipif(not _SCRIPT.exists(), reason="the backend-lint command is not installed"),
]


class Runner:
    """A GitHub runner that has done the install step."""

    def __init__(self, start: Start, folder: Path) -> None:
        self._start = start
        self.temp = folder / "temp"
        self.workspace = folder / "workspace"
        self.summary = folder / "summary.md"
        self.output = folder / "output.txt"
        self.sarif = self.temp / "backend-lint.sarif"
        (self.temp / "backend-lint" / "bin").mkdir(parents=True)
        (self.temp / "backend-lint" / "bin" / "backend-lint").symlink_to(_SCRIPT)
        self.workspace.mkdir()
        self.summary.write_text("before\n")
        self.output.touch()

    def step(self, name: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step with these inputs and the defaults of the others."""
        step = next(step for step in _ACTION["runs"]["steps"] if step["name"] == name)
        given = {key.replace("_", "-"): value for key, value in inputs.items()}
        assert set(given) <= set(_ACTION["inputs"])

        def expand(text: str) -> str:
            return _EXPRESSION.sub(
                lambda match: given.get(match[1], _ACTION["inputs"][match[1]]["default"]), text
            )

        script = self.temp / "step.sh"
        script.write_text(step["run"])
        assert "${{" not in step["run"], "an expression in a script lets its value run as shell"
        return self._start(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            RUNNER_TEMP=str(self.temp),
            GITHUB_WORKSPACE=str(self.workspace),
            GITHUB_STEP_SUMMARY=str(self.summary),
            GITHUB_OUTPUT=str(self.output),
            **{key: expand(value) for key, value in step["env"].items()},
        )

    def results(self) -> list[tuple[str, str]]:
        """The rules and files of the SARIF report."""
        found = json.loads(self.sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
        return [
            (item["ruleId"], item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
            for item in found
        ]


@pytest.fixture
def runner(start: Start, tmp_path: Path) -> Runner:
    return Runner(start, tmp_path)


def test_review_reports_and_does_not_fail(runner: Runner, injection: str) -> None:
    (runner.workspace / "users.py").write_text(injection)
    done = runner.step("Review", category="api")
    assert done.returncode == 0, done.stderr
    assert "::error " in done.stdout
    assert "file=users.py" in done.stdout
    assert runner.results() == [("sql-injection", "users.py")]
    run = json.loads(runner.sarif.read_text(encoding="utf-8"))["runs"][0]
    assert run["automationDetails"]["id"] == "backend-lint/api/"
    summary = runner.summary.read_text(encoding="utf-8").splitlines()
    assert summary[:3] == ["before", "### backend-lint", "```text"]
    assert summary[3].startswith("users.py:12:")
    assert summary[-1] == "```"
    assert runner.output.read_text(encoding="utf-8") == f"sarif={runner.sarif}\n"


def test_review_of_a_clean_project(runner: Runner, clean: str) -> None:
    (runner.workspace / "clean.py").write_text(clean)
    done = runner.step("Review")
    assert (done.returncode, done.stdout) == (0, "")
    assert runner.results() == []
    assert runner.output.read_text(encoding="utf-8") == f"sarif={runner.sarif}\n"


def test_review_of_a_path_with_arguments(runner: Runner, injection: str) -> None:
    folder = runner.workspace / "my service"
    folder.mkdir()
    (folder / "users.py").write_text(injection)
    (folder / "more.py").write_text(injection)
    (runner.workspace / "users.py").write_text(injection)
    done = runner.step("Review", path="my service", args="--extend-exclude more.py --tests report")
    assert done.returncode == 0, done.stderr
    assert [rule for rule, _ in runner.results()] == ["sql-injection"]


def test_long_summary_is_cut_and_closed(runner: Runner, injection: str) -> None:
    head, mark, route = injection.partition("@app.get")
    (runner.workspace / "users.py").write_text(head + (mark + route + "\n\n") * 500)
    done = runner.step("Review")
    assert done.returncode == 0, done.stderr
    summary = runner.summary.read_text(encoding="utf-8").splitlines()
    assert len(summary) < 410
    assert summary[-2].startswith("... and 1")
    assert summary[-1] == "```"


def test_review_that_cannot_run_fails(runner: Runner, injection: str) -> None:
    (runner.workspace / "users.py").write_text(injection)
    done = runner.step("Review", args="--select no-such-rule")
    assert done.returncode == 2
    assert "no-such-rule" in done.stderr
    assert runner.output.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("inputs", "code"),
    [({}, 1), ({"fail_on": "error"}, 1), ({"args": "--ignore sql-injection"}, 0)],
    ids=["default", "error", "arguments"],
)
def test_gate(runner: Runner, injection: str, inputs: dict[str, str], code: int) -> None:
    (runner.workspace / "users.py").write_text(injection)
    done = runner.step("Gate", **inputs)
    assert done.returncode == code, done.stderr
    assert ("sql-injection" in done.stdout) == bool(code)


def test_gate_holds_the_level(runner: Runner) -> None:
    (runner.workspace / "note.py").write_text("x = 1  # backend-lint: ignore[sql-injection]\n")
    assert runner.step("Gate", fail_on="note").returncode == 1
    assert runner.step("Gate", fail_on="error").returncode == 0


def test_gate_of_a_clean_project(runner: Runner, clean: str) -> None:
    (runner.workspace / "clean.py").write_text(clean)
    done = runner.step("Gate")
    assert (done.returncode, done.stdout) == (0, "")


def test_order_and_conditions() -> None:
    steps = _ACTION["runs"]["steps"]
    names = [step["name"] for step in steps]
    assert names.index("Review") < names.index("Upload SARIF") < names.index("Gate")
    conditions = {step["name"]: step.get("if") for step in steps}
    assert conditions["Upload SARIF"] == "inputs.upload == 'true'"
    assert conditions["Gate"] == "inputs.fail-on != 'never'"
