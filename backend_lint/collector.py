"""The garbage collector while much is built that stays."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_RARELY = 100_000
"""So many new objects start a collection: some ten megabytes."""


@contextmanager
def collector_off() -> Iterator[None]:
    """No collections in the block; what was there before stays shared with forked processes."""
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        # What the block built counts as old at once: while it is young, the next collection would
        # go through all of it.
        gc.freeze()
        gc.unfreeze()
        if was_on:
            gc.enable()


@contextmanager
def heap_set_aside() -> Iterator[None]:
    """Collections in the block pass over what was there before, and are rare.

    What judging remembers is no garbage, and looking through it ever again takes long.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_RARELY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
