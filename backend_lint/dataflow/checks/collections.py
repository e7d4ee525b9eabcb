"""Checks of all elements or keys of a collection: `keys.every((k) => ALLOWED.has(k))`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.sameness import is_same
from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.sources import covers
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.semantics.references import FunctionNode


class Collections:
    """Knows which tests vouch for what a collection holds."""

    def __init__(self, guards: Guards) -> None:
        self.guards = guards
        self.index = guards.index

    def every(
        self, function: FunctionNode, test: int, at: int, part: str, *, positive: bool
    ) -> bool:
        """A call is true only if (or false only if not) all elements or keys of `at` are safe."""
        wanted = "all" if positive else "any"
        for match in self.index.concepts_of(function, test):
            if match.row.concept == "iteration" and match.attributes.get("result") == wanted:
                for source in match.values("over") or [match.receiver]:
                    if self._vouches(match, source, at, part, positive=positive):
                        return True
            if positive and match.row.concept == "guard" and match.attributes.get("elements"):
                # `set(body).issubset(ALLOWED)`
                given = match.values("input")
                if any(self._is_of(function, one, at, part) for one in given) and all(
                    self.guards.is_trusted(function, one) for one in match.values("allowed")
                ):
                    return True
        return False

    def has_equal(self, function: FunctionNode, test: int, at: int) -> bool:
        """A call is true only if an element is, or has a field that is, equal to `at`.

        The collection is no request's: `SHOPS.some((shop) => shop.id === id)`.
        """
        return any(
            match.row.concept == "iteration"
            and match.attributes.get("result") in ("any", "found")
            and all(
                self.guards.is_trusted(function, source)
                for source in match.values("over") or [match.receiver]
            )
            and any(self._compares(function, callback, at) for callback in match.values("callback"))
            for match in self.index.concepts_of(function, test)
        )

    def _compares(self, function: FunctionNode, callback: int, at: int) -> bool:
        """A function is true only for an element that is equal to `at` of the function around."""
        for reference in self.index.resolver.references(function, callback):
            if isinstance(reference, FunctionReference):
                target = reference.function
                elements = frozenset(_elements(target, ()))
                if target.fact.returns and all(
                    self._is_equal(target, result.value, elements, function, at)
                    for result in target.fact.returns
                ):
                    return True
        return False

    def _is_equal(
        self,
        target: FunctionNode,
        test: int,
        elements: frozenset[int],
        function: FunctionNode,
        at: int,
    ) -> bool:
        value = target.fact.values[test]
        if type(value) is v.Invoke:  # `strings.EqualFold(element, name)`
            return self._is_guarded(target, test, elements, function, at)
        if type(value) is not v.Compute:
            return False
        if value.operator in ("and", "or"):
            of_operands = any if value.operator == "and" else all
            return of_operands(
                self._is_equal(target, operand, elements, function, at)
                for operand in value.operands
            )
        return value.operator == "==" and any(
            self._is_made_of(target, one, elements) and self._is_meant(target, other, function, at)
            for one, other in (value.operands, value.operands[::-1])
        )

    def _is_guarded(
        self,
        target: FunctionNode,
        call: int,
        elements: frozenset[int],
        function: FunctionNode,
        at: int,
    ) -> bool:
        """`HOSTS.some((host) => name.endsWith("." + host))` of a name that tells of the value."""
        return any(
            match.row.concept == "guard"
            # Of the beginning of an address, only a part of it tells.
            and (match.attributes.get("of") == "part" or "*" in match.row.kinds)
            and covers(match.row, self.guards.kind, self.guards.shape)
            and all(self._is_made_of(target, one, elements) for one in match.values("allowed"))
            and any(self._is_meant(target, one, function, at) for one in match.values("input"))
            for match in self.index.concepts_of(target, call)
        )

    @staticmethod
    def _is_made_of(target: FunctionNode, at: int, elements: frozenset[int]) -> bool:
        return any(number in elements for number, _ in made_of(target, at))

    def _is_meant(self, target: FunctionNode, inner: int, function: FunctionNode, at: int) -> bool:
        """What a function takes from the one around is the value, or tells of it."""
        return any(
            owner is function
            and self.guards.speaks_of(target, inner, taken)
            # A variable that gets another value later is any of them.
            and any(
                self.guards.speaks_of(function, each, at)
                for each in (place, *v.alternatives(owner.fact.values[place]))
            )
            for taken, value in made_of(target, inner)
            if type(value) is v.Captured
            for owner, place in aliases(self.index, target, taken)
        )

    def within(self, function: FunctionNode, value: v.Compute, at: int, *, positive: bool) -> bool:
        """`set(body) <= ALLOWED`, and `set(body) - ALLOWED` that came out empty."""
        if len(value.operands) != 2:
            return False
        one, other = value.operands
        if (value.operator == "<=" and positive) or (value.operator == "-" and not positive):
            return self._is_of(function, one, at, "key") and self.guards.is_trusted(function, other)
        return False

    def keeps(self, match: Match, fields: tuple[str, ...]) -> bool:
        """What a call leaves of a collection is safe; `fields` are those taken from an element."""
        return any(
            self._callback_vouches(match.function, callback, fields, positive=True)
            for callback in match.values("callback")
        )

    def _vouches(self, match: Match, source: int, at: int, part: str, *, positive: bool) -> bool:
        function = match.function
        value = function.fact.values[source]
        if type(value) is v.Listing and value.kind == "each":  # `all(k in ALLOWED for k in body)`
            test = value.elements[0]
            return any(
                type(inner) is v.Element
                and self._is_of(function, inner.base, at, part)
                and self.guards.implies(function, test, number, positive=positive)
                for number, inner in made_of(function, test)
            )
        return self._is_of(function, source, at, part) and any(
            self._callback_vouches(function, callback, (), positive=positive)
            for callback in match.values("callback")
        )

    def _is_of(self, function: FunctionNode, collection: int, at: int, part: str) -> bool:
        """The elements of a collection are the elements, or the keys, of `at`."""
        if is_same(function, collection, at):
            return True
        value = function.fact.values[collection]
        if type(value) is not v.Invoke:
            return False
        for match in self.index.concepts_of(function, collection):
            if match.row.concept != "selection":
                continue
            given = match.attributes.get("part")
            if given == "elements" or (given == "keys" and part == "key"):
                return any(self._is_of(function, base, at, part) for base in match.values("of"))
        return False

    def _callback_vouches(
        self, function: FunctionNode, callback: int, fields: tuple[str, ...], *, positive: bool
    ) -> bool:
        for reference in self.index.resolver.references(function, callback):
            if isinstance(reference, FunctionReference):
                target = reference.function
                for element in _elements(target, fields):
                    if target.fact.returns and all(
                        self.guards.implies(target, result.value, element, positive=positive)
                        for result in target.fact.returns
                    ):
                        return True
        # `keys.filter(ALLOWED.includes, ALLOWED)` and the like say nothing here.
        return False


def _elements(function: FunctionNode, fields: tuple[str, ...]) -> Iterator[int]:
    """The first parameter of a function, or what stands for fields of it."""
    values = function.fact.values
    for number, value in enumerate(values):
        if type(value) is v.Parameter and value.index == 0:
            current = [number]
            for field in fields:
                current = [
                    inner
                    for inner, part in enumerate(values)
                    if (type(part) is v.Member and part.base in current and part.name == field)
                    or (
                        type(part) is v.Item
                        and part.base in current
                        and str(getattr(values[part.key], "value", "")) == field
                    )
                ]
            yield from current
