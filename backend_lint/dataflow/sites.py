"""Where the text that a call runs is handed in: at the call, or where a wrapper of it is called.

`def run(sql, *values): cursor.execute(sql, *values)` says nothing about any statement; the calls of
`run` do. A text that begins with a parameter is therefore looked at once per caller, with the frame
that tells what the parameter is there. What only adds a parameter to a text of its own is no
wrapper, and its text stays where it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from backend_lint.dataflow.frames import Frame, aliases
from backend_lint.dataflow.texts import TextForm, texts
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

# Wrappers around wrappers, and calls of one of them, that are looked at.
MAX_WRAPPERS = 3
MAX_SITES = 1500
# What may stand before a statement that somebody else wrote.
_PREFIX = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|explain\s(?:\s*(?:analyze|query\s+plan)\s)?)*", re.DOTALL | re.I
)


class Site(msgspec.Struct, frozen=True):
    """A call that hands in a text.

    Attributes:
        function: the function that holds the call.
        call: its value.
        region: the argument that is the text.
        value: the argument, a value of the function.
        forms: the forms of the text.
        entries: the call by which each wrapper is entered, by the key of its function.
    """

    function: FunctionNode
    call: int
    region: Region
    value: int
    forms: list[TextForm]
    entries: dict[tuple[str, int], Frame]

    @property
    def is_wrapped(self) -> bool:
        """The call is that of a wrapper, and no library's."""
        return bool(self.entries)

    @property
    def whole(self) -> Region:
        """The whole call."""
        call = self.function.call(self.call)
        return Region(call.start, call.end)

    def use_in(self, function: FunctionNode, match: Match) -> tuple[int, int]:
        """The control context and the place where a function on the way hands its text on."""
        ways = [(match.function, match.index), (self.function, self.call)]
        ways.extend((frame.caller, frame.call) for frame in self.entries.values())
        for caller, number in ways:
            if caller is function:
                call = function.call(number)
                return call.context, call.start
        return -1, -1


def sites(index: ProjectIndex, match: Match, role: str = "sql") -> Iterator[Site]:
    """The calls that hand in the text which stands in a role of a match."""
    budget = MAX_SITES
    region = match.region_of(role)
    for value in match.values(role):
        search = _Search(index, match, value)
        for site in search.outward(match.function, match.index, value, region, {}):
            yield site
            budget -= 1
            if not budget:
                return


class _Search:
    def __init__(self, index: ProjectIndex, match: Match, text: int) -> None:
        self.index = index
        self.sink = match.function
        self.text = text
        self.is_statement = match.row.concept == "sql-execution"

    def outward(
        self,
        function: FunctionNode,
        call: int,
        value: int,
        region: Region,
        entries: dict[tuple[str, int], Frame],
    ) -> Iterator[Site]:
        forms = texts(self.index, self.sink, self.text, entries=entries)
        wrapper = self._wrapper(forms, entries) if len(entries) < MAX_WRAPPERS else None
        callers = self.index.all_callers(wrapper[0]) if wrapper is not None else []
        if wrapper is None or not callers:
            yield Site(function, call, region, value, forms, entries)
            return
        target, position = wrapper
        is_own = False  # a default, or a text from a spread mapping
        for caller, number in callers:
            invoke = caller.call(number)
            argument, field = self.index.argument_for(invoke, target, position)
            if argument < 0 or field or caller is target:
                is_own = is_own or caller is not target
                continue
            at = invoke.args.index(argument)
            given = Region(invoke.spans[2 * at], invoke.spans[2 * at + 1])
            entered = {**entries, target.key: Frame(caller, number, None)}
            yield from self.outward(caller, number, argument, given, entered)
        if is_own:
            yield Site(function, call, region, value, forms, entries)

    def _is_handed_on(self, form: TextForm) -> bool:
        """The text is what somebody gives, perhaps with an addition; a condition has none."""
        if self.is_statement:
            return _PREFIX.fullmatch(form.leading()) is not None
        return len(form.pieces) == 1

    def _wrapper(
        self, forms: list[TextForm], entries: dict[tuple[str, int], Frame]
    ) -> tuple[FunctionNode, int] | None:
        """The function whose parameter, of this position, a text begins with."""
        for form in forms:
            hole = next(iter(form.holes), None)
            if hole is None or hole.frame is not None or not self._is_handed_on(form):
                continue
            places = [(hole.function, hole.value), *aliases(self.index, hole.function, hole.value)]
            for function, at in places:
                value = function.fact.values[at]
                if type(value) is v.Parameter and function.key not in entries:
                    return function, value.index
        return None
