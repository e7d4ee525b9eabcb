"""One run from a project to its report, as a row of stages.

discover → map each file → link → judge → merge, suppress, apply policy → report
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec

from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.discovery import Discovery, FileChoice, discover, in_scope
from backend_lint.loading import load
from backend_lint.map_stage import Execution
from backend_lint.paths import is_test_path
from backend_lint.policy import Policy
from backend_lint.registry import PageLibrary, Registry, default_registry
from backend_lint.report import Report, ReportedFinding
from backend_lint.settings import TestPolicy
from backend_lint.source import Language, SourceFile
from backend_lint.stages import Caches, Judged, Stages
from backend_lint.suppression import merge_same_line, suppress, without_echoes
from backend_lint.timings import Timings
from backend_lint.worker import RECURSION_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_lint.finding import Finding
    from backend_lint.mapping import FileRecord
    from backend_lint.project import Project
    from backend_lint.rule import Rule
    from backend_lint.settings import Settings


def check(
    project: Project,
    settings: Settings,
    *,
    scopes: Sequence[str] = ("",),
    whole: bool = True,
    root_prefix: str = "",
    registry: Registry | None = None,
    rules: Sequence[Rule] | None = None,
    timings: Timings | None = None,
    execution: Execution | None = None,
) -> Report:
    """Review a project.

    Args:
        project: the files.
        settings: what the user chose.
        scopes: the paths to report about; `""` is the whole project.
        whole: read the rest of the project, too, as context.
        root_prefix: path from the repository root to the project root, ending in `/` if any.
        registry: where rules and pages come from.
        rules: those to run instead of the ones that the settings select.
        timings: filled with the time each stage took.
        execution: how to do it; without it everything happens in this process, without limits.

    Raises:
        UserError: the settings name a rule that does not exist, or the rules are not installed.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    timings = timings or Timings()
    registry = registry or default_registry()
    execution = execution or Execution()
    with ExitStack() as stack:
        caches: Caches | None = None
        if execution.cache is not None:
            with timings.stage("cache"):
                caches = stack.enter_context(Caches(execution.cache, settings, registry))
        with timings.stage("rules"):
            chosen = select_rules(registry, settings) if rules is None else tuple(rules)
        with timings.stage("discover"):
            found = discover_files(project, settings, scopes=scopes, whole=whole)
        stages = Stages(
            project,
            found,
            chosen,
            registry=registry,
            execution=execution,
            timings=timings,
            caches=caches,
            scopes=scopes,
            wants_doubts=Policy(settings, chosen).wants_doubts,
        )
        stages.map()
        if caches is not None:
            with timings.stage("cache"):
                looked_at = ("",) if whole else scopes
                caches.save_files(looked_at, found)
        judged = stages.judge()
        said = [*found.diagnostics, *stages.mapped.diagnostics]
        if caches is not None:
            said += caches.diagnostics
    with timings.stage("report"):
        return make_report(
            project,
            settings,
            stages.mapped.records,
            said,
            judged,
            scopes=scopes,
            root_prefix=root_prefix,
            registry=registry,
            rules=chosen,
        )


def select_rules(registry: Registry, settings: Settings) -> tuple[Rule, ...]:
    """The rules that run, by name."""
    for names in (settings.rule_severity, *settings.per_path.values()):
        registry.check_selectors(names)
    return registry.select(
        select=settings.select,
        extend_select=settings.extend_select,
        ignore=settings.ignore,
        profile=settings.profile,
        bandit=settings.engines.get("bandit", "default"),
    )


def discover_files(
    project: Project, settings: Settings, *, scopes: Sequence[str], whole: bool
) -> Discovery:
    """The files to read.

    Tests are left out altogether unless they are reported: they are no context either, because a
    test that calls a function with constants vouches for nothing.
    """
    choice = FileChoice(
        scopes=tuple(scopes),
        whole=whole,
        exclude=(*settings.exclude, *settings.extend_exclude),
        force_exclude=settings.force_exclude,
        respect_gitignore=settings.respect_gitignore,
        max_file_size=settings.max_file_size,
    )
    found = discover(project, choice)
    if settings.tests is TestPolicy.REPORT:
        return found
    reviewed = tuple(file for file in found.files if not is_test_path(file.path))
    return msgspec.structs.replace(found, files=reviewed)


def make_report(
    project: Project,
    settings: Settings,
    records: Sequence[FileRecord],
    diagnostics: Sequence[Diagnostic],
    judged: Judged,
    *,
    scopes: Sequence[str],
    root_prefix: str,
    registry: Registry,
    rules: Sequence[Rule],
) -> Report:
    """Merge, suppress and apply policy to what was found, and sort it."""
    weaknesses = {rule.name: rule.cwe for rule in rules}
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in (*judged.findings, *(item for record in records for item in record.findings)):
        if in_scope(finding.location.path, scopes):
            by_path[finding.location.path].append(finding)
    wanted = [record for record in records if in_scope(record.path, scopes)]
    sources = _Sources(project, records)
    policy = Policy(settings, rules)
    kept: list[ReportedFinding] = []
    suppressed: list[ReportedFinding] = []
    for record in wanted:
        findings = by_path.get(record.path, [])
        if not findings and not record.directives:
            continue
        source = sources[record.path]
        outcome = suppress(
            record.path,
            merge_same_line(without_echoes(findings, weaknesses, source), sources, policy.rank),
            record.directives,
            source,
            ran={rule.name for rule in rules} - {*judged.crashed, *record.crashed},
            known=registry.names,
        )
        kept.extend(policy.apply(outcome.kept, source))
        suppressed.extend(policy.apply_suppressed(outcome.suppressed, source))
    said = [item for record in records for item in record.diagnostics]
    said.extend(item for record in records for item in record.crashed.values())
    said.extend((*diagnostics, *judged.diagnostics))
    counts = Counter(record.language.family for record in wanted if record.analysed)
    shown = (item for found in (*kept, *suppressed) for item in _paths(found.finding))
    return Report(
        findings=tuple(kept),
        suppressed=tuple(suppressed),
        diagnostics=tuple(
            sorted(
                (item for item in said if _is_told(item, scopes)), key=lambda item: item.sort_key
            )
        ),
        rules=tuple(sorted(rules, key=lambda rule: rule.name)),
        pages=PageLibrary(registry, [rule.name for rule in rules]),
        sources={path: sources[path] for path in sorted(set(shown))},
        files=dict(sorted(counts.items())),
        root_prefix=root_prefix,
    )


def _is_told(diagnostic: Diagnostic, scopes: Sequence[str]) -> bool:
    """Whether a diagnostic concerns what was asked about; a crash always does."""
    everywhere = diagnostic.kind is DiagnosticKind.CRASH or not diagnostic.path
    return everywhere or in_scope(diagnostic.path, scopes)


def _paths(finding: Finding) -> Iterator[str]:
    yield finding.location.path
    for step in (*finding.related, *finding.flow):
        yield step.location.path


class _Sources(dict[str, SourceFile]):
    """The files that findings point into, read again when first asked for."""

    def __init__(self, project: Project, records: Sequence[FileRecord]) -> None:
        super().__init__()
        self._project = project
        self._languages = {record.path: record.language for record in records}

    def __missing__(self, path: str) -> SourceFile:
        language = self._languages.get(path, Language.CONFIG)
        # A file that vanished during the run is an empty one: its findings stay, without code.
        source = load(self._project, path, language).source or SourceFile(path, language, b"")
        self[path] = source
        return source
