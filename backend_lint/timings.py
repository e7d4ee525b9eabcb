"""Where the time of a run goes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Timings:
    """Seconds of wall time by stage, in the order of the stages, and by the parts of a stage.

    The parts of the map stage are those of all its processes together.

    Attributes:
        seconds: by stage.
        parts: by stage and part.
        counts: numbers worth telling beside a stage, by stage and name.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.parts: dict[str, dict[str, float]] = {}
        self.counts: dict[str, dict[str, int]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    @contextmanager
    def part(self, stage: str, name: str) -> Iterator[None]:
        """Add the time of the block to a part of a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, {name: time.perf_counter() - start})

    def add(self, stage: str, spent: Mapping[str, float]) -> None:
        """Add seconds to the parts of a stage."""
        parts = self.parts.setdefault(stage, {})
        for name, seconds in spent.items():
            parts[name] = parts.get(name, 0.0) + seconds

    def count(self, stage: str, **numbers: int) -> None:
        """Remember numbers about a stage."""
        self.counts.setdefault(stage, {}).update(numbers)

    def text(self) -> str:
        """A table: seconds and share of each stage, and below it those of its parts."""
        total = sum(self.seconds.values())
        lines = [f"{'total':<12} {total:8.3f} s"]
        for stage, spent in self.seconds.items():
            numbers = ", ".join(f"{n:,} {name}" for name, n in self.counts.get(stage, {}).items())
            share = f"{100 * spent / total if total else 0:4.0f} %"
            lines.append(f"{stage:<12} {spent:8.3f} s {share}  {numbers}".rstrip())
            parts = sorted(self.parts.get(stage, {}).items(), key=lambda item: (-item[1], item[0]))
            lines.extend(f"  {part_spent:18.3f} s   {name}" for name, part_spent in parts)
        return "\n".join(lines) + "\n"
