"""One line on a terminal that says how far the run is."""

from __future__ import annotations

import sys
import time

_EVERY = 0.1
_ERASE = "\r\x1b[K"


class Progress:
    """Counts files on standard error; silent unless `shown` and standard error is a terminal.

    Args:
        total: how many files there are.
        shown: the user did not switch it off.
    """

    def __init__(self, total: int, *, shown: bool) -> None:
        self._total = total
        self._done = 0
        self._last = time.monotonic()
        self._shown = shown and sys.stderr.isatty()
        self._written = False

    def step(self) -> None:
        """One more file is done."""
        self._done += 1
        if not self._shown or time.monotonic() - self._last < _EVERY:
            return
        self._last = time.monotonic()
        self._written = True
        sys.stderr.write(f"{_ERASE}{self._done:,} of {self._total:,} files")
        sys.stderr.flush()

    def end(self) -> None:
        """Remove the line."""
        if self._written:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
