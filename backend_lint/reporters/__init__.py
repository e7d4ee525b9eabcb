"""Reporters: pure functions from a report to text.

A reporter is a module with `render(report, options) -> str`. Same report, same bytes: no clock, no
environment, no terminal is asked here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from backend_lint.report import Report

FORMATS = ("full", "concise", "json", "sarif", "github")
"""The names of the output formats."""

TEXT_FORMATS = ("full", "concise")
"""Those made for people; they end in a summary."""


def _same(path: str) -> str:
    return path


class ReportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a reporter needs to know beside the report.

    Attributes:
        color: text formats may use ANSI colours.
        shown_path: from a path in the project to the path a reader of text can open.
        summary: text formats end in the summary line.
        category: SARIF's category of the run, one upload each on GitHub.
        include_suppressed: suppressed findings go into SARIF, marked as such.
    """

    color: bool = False
    shown_path: Callable[[str], str] = _same
    summary: bool = True
    category: str = ""
    include_suppressed: bool = False


def render(name: str, report: Report, options: ReportOptions | None = None) -> str:
    """The report in the format `name`, one of `FORMATS`."""
    if name not in FORMATS:
        msg = f"no reporter is named {name!r}"
        raise ValueError(msg)
    module = importlib.import_module(f"backend_lint.reporters.{name}")
    text: str = module.render(report, options or ReportOptions())
    return text
