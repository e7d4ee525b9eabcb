"""The map stage over all files: what is cached is taken, the rest is done in worker processes.

What a file yields depends on nothing but its contents, the rules and the limits. Whether it came
from a cache, from which process and in which order, does not show in the result.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.collector import collector_off
from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.mapping import (
    FileRecord,
    Mapped,
    encoded,
    is_out_of_memory,
    map_file,
    map_path,
    of_rules,
)
from backend_lint.progress import Progress
from backend_lint.source import SourceFile
from backend_lint.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from backend_lint.cache.files import FileCache
    from backend_lint.discovery import SourcePath
    from backend_lint.project import Project
    from backend_lint.rule import Rule
    from backend_lint.workers import Lost

_MOST_PROCESSES = 16
_BYTES_PER_PROCESS = 200_000
_CHUNK_BYTES = 64_000
_CHUNK_FILES = 16
_INLINE_BYTES = 400_000


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is carried out; only its limits can influence the result.

    Attributes:
        workers: files are mapped in worker processes, which alone can hold the limits; without
            them everything happens in this process, as tests and libraries want it.
        jobs: the most processes; 0 asks the machine.
        timeout: seconds for one file; 0 for no limit.
        memory: bytes that a worker may take; 0 for no limit.
        cache: the directory for the caches of the project, None for none.
        progress: show how far the run is, if standard error is a terminal.
    """

    workers: bool = False
    jobs: int = 0
    timeout: float = 10.0
    memory: int = 1 << 30
    cache: Path | None = None
    progress: bool = False


class MapResult(msgspec.Struct, frozen=True):
    """The result of the map stage.

    Attributes:
        records: by path, without facts.
        facts: the hash of the facts of each file that has any, by path.
        fresh: the encoded facts of the files that no cache keeps.
        diagnostics: about the stage as a whole.
    """

    records: list[FileRecord]
    facts: dict[str, bytes]
    fresh: dict[str, bytes]
    diagnostics: tuple[Diagnostic, ...] = ()


def map_all(
    project: Project,
    files: Sequence[SourcePath],
    rules: Sequence[Rule],
    *,
    wanted: frozenset[str],
    cache: FileCache | None,
    execution: Execution,
    timings: Timings,
) -> MapResult:
    """Map all files.

    Args:
        project: where they are.
        files: sorted by path.
        rules: the local rules that run.
        wanted: the names of those whose findings are asked for.
        cache: what is known already; it is told what is found out.
        execution: how to do it.
        timings: told the time of the parts.
    """
    records: dict[str, FileRecord] = {}
    facts: dict[str, bytes] = {}
    fresh: dict[str, bytes] = {}
    missing: list[SourcePath] = []
    decoder = msgspec.msgpack.Decoder(FileRecord)
    for file in files:
        known = cache.find(project, file) if cache is not None else None
        record = _decoded(decoder, known)
        if known is None or record is None:
            missing.append(file)
            continue
        records[file.path] = of_rules(record, wanted)
        if known.facts_digest:
            facts[file.path] = known.facts_digest
    timings.count("map", cached=len(records), read=len(missing))
    said: list[Diagnostic] = []
    progress = Progress(len(missing), shown=execution.progress)
    mapping = _map(project, missing, rules, execution=execution, timings=timings, said=said)
    with collector_off(), closing(mapping) as done:
        try:
            for file, mapped in done:
                records[file.path] = of_rules(decoder.decode(mapped.record), wanted)
                if mapped.facts_digest:
                    facts[file.path] = mapped.facts_digest
                is_kept = cache is not None and cache.put(file, mapped)
                if mapped.facts_digest and not is_kept:
                    fresh[file.path] = mapped.facts
                progress.step()
        finally:
            progress.end()
    return MapResult([records[file.path] for file in files], facts, fresh, tuple(said))


