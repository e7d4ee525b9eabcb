"""Which findings a directive suppresses, and findings about the directives themselves."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from backend_lint.finding import Finding, Location, Step
from backend_lint.registry import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from backend_lint.directives import Directive
    from backend_lint.source import SourceFile

UNUSED = "unused-suppression"
UNKNOWN = "unknown-suppression"
MALFORMED = "malformed-suppression"


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that a directive suppresses, with the directive's reason, which may be empty."""

    finding: Finding
    reason: str


class Outcome(msgspec.Struct, frozen=True):
    """The findings of one file after its directives."""

    kept: list[Finding]
    suppressed: list[Suppressed]


def suppress(
    path: str,
    findings: Sequence[Finding],
    directives: Sequence[Directive],
    source: SourceFile,
    *,
    ran: Collection[str],
    known: Collection[str],
) -> Outcome:
    """Apply the directives of one file to its findings.

    Args:
        path: the file.
        findings: the findings in it.
        directives: its directives.
        source: its text.
        ran: the rules that ran to the end; only their directives can be unused.
        known: all rules there are.
    """
    live = [directive for directive in directives if not directive.problem]
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    # The unused ones are known only when all other findings were held against the directives.
    stages: list[Callable[[], list[Finding]]] = [
        lambda: list(findings),
        lambda: [*_malformed(path, directives), *_unknown(path, live, known)],
        lambda: _unused(path, live, used, ran),
    ]
    for number, stage in enumerate(stages):
        found = [item for item in stage() if not number or item.rule in ran]
        outcome = _apply(found, live, source, used)
        kept += outcome.kept
        suppressed += outcome.suppressed
    return Outcome(kept, suppressed)


def _apply(
    findings: Sequence[Finding],
    live: Sequence[Directive],
    source: SourceFile,
    used: set[tuple[int, str]],
) -> Outcome:
    outcome = Outcome([], [])
    by_rule: dict[str, list[int]] = defaultdict(list)
    for number, directive in enumerate(live):
        for rule in directive.rules:
            by_rule[rule].append(number)
    for finding in findings:
        line = source.lines.line_at(finding.location.region.start)
        covering = [
            number
            for number in by_rule.get(finding.rule, ())
            if any(first <= line <= last for first, last in live[number].lines)
        ]
        if covering:
            used.update((number, finding.rule) for number in covering)
            outcome.suppressed.append(Suppressed(finding, live[covering[0]].reason))
        else:
            outcome.kept.append(finding)
    return outcome


def _malformed(path: str, directives: Sequence[Directive]) -> Iterator[Finding]:
    for directive in directives:
        if directive.problem:
            message = f"This suppression has no effect: {directive.problem}."
            yield Finding(MALFORMED, Location(path, directive.region), message)


def _unknown(path: str, live: Sequence[Directive], known: Collection[str]) -> Iterator[Finding]:
    for directive in live:
        strangers = [rule for rule in directive.rules if rule not in known]
        if strangers:
            hint = did_you_mean(strangers[0], known)
            message = f"No rule is named {_listed(strangers)}{f'; {hint}' if hint else '.'}"
            yield Finding(UNKNOWN, Location(path, directive.region), message)


def _unused(
    path: str, live: Sequence[Directive], used: set[tuple[int, str]], ran: Collection[str]
) -> list[Finding]:
    found: list[Finding] = []
    for number, directive in enumerate(live):
        idle = [
            rule
            for rule in directive.rules
            if rule in ran and rule != UNUSED and (number, rule) not in used
        ]
        if idle:
            message = f"This suppression of {_listed(idle)} suppresses nothing; remove it."
            found.append(Finding(UNUSED, Location(path, directive.region), message))
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def without_echoes(
    findings: Sequence[Finding], weaknesses: Mapping[str, tuple[int, ...]], source: SourceFile
) -> list[Finding]:
    """The findings of a file less those of other engines that our own analysis tells as well.

    Two findings are one defect if they begin on the same line and their rules share a weakness.

    Args:
        findings: all of one file.
        weaknesses: CWE numbers by rule.
        source: the file.
    """
    native = {
        (source.lines.line_at(item.location.region.start), cwe)
        for item in findings
        if item.engine == "native"
        for cwe in weaknesses.get(item.rule, ())
    }
    return [
        item
        for item in findings
        if item.engine == "native"
        or not any(
            (source.lines.line_at(item.location.region.start), cwe) in native
            for cwe in weaknesses.get(item.rule, ())
        )
    ]


def merge_same_line(
    findings: Sequence[Finding],
    sources: Mapping[str, SourceFile],
    rank: Callable[[Finding], tuple[int, int]],
) -> list[Finding]:
    """At most one finding per rule, path and start line, so that alerts cannot merge.

    The one of the highest rank stays, among equals the first by region; the others become related
    locations of it. Were it always the first, a doubtful finding could take a sure one with it.
    """
    first: dict[tuple[str, str, int], Finding] = {}
    ranked = sorted(findings, key=lambda item: item.sort_key)
    ranked.sort(key=rank, reverse=True)
    for finding in ranked:
        place = finding.location
        line = sources[place.path].lines.line_at(place.region.start)
        key = (finding.rule, place.path, line)
        kept = first.setdefault(key, finding)
        if kept is not finding and kept.location != place:
            step = Step(place, "also here")
            if step not in kept.related:
                related = (*kept.related, step)
                first[key] = msgspec.structs.replace(kept, related=related)
    return sorted(first.values(), key=lambda item: item.sort_key)
