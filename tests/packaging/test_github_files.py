"""The action and the workflows against GitHub's schemas, which check-jsonschema brings along."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.CompletedProcess[str]]

_CHECKOUT = Path(__file__).parents[2]
_ACTION = _CHECKOUT / "action.yml"
_EXAMPLES = sorted((_CHECKOUT / "examples").glob("*.yml"))
_WORKFLOWS = [*sorted((_CHECKOUT / ".github" / "workflows").glob("*.yml")), *_EXAMPLES]
_OWN = "backend-lint/backend-lint@"


def _refused(start: Start, kind: str, file: Path) -> str:
    """What check-jsonschema says of a file that does not fit, empty if it fits."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}", file]
    done = start(command, cwd=_CHECKOUT)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr if done.returncode else ""


def _id(path: Path) -> str:
    return path.relative_to(_CHECKOUT).as_posix()


def test_action(start: Start) -> None:
    assert not _refused(start, "github-actions", _ACTION)


@pytest.mark.parametrize("workflow", _WORKFLOWS, ids=_id)
def test_workflow(start: Start, workflow: Path) -> None:
    assert not _refused(start, "github-workflows", workflow)


def test_schemas_refuse(start: Start, tmp_path: Path) -> None:
    action = _read(_ACTION)
    action["runs"]["steps"][1].pop("shell")
    (tmp_path / "action.yml").write_text(yaml.safe_dump(action))
    assert _refused(start, "github-actions", tmp_path / "action.yml")
    (tmp_path / "ci.yml").write_text("on: push\njobs:\n  test:\n    steps: []\n")
    assert _refused(start, "github-workflows", tmp_path / "ci.yml")


@pytest.mark.parametrize("workflow", _EXAMPLES, ids=_id)
def test_examples_use_inputs_that_exist(workflow: Path) -> None:
    jobs = _read(workflow)["jobs"].values()
    used = [step for job in jobs for step in job["steps"] if step.get("uses", "").startswith(_OWN)]
    assert used
    for step in used:
        assert set(step.get("with", ())) <= set(_read(_ACTION)["inputs"])


def test_actionlint(start: Start) -> None:
    if shutil.which("actionlint") is None:
        # Its package on PyPI has no wheels and downloads a binary from elsewhere when it is built.
        pytest.skip("actionlint is not installed")
    done = start(["actionlint", *_WORKFLOWS], cwd=_CHECKOUT)
    assert done.returncode == 0, done.stdout + done.stderr


def _read(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return data
