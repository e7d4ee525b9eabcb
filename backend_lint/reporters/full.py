"""The format for reading: code with a caret, the way of the data, why it matters, how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.reporters.masking import Mask
from backend_lint.reporters.summary import summary
from backend_lint.reporters.text import (
    first_sentence,
    painted,
    place,
    safe,
    severity_word,
    width,
)
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_lint.finding import Location, Step
    from backend_lint.report import Report, ReportedFinding
    from backend_lint.reporters import ReportOptions

_FRAME_LINES = 4
_LONGEST_LINE = 160
_TAB = "    "


def render(report: Report, options: ReportOptions) -> str:
    """The report in this format."""
    frames = _Frames(report, options)
    blocks = ["\n".join(frames.finding(item)) + "\n\n" for item in report.findings]
    if options.summary:
        blocks.append(summary(report) + "\n")
    return "".join(blocks)


class _Frames:
    """Draws the findings of one report."""

    def __init__(self, report: Report, options: ReportOptions) -> None:
        self._report = report
        self._options = options
        self._mask = Mask(report)

    def finding(self, reported: ReportedFinding) -> Iterator[str]:
        """The lines of one finding."""
        finding, options = reported.finding, self._options
        word = severity_word(reported.severity, options)
        name = painted(f"[{finding.rule}]", "1", options)
        yield f"{word}{name}: {self._text(finding.message)}"
        yield from self._frame(finding.location)
        yield from self._steps("how the data gets there", finding.flow, numbered=True)
        yield from self._steps("related", finding.related, numbered=False)
        page = self._report.pages.get(finding.rule)
        if page is not None:
            yield self._labelled("why", self._text(first_sentence(page.why)))
            yield self._labelled("fix", self._text(first_sentence(page.fix)))
        yield self._labelled("more", f"backend-lint explain {finding.rule}")

    def _text(self, text: str) -> str:
        return safe(self._mask.text(text))

    def _labelled(self, label: str, text: str) -> str:
        return f"  {painted(f'{label}:', '1', self._options)} {text}"

    def _steps(self, title: str, steps: Sequence[Step], *, numbered: bool) -> Iterator[str]:
        if steps:
            yield f"  {painted(f'{title}:', '1', self._options)}"
        for number, step in enumerate(steps, start=1):
            mark = f"{number}." if numbered else "-"
            where = place(step.location, self._report, self._options)
            yield f"    {mark} {where}: {self._text(step.message)}"
            snippet = self._snippet(step.location)
            if snippet:
                yield f"       {snippet}"

    def _snippet(self, location: Location) -> str:
        """The first line of a location, masked and without indentation."""
        source = self._report.sources[location.path]
        line = source.lines.line_at(min(location.region.start, len(source.data)))
        return safe(self._mask.line(source, line).strip())[:_LONGEST_LINE]

    def _frame(self, location: Location) -> Iterator[str]:
        source = self._report.sources[location.path]
        size = len(source.data)
        region = Region(min(location.region.start, size), min(location.region.end, size))
        first = source.lines.line_at(region.start)
        last = max(first, source.lines.line_at(max(region.start, region.end - 1)))
        gutter = len(str(last))
        arrow = painted("-->", "34", self._options)
        yield f"  {' ' * (gutter - 1)}{arrow} {place(location, self._report, self._options)}"
        bar = painted("|", "34", self._options)
        yield f"  {' ' * gutter} {bar}"
        for line in range(first, min(last, first + _FRAME_LINES - 1) + 1):
            text = self._mask.line(source, line)
            bounds = source.lines.line_region(line)
            before = source.text(Region(bounds.start, max(region.start, bounds.start)))
            marked = source.text(
                Region(
                    max(region.start, bounds.start), max(bounds.start, min(region.end, bounds.end))
                )
            )
            start, end = len(before), len(before) + len(marked)
            indent = len(text) - len(text.lstrip())
            start = max(start, min(indent, end)) if line > first else start
            cut = max(0, start - _LONGEST_LINE // 2) if len(text) > _LONGEST_LINE else 0
            shown = _drawn(text[cut : cut + _LONGEST_LINE])
            carets = max(1, width(_drawn(text[start : min(end, cut + _LONGEST_LINE)])))
            number = painted(f"{line:>{gutter}}", "34", self._options)
            yield f"  {number} {bar} {shown}".rstrip()
            offset = " " * width(_drawn(text[cut:start]))
            yield f"  {' ' * gutter} {bar} {offset}{painted('^' * carets, '31', self._options)}"
        if last >= first + _FRAME_LINES:
            yield f"  {' ' * gutter} {bar} ... to line {last}"


def _drawn(text: str) -> str:
    """A piece of a line of code as it is drawn: safe, with tabs as spaces."""
    return safe(text.replace("\t", _TAB))
