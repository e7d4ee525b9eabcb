"""The trees that are measured: one a language, one of all, and pieces of it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend_lint.driver import discover_files
from backend_lint.frontends import PROGRAMMING_LANGUAGES
from backend_lint.loading import load
from backend_lint.project import DiskProject
from backend_lint.settings import Settings
from benchmarks.packages import UnavailableError, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from benchmarks.packages import Package

PIECE_LINES = 50_000


@dataclass(frozen=True)
class Tree:
    """A project on disk.

    Attributes:
        name: what it is called in the report.
        root: its folder, which looks like a git repository.
        listing: a file with the sources that a check analyses, as `parse_only.py` reads it.
        files: their number.
        lines: theirs.
    """

    name: str
    root: Path
    listing: Path
    files: int
    lines: int


class Corpus:
    """All trees, below one folder.

    Args:
        folder: where the trees are built; what is there is replaced.
        downloads: what is kept between runs.
        packages: what they are built from.
        note: told what cannot be had.
    """

    def __init__(
        self,
        folder: Path,
        downloads: Path,
        packages: Sequence[Package],
        note: Callable[[str], None],
    ) -> None:
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        everything = folder / "all"
        languages: list[str] = []
        for package in packages:
            try:
                sources = unpacked(package, downloads)
            except UnavailableError as error:
                note(f"left out: {error}")
                continue
            languages.append(package.language)
            for source in sources:
                _link_tree(source, everything / package.language / package.label)
        _prune(everything)
        names = list(dict.fromkeys(languages))
        self.languages = {name: self._tree(name, everything / name) for name in names}
        if not names:
            raise UnavailableError("no package of the corpus can be had")
        self.all = self._tree("all", everything)

    def pieces(self) -> list[Tree]:
        """The whole tree cut into projects of about the same size, neighbours together."""
        root = self._folder / "pieces"
        return [
            self._linked(f"{number}", root / str(number), paths)
            for number, paths in enumerate(_cut(_sources(self.all.root)))
        ]

    def piece(self, language: str) -> Tree:
        """The first piece of a language, or all of it if that is less."""
        tree = self.languages[language]
        paths = next(_cut(_sources(tree.root)), None)
        if paths is None:
            return tree
        root = self._folder / f"piece-{language}"
        shutil.rmtree(root, ignore_errors=True)
        for path in paths:
            _link(tree.root / path, root / path)
        return self._tree(f"{language}-piece", root)

    def part(self, lines: int) -> Tree:
        """Pieces from all over the whole tree with about that many lines."""
        root = self._folder / "part"
        shutil.rmtree(root, ignore_errors=True)
        pieces = list(_cut(_sources(self.all.root)))
        wanted = min(len(pieces), max(1, round(lines / PIECE_LINES)))
        chosen = [pieces[number * len(pieces) // wanted] for number in range(wanted)]
        paths = [path for piece in chosen for path in piece]
        return self._linked("part", root, paths)

    def _linked(self, name: str, root: Path, paths: Iterable[str]) -> Tree:
        for path in paths:
            _link(self.all.root / path, root / path)
        return self._tree(name, root)

    def _tree(self, name: str, root: Path) -> Tree:
        (root / ".git").mkdir(parents=True)
        sources = _sources(root)
        listing = self._folder / f"{name}.json"
        parsed = [(lang, str(root / path)) for path, lang, _ in sources if lang]
        listing.write_text(json.dumps(parsed), encoding="utf-8")
        return Tree(name, root, listing, len(parsed), sum(lines for _, _, lines in sources))


def _sources(root: Path) -> list[tuple[str, str, int]]:
    """The files that a check of the tree looks at: path, language if it is parsed, lines."""
    project = DiskProject(root)
    found = discover_files(project, Settings(), scopes=("",), whole=True)
    result = []
    for file in found.files:
        is_parsed = file.language in PROGRAMMING_LANGUAGES
        source = load(project, file.path, file.language).source if is_parsed else None
        if source is not None:
            result.append((file.path, file.language.value, source.data.count(b"\n")))
        elif not is_parsed:
            result.append((file.path, "", 0))
    return result


def _cut(sources: Iterable[tuple[str, str, int]]) -> Iterator[list[str]]:
    piece: list[str] = []
    size = 0
    for path, _, lines in sources:
        piece.append(path)
        size += lines
        if size >= PIECE_LINES:
            yield piece
            piece, size = [], 0
    if size >= PIECE_LINES // 2:
        yield piece


def _prune(root: Path) -> None:
    """Remove what a check does not look at, such as tests, so that others do not, either."""
    kept = {path for path, _, _ in _sources(root)}
    for folder, _, names in os.walk(root):
        for name in names:
            place = Path(folder) / name
            if place.relative_to(root).as_posix() not in kept and name != "go.mod":
                place.unlink()


def _link_tree(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source):
        for name in names:
            place = Path(folder) / name
            if place.is_file() and not place.is_symlink():
                _link(place, target / source.name / place.relative_to(source))


def _link(source: Path, target: Path) -> None:
    """The same file under a second name, or a copy where the disk has no such thing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
