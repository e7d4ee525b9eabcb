"""The map stage: everything that is done with one file alone.

A pure function of the file's text and the rules; its result is one msgpack value, which a worker
process can return and a cache can keep. No syntax tree and no IR leaves this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.directives import Directive, read_directives
from backend_lint.facts.values import FileFacts
from backend_lint.finding import Finding
from backend_lint.loading import load
from backend_lint.source import Language, Region
from backend_lint.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        diagnostics: what went wrong with it.
        crashed: the local rules that did not finish on it.
    """

    path: str
    language: Language
    analysed: bool
    facts: FileFacts | None = None
    findings: tuple[Finding, ...] = ()
    directives: tuple[Directive, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    crashed: tuple[str, ...] = ()


def map_path(project: Project, file: SourcePath, rules: Sequence[Rule]) -> FileRecord:
    """Read and map one file; never raises."""
    loaded = load(project, file.path, file.language)
    if loaded.source is None:
        return FileRecord(file.path, file.language, False, diagnostics=loaded.diagnostics)
    record = map_file(loaded.source, rules)
    return msgspec.structs.replace(record, diagnostics=loaded.diagnostics + record.diagnostics)


def map_file(source: SourceFile, rules: Sequence[Rule]) -> FileRecord:
    """Map one file.

    Never raises: what fails becomes a diagnostic, and the rest of the result stands.

    Args:
        source: the file.
        rules: those whose `check` runs; others are passed over.
    """
    try:
        return _map_file(source, rules)
    except RecursionError:
        message = "nested too deeply to be analysed"
        said = Diagnostic(DiagnosticKind.LIMIT, source.path, message)
    except MemoryError:
        said = Diagnostic(DiagnosticKind.MEMORY, source.path, "too little memory to analyse it")
    except Exception as error:
        said = Diagnostic(
            DiagnosticKind.CRASH, source.path, f"the analysis failed: {in_one_line(error)}"
        )
    return FileRecord(source.path, source.language, False, diagnostics=(said,))


def _map_file(source: SourceFile, rules: Sequence[Rule]) -> FileRecord:
    from backend_lint.facts.extract import extract
    from backend_lint.frontends import PROGRAMMING_LANGUAGES, lower

    module: Module | None = None
    facts: FileFacts | None = None
    comments: tuple[Region, ...] = ()
    diagnostics: list[Diagnostic] = []
    if source.language in PROGRAMMING_LANGUAGES:
        lowered = lower(source)
        module, comments = lowered.module, lowered.comments
        facts = extract(source, module)
        diagnostics.extend(_syntax_errors(source, lowered.errors))
    elif source.language is Language.SQL:
        from backend_lint.facts.sql_files import extract_sql

        facts = extract_sql(source)
    findings, crashes = _local_findings(Unit(source, module), rules)
    diagnostics.extend(crashes.values())
    return FileRecord(
        path=source.path,
        language=source.language,
        analysed=True,
        facts=facts,
        findings=tuple(sorted(findings, key=lambda item: item.sort_key)),
        directives=read_directives(source, module, comments),
        diagnostics=tuple(diagnostics),
        crashed=tuple(crashes),
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
