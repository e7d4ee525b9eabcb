"""Other linters, installed at pinned versions into a folder of their own, and how each is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.packages import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.corpus import Tree

_SEMGREP_RULES = Path(__file__).parent / "semgrep_rules.yml"
_NODE_PACKAGES = (
    "eslint@10.15.0", "eslint-plugin-security@4.1.0", "typescript-eslint@8.73.0",
    "typescript@5.9.3",
)  # fmt: skip
_ESLINT_CONFIG = """\
import security from "eslint-plugin-security";
import tseslint from "typescript-eslint";

export default [
  { files: ["**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}"], ...security.configs.recommended },
  {
    files: ["**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}"],
    languageOptions: { parser: tseslint.parser },
    linterOptions: { reportUnusedDisableDirectives: "off" },
  },
];
"""


@dataclass(frozen=True)
class Peer:
    """Another linter.

    Attributes:
        name: with its version.
        language: the tree that it is compared on.
        must: how many times as long it has to take at least; 0 for no budget.
        small: it is slow enough to be compared on a piece of the tree.
        command: how it is run on a tree, in the folder of the tree.
        codes: the exit codes of a run that went well.
    """

    name: str
    language: str
    must: float
    small: bool
    command: Callable[[Tree], Sequence[str | Path]]
    codes: tuple[int, ...]


def peers(folder: Path, note: Callable[[str], None]) -> list[Peer]:
    """Those that can be installed here."""
    found: list[Peer] = []
    for make in (_bandit, _ruff, _eslint, _semgrep):
        try:
            found.extend(make(folder))
        except UnavailableError as error:
            note(f"left out: {error}")
    return found


def _bandit(folder: Path) -> list[Peer]:
    script = _from_pypi(folder, "bandit", "1.9.4")

    def command(tree: Tree) -> Sequence[str | Path]:
        return [script, "-q", "-r", "-f", "json", "-o", folder / "bandit.json", "--exit-zero", "."]

    return [Peer("bandit 1.9.4", "python", 2, False, command, (0,))]


def _ruff(folder: Path) -> list[Peer]:
    script = _from_pypi(folder, "ruff", "0.17.5")

    def command(tree: Tree) -> Sequence[str | Path]:
        return [script, "check", "--isolated", "--select", "S", "--no-cache", "-q", "--exit-zero"]

    return [Peer("ruff 0.17.5 (S rules)", "python", 0, False, command, (0,))]


def _semgrep(folder: Path) -> list[Peer]:
    script = _from_pypi(folder, "semgrep", "1.172.0")

    def command(tree: Tree) -> Sequence[str | Path]:
        return [
            script, "scan", "--metrics=off", "--disable-version-check", "--jobs", "1", "-q",
            "--no-git-ignore", "--config", _SEMGREP_RULES, "--json", "--output",
            folder / "semgrep.json", ".",
        ]  # fmt: skip

    return [
        Peer("semgrep 1.172.0 (our 10 rules)", language, 0, True, command, (0,))
        for language in ("python", "ecmascript", "go")
    ]


def _eslint(folder: Path) -> list[Peer]:
    home = folder / "eslint"
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise UnavailableError("eslint-plugin-security: node and npm are not installed")
    if not (home / "done").exists():
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true, "type": "module"}\n')
        _install(
            "eslint-plugin-security",
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts",
             *_NODE_PACKAGES],
            home,
        )  # fmt: skip
        (home / "done").touch()
    config = home / "eslint.config.mjs"
    config.write_text(_ESLINT_CONFIG)

    def command(tree: Tree) -> Sequence[str | Path]:
        script = home / "node_modules" / "eslint" / "bin" / "eslint.js"
        return ["node", script, "-c", config, "-f", "json", "-o", folder / "eslint.json", "."]

    return [Peer("eslint 10.15.0, plugin-security 4.1.0", "ecmascript", 2, False, command, (0, 1))]


def _from_pypi(folder: Path, name: str, version: str) -> Path:
    """The command of a package from PyPI, in an environment of its own."""
    home = folder / f"{name}-{version}"
    script = home / "bin" / name
    if not script.exists():
        shutil.rmtree(home, ignore_errors=True)
        _install(name, [sys.executable, "-m", "venv", str(home)], folder)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        try:
            _install(name, [*pip, f"{name}=={version}"], folder)
        except UnavailableError:
            shutil.rmtree(home, ignore_errors=True)
            raise
    return script


def _install(name: str, command: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise UnavailableError(f"{name}: it cannot be installed ({said[-1]})")
