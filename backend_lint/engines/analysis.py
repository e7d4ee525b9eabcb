"""What an engine other than our own says about one file."""

from __future__ import annotations

import msgspec

from backend_lint.diagnostic import Diagnostic
from backend_lint.finding import Finding


class Analysis(msgspec.Struct, frozen=True):
    """What an engine says about one file: findings by place, and diagnostics about its own run."""

    findings: tuple[Finding, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
