"""What a checked value says about the value it was made of.

A test of `urlparse(address).hostname` speaks of `address`, one of `realpath(join(FOLDER, name))` of
`name`: for a taint kind, model rows say by which parts and steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.sameness import is_same, same_texts
from backend_lint.facts import values as v
from backend_lint.models.library import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

MAX_STEPS = 6


class Derivations:
    """Follows values back to what they were made of, for one taint kind."""

    def __init__(self, index: ProjectIndex, kind: str) -> None:
        self.index = index
        self.kind = kind
        self._asked: set[tuple[tuple[str, int], int]] = set()
        # Of other kinds, no part of a value tells anything about the whole.
        self._has_parts = any(
            kind in row.kinds
            for family in index.families
            for concept in ("part", "normalizer")
            for row in load(family).concept_rows(concept)
        )

    def tells_by_part(self, function: FunctionNode, derived: int, at: int) -> bool:
        """A value is a telling part of `at`, and not `at` itself."""
        value = function.fact.values[derived]
        if not isinstance(value, (v.Member, v.Invoke)):
            return False
        named = value.callee if type(value) is v.Invoke else derived
        return any(
            self._is_part(row) for row, _ in self.index.rows(function, named)
        ) and self.speaks_of(function, derived, at)

    def speaks_of(self, function: FunctionNode, derived: int, at: int) -> bool:
        """What holds for `derived` can be held for `at`, because it is `at` or a telling part."""
        if not self._has_parts:
            return False
        seen = {derived}
        queue = [(derived, 0)]
        for current, steps in queue:
            if is_same(function, current, at):
                return True
            if steps == MAX_STEPS:
                continue
            for source in self._sources(function, current):
                if source not in seen:
                    seen.add(source)
                    queue.append((source, steps + 1))
        return False

    def _sources(self, function: FunctionNode, at: int) -> Iterator[int]:
        """What a value was made of by a step that keeps what a check of it says."""
        value = function.fact.values[at]
        if isinstance(value, (v.Updated, v.Stored)):
            yield value.base
        elif type(value) is v.Member:
            if any(self._is_part(row) for row, _ in self.index.rows(function, at)):
                yield value.base
        elif type(value) is v.Item:
            base = function.fact.values[value.base]
            # The first of several results, but one piece says nothing of the others.
            if type(base) is v.Invoke and not any(
                row.concept == "pieces" and self.kind in row.kinds
                for row in self._rows(function, value.base, base)
            ):
                yield value.base
        elif type(value) is v.Invoke:
            if any(self._keeps(row) for row in self._rows(function, at, value)):
                yield from value.args
                callee = function.fact.values[value.callee]
                if type(callee) is v.Member:
                    yield callee.base
            else:
                yield from self._given(function, value)
        elif type(value) is v.Listing:
            yield from value.elements
        elif type(value) is v.Compute and value.operator == "/":  # `folder / name`
            yield from value.operands

    def _given(self, function: FunctionNode, call: v.Invoke) -> Iterator[int]:
        """The arguments of which a function of the project gives back a telling part."""
        for target in self.index.targets(function, call):
            for position in range(len(target.fact.parameters)):
                argument, field = self.index.argument_for(call, target, position)
                key = (target.key, position)
                if argument < 0 or field or key in self._asked:
                    continue
                self._asked.add(key)
                if self._gives_back(target, position):
                    yield argument
                self._asked.discard(key)

    def _gives_back(self, function: FunctionNode, position: int) -> bool:
        values = function.fact.values
        parameters = [
            at
            for at, value in enumerate(values)
            if type(value) is v.Parameter and value.index == position
        ]
        results = [
            result.value
            for result in function.fact.returns
            if type(values[result.value]) is not v.Constant
        ]
        return bool(results) and all(
            any(
                self.speaks_of(function, one, parameter)
                for one in same_texts(self.index, function, result)
                for parameter in parameters
            )
            for result in results
        )

    def is_normalized(self, function: FunctionNode, at: int) -> bool:
        """On its way, the value went through a step after which its beginning tells."""
        seen = {at}
        queue = [(at, 0)]
        for current, steps in queue:
            value = function.fact.values[current]
            following: list[int] = []
            if type(value) is v.Invoke:
                if self.normalizes(function, current):
                    return True
                callee = function.fact.values[value.callee]
                following.extend(value.args)
                if type(callee) is v.Member:
                    following.append(callee.base)
            elif isinstance(value, (v.Updated, v.Stored, v.Item, v.Member)):
                following.append(value.base)
            elif type(value) is v.Compute and value.operator == "+":
                following.extend(value.operands)
            else:
                following.extend(v.alternatives(value))
            if steps < MAX_STEPS:
                for source in following:
                    if source not in seen:
                        seen.add(source)
                        queue.append((source, steps + 1))
        return False

    def forms(self, function: FunctionNode, call: int) -> Iterator[int]:
        """The results of a call of which what is said holds for what the call was given."""
        if not self._has_parts:
            return
        rows = self._rows(function, call, function.call(call))
        if any(row.concept == "normalizer" and self.kind in row.kinds for row in rows):
            yield call
        elif any(row.concept == "propagator" and row.attributes.get("fails") for row in rows):
            # `address, err := url.Parse(text)`
            for at, value in enumerate(function.fact.values):
                if type(value) is v.Item and value.base == call:
                    yield at

    def normalizes(self, function: FunctionNode, at: int) -> bool:
        """A call brings what it is given into a form whose beginning tells where it leads."""
        return any(
            row.concept == "normalizer" and self.kind in row.kinds
            for row in self._rows(function, at, function.call(at))
        )

    def _rows(self, function: FunctionNode, at: int, call: v.Invoke) -> list[Row]:
        rows = [row for row, _ in self.index.rows(function, call.callee)]
        rows.extend(match.row for match in self.index.concepts_of(function, at))
        return rows

    def _is_part(self, row: Row) -> bool:
        return row.concept == "part" and self.kind in row.kinds

    def _keeps(self, row: Row) -> bool:
        if row.concept in ("normalizer", "part"):
            return self.kind in row.kinds
        return row.concept == "propagator"
