"""Worker processes whose limits hold whatever happens inside them.

Every file is given to a process of its own kind, and this side watches: a worker that takes too
long over a file is killed and replaced, one that dies has its file tried again alone, and the
other files that it still had go to its successor. A result therefore never depends on which worker
did what. Memory is bounded by the system in the worker (`RLIMIT_AS`, on Linux).
"""

from __future__ import annotations

import enum
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint import worker as side

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from backend_lint.worker import Work

FORKS = sys.platform != "darwin" and "fork" in multiprocessing.get_all_start_methods()
"""Processes are cheap here. (On macOS its own libraries do not survive a fork.)"""

_START_UP = 60.0
_PATIENCE = 5.0
_LATE = 1.0
_NEARLY_ALL = 0.8


class Loss(enum.Enum):
    """Why there is no result for a file."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    DEATH = "death"
    ERROR = "error"


class Lost(msgspec.Struct, frozen=True):
    """A file without a result; `detail` says more, such as the signal that killed its worker."""

    loss: Loss
    detail: str = ""


class Limits(msgspec.Struct, frozen=True):
    """What a worker may take: `timeout` seconds for a file, `memory` bytes; 0 is no limit."""

    timeout: float = 10.0
    memory: int = 1 << 30


class NoWorkerError(Exception):
    """No worker process can be started."""


class _Worker:
    """A process with what it still has to do; the first of `pending` is what it is at."""

    def __init__(self, process: Any, connection: Connection) -> None:  # noqa: ANN401 - any context
        self.process = process
        self.connection = connection
        self.pending: deque[int] = deque()
        self.ready = False
        self.alone = False
        self.since = time.monotonic()

    def end(self) -> int:
        """Kill it if it still lives; its exit code."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        return int(self.process.exitcode or 0)


def run_limited(
    work: Work,
    chunks: Iterable[Sequence[int]],
    *,
    processes: int,
    limits: Limits,
    parting: Callable[[], bytes] = bytes,
    on_parting: Callable[[bytes], None] | None = None,
) -> Generator[tuple[int, bytes | Lost], None, None]:
    """Do some work in processes; the results as they come, exactly one for each number.

    Close the iterator, if it is left early: that ends the workers.

    Args:
        work: what to do with a number; picklable where processes are not forked.
        chunks: the numbers, in the order and the portions in which they are handed out.
        processes: the most workers at a time.
        limits: those of each worker.
        parting: asked in each worker when nothing is left to do.
        on_parting: told the answers.

    Raises:
        NoWorkerError: not one worker can be started; some results may have been given.
    """
    pool = _Pool(work, chunks, processes, limits, parting)
    with _ended_by_sigterm():
        try:
            yield from pool.results()
            for message in pool.partings():
                if on_parting is not None:
                    on_parting(message)
        finally:
            pool.end()


