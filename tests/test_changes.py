"""After any edit, a check of the changed files says what a cold check of everything says of them."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backend_lint.driver import check
from backend_lint.map_stage import Execution
from backend_lint.project import DiskProject
from backend_lint.registry import default_registry
from backend_lint.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_lint.finding import Finding

_FIXTURES = Path(__file__).parents[1] / "fixtures"
_NAMES = sorted(
    path.name for path in _FIXTURES.iterdir() if path.is_dir() and path.suffix != ".golden"
)
_ENDINGS = {".py", ".js", ".ts", ".go", ".sql"}
_ROUNDS = 4


@pytest.mark.parametrize("name", _NAMES)
def test_changed_files(name: str, tmp_path: Path) -> None:
    root, cache = tmp_path / "project", tmp_path / "cache"
    shutil.copytree(_FIXTURES / name, root)
    paths = sorted(path for path in root.rglob("*") if path.suffix in _ENDINGS)
    choose = random.Random(name)
    _findings(root, cache)
    for _ in range(_ROUNDS):
        changed = choose.sample(paths, min(len(paths), choose.randint(1, 3)))
        for path in changed:
            _edit(path, choose)
        scopes = sorted(path.relative_to(root).as_posix() for path in changed)
        cold = _findings(root, None)
        assert _findings(root, cache, scopes) == [
            finding for finding in cold if finding.location.path in scopes
        ]
        if choose.random() < 0.5:
            assert _findings(root, cache) == cold


def _edit(path: Path, choose: random.Random) -> None:
    """Take a line away, write one twice, or put one somewhere else."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if not lines:
        return
    at = choose.randrange(len(lines))
    what = choose.choice(("take", "repeat", "move"))
    line = lines[at] if what == "repeat" else lines.pop(at)
    if what != "take":
        lines.insert(choose.randint(0, len(lines)), line)
    path.write_text("".join(lines), encoding="utf-8")


def _findings(root: Path, cache: Path | None, scopes: Sequence[str] = ("",)) -> list[Finding]:
    report = check(
        DiskProject(root),
        Settings(select=("ALL",), engines={"bandit": "off"}),
        scopes=scopes,
        registry=default_registry(),
        execution=Execution(cache=cache),
    )
    return [item.finding for item in report.findings]
