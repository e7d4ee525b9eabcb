"""What the calls of a function are given, found once for all questions about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.sameness import same_texts
from backend_lint.facts import values as v
from backend_lint.semantics.contents import SEND

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


class Passing:
    """Remembers which calls take which values."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._given: dict[tuple[str, int], dict[int, list[int]]] = {}
        self._sent: dict[tuple[str, int], dict[int, list[tuple[FunctionNode, int]]]] = {}

    def given(self, function: FunctionNode) -> dict[int, list[int]]:
        """The calls that are given each value, as it is or but for case and space."""
        known = self._given.get(function.key)
        if known is None:
            known = self._given[function.key] = {}
            for number, value in enumerate(function.fact.values):
                if type(value) is v.Invoke:
                    callee = function.fact.values[value.callee]
                    receiver = (callee.base,) if type(callee) is v.Member else ()
                    for arg in (*value.args, *receiver):
                        for source in same_texts(self.index, function, arg):
                            known.setdefault(source, []).append(number)
        return known

    def sent(self, function: FunctionNode) -> dict[int, list[tuple[FunctionNode, int]]]:
        """What it and its closures put into each channel, by the value of the channel here."""
        known = self._sent.get(function.key)
        if known is None:
            known = self._sent[function.key] = {}
            for inner in function.nested():
                values = inner.fact.values
                for value in values:
                    if type(value) is not v.Invoke:
                        continue
                    callee = values[value.callee]
                    if type(callee) is not v.Member or callee.name != SEND:
                        continue
                    channel, held = callee.base, values[callee.base]
                    if inner is not function:
                        if type(held) is not v.Captured or held.function != function.number:
                            continue
                        channel = function.fact.cells.get(held.name, -1)
                    known.setdefault(channel, []).extend((inner, arg) for arg in value.args)
        return known