class _Pool:
    """The workers of one call and what is left to do for them."""

    def __init__(
        self,
        work: Work,
        chunks: Iterable[Sequence[int]],
        processes: int,
        limits: Limits,
        parting: Callable[[], bytes],
    ) -> None:
        self._context: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
        self._work = work
        self._limits = limits
        self._parting = parting
        self._processes = processes
        self._chunks: deque[Sequence[int]] = deque(filter(None, chunks))
        self._again: deque[int] = deque()
        self._workers: list[_Worker] = []

    def results(self) -> Iterator[tuple[int, bytes | Lost]]:
        while True:
            self._hand_out()
            busy = [worker for worker in self._workers if worker.pending]
            if not busy:
                return
            patience = self._patience(busy)
            before = time.monotonic()
            ready = wait([worker.connection for worker in busy], patience)
            self._forgive(busy, before, patience)
            for worker in busy:
                if worker.connection in ready:
                    yield from self._receive(worker)
                elif self._is_late(worker):
                    yield from self._stop_late(worker)

    def partings(self) -> Iterator[bytes]:
        """The last messages of the workers, which end with them."""
        for worker in self._workers:
            with suppress(OSError, EOFError):
                worker.connection.send_bytes(msgspec.msgpack.encode([]))
        for worker in self._workers:
            with suppress(OSError, EOFError):
                while worker.connection.poll(_PATIENCE):
                    message = worker.connection.recv_bytes()
                    if message != side.READY:
                        yield message

    def end(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _hand_out(self) -> None:
        """Give every idle worker something to do, and start workers for the rest.

        What is tried again gets a new worker to itself: neither the past of a worker nor another
        file can be to blame then.
        """
        while self._again or self._chunks:
            idle = next((worker for worker in self._workers if not worker.pending), None)
            is_full = len(self._workers) >= self._processes
            if is_full and idle is None:
                return
            alone = bool(self._again)
            if alone and is_full and idle is not None:
                self._retire(idle)
            worker = self._start() if alone or idle is None else idle
            if worker is None:
                return
            numbers = [self._again.popleft()] if alone else self._chunks.popleft()
            worker.alone = alone
            worker.pending.extend(numbers)
            worker.since = time.monotonic()
            with suppress(OSError):  # its death is noticed when it is waited for
                worker.connection.send_bytes(msgspec.msgpack.encode(list(numbers)))

    def _start(self) -> _Worker | None:
        """A new worker, None where the system allows no more than there are."""
        ours, theirs = self._context.Pipe()
        others = [ours, *(worker.connection for worker in self._workers)] if FORKS else []
        arguments = (theirs, others, self._work, self._limits.memory, self._parting)
        process = self._context.Process(target=side.serve, args=arguments, daemon=True)
        try:
            process.start()
        except OSError as error:
            ours.close()
            if not self._workers:
                raise NoWorkerError((error.strerror or str(error)).lower()) from error
            self._processes = len(self._workers)
            return None
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _retire(self, worker: _Worker) -> int:
        self._workers.remove(worker)
        return worker.end()

    def _patience(self, busy: Sequence[_Worker]) -> float | None:
        """Seconds until the next worker is late."""
        limits = [
            worker.since + (self._limits.timeout if worker.ready else _START_UP)
            for worker in busy
            if self._limits.timeout or not worker.ready
        ]
        return max(0.0, min(limits) - time.monotonic()) if limits else None

    @staticmethod
    def _forgive(busy: Sequence[_Worker], before: float, patience: float | None) -> None:
        """Do not count the time in which this process itself stood still, as after Ctrl-Z."""
        late = time.monotonic() - before - (patience or 0.0)
        if patience is not None and late > _LATE:
            for worker in busy:
                worker.since += late

    def _is_late(self, worker: _Worker) -> bool:
        limit = self._limits.timeout if worker.ready else _START_UP
        return bool(limit) and time.monotonic() - worker.since >= limit

    def _receive(self, worker: _Worker) -> Iterator[tuple[int, bytes | Lost]]:
        """Take one message of a worker, or notice its death."""
        try:
            message = worker.connection.recv_bytes()
        except (EOFError, OSError):
            yield from self._lose(worker)
            return
        worker.since = time.monotonic()
        kind = message[:1]
        if kind == side.READY:
            worker.ready = True
        elif kind == side.NO_MEMORY:
            yield from self._lose(worker, no_memory=True)
        elif kind == side.FAILED:
            detail = message[1:].decode("utf-8", "replace")
            yield worker.pending.popleft(), Lost(Loss.ERROR, detail)
        else:
            yield worker.pending.popleft(), message[1:]

    def _stop_late(self, worker: _Worker) -> Iterator[tuple[int, bytes | Lost]]:
        """Kill a worker that takes too long, and tell the file that it was at."""
        if not worker.ready:
            yield from self._lose(worker)
            return
        number = worker.pending[0]
        worker.process.kill()
        worker.process.join()
        with suppress(OSError, EOFError):  # it may have answered at the last moment
            while worker.pending and worker.connection.poll():
                message = worker.connection.recv_bytes()
                if message[:1] != side.DONE:
                    break
                yield worker.pending.popleft(), message[1:]
        if worker.pending and worker.pending[0] == number:
            worker.pending.popleft()
            yield number, Lost(Loss.TIMEOUT)
        self._retire(worker)
        self._give_back(worker)

    def _lose(
        self, worker: _Worker, *, no_memory: bool = False
    ) -> Iterator[tuple[int, bytes | Lost]]:
        """Replace a worker that died, and settle what becomes of the file that it was at."""
        number = worker.pending.popleft()
        before = _largest_child()
        code = self._retire(worker)
        self._give_back(worker)
        if not worker.alone:
            self._again.append(number)
            return
        if not worker.ready:
            raise NoWorkerError(f"it ends before it starts ({_signal_name(code)})")
        largest = _largest_child()
        is_large = largest > before and largest > _NEARLY_ALL * self._limits.memory
        if no_memory or (self._limits.memory and is_large):
            yield number, Lost(Loss.MEMORY)
        else:
            yield number, Lost(Loss.DEATH, _signal_name(code))

    def _give_back(self, worker: _Worker) -> None:
        """Hand what a worker had left to others."""
        if worker.pending:
            self._chunks.appendleft(list(worker.pending))
            worker.pending.clear()


def _largest_child() -> int:
    """The most bytes that any ended child held at a time, 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def _signal_name(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Unwind on SIGTERM, as on an interrupt, so that no worker is left behind."""
    if os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
