"""From the paths on a command line to a project: its root, its settings' file, what is asked about.

The root is the nearest directory, from what the paths have in common upwards, that holds `.git` or
a configuration file. Without any, only the given paths are read, and the root is the working
directory if they lie in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from backend_lint.config import find_config
from backend_lint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Workspace(msgspec.Struct, frozen=True):
    """Where a run takes place.

    Attributes:
        root: the directory of the project, resolved.
        scopes: the given paths relative to the root, `""` for all of it.
        whole: the rest of the project is read as context.
        config: the configuration file of the root, if there is one.
        root_prefix: path from the git repository to the root, empty or ending in `/`.
        base: the working directory that text reports show paths from, resolved.
    """

    root: Path
    scopes: tuple[str, ...]
    whole: bool
    config: Path | None
    root_prefix: str
    base: Path

    def shown_path(self, path: str) -> str:
        """A path of the project as it is written from the working directory."""
        place = self.root / path
        try:
            shown = os.path.relpath(place, self.base)
        except ValueError:  # another drive on Windows
            shown = str(place)
        return shown.replace(os.sep, "/")


def locate(paths: Sequence[str], base: Path) -> Workspace:
    """The workspace of some paths.

    Args:
        paths: as given, relative to `base` or absolute; links are resolved.
        base: the working directory.

    Raises:
        UserError: a path does not exist.
    """
    base = base.resolve()
    places: list[Path] = []
    for path in paths:
        place = base / path
        if not os.path.lexists(place):
            raise UserError(f"no such file or directory: {path}")
        try:
            places.append(place.resolve(strict=True))
        except (OSError, RuntimeError) as error:
            raise UserError(f"a link that leads nowhere: {path}") from error
    return _workspace(places, base)


def locate_new_file(path: str, base: Path) -> Workspace:
    """The workspace of a file that may not exist, as an editor names what it pipes."""
    base = base.resolve()
    return _workspace([(base / path).resolve()], base)


def _workspace(places: Sequence[Path], base: Path) -> Workspace:
    folders = [place if place.is_dir() else place.parent for place in places]
    common = Path(os.path.commonpath(folders))
    root = next((folder for folder in (common, *common.parents) if _is_root(folder)), None)
    whole = root is not None
    if root is None:
        root = base if common.is_relative_to(base) else common
    return Workspace(
        root=root,
        scopes=tuple(_relative(place, root) for place in places),
        whole=whole,
        config=find_config(root),
        root_prefix=_repository_prefix(root),
        base=base,
    )


def _is_root(folder: Path) -> bool:
    return (folder / ".git").exists() or find_config(folder) is not None


def _relative(place: Path, root: Path) -> str:
    relative = place.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _repository_prefix(root: Path) -> str:
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if top is None or top == root:
        return ""
    return f"{root.relative_to(top).as_posix()}/"
