"""What the installed linter is, in a few bytes: another version must not use our caches."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from backend_lint import __version__
from backend_lint.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDINGS = (".py", ".toml", ".so", ".pyd")
_DEPENDENCIES = ("tree_sitter", "sqlglot", "msgspec", "libcst", "bandit", "stevedore")


def tool_state(*packages: Path) -> bytes:
    """A digest that changes with the code, the models, the rules and what they are built on.

    Files are told apart by path, size and time, not by their contents: this runs at every start.

    Args:
        packages: directories of code beside the linter's own, such as that of the rules.
    """
    parts = [__version__, sys.version, *_dependencies()]
    own = Path(__file__).parent.parent
    for package in sorted({own, *packages}):
        for path, status in _files(os.fspath(package)):
            parts.append(f"{path}\0{status.st_size}\0{status.st_mtime_ns}")
    return digest("\n".join(parts).encode("utf-8", "surrogateescape"))


def _files(directory: str) -> Iterator[tuple[str, os.stat_result]]:
    """The files of a package, in a fixed order."""
    folders: list[str] = []
    with os.scandir(directory) as scan:
        for entry in sorted(scan, key=lambda entry: entry.name):
            if entry.name.endswith(_ENDINGS):
                yield entry.path, entry.stat()
            elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                folders.append(entry.path)
    for folder in folders:
        yield from _files(folder)


def _dependencies() -> list[str]:
    """The installed distributions that results depend on, with their versions."""
    found: set[str] = set()
    for place in sys.path:
        if not place.endswith(("site-packages", "dist-packages")):
            continue
        try:
            names = os.listdir(place)  # noqa: PTH208 - only the names, at every start
        except OSError:
            continue
        found.update(
            name
            for name in names
            if name.endswith((".dist-info", ".egg-info"))
            and name.lower().replace("-", "_").startswith(_DEPENDENCIES)
        )
    return sorted(found)