def _decoded(
    decoder: msgspec.msgpack.Decoder[FileRecord], known: Mapped | None
) -> FileRecord | None:
    """A cached record; one that does not fit is as good as none."""
    try:
        return decoder.decode(known.record) if known is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _map(
    project: Project,
    files: Sequence[SourcePath],
    rules: Sequence[Rule],
    *,
    execution: Execution,
    timings: Timings,
    said: list[Diagnostic],
) -> Generator[tuple[SourcePath, Mapped], None, None]:
    """The files with their results, in any order."""
    rest = dict.fromkeys(range(len(files)))
    if files and execution.workers:
        from backend_lint.workers import FORKS, Limits, NoWorkerError, run_limited

        # Without forks a process costs more than the analysis of a few files.
        if FORKS or sum(file.size for file in files) > _INLINE_BYTES:
            _prepare(files)
            task = _Task(project, files, rules)
            results = run_limited(
                task,
                _chunks(files),
                processes=_processes(files, execution.jobs),
                limits=Limits(execution.timeout, execution.memory),
                parting=task.parting,
                on_parting=lambda data: timings.add("map", _spent(data)),
            )
            try:
                with closing(results):
                    for number, result in results:
                        del rest[number]
                        yield files[number], _result(files[number], result, execution)
            except NoWorkerError as error:
                message = f"no worker process can be started, so that no limits hold: {error}"
                said.append(Diagnostic(DiagnosticKind.LIMIT, "", message, incomplete=False))
    for number in rest:
        yield files[number], map_path(project, files[number], rules, timings)


def _result(file: SourcePath, result: bytes | Lost, execution: Execution) -> Mapped:
    """What a worker sent, or what is told where it could not send anything."""
    if isinstance(result, bytes):
        return msgspec.msgpack.decode(result, type=Mapped)
    from backend_lint.workers import Loss

    if result.loss is Loss.TIMEOUT:
        message = f"not analysed within {execution.timeout:g} seconds (--timeout)"
        said = Diagnostic(DiagnosticKind.TIMEOUT, file.path, message)
    elif result.loss is Loss.MEMORY:
        limit = execution.memory >> 20
        message = f"too little memory to analyse it (limit of a worker: {limit:,} MiB)"
        said = Diagnostic(DiagnosticKind.MEMORY, file.path, message)
    elif result.loss is Loss.DEATH:
        message = f"the process that analysed it died twice ({result.detail})"
        said = Diagnostic(DiagnosticKind.CRASH, file.path, message)
    else:
        said = Diagnostic(DiagnosticKind.CRASH, file.path, f"the analysis failed: {result.detail}")
    return encoded(FileRecord(file.path, file.language, False, diagnostics=(said,)))


class _Task:
    """The work of a worker: a number stands for a file."""

    def __init__(
        self, project: Project, files: Sequence[SourcePath], rules: Sequence[Rule]
    ) -> None:
        self._project = project
        self._files = files
        self._rules = rules
        self._timings = Timings()
        self._encode = msgspec.msgpack.Encoder().encode

    def __call__(self, number: int) -> bytes:
        """Map a file; see `worker.Work`."""
        mapped = map_path(self._project, self._files[number], self._rules, self._timings)
        if is_out_of_memory(mapped):
            raise MemoryError
        return self._encode(mapped)

    def parting(self) -> bytes:
        """The time of the parts in this process."""
        return self._encode(self._timings.parts.get("map", {}))

    def __getstate__(self) -> dict[str, Any]:
        """What goes to a process that is not forked: functions of rules are loaded there."""
        names = [rule.name for rule in self._rules]
        return {"project": self._project, "files": self._files, "rules": names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from backend_lint.registry import default_registry

        registry = default_registry()
        rules = [registry.rule(name) for name in state["rules"]]
        self.__init__(state["project"], state["files"], rules)  # type: ignore[misc]


def _spent(data: bytes) -> dict[str, float]:
    return msgspec.msgpack.decode(data, type=dict[str, float])


def _chunks(files: Sequence[SourcePath]) -> Iterator[list[int]]:
    """The numbers of the files in small portions, the largest files first."""
    chunk: list[int] = []
    size = 0
    for number in sorted(range(len(files)), key=lambda number: -files[number].size):
        chunk.append(number)
        size += files[number].size
        if size >= _CHUNK_BYTES or len(chunk) == _CHUNK_FILES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _processes(files: Sequence[SourcePath], jobs: int) -> int:
    """How many processes are worth their start."""
    size = sum(file.size for file in files)
    worth = 1 + min(size // _BYTES_PER_PROCESS, len(files) - 1)
    return min(worth, jobs or min(_processors(), _MOST_PROCESSES))


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _prepare(files: Sequence[SourcePath]) -> None:
    """Load before the fork, once for all processes, the front ends and models that files need."""
    from backend_lint.frontends import PROGRAMMING_LANGUAGES
    from backend_lint.models.library import load

    for language in sorted({file.language for file in files}, key=lambda item: item.value):
        if language in PROGRAMMING_LANGUAGES:
            with suppress(Exception):  # where it fails, it fails again with a file to name
                map_file(SourceFile("", language, b""), ())
                load(language.family)
