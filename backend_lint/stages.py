"""The stages between discovery and report: map, link, judge; each asks a cache first.

A warm run in which no file changed decodes neither facts nor links anything: the findings of the
files come from one cache, those of the project rules from the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.cache.place import BadCacheError
from backend_lint.collector import collector_off, heap_set_aside
from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.digest import digest
from backend_lint.discovery import in_scope
from backend_lint.finding import Finding
from backend_lint.layout import ProjectLayout, read_layout
from backend_lint.map_stage import Execution, MapResult, map_all
from backend_lint.mapping import in_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from backend_lint.cache.files import FileCache
    from backend_lint.cache.judged import JudgedCache
    from backend_lint.discovery import Discovery
    from backend_lint.facts.values import FileFacts
    from backend_lint.index import ProjectIndex
    from backend_lint.project import Project
    from backend_lint.registry import Registry
    from backend_lint.rule import Rule
    from backend_lint.settings import Settings
    from backend_lint.timings import Timings


class Judged(msgspec.Struct, frozen=True):
    """The findings of the project rules; `crashed` names the rules that did not finish."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]
    crashed: tuple[str, ...]


class Caches:
    """What earlier runs on a project left; see `backend_lint.cache`."""

    def __init__(self, directory: Path, settings: Settings, registry: Registry) -> None:
        from backend_lint.cache.files import FILE_NAME, FileCache
        from backend_lint.cache.tool import tool_state

        self._directory = directory
        self._registry = registry
        engines = msgspec.msgpack.encode(sorted(settings.engines.items()))
        self.state = digest(tool_state(registry.root), engines)
        self.files: FileCache = FileCache(directory / FILE_NAME, self.state)
        self._judged: JudgedCache | None = None
        registry.prime(self.files.cards)

    def __enter__(self) -> Caches:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.files.close()

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong with them, each once."""
        judged = self._judged.diagnostics if self._judged is not None else []
        return list(dict.fromkeys((*self.files.diagnostics, *judged)))

    def save_files(self, scopes: Sequence[str], found: Discovery) -> None:
        """Write the records of the files."""
        self.files.save(scopes, [file.path for file in found.files], self._registry.cards())

    def judged(
        self,
        facts: dict[str, bytes],
        layout: ProjectLayout,
        doubted: frozenset[str] | None,
        scopes: Sequence[str],
        rules: Sequence[Rule],
    ) -> JudgedCache:
        """The findings of the project rules on these facts, in the scopes at least.

        `doubted` are the files of which findings of low confidence are wanted, None for all.
        """
        from backend_lint.cache.judged import FILE_NAME, PART_NAME, JudgedCache

        places = repr((layout.go_modules, layout.aliases, layout.packages)).encode()
        doubts = repr(sorted(doubted) if doubted is not None else None).encode()
        key = digest(self.state, places, doubts, msgspec.msgpack.encode(sorted(facts.items())))
        judged = JudgedCache(self._directory / FILE_NAME, key)
        if "" not in scopes and not judged.knows(rule.name for rule in rules):
            key = digest(key, repr(sorted(scopes)).encode())
            judged = JudgedCache(self._directory / PART_NAME, key)
        self._judged = judged
        return judged


class Stages:
    """The stages between discovery and report, and what they hand on."""

    def __init__(
        self,
        project: Project,
        found: Discovery,
        rules: Sequence[Rule],
        *,
        registry: Registry,
        execution: Execution,
        timings: Timings,
        caches: Caches | None,
        scopes: Sequence[str],
        wants_doubts: bool,
    ) -> None:
        self._project = project
        self._found = found
        self._rules = rules
        self._registry = registry
        self._execution = execution
        self._timings = timings
        self._caches = caches
        self._scopes = scopes
        self._wants_doubts = wants_doubts
        self.mapped = MapResult([], {}, {})

    def map(self) -> None:
        """Fill `mapped`."""
        local = {rule.name: rule for rule in self._rules if rule.check is not None}
        to_run = [*local.values()]
        if self._caches is not None:
            names = self._caches.files.require(local)
            to_run = [local.get(name) or self._registry.rule(name) for name in names]
        with self._timings.stage("map"):
            self.mapped = map_all(
                self._project,
                self._found.files,
                to_run,
                wanted=frozenset(local),
                cache=self._caches.files if self._caches is not None else None,
                execution=self._execution,
                timings=self._timings,
            )

    def judge(self) -> Judged:
        """The findings of the project rules in the scopes, and perhaps some elsewhere.

        The project is linked only if a rule's findings are not known already.
        """
        rules = [rule for rule in self._rules if rule.judge is not None]
        with self._timings.stage("link"):
            paths = [record.path for record in self.mapped.records]
            layout = read_layout(self._project, paths, self._found.manifests)
            known = (
                self._caches.judged(self.mapped.facts, layout, self._doubted, self._scopes, rules)
                if self._caches
                else None
            )
            findings = {rule.name: known.find(rule.name) if known else None for rule in rules}
            missing = [rule for rule in rules if findings[rule.name] is None]
            self._timings.count("link", known=len(rules) - len(missing), judged=len(missing))
            index = self._link(layout) if missing else None
            if self._caches is not None:
                self._caches.files.release()
        old = [finding for found in findings.values() for finding in found or ()]
        with self._timings.stage("judge"), heap_set_aside():
            if index is None:
                return Judged(tuple(old), (), ())
            judged, by_rule = judge_index(index, missing, self._timings)
        if known is not None:
            for name, found in by_rule.items():
                known.put(name, found)
            known.save()
        return msgspec.structs.replace(judged, findings=(*old, *judged.findings))

    def _link(self, layout: ProjectLayout) -> ProjectIndex:
        from backend_lint.index import link

        doubted = self._doubted

        def linked() -> ProjectIndex:
            with collector_off():
                return link(
                    self._facts(),
                    layout,
                    self._is_asked,
                    lambda path: doubted is None or path in doubted,
                )

        try:
            return linked()
        except (BadCacheError, msgspec.MsgspecError, UnicodeDecodeError):
            if self._caches is None:
                raise
            self._caches.files.forget("its facts are damaged")
            self.map()
            return linked()

    @property
    def _doubted(self) -> frozenset[str] | None:
        """The files of which findings of low confidence count, None for all.

        Where none are reported, one may still be what a suppression is about.
        """
        if self._wants_doubts:
            return None
        return frozenset(record.path for record in self.mapped.records if record.directives)

    def _is_asked(self, path: str) -> bool:
        return in_scope(path, self._scopes)

    def _facts(self) -> Iterator[FileFacts]:
        """The facts of all files, decoded one after the other."""
        from backend_lint.facts.values import FileFacts

        decode = msgspec.msgpack.Decoder(FileFacts).decode
        for path in self.mapped.facts:
            if path in self.mapped.fresh:
                yield decode(self.mapped.fresh.pop(path))
            elif self._caches is not None:
                yield decode(self._caches.files.facts(path))


def judge_index(
    index: ProjectIndex, rules: Sequence[Rule], timings: Timings
) -> tuple[Judged, dict[str, tuple[Finding, ...]]]:
    """Run the project rules; one that crashes becomes a diagnostic and the others go on.

    Returns:
        everything, and the findings of each rule that did not crash.
    """
    findings: list[Finding] = []
    by_rule: dict[str, tuple[Finding, ...]] = {}
    diagnostics: list[Diagnostic] = []
    crashed: list[str] = []
    for rule in rules:
        if rule.judge is None:
            continue
        first = len(findings)
        try:
            with timings.part("judge", rule.name):
                for finding in rule.judge(index):
                    findings.append(finding)
        except Exception as error:
            message = f"the rule {rule.name} failed: {in_one_line(error)}"
            diagnostics.append(Diagnostic(DiagnosticKind.CRASH, "", message))
            crashed.append(rule.name)
        else:
            by_rule[rule.name] = tuple(findings[first:])
    return Judged(tuple(findings), tuple(diagnostics), tuple(crashed)), by_rule
