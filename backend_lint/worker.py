"""What runs in a worker process: one file after the other, within its limits."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import FrameType

Work: TypeAlias = Callable[[int], bytes]
"""The work on the file of a number; raises nothing but MemoryError."""

READY, DONE, NO_MEMORY, FAILED = b"r", b"d", b"m", b"f"
"""The first byte of what a worker sends: it can start, a result, no memory, an exception."""

RECURSION_LIMIT = 6000
"""Deep enough for generated code that people commit; the front ends and rules recurse."""


def serve(
    connection: Connection,
    others: Sequence[Connection],
    work: Work,
    memory: int,
    parting: Callable[[], bytes],
) -> None:
    """Do the work that comes through a connection until it is closed or an empty task comes.

    Args:
        connection: brings lists of numbers, takes one message for each number.
        others: open ends that came along with the fork and would keep other workers alive.
        work: what to do.
        memory: bytes of address space that it may take; 0 for no limit.
        parting: the last message, asked for after the empty task.
    """
    for other in others:
        other.close()
    # The parent hears of an interrupt and ends us; a traceback from here would only disturb.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    allow_depth()
    # What was there before the fork stays shared; what the work leaves is freed by its count.
    gc.freeze()
    gc.disable()
    if memory:
        limit_memory(memory)
    try:
        connection.send_bytes(READY)
        while numbers := msgspec.msgpack.decode(connection.recv_bytes(), type=list[int]):
            for number in numbers:
                connection.send_bytes(_answer(work, number))
        connection.send_bytes(parting())
    except (EOFError, ConnectionError):
        pass  # nobody listens any more


def _answer(work: Work, number: int) -> bytes:
    try:
        return DONE + work(number)
    except MemoryError:
        return NO_MEMORY
    except Exception as error:
        return FAILED + f"{type(error).__name__}: {error}".encode("utf-8", "replace")


def allow_depth() -> None:
    """Let the caller recurse to the same depth wherever it was called from."""
    depth = 0
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + RECURSION_LIMIT)


def limit_memory(amount: int) -> None:
    """Bound the address space to some bytes more than it has; nothing where that cannot be done."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no pathlib here
            present = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = present + amount
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        # A process that was out of memory leaves no image of it behind.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    except (ImportError, OSError, ValueError):
        return
