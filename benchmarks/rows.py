"""The rows of the table: what is measured, and the budget of each."""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import FailedError, cpu, in_turn, mebibytes, ratio, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus import Corpus, Tree
    from benchmarks.measure import Run
    from benchmarks.peers import Peer

_LINTER = (sys.executable, "-m", "backend_lint")
_PARSE_ONLY = (sys.executable, Path(__file__).parent / "parse_only.py")
_CHANGED_FILES = 3
_CHANGED_LINES = 320


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        what: is measured.
        must: the budget as text, empty for a row without one.
        measured: the result as text.
        ok: the budget is kept; None without one.
    """

    what: str
    must: str
    measured: str
    ok: bool | None = None


def check(tree: Tree, *options: str | Path, jobs: int = 1, bandit: str = "off") -> list[str | Path]:
    """The command for a check of a tree by our own rules; findings are counted and not shown."""
    return [
        *_LINTER, "check", tree.root, "--isolated", "--jobs", str(jobs), "--statistics",
        "--exit-zero", "--engine", f"bandit={bandit}", *(options or ("--no-cache",)),
    ]  # fmt: skip


class Rows:
    """All rows, one after the other.

    Args:
        corpus: what is checked.
        pairs: how often each pair is measured.
    """

    def __init__(self, corpus: Corpus, pairs: int) -> None:
        self._corpus = corpus
        self._pairs = pairs

    def cold(self) -> Iterator[Row]:
        """A check without any cache, of each language; `growth` has that of everything."""
        for tree in self._corpus.languages.values():
            yield _cold(tree, *self._against_parse(check(tree), tree))

    def warm(self) -> Iterator[Row]:
        """A check after which nothing changed, and one after three files did."""
        seconds = statistics.median(cpu([run([*_LINTER, "--version"]) for _ in range(9)]))
        yield Row("`--version`, CPU", "at most 0.10 s", f"{seconds:.3f} s", seconds <= 0.10)
        for tree in (*self._corpus.languages.values(), self._corpus.all):
            with tempfile.TemporaryDirectory() as cache:
                command = check(tree, "--cache-dir", cache)
                run(command)
                yield _warm(tree, *self._against_parse(command, tree))
                if tree is not self._corpus.all:
                    yield _three_files(tree, command)

    def memory(self) -> Iterator[Row]:
        """The peak for about 500,000 lines."""
        tree = self._corpus.part(500_000)
        one = run(check(tree), memory=True)
        two = run(check(tree, jobs=2), memory=True)
        peak = max(one.peak, two.peak)
        together = ""
        if one.total and two.total:
            together = (
                f"; all processes together {mebibytes(one.total):.0f} MiB with one worker, "
                f"{mebibytes(two.total):.0f} MiB with two"
            )
            peak = max(peak, one.total, two.total)
        largest = mebibytes(max(one.peak, two.peak))
        yield Row(
            f"peak memory, cold check, {_about(tree)}",
            "at most 400 MiB",
            f"largest process {largest:.0f} MiB{together}",
            mebibytes(peak) <= 400,
        )

    def growth(self) -> Iterator[Row]:
        """The same files as one project and as projects of 50,000 lines, start-up apart.

        The first also stands for the cold check of everything.
        """
        tree, pieces = self._corpus.all, self._corpus.pieces()
        with tempfile.TemporaryDirectory() as empty:
            (Path(empty) / ".git").mkdir()
            nothing = [*_LINTER, "check", empty, "--isolated", "--no-cache", "--quiet"]
            start = statistics.median(cpu([run(nothing) for _ in range(5)]))
        lines = sum(piece.lines for piece in pieces)
        pairs, parses, checks = [], [], []
        for _ in range(self._pairs):
            parses.append(run([*_PARSE_ONLY, tree.listing]))
            checks.append(run(check(tree)))
            whole = (checks[-1].cpu - start) / tree.lines
            apart = sum(run(check(piece)).cpu - start for piece in pieces) / lines
            pairs.append((whole, apart))
        yield _cold(tree, checks, parses)
        found = ratio(pairs)
        yield Row(
            f"cost a line, one project of {tree.lines:,} lines ÷ {len(pieces)} of 50,000",
            "at most 1.3",
            str(found),
            found.median <= 1.3,
        )

    def processes(self) -> Iterator[Row]:
        """What a second process gains."""
        if (os.cpu_count() or 1) < 2:
            return
        tree = self._corpus.part(500_000)
        one, two = in_turn(self._pairs, lambda: run(check(tree)), lambda: run(check(tree, jobs=2)))
        found = ratio([(a.wall, b.wall) for a, b in zip(one, two, strict=True)])
        more = ratio([(b.cpu, a.cpu) for a, b in zip(one, two, strict=True)])
        load = os.getloadavg()[0]
        yield Row(
            f"one process ÷ two, wall, {_about(tree)}",
            "at least 1.6",
            f"{found}; CPU {more.median:.2f} times; load of the machine {load:.1f}",
            found.median >= 1.6,
        )

    def peers(self, others: Sequence[Peer]) -> Iterator[Row]:
        """Other linters on the same files; ours stands for one process, cold."""
        for peer in others:
            if peer.language not in self._corpus.languages:
                continue
            tree = self._corpus.languages[peer.language]
            if peer.small:
                tree = self._corpus.piece(peer.language)
            command = peer.command(tree)
            try:
                theirs, ours = in_turn(
                    self._pairs,
                    lambda command=command, tree=tree, peer=peer: run(  # type: ignore[misc]
                        command, cwd=tree.root, ok=peer.codes
                    ),
                    lambda tree=tree: run(check(tree)),  # type: ignore[misc]
                )
            except FailedError as error:
                yield Row(f"{peer.name} ÷ ours, {_about(tree)}", "", f"no result: {error}")
                continue
            found = ratio(list(zip(cpu(theirs), cpu(ours), strict=True)))
            seconds = statistics.median(cpu(theirs))
            yield Row(
                f"{peer.name} ÷ ours, {_about(tree)}",
                f"at least {peer.must:g} (design: 5)" if peer.must else "",
                f"{found}; it takes {seconds:.1f} s",
                found.median >= peer.must if peer.must else None,
            )

    def engine(self) -> Iterator[Row]:
        """What the Bandit engine adds, whose part of the whole may be a quarter."""
        tree = self._corpus.languages.get("python")
        if tree is None:
            return
        both, ours = in_turn(
            self._pairs,
            lambda: run(check(tree, bandit="default")),
            lambda: run(check(tree)),
        )
        found = ratio(list(zip(cpu(both), cpu(ours), strict=True)))
        yield Row(
            f"with the Bandit engine ÷ without, cold, {_about(tree)}",
            "at most 1.33",
            str(found),
            found.median <= 1.33,
        )

    def stages(self) -> Iterator[Row]:
        """Where a cold check spends its time, as shares of the whole."""
        for tree in self._corpus.languages.values():
            walks, parses = self._against_parse([*_PARSE_ONLY, tree.listing, "walk"], tree)
            walk = ratio(list(zip(cpu(walks), cpu(parses), strict=True)))
            text = run(check(tree, "--no-cache", "--timing")).text
            total = _seconds(text, "total")
            shares = []
            for name in ("parse and lower", "extract", "local rules", "link", "judge"):
                shares.append(f"{name} {100 * _seconds(text, name) / total:.0f} %")
            yield Row(
                f"stages of a cold check, {_about(tree)}",
                "",
                f"{', '.join(shares)}; parse with a bare walk ÷ parse {walk.median:.2f}",
            )

    def _against_parse(
        self, command: Sequence[str | Path], tree: Tree
    ) -> tuple[list[Run], list[Run]]:
        runs, parses = in_turn(
            self._pairs, lambda: run(command), lambda: run([*_PARSE_ONLY, tree.listing])
        )
        return runs, parses


def _cold(tree: Tree, runs: Sequence[Run], parses: Sequence[Run]) -> Row:
    found = ratio(list(zip(cpu(runs), cpu(parses), strict=True)))
    speed = tree.lines / statistics.median(cpu(runs)) / 1000
    return Row(
        f"cold check ÷ bare parse, {_about(tree)}",
        "at most 9 (design: 2.5)",
        f"{found}; {speed:.0f} thousand lines a second",
        found.median <= 9,
    )


def _warm(tree: Tree, runs: Sequence[Run], parses: Sequence[Run]) -> Row:
    found = ratio(list(zip(cpu(runs), cpu(parses), strict=True)))
    seconds = statistics.median(cpu(runs))
    return Row(
        f"warm check, nothing changed, CPU, {_about(tree)}",
        "at most 0.35 s (design: 0.05 of the parse)",
        f"{seconds:.2f} s; {found} of the parse",
        seconds <= 0.35,
    )


def _three_files(tree: Tree, command: Sequence[str | Path]) -> Row:
    """The check of three files that changed, in a project that is known."""
    files = _ordinary_files(tree)
    words = [word for word in command if word != tree.root]
    runs = []
    for _ in range(5):
        for file in files:
            _change(file)
        runs.append(run([*words, *files]))
    seconds = statistics.median(cpu(runs))
    return Row(
        f"three changed files, warm index, CPU, {_about(tree)}",
        "at most 0.15 s",
        f"{seconds:.2f} s",
        seconds <= 0.15,
    )


def _about(tree: Tree) -> str:
    names = {"python": "Python", "ecmascript": "JS/TS", "go": "Go"}
    name = tree.name.removesuffix("-piece")
    return f"{names.get(name, name)} ({tree.lines:,} lines)"


def _seconds(text: str, name: str) -> float:
    """The seconds of a stage or of a part of one in the output of `--timing`."""
    for line in text.splitlines():
        match = re.match(rf"(?:{name}\s+([\d.]+) s|\s+([\d.]+) s\s+{name}$)", line)
        if match:
            return float(match[1] or match[2])
    return 0.0


def _ordinary_files(tree: Tree) -> list[Path]:
    """The three files nearest to an ordinary length."""
    import json

    paths = [Path(path) for _, path in json.loads(tree.listing.read_text(encoding="utf-8"))]
    ranked = sorted(paths, key=lambda path: (abs(_lines(path) - _CHANGED_LINES), path))
    return ranked[:_CHANGED_FILES]


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _change(path: Path) -> None:
    """Put a new file in the place of the old one, which has other names, too."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data + b"\n")
