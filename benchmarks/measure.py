"""One run of a program, and pairs of runs in turn.

On a machine that others use, too, seconds drift; what two programs take right after each other
drifts together, so that their ratio is what can be trusted.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MIB = 1 << 20


@dataclass(frozen=True)
class Run:
    """What one run took.

    Attributes:
        cpu: seconds of user and system time, its children included.
        wall: seconds.
        peak: bytes of its largest process.
        total: bytes of all its processes at one time, shared pages once; 0 where nobody knows.
        text: what it wrote to standard output and standard error.
    """

    cpu: float
    wall: float
    peak: int
    total: int
    text: str


class FailedError(Exception):
    """A program did not do what it was started for."""


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    ok: Sequence[int] = (0,),
    memory: bool = False,
) -> Run:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        cwd: where.
        ok: the exit codes it may end with.
        memory: look at the memory of all its processes meanwhile, which takes time itself.

    Raises:
        FailedError: it ended with another code.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        watch = _Watch(process.pid)
        if memory:
            watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        watch.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode not in ok:
        last = "\n".join(text.strip().splitlines()[-5:])
        raise FailedError(f"{Path(words[0]).name} ended with {process.returncode}: {last}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit, watch.most, text)


def _environment() -> dict[str, str]:
    """The variables of a run: bytecode is kept between runs, as where a package is installed."""
    return {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


class _Watch(threading.Thread):
    """The memory of a process and its descendants, as Linux tells it."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, sum(map(_proportional, _family(self._pid))))

    def stop(self) -> None:
        self._ended.set()
        if self.is_alive():
            self.join()


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        except OSError:
            continue
        found.extend(int(word) for word in text.split())
    return found


def _proportional(pid: int) -> int:
    """Bytes of a process, of pages that several share only its part."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0
    )


@dataclass(frozen=True)
class Ratio:
    """The median of paired ratios, and the lowest and the highest of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 3 if self.median < 0.1 else 2 if self.median < 10 else 1
        low, high = f"{self.low:.{digits}f}", f"{self.high:.{digits}f}"
        return f"{self.median:.{digits}f} ({low} to {high})"


def ratio(pairs: Sequence[tuple[float, float]]) -> Ratio:
    """What the first of each pair is of the second."""
    ratios = [first / second for first, second in pairs]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def in_turn(count: int, *actions: Callable[[], Run]) -> list[list[Run]]:
    """Do the actions A B … A B …; the runs of each.

    The order turns round every time, so that neither profits from being second.
    """
    runs: list[list[Run]] = [[] for _ in actions]
    for number in range(count):
        order = range(len(actions)) if number % 2 == 0 else reversed(range(len(actions)))
        for index in order:
            runs[index].append(actions[index]())
    return runs


def cpu(runs: Sequence[Run]) -> list[float]:
    """Their CPU seconds."""
    return [item.cpu for item in runs]


def mebibytes(size: int) -> float:
    """Bytes as MiB."""
    return size / _MIB
