"""The map stage: everything that is done with one file alone.

A pure function of the file's text and the rules; its result is one msgpack value, which a worker
process can return and a cache can keep. No syntax tree and no IR leaves this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.digest import digest
from backend_lint.directives import Directive, read_directives
from backend_lint.facts.values import FileFacts
from backend_lint.finding import Finding
from backend_lint.loading import decode, unreadable
from backend_lint.source import Language, Region
from backend_lint.timings import Timings
from backend_lint.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend_lint.discovery import SourcePath
    from backend_lint.ir.nodes import Module
    from backend_lint.project import Project
    from backend_lint.rule import Rule
    from backend_lint.source import SourceFile


class FileRecord(msgspec.Struct, frozen=True):
    """What the map stage knows about a file.

    Attributes:
        path: the file.
        language: what it was read as.
        analysed: it was read; False leaves only diagnostics.
        facts: what the project rules ask, None for files without any.
        findings: those of the local rules, before any policy, sorted.
        directives: its suppressions.
        diagnostics: what went wrong with it, apart from rules.
        crashed: what became of the local rules that did not finish on it, by name.
    """

    path: str
    language: Language
    analysed: bool
    facts: FileFacts | None = None
    findings: tuple[Finding, ...] = ()
    directives: tuple[Directive, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    crashed: dict[str, Diagnostic] = {}


class Mapped(msgspec.Struct, frozen=True, array_like=True):
    """The encoded result of the map stage for a file, as it travels between processes.

    Attributes:
        digest: hash of the contents that were read; empty where the result may differ the next
            time, as when memory ran out, so that it must not be kept.
        record: the encoded `FileRecord`, without facts.
        facts_digest: hash of the encoded facts, empty where there are none.
        facts: the encoded `FileFacts`; empty, too, where a cache still has to be asked for them.
    """

    digest: bytes
    record: bytes
    facts_digest: bytes = b""
    facts: bytes = b""


_PASSING = frozenset({DiagnosticKind.CRASH, DiagnosticKind.MEMORY, DiagnosticKind.TIMEOUT})


def map_path(
    project: Project, file: SourcePath, rules: Sequence[Rule], timings: Timings | None = None
) -> Mapped:
    """Read and map one file; never raises."""
    timings = timings or Timings()
    contents = b""
    try:
        with timings.part("map", "read"):
            data = project.read(file.path)
            loaded = decode(file.path, file.language, data)
            contents = digest(data)
    except OSError as error:
        loaded = unreadable(file.path, error)
    except MemoryError:
        return encoded(_out_of_memory(file.path, file.language))
    if loaded.source is None:
        record = FileRecord(file.path, file.language, False, diagnostics=loaded.diagnostics)
        return encoded(record, contents)
    record = map_file(loaded.source, rules, timings)
    said = loaded.diagnostics + record.diagnostics
    try:
        with timings.part("map", "encode"):
            return encoded(msgspec.structs.replace(record, diagnostics=said), contents)
    except MemoryError:
        return encoded(_out_of_memory(file.path, file.language))
    except Exception as error:
        return encoded(_failed(file.path, file.language, error))


def encoded(record: FileRecord, contents: bytes = b"") -> Mapped:
    """A record as bytes; `contents` is the hash of the file, empty for not to be kept."""
    said = (*record.diagnostics, *record.crashed.values())
    if any(item.kind in _PASSING for item in said):
        contents = b""
    encode = msgspec.msgpack.encode
    if record.facts is None:
        return Mapped(contents, encode(record))
    facts = encode(record.facts)
    light = msgspec.structs.replace(record, facts=None)
    return Mapped(contents, encode(light), digest(facts), facts)


def is_out_of_memory(mapped: Mapped) -> bool:
    """Whether a file may yield more in a process with more memory."""
    if mapped.digest:
        return False
    record = msgspec.msgpack.decode(mapped.record, type=FileRecord)
    return any(item.kind is DiagnosticKind.MEMORY for item in record.diagnostics)


def of_rules(record: FileRecord, names: Collection[str]) -> FileRecord:
    """What a record says of some of its rules; it is the record of a run of those alone."""
    if not record.findings and not record.crashed:
        return record
    return msgspec.structs.replace(
        record,
        findings=tuple(item for item in record.findings if item.rule in names),
        crashed={name: said for name, said in record.crashed.items() if name in names},
    )


def map_file(
    source: SourceFile, rules: Sequence[Rule], timings: Timings | None = None
) -> FileRecord:
    """Map one file.

    Never raises: what fails becomes a diagnostic, and the rest of the result stands.

    Args:
        source: the file.
        rules: those whose `check` runs; others are passed over.
        timings: told the time of each part.
    """
    try:
        return _map_file(source, rules, timings or Timings())
    except RecursionError:
        message = "nested too deeply to be analysed"
        said = Diagnostic(DiagnosticKind.LIMIT, source.path, message)
    except MemoryError:
        return _out_of_memory(source.path, source.language)
    except Exception as error:
        return _failed(source.path, source.language, error)
    return FileRecord(source.path, source.language, False, diagnostics=(said,))


def _out_of_memory(path: str, language: Language) -> FileRecord:
    said = Diagnostic(DiagnosticKind.MEMORY, path, "too little memory to analyse it")
    return FileRecord(path, language, False, diagnostics=(said,))


def _failed(path: str, language: Language, error: Exception) -> FileRecord:
    said = Diagnostic(DiagnosticKind.CRASH, path, f"the analysis failed: {in_one_line(error)}")
    return FileRecord(path, language, False, diagnostics=(said,))


def _map_file(source: SourceFile, rules: Sequence[Rule], timings: Timings) -> FileRecord:
    from backend_lint.facts.extract import extract
    from backend_lint.frontends import PROGRAMMING_LANGUAGES, lower

    module: Module | None = None
    facts: FileFacts | None = None
    comments: tuple[Region, ...] = ()
    diagnostics: list[Diagnostic] = []
    if source.language in PROGRAMMING_LANGUAGES:
        with timings.part("map", "parse and lower"):
            lowered = lower(source)
        module, comments = lowered.module, lowered.comments
        with timings.part("map", "extract"):
            facts = extract(source, module)
        diagnostics.extend(_syntax_errors(source, lowered.errors))
    elif source.language is Language.SQL:
        from backend_lint.facts.sql_files import extract_sql

        with timings.part("map", "extract"):
            facts = extract_sql(source)
    with timings.part("map", "local rules"):
        findings, crashes = _local_findings(Unit(source, module), rules)
    return FileRecord(
        path=source.path,
        language=source.language,
        analysed=True,
        facts=facts,
        findings=tuple(sorted(findings, key=lambda item: item.sort_key)),
        directives=read_directives(source, module, comments),
        diagnostics=tuple(diagnostics),
        crashed=crashes,
    )


def _syntax_errors(source: SourceFile, errors: Sequence[Region]) -> list[Diagnostic]:
    if not errors:
        return []
    line = source.lines.line_at(errors[0].start)
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    message = f"syntax error in line {line}{more}; only the rest was analysed"
    return [Diagnostic(DiagnosticKind.SYNTAX_ERROR, source.path, message, region=errors[0])]


def _local_findings(
    unit: Unit, rules: Sequence[Rule]
) -> tuple[list[Finding], dict[str, Diagnostic]]:
    """The findings of the local rules, and a diagnostic for each that did not finish."""
    findings: list[Finding] = []
    crashes: dict[str, Diagnostic] = {}
    family = unit.source.language.family
    for rule in rules:
        if rule.check is None or family not in rule.languages:
            continue
        try:
            for finding in rule.check(unit):
                findings.append(named(finding, rule))
        except MemoryError:
            raise
        except RecursionError:
            message = f"nested too deeply for the rule {rule.name}"
            crashes[rule.name] = Diagnostic(DiagnosticKind.LIMIT, unit.source.path, message)
        except Exception as error:
            message = f"the rule {rule.name} failed: {in_one_line(error)}"
            crashes[rule.name] = Diagnostic(DiagnosticKind.CRASH, unit.source.path, message)
    return findings, crashes


def named(finding: Finding, rule: Rule) -> Finding:
    """The finding, made by `rule`. Raises ValueError where it bears another name."""
    if finding.rule != rule.name:
        raise ValueError(f"a finding is named {finding.rule!r}")
    return finding


def in_one_line(error: Exception) -> str:
    """An error in one line: its type and message."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
