"""Writing reports: whole or not at all to files, without a traceback to pipes."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from backend_lint.errors import UserError


def write_file(path: Path, text: str) -> None:
    """Write a text as UTF-8; a reader sees the old file or the whole new one.

    Raises:
        UserError: it cannot be written.
    """
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(text.encode("utf-8", "replace"))
        else:
            _replace(path.resolve(), text.encode("utf-8", "replace"))
    except OSError as error:
        raise UserError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error


def _replace(path: Path, data: bytes) -> None:
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those a new file would have."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def check_writable(path: Path) -> None:
    """Raise UserError, before any work is done, where the directory of a file is missing."""
    if not path.absolute().parent.is_dir():
        raise UserError(f"cannot write {path}: its directory does not exist")
    if path.is_dir():
        raise UserError(f"cannot write {path}: it is a directory")


def write_stdout(text: str) -> None:
    """Write a text as UTF-8 to standard output.

    A reader that went away is no error: the rest is dropped.

    Raises:
        UserError: the output cannot be written, as on a full disk.
    """
    if not text:
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_stdout()
    except OSError as error:
        drop_stdout()
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot write to standard output: {reason}") from error


def drop_stdout() -> None:
    """Send what is still to come on standard output nowhere, so that the exit stays silent."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
