"""The list of packages in pyproject.toml is the tree: what it forgets vanishes from the wheel."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_ROOT = Path(__file__).parents[1]


def _packages(folder: str, name: str) -> set[str]:
    root = _ROOT / folder
    return {
        ".".join((name, *path.parent.relative_to(root).parts)) for path in root.rglob("__init__.py")
    }


def test_packages_are_the_tree() -> None:
    text = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["tool"]["setuptools"]["packages"]
    tree = _packages("backend_lint", "backend_lint") | _packages("rules", "backend_lint.rules")
    assert sorted(listed) == sorted(tree)
