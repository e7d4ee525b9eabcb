"""Where caches lie, and files that are read whole or not at all.

Caches lie in the user's cache directory, never in the reviewed tree: a repository could bring a
forged one that hides its findings. For the same reason no key of a configuration file names
another place, only the command line and the environment do.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backend_lint.digest import DIGEST_SIZE, digest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

_MAGIC = b"backend-lint cache 1\n"
_LENGTH_SIZE = 8
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of backend-lint.\n"


class BadCacheError(Exception):
    """A cache file is there and cannot be used; the message says why."""


def cache_root(chosen: str = "") -> Path:
    """The directory of all caches: the chosen one, or that of the user."""
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("backend-lint", appauthor=False)


def project_directory(root: Path, project: Path) -> Path:
    """The directory for the caches of the project at `project`."""
    return root / digest(os.fsencode(project)).hex()


def remove(directory: Path) -> bool:
    """Remove caches; False where there are none. Raises OSError where they cannot be removed."""
    if not (directory / "CACHEDIR.TAG").is_file():
        return False  # whatever it is, it is not ours
    import shutil

    shutil.rmtree(directory)
    return True


class SealedFile:
    """An open cache file: a checked head, and an area of bytes behind it that is read on request.

    Attributes:
        head: the bytes of the head.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and read its head.

        Raises:
            FileNotFoundError: there is none.
            BadCacheError: it cannot be read, is not ours, or is damaged.
        """
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        flags |= getattr(os, "O_NONBLOCK", 0)
        try:
            self._file: BinaryIO = os.fdopen(os.open(path, flags), "rb", buffering=0)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise FileNotFoundError(path) from error
        except OSError as error:
            raise BadCacheError(_reason(error)) from error
        try:
            self.head = self._read_head()
        except OSError as error:
            self.close()
            raise BadCacheError(_reason(error)) from error
        except BaseException:
            self.close()
            raise

    def _read_head(self) -> bytes:
        status = os.fstat(self._file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BadCacheError("not a regular file")
        if hasattr(os, "geteuid") and status.st_uid not in (os.geteuid(), 0):
            raise BadCacheError("it belongs to another user")
        start = self._file.read(len(_MAGIC) + 2 * _LENGTH_SIZE + DIGEST_SIZE)
        if not start.startswith(_MAGIC):
            raise BadCacheError("of another version, or damaged")
        numbers = start[len(_MAGIC) :]
        size = int.from_bytes(numbers[:_LENGTH_SIZE], "big")
        rest = int.from_bytes(numbers[_LENGTH_SIZE : 2 * _LENGTH_SIZE], "big")
        self._area_start, self._area_size = len(start) + size, rest
        if status.st_size != len(start) + size + rest:
            raise BadCacheError("damaged")
        head = self._file.read(size)
        if digest(head) != numbers[2 * _LENGTH_SIZE :]:
            raise BadCacheError("damaged")
        return head

    def area(self) -> bytes:
        """All bytes behind the head, unchecked. Raises BadCacheError where they cannot be read."""
        try:
            self._file.seek(self._area_start)
            data = self._file.read(self._area_size)
        except OSError as error:
            raise BadCacheError(_reason(error)) from error
        if len(data) != self._area_size:
            raise BadCacheError("damaged")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_sealed(path: Path, head: bytes, area: Iterable[bytes | memoryview] = ()) -> None:
    """Write a cache file; readers see the old one or the whole new one.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    import tempfile  # a warm run writes nothing

    make_directory(path.parent.parent)
    make_directory(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            parts = list(area)
            file.write(_MAGIC)
            file.write(len(head).to_bytes(_LENGTH_SIZE, "big"))
            file.write(sum(map(len, parts)).to_bytes(_LENGTH_SIZE, "big"))
            file.write(digest(head))
            file.write(head)
            file.writelines(parts)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def make_directory(directory: Path) -> None:
    """Make a directory of caches that backup programs and git leave alone."""
    if (directory / "CACHEDIR.TAG").exists():
        return
    is_new = not directory.exists()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_new:
        (directory / ".gitignore").write_text("*\n", encoding="utf-8")
        (directory / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
