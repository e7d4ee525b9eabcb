"""Tests of engines as the `check` of rules, so that they are cached and limited like any other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from backend_lint.diagnostic import DiagnosticKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.finding import Finding
    from backend_lint.rule import Check
    from backend_lint.unit import Unit


class EngineError(Exception):
    """An engine crashed on a file; the run says so and goes on."""


def bandit_check(name: str) -> Check:
    """The `check` of the rule that stands for a test of Bandit."""
    return partial(_check, name)


def _check(name: str, unit: Unit) -> Iterator[Finding]:
    from backend_lint.engines.bandit import analyze_file

    analysis = analyze_file(unit.source, frozenset({name}))
    for diagnostic in analysis.diagnostics:
        # What it cannot parse our own front end has told already.
        if diagnostic.kind is DiagnosticKind.CRASH:
            raise EngineError(diagnostic.message)
    yield from analysis.findings
