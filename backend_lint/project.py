"""The one port that all input comes through: a tree of files, on disk or in memory.

Nothing else in the linter opens a file of the reviewed project. Paths are relative to the root of
the project, with `/` separators; the root itself is the empty path.
"""

from __future__ import annotations

import enum
import os
import stat
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_READ_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY", "O_CLOEXEC"):
    _READ_FLAGS |= getattr(os, _flag, 0)

# What a file that grew since it was opened is read in.
_PORTION = 1 << 20


class EntryKind(enum.Enum):
    """What stands behind a name in a directory; links are never followed."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    SPECIAL = "special"


# Attributes of an enum class are looked up slowly, and this one is for every file.
_FILE = EntryKind.FILE


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One name in a directory.

    Attributes:
        name: the name without its directory.
        kind: what it is; `SPECIAL` is a FIFO, socket or device and is never opened.
        size: bytes, 0 unless it is a file.
        modified_ns: time of the last change in nanoseconds, 0 where unknown.
        changed_ns: the same of what the system knows about the file, which nobody can set back.
    """

    name: str
    kind: EntryKind
    size: int = 0
    modified_ns: int = 0
    changed_ns: int = 0


class OuterIgnoreFile(msgspec.Struct, frozen=True):
    """An ignore file above the project that also rules over it.

    Attributes:
        prefix: path from the directory of the ignore file to the project root, ending in `/`.
        data: its contents.
    """

    prefix: str
    data: bytes


class Project(Protocol):
    """A tree of files."""

    def entries(self, directory: str) -> list[Entry]:
        """The names in a directory, sorted. Raises OSError where it cannot be read."""
        ...

    def entry(self, path: str) -> Entry | None:
        """What a path names, None where there is nothing."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of a regular file. Raises OSError where it cannot be read."""
        ...

    def outer_ignore_files(self) -> list[OuterIgnoreFile]:
        """The ignore files above the root, outermost first."""
        ...


class DiskProject:
    """A directory on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        # Paths are put together as texts: this happens for every file, and paths of `pathlib` cost
        # as much as opening it.
        self._prefix = os.path.join(self.root, "")  # noqa: PTH118

    def entries(self, directory: str) -> list[Entry]:
        """See `Project.entries`."""
        with os.scandir(self._prefix + directory) as scan:
            found = [self._entry(item) for item in scan]
        found.sort(key=lambda entry: entry.name)
        return found

    @staticmethod
    def _entry(item: os.DirEntry[str]) -> Entry:
        if item.is_file(follow_symlinks=False):
            return _file_entry(item.name, item.stat(follow_symlinks=False))
        if item.is_dir(follow_symlinks=False):
            return Entry(item.name, EntryKind.DIRECTORY)
        return Entry(item.name, EntryKind.LINK if item.is_symlink() else EntryKind.SPECIAL)

    def entry(self, path: str) -> Entry | None:
        """See `Project.entry`."""
        place = self.root / path
        try:
            status = place.lstat()
        except OSError:
            return None
        if stat.S_ISLNK(status.st_mode):
            return Entry(place.name, EntryKind.LINK)
        if stat.S_ISDIR(status.st_mode):
            return Entry(place.name, EntryKind.DIRECTORY)
        if not stat.S_ISREG(status.st_mode):
            return Entry(place.name, EntryKind.SPECIAL)
        return _file_entry(place.name, status)

    def read(self, path: str) -> bytes:
        """See `Project.read`.

        A file that was replaced by a FIFO or a link since it was listed is refused, not opened.
        """
        descriptor = os.open(self._prefix + path, _READ_FLAGS)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a regular file")
            # One byte more than there should be, so that one call reads all and sees the end.
            data = os.read(descriptor, status.st_size + 1)
            if len(data) == status.st_size:
                return data
            parts = [data]
            while data:
                data = os.read(descriptor, _PORTION)
                parts.append(data)
            return b"".join(parts)
        finally:
            os.close(descriptor)

    def outer_ignore_files(self) -> list[OuterIgnoreFile]:
        """See `Project.outer_ignore_files`: those between the git root and ours."""
        top = next((p for p in (self.root, *self.root.parents) if (p / ".git").exists()), None)
        if top is None:
            return []
        found: list[OuterIgnoreFile] = []
        inside = self.root.relative_to(top).parts
        places = [(top / ".git" / "info" / "exclude", 0)]
        for depth in range(len(inside)):
            places.append((top.joinpath(*inside[:depth], ".gitignore"), depth))
        for place, depth in places:
            prefix = "".join(f"{part}/" for part in inside[depth:])
            try:
                found.append(OuterIgnoreFile(prefix, place.read_bytes()))
            except OSError:
                continue
        return found


def _file_entry(name: str, status: os.stat_result) -> Entry:
    return Entry(name, _FILE, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class MemoryProject:
    """Files in memory, for tests, examples and standard input."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._directories: dict[str, dict[str, Entry]] = {"": {}}
        for path, data in sorted(self._files.items()):
            self._add(path, Entry(path.rpartition("/")[2], EntryKind.FILE, len(data)))

    def _add(self, path: str, entry: Entry) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._directories:
            self._directories[folder] = {}
            self._add(folder, Entry(folder.rpartition("/")[2], EntryKind.DIRECTORY))
        self._directories[folder][entry.name] = entry

    def entries(self, directory: str) -> list[Entry]:
        """See `Project.entries`."""
        if directory not in self._directories:
            raise FileNotFoundError(directory)
        return sorted(self._directories[directory].values(), key=lambda entry: entry.name)

    def entry(self, path: str) -> Entry | None:
        """See `Project.entry`."""
        if path in self._directories:
            return Entry(path.rpartition("/")[2], EntryKind.DIRECTORY)
        folder, _, name = path.rpartition("/")
        return self._directories.get(folder, {}).get(name)

    def read(self, path: str) -> bytes:
        """See `Project.read`."""
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def outer_ignore_files(self) -> list[OuterIgnoreFile]:
        """See `Project.outer_ignore_files`: there are none."""
        return []


class OverlayProject:
    """A project with the contents of one file replaced, as an editor or a pipe gives it."""

    def __init__(self, base: Project, path: str, data: bytes) -> None:
        self._base = base
        self._path = path
        self._data = data

    def entries(self, directory: str) -> list[Entry]:
        """See `Project.entries`."""
        try:
            found = self._base.entries(directory)
        except OSError:
            found = []
        folder, _, name = self._path.rpartition("/")
        if folder == directory:
            found = [entry for entry in found if entry.name != name]
            found.append(Entry(name, EntryKind.FILE, len(self._data)))
            found.sort(key=lambda entry: entry.name)
        return found

    def entry(self, path: str) -> Entry | None:
        """See `Project.entry`."""
        if path == self._path:
            return Entry(path.rpartition("/")[2], EntryKind.FILE, len(self._data))
        return self._base.entry(path)

    def read(self, path: str) -> bytes:
        """See `Project.read`."""
        return self._data if path == self._path else self._base.read(path)

    def outer_ignore_files(self) -> list[OuterIgnoreFile]:
        """See `Project.outer_ignore_files`."""
        return self._base.outer_ignore_files()
