"""The command: build the corpus, measure, print the table."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from benchmarks.corpus import Corpus
from benchmarks.packages import FULL, QUICK, UnavailableError
from benchmarks.peers import peers
from benchmarks.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.rows import Row

_PARTS = ("cold", "warm", "memory", "growth", "processes", "engine", "stages", "peers")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the linter against its budgets, as paired ratios of CPU time.",
    )
    parser.add_argument("--quick", action="store_true", help="a small corpus")
    parser.add_argument("--pairs", type=int, default=3, help="how often each pair is measured")
    parser.add_argument(
        "--only", choices=_PARTS, action="append", help="measure these parts (default: all)"
    )
    parser.add_argument("--cache-dir", type=Path, help="where downloads and trees are kept")
    options = parser.parse_args(arguments)
    if sys.platform == "win32":
        parser.error("CPU time of child processes is not to be had on Windows")
    chosen = options.only or _PARTS
    cache = options.cache_dir or user_cache_path("backend-lint-benchmarks")
    notes: list[str] = []

    def note(text: str) -> None:
        notes.append(text)
        _say(text)

    begin = time.monotonic()
    _say("building the corpus (the first run downloads it)")
    size = "quick" if options.quick else "full"
    packages = QUICK if options.quick else FULL
    try:
        corpus = Corpus(cache / "trees" / size, cache / "downloads", packages, note)
    except UnavailableError as error:
        _say(f"error: {error}")
        return 1
    others = peers(cache / "peers", note) if "peers" in chosen else []
    rows = Rows(corpus, max(1, options.pairs))
    parts: dict[str, Iterator[Row]] = {
        name: rows.peers(others) if name == "peers" else getattr(rows, name)() for name in _PARTS
    }
    table: list[Row] = []
    for name in _PARTS:
        if name not in chosen:
            continue
        for row in parts[name]:
            table.append(row)
            _say(f"[{time.monotonic() - begin:4.0f} s] {row.what}: {row.measured}")
    sys.stdout.write(_markdown(table))
    for text in notes:
        sys.stdout.write(f"\n- {text}")
    sys.stdout.write("\n")
    return 0


def _markdown(table: Sequence[Row]) -> str:
    lines = ["| what | must | measured | kept |", "|---|---|---|---|"]
    for row in table:
        kept = "" if row.ok is None else "yes" if row.ok else "**no**"
        lines.append(f"| {row.what} | {row.must} | {row.measured} | {kept} |")
    return "\n".join(lines) + "\n"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
