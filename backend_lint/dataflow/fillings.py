"""Functions that fill what they are given with a request: `readJSON(r, &input)`.

Those of the project are followed to the call in them that the models know. Those of libraries that
nobody modelled are known by their name, and by the request that they are handed beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import unchanged
from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

MAX_DEPTH = 3
# The position of the object that a method is called on.
_RECEIVER = -1
# Words for making an object of what somebody sent.
_READING = frozenset({"bind", "decode", "parse", "read", "unmarshal"})
# What a request carries that the program itself wrote and signed.
_SIGNED = frozenset({"claims", "jwt", "session", "token"})


class Fillings:
    """Finds them by the calls in them that the models know to fill an argument."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[tuple[str, int], int], Row | None] = {}
        self._requests: dict[str, dict[str, Row]] = {}

    def row(self, function: FunctionNode, call: int, given: int, depth: int = 0) -> Row | None:
        """The row of the call that fills what a call is given, inside of the called function."""
        invoke = function.fact.values[call]
        if type(invoke) is not v.Invoke or depth > MAX_DEPTH:
            return None
        targets = self.index.targets(function, invoke)
        if not targets and not self.index.concepts_of(function, call):
            return self._read(function, invoke, given)
        for target in targets:
            for position in self._given_at(function, invoke, target, given):
                row = self._filled(target, position, depth)
                if row is not None:
                    return row
        return None

    def _given_at(
        self, function: FunctionNode, call: v.Invoke, target: FunctionNode, given: int
    ) -> Iterator[int]:
        """The positions at which a called function is given a value, `_RECEIVER` for its object."""
        callee = function.fact.values[call.callee]
        if type(callee) is v.Member and unchanged(function, callee.base) == given:
            yield _RECEIVER
        for position in range(len(target.fact.parameters)):
            argument, field = self.index.argument_for(call, target, position)
            if argument >= 0 and not field and unchanged(function, argument) == given:
                yield position

    def _read(self, function: FunctionNode, call: v.Invoke, given: int) -> Row | None:
        """The row of the request that an unknown function is handed to fill an object with."""
        callee = function.fact.values[call.callee]
        name = callee.name if isinstance(callee, (v.Member, v.Imported)) else ""
        words = words_of(name)
        if (
            _READING.isdisjoint(words)
            or not _SIGNED.isdisjoint(words)
            or not any(unchanged(function, arg) == given for arg in call.args)
        ):
            return None
        requests = self._of_requests(function.file.family)
        for arg in call.args:
            for row, _ in self.index.rows(function, arg):  # `r.Form`
                if row.concept == "remote-input" and not row.kinds:
                    return row
            for typed in self.index.resolver.names(function, arg):
                if typed in requests:
                    return requests[typed]
        return None

    def _of_requests(self, family: str) -> dict[str, Row]:
        """The types whose fields and methods give what was sent, each with the row of one."""
        known = self._requests.get(family)
        if known is None:
            known = self._requests[family] = {}
            for row in load(family).concept_rows("remote-input"):
                if not row.kinds and "target" not in row.roles:
                    for api in row.api:
                        known.setdefault(api.rpartition(".")[0], row)
        return known

    def calls(
        self, function: FunctionNode, call: int, given: int
    ) -> Iterator[tuple[FunctionNode, int, int]]:
        """The calls inside of a called function that are given what it was given.

        Each is the function, the call and the value there.
        """
        invoke = function.fact.values[call]
        if type(invoke) is not v.Invoke:
            return
        for target in self.index.targets(function, invoke):
            for position in self._given_at(function, invoke, target, given):
                for at, value in enumerate(target.fact.values):
                    if _is_at(value, position):
                        for inner in _taking(target, at):
                            yield target, inner, at

    def _filled(self, function: FunctionNode, position: int, depth: int) -> Row | None:
        key = (function.key, position)
        if key in self._known:
            return self._known[key]
        self._known[key] = None  # for functions that call each other
        values = function.fact.values
        found: Row | None = None
        for match in self.index.matches_in(function, "remote-input"):
            for target in match.values("target"):
                if _is_at(values[unchanged(function, target)], position):
                    found = match.row
        for at, value in enumerate(values):
            if found is not None:
                break
            if _is_at(value, position):
                rows = (self.row(function, call, at, depth + 1) for call in _taking(function, at))
                found = next((row for row in rows if row is not None), None)
        self._known[key] = found
        return found


def _is_at(value: v.Value, position: int) -> bool:
    """A value is the parameter at a position, or the object that a method is called on."""
    if position == _RECEIVER:
        return type(value) is v.Receiver
    return type(value) is v.Parameter and value.index == position


def _taking(function: FunctionNode, at: int) -> Iterator[int]:
    """The calls of a function that are given a value, or are of one of its methods."""
    values = function.fact.values
    for call, value in enumerate(values):
        if type(value) is v.Invoke:
            callee = values[value.callee]
            if at in value.args or (type(callee) is v.Member and callee.base == at):
                yield call
